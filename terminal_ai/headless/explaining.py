"""``terminal-ai explain``: the advisor without a screen, as text or as JSON."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import IO

import msgspec

from terminal_ai.advisor import Advisor
from terminal_ai.advisor.examiner import Examination
from terminal_ai.advisor.rulebook.own import OwnRules
from terminal_ai.config import stored_rules_file
from terminal_ai.headless.printing import say_on_stderr
from terminal_ai.headless.reading import (
    READ_LIMIT_BYTES,
    bounded_lines,
    capture,
    capture_stream,
)
from terminal_ai.messages import gettext as _
from terminal_ai.records import (
    Advice,
    CapturedOutput,
    CommandRecord,
)
from terminal_ai.safety.labels import risk_label
from terminal_ai.safety.sanitize import sanitize_text
from terminal_ai.shell.surroundings import SurroundingsCollector
from terminal_ai.user_rules import UserRules, rules_directory

REQUEST_FORM = 'one JSON object a line: {"command", "exit_code", "output", "cwd"}'

# These say enough without any output: it cannot be run, or there is no such program.
TELLING_EXIT_CODES = (126, 127)


class _Request(msgspec.Struct, frozen=True):
    """One line of ``--jsonl``; keys we do not know are left alone."""

    command: str
    exit_code: int = 1
    output: str = ""
    cwd: str = ""
    shell: str = ""
    is_root: bool = False
    """Who met the failure; that may well be another user than ours."""


_REQUESTS = msgspec.json.Decoder(_Request)


def explain(
    command_line: str,
    *,
    exit_code: int,
    output: IO[bytes] | None,
    cwd: str | None,
    as_json: bool,
    shell: str = "",
) -> str:
    """Return the advice for one failed command, as text or as one line of JSON."""
    captured = capture_stream(output) if output else CapturedOutput()
    explainer = Explainer(prepares=False)
    examination = explainer.examine(command_line, exit_code, captured, cwd or "", shell)
    if as_json:
        return json.dumps(to_json(examination.advice), ensure_ascii=False)
    lines = list(card(examination.advice))
    if output is None and examination.failure and exit_code not in TELLING_EXIT_CODES:
        lines += ["", _("Pipe in what it printed, or name a file of it: --output.")]
    return "\n".join(lines)


def function_for(shell: str) -> str:
    """Return the function ``explain-last`` for the startup file of a shell."""
    functions = resources.files("terminal_ai.headless").joinpath("functions")
    return functions.joinpath(f"explain-last.{shell}").read_text("utf-8")


def explain_jsonl(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer each line of ``requests`` with one flushed line, until they end.

    A line that cannot be read is answered by an error and does not end the stream.
    """
    explainer = Explainer()
    for line in bounded_lines(requests):
        if not line.strip():
            continue
        answer: dict[str, object]
        try:
            request = _read_request(line)
        except (ValueError, RecursionError) as error:
            answer = {"error": str(error), "hint": REQUEST_FORM}
        else:
            output = capture(request.output.encode("utf-8", "surrogateescape"))
            answer = to_json(
                explainer.advise(
                    request.command,
                    request.exit_code,
                    output,
                    request.cwd,
                    request.shell,
                    is_root=request.is_root,
                )
            )
        answers.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        answers.flush()


def _read_request(line: bytes) -> _Request:
    if len(line) > READ_LIMIT_BYTES:
        raise ValueError(f"longer than {READ_LIMIT_BYTES} bytes")
    request = _REQUESTS.decode(line)
    if "\0" in request.command or "\0" in request.cwd:
        raise ValueError("no command line and no directory holds a NUL")
    return request


def to_json(advice: Advice | None) -> dict[str, object]:
    """Return the advice in the form that programs read."""
    if advice is None:
        return {"suggestions": [], "explanation": ""}
    return {
        "suggestions": [
            {
                "command": suggestion.command,
                "risk": suggestion.risk.value,
                "why": suggestion.why,
                "confidence": suggestion.confidence,
            }
            for suggestion in advice.suggestions
        ],
        "explanation": f"{advice.what} {advice.why}".strip(),
        "evidence": advice.evidence,
        "rule": advice.rule,
        "see": list(advice.see),
    }


def card(advice: Advice | None) -> Iterator[str]:
    """Yield the advice as lines for people."""
    if advice is None:
        yield _("Nothing to explain: the command did what it was asked.")
        return
    yield sanitize_text(advice.what)
    yield sanitize_text(advice.why)
    if advice.evidence:
        yield f"  > {sanitize_text(advice.evidence)}"
    if advice.see:
        yield _("Read on: {references}").format(
            references=sanitize_text(" · ".join(advice.see))
        )
    if advice.suggestions:
        yield ""
    for number, suggestion in enumerate(advice.suggestions, 1):
        label = risk_label(suggestion.risk)
        yield f"{number}. {sanitize_text(suggestion.command)}  [{label}]"
        if suggestion.why and suggestion.why != advice.why:
            yield f"   {sanitize_text(suggestion.why)}"


def _working_directory() -> str:
    try:
        return str(Path.cwd())
    except OSError:
        return "/"  # ours was deleted


class Explainer:
    """One advisor with the surroundings of this process and the user's rules.

    To load everything ahead is worth it for many failures, not for one.
    """

    def __init__(self, *, prepares: bool = True) -> None:
        self._advisor = Advisor(stored_rules=stored_rules_file())
        if prepares:
            self._advisor.prepare()
        self._user_rules = UserRules(rules_directory(), say_on_stderr, fresh_seconds=0)
        self._shell = os.environ.get("SHELL", "").rsplit("/", 1)[-1]
        self._collector = SurroundingsCollector(
            shell=self._shell, home=str(Path.home())
        )

    @property
    def own(self) -> OwnRules:
        """The rules of the user as they are now."""
        return self._user_rules.look()

    def advise(
        self,
        command_line: str,
        exit_code: int,
        output: CapturedOutput,
        cwd: str,
        shell: str = "",
        *,
        is_root: bool | None = None,
    ) -> Advice | None:
        """Diagnose one failure, looking around in ``cwd`` (default: ours)."""
        return self.examine(
            command_line, exit_code, output, cwd, shell, is_root=is_root
        ).advice

    def examine(
        self,
        command_line: str,
        exit_code: int,
        output: CapturedOutput,
        cwd: str,
        shell: str = "",
        *,
        is_root: bool | None = None,
    ) -> Examination:
        """Diagnose one failure of a shell (default: the user's), and tell how.

        ``is_root`` says whose failure it was (default: that of this process's user).
        """
        directory = cwd or _working_directory()
        wanted = self._advisor.wanted(command_line)
        surroundings = self._collector.gather(
            search_path=os.environ.get("PATH", ""),
            cwd=directory,
            directories=wanted.directories,
            nearby=wanted.nearby,
            names=wanted.names,
        )
        if is_root is not None:
            surroundings = replace(surroundings, is_root=is_root)
        record = CommandRecord(
            id="",
            command_line=command_line,
            cwd=directory,
            exit_code=exit_code,
            started_at=0.0,
            duration_seconds=0.0,
            output=output,
            shell=shell or self._shell,
        )
        examination = self._advisor.examine(record, surroundings, self.own)
        self._user_rules.tell_news()
        return examination
