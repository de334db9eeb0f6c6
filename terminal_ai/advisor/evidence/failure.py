"""One failed command with everything rules may look at."""

from dataclasses import dataclass
from functools import cached_property

from terminal_ai.advisor.evidence.knowledge import Knowledge
from terminal_ai.advisor.reading.command_line import CommandLine, SimpleCommand
from terminal_ai.records import Surroundings


@dataclass(frozen=True)
class Failure:
    """A failed command line, its normalised output and its surroundings."""

    line: CommandLine
    exit_code: int
    output: str
    surroundings: Surroundings
    knowledge: Knowledge
    cwd: str = ""
    shell: str = ""

    @cached_property
    def output_lines(self) -> tuple[str, ...]:
        """The lines of the output that are not blank."""
        return tuple(line for line in self.output.split("\n") if line.strip())

    @cached_property
    def culprit(self) -> SimpleCommand | None:
        """The command of the line that most likely printed the error.

        That is the one whose name an output line starts with, else the last one.
        """
        for command in self.line.commands:
            if command.program and any(
                line.startswith((command.program + ": ", command.words[0].value + ": "))
                for line in self.output_lines
            ):
                return command
        return self.line.commands[-1] if self.line.commands else None

    def evidence(self, fragment: str) -> str:
        """Return the output line that holds ``fragment``, or ""."""
        first = fragment.strip().partition("\n")[0]
        return next((line for line in self.output_lines if first in line), "")
