"""What a tracker tells of its shell."""

from dataclasses import dataclass

from terminal_ai.records import CommandRecord, RunningCommand


@dataclass(frozen=True, slots=True)
class PromptReady:
    """The shell waits for a command in this directory."""

    cwd: str


Fact = RunningCommand | CommandRecord | PromptReady
