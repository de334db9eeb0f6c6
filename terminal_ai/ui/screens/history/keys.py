"""The keys of the history screen: the useful ones in a row, and all of them."""

from collections.abc import Sequence

from textual.content import Content

from terminal_ai.messages import gettext as _
from terminal_ai.ui.texts import MUTED

KEY_CELLS = 18
_GAP = Content("  ")

Hint = tuple[str, str]
"""A key or a word, and what it does."""


def search_hints() -> Sequence[Hint]:
    """Return the keys of the search line; those of editing are as everywhere."""
    return (
        ("Enter", _("place")),
        ("Tab", _("output")),
        ("^T", _("failed")),
        ("^O", _("here")),
        ("^R", _("session")),
        ("^S", _("sort")),
        ("^Y", _("copy")),
    )


def record_hints() -> Sequence[Hint]:
    """Return the keys while the output has the focus."""
    return (
        ("Enter", _("place")),
        ("c", _("copy")),
        ("o", _("output")),
        ("m", _("Markdown")),
        ("e", _("export")),
        ("x", _("all")),
        ("a", _("ask")),
        ("d", _("delete")),
    )


def shown_hints(hints: Sequence[Hint]) -> Content:
    """Return keys and what they do on one line."""
    return _GAP.join(
        Content.assemble((key, "bold $text-accent"), (f" {text}", MUTED))
        for key, text in hints
    )


def all_keys() -> Content:
    """Return every key and every filter word, for the pane of the output."""
    in_search: Sequence[Hint] = (
        ("Enter", _("place the command at the prompt; it is not run")),
        ("↑ ↓  ^P ^N", _("another command")),
        ("PgUp PgDn", _("scroll the output")),
        ("Tab", _("go to the output, and back")),
        ("^T", _("failed commands only")),
        ("^O", _("from this directory and below")),
        ("^R", _("from this session")),
        ("^S", _("sort by time, CPU, memory, reads, writes")),
        ("^Y", _("copy the command")),
    )
    in_output: Sequence[Hint] = (
        ("c  o  m", _("copy the command, the output, both as Markdown")),
        ("e  E", _("export to a file: Markdown, asciicast")),
        ("x", _("export it, or all commands listed, in any form")),
        ("a", _("ask the assistant about it")),
        ("d  Shift+Del", _("delete it for good, on disk as well")),
        ("n  p", _("next and previous command")),
        ("g  G", _("beginning and end of the output")),
    )
    words: Sequence[Hint] = (
        ("failed  ok", _("how it ended")),
        ("cwd:~/src  cwd:.", _("where, and below")),
        ("program:git", _("what was run")),
        ("shell:zsh", _("which shell")),
        ("longer:5s  >2m", _("how long it took")),
        ("session:this", _("which session")),
        ("sort:cpu", _("the order")),
        ('"failed"', _("quoted, it is only text")),
    )
    blocks = (
        (_("While searching"), in_search),
        (_("In the output"), in_output),
        (_("Words of the search"), words),
    )
    return Content("\n\n").join(_table(title, rows) for title, rows in blocks)


def _table(title: str, rows: Sequence[Hint]) -> Content:
    lines = [Content.styled(title, "bold")]
    lines += (
        Content.assemble((f"{key:<{KEY_CELLS}}", "$text-accent"), (text, MUTED))
        for key, text in rows
    )
    return Content("\n").join(lines)
