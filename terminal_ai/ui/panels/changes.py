"""How a suggestion differs from the command that failed, readable without colours."""

from textual.content import Content

from terminal_ai.assistant.replies.diff import DiffKind, DiffSpan, word_diff
from terminal_ai.safety.sanitize import placeable
from terminal_ai.ui.texts import MUTED

ADDED = "bold underline"
REMOVED = "strike"
LONG_COMMAND_WORDS = 5
"""In a shorter command nobody has to look for what was taken out."""

LEAST_KEPT_SHARE = 0.4
"""Of the suggestion: with less in common it is another command, not a correction."""


def changed_command(failed: str, suggestion: str) -> tuple[Content | None, Content]:
    """Return what was taken out of the failed command, if that helps, and the new one.

    ``suggestion`` is fit to be shown. Commands that have little in common are not
    compared.
    """
    spans = word_diff(placeable(failed).text, suggestion) if failed else ()
    kept = sum(len(span.text) for span in spans if span.kind is DiffKind.KEPT)
    if kept < len(suggestion) * LEAST_KEPT_SHARE or not suggestion:
        return None, Content.styled(suggestion, "bold")
    command = Content.assemble(
        *(
            (span.text, ADDED if span.kind is DiffKind.ADDED else "")
            for span in spans
            if span.kind is not DiffKind.REMOVED
        )
    )
    return _removed(spans, failed), command


def _removed(spans: tuple[DiffSpan, ...], failed: str) -> Content | None:
    """Return the words taken out, where the new command alone does not tell them."""
    gone = [
        (span.text.strip(), span, following)
        for span, following in zip(spans, (*spans[1:], None), strict=True)
        if span.kind is DiffKind.REMOVED and span.text.strip()
    ]
    is_replaced = all(
        following is not None and following.kind is DiffKind.ADDED
        for _text, _span, following in gone
    )
    if not gone or (is_replaced and len(failed.split()) < LONG_COMMAND_WORDS):
        return None
    words = (Content.styled(text, REMOVED) for text, _span, _following in gone)
    return Content.assemble(("− ", MUTED), Content.styled(" … ", MUTED).join(words))
