"""``terminal-ai history --why``: a line for each failure that says why it failed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from terminal_ai.assistant.assistant import Assistant
from terminal_ai.config import Settings
from terminal_ai.errors import TerminalAIError
from terminal_ai.headless.asking import (
    OpenAssistant,
    closing,
    say_where_questions_go,
)
from terminal_ai.headless.explaining import Explainer
from terminal_ai.messages import ngettext
from terminal_ai.records import CommandRecord
from terminal_ai.safety.sanitize import single_line

ASKED_LIMIT = 200
"""More failures than these are not put to the model in one run."""
WHY_CHARACTERS = 160
ADVISOR = "advisor"
UNKNOWING_RULES = frozenset({"exit-code"})
"""What they say is in the list already."""


@dataclass(frozen=True, slots=True)
class Why:
    """One line, and who says it: the advisor, or a model by its name."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Whys:
    """What is known, by the records' ids, and what to tell of the rest."""

    known: Mapping[str, Why]
    remarks: tuple[str, ...] = ()

    def line(self, record: CommandRecord) -> str:
        """Return what stands below a record in a list for people."""
        why = self.known.get(record.id)
        return f"    ↳ {why.text}\n" if why is not None else ""

    def fields(self, record: CommandRecord) -> dict[str, object]:
        """Return what is added to a record for programs."""
        why = self.known.get(record.id)
        return {
            "why": why.text if why is not None else None,
            "why_source": why.source if why is not None else None,
        }


def find_whys(
    records: Sequence[CommandRecord], settings: Settings, open_assistant: OpenAssistant
) -> Whys:
    """Say why each failed: the advisor where it knows, the model for the rest.

    A failure that nobody explains, or that may not be told, is not among the known.
    """
    failed = [record for record in records if record.has_failed]
    known = _advised(failed)
    rest = [
        record for record in failed if record.id not in known and not record.is_private
    ]
    if not rest:
        return Whys(known)
    asked = rest[:ASKED_LIMIT]
    say_where_questions_go(settings)
    with open_assistant(settings) as assistant:
        reasons, errors = asyncio.run(_asked(assistant, asked))
    remarks = list(dict.fromkeys(errors))
    left = len(rest) - len(reasons)
    if left:
        told = ngettext(
            "{count} failure stays without a reason",
            "{count} failures stay without a reason",
            left,
        )
        remarks.append(told.format(count=left))
    return Whys(known | reasons, tuple(remarks))


def _advised(failed: Sequence[CommandRecord]) -> dict[str, Why]:
    explainer = Explainer()
    known: dict[str, Why] = {}
    for record in failed:
        advice = explainer.advise(
            record.command_line, record.exit_code or 1, record.output, record.cwd
        )
        if advice is not None and advice.rule not in UNKNOWING_RULES:
            known[record.id] = Why(single_line(advice.what, WHY_CHARACTERS), ADVISOR)
    return known


async def _asked(
    assistant: Assistant, records: Sequence[CommandRecord]
) -> tuple[dict[str, Why], list[str]]:
    """Ask for all of them at once: the assistant makes few requests of it."""
    async with closing(assistant):
        try:
            results = await assistant.reasons(records)
        except TerminalAIError as error:
            return {}, [error.told]
    known: dict[str, Why] = {}
    errors: list[str] = []
    for record, result in zip(records, results, strict=True):
        if isinstance(result, TerminalAIError):
            errors.append(result.told)
        else:
            text = single_line(result.text, WHY_CHARACTERS)
            known[record.id] = Why(text, single_line(result.model, WHY_CHARACTERS))
    return known, errors
