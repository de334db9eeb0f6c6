"""Inquiries, records and composers that tests of the context need again and again."""

from collections.abc import Sequence

from terminal_ai.assistant.context.composer import PromptComposer
from terminal_ai.assistant.context.history_window import (
    FROM_THE_BEGINNING,
    HistoryStart,
)
from terminal_ai.assistant.context.parts import ComposedPrompt, ContextPart, PartKind
from terminal_ai.assistant.context.tokens import USUAL_METER, TokenMeter
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.project.facts import NO_FACTS, ProjectFacts
from terminal_ai.records import Advice, CommandRecord, Risk, Suggestion
from tests.assistant.making import make_record

WINDOW_TOKENS = 4_096
ANSWER_TOKENS = 512
ADVICE = Advice(
    what="gti was not found",
    why="No program of this name is on PATH.",
    suggestions=(Suggestion("git status", Risk.SAFE, "close name", 0.9),),
    evidence="gti: command not found",
)


def unchanged(text: str, /, *, command_line: str = "") -> str:
    """Redact nothing."""
    del command_line
    return text


def make_composer(language: str = "en", shell: str = "bash") -> PromptComposer:
    """Return a composer that finds no secrets."""
    return PromptComposer(redact=unchanged, language=language, shell=shell)


def compose(
    inquiry: Inquiry,
    *,
    composer: PromptComposer | None = None,
    window_tokens: int = WINDOW_TOKENS,
    answer_tokens: int = ANSWER_TOKENS,
    meter: TokenMeter = USUAL_METER,
    facts: ProjectFacts = NO_FACTS,
    limit_records: int | None = None,
    start: HistoryStart = FROM_THE_BEGINNING,
) -> ComposedPrompt:
    """Compose one inquiry for a window of usual size."""
    return (composer or make_composer()).compose(
        inquiry,
        window_tokens=window_tokens,
        answer_tokens=answer_tokens,
        meter=meter,
        facts=facts,
        limit_records=limit_records,
        history_start=start,
    )


def body(composed: ComposedPrompt) -> str:
    """Return what follows the rules."""
    return composed.messages[-1].content


def of_kind(composed: ComposedPrompt, kind: PartKind) -> list[ContextPart]:
    """Return the parts of one kind."""
    return [part for part in composed.parts if part.kind is kind]


def told_ids(composed: ComposedPrompt) -> list[str]:
    """Return the ids of the earlier commands that are told of."""
    return [part.record_id for part in of_kind(composed, PartKind.HISTORY)]


def history(count: int, *, lines: int = 3) -> list[CommandRecord]:
    """Return so many commands that worked, oldest first."""
    return [
        make_record(
            f"command {number}",
            f"output of {number}\n" * lines,
            id=str(number),
            exit_code=0,
            started_at=float(number),
        )
        for number in range(count)
    ]


def asked(question: str, recent: Sequence[CommandRecord] = ()) -> Inquiry:
    """Return an open question."""
    return Inquiry.open(question, recent=recent)
