"""What the emulator may tell its host. ``Terminal.feed`` returns these, in order."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Output:
    """Raw bytes the program printed, prompt marks removed, as they arrived.

    ``is_alternate`` tells whether the alternate screen was shown meanwhile.
    """

    data: bytes
    is_alternate: bool


@dataclass(frozen=True, slots=True)
class PromptMark:
    """An OSC 133 or 633 mark, not yet trusted: ``shell`` checks nonce and pid.

    ``kind`` is the letter (A, B, C, D, …), ``arguments`` the positional fields,
    ``options`` the ``key=value`` fields, first one wins, values still escaped.
    ``row_id`` is that of the cursor's row.
    """

    kind: str
    arguments: tuple[str, ...]
    options: Mapping[str, str]
    row_id: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ForeignMark:
    """A shell told something about itself in a way that nobody can check.

    ``code`` is 7 (the directory) or 1337 (iTerm2: directory, host, variables).
    """

    code: int


@dataclass(frozen=True, slots=True)
class Reply:
    """Bytes that must go straight back to the program."""

    data: bytes


@dataclass(frozen=True, slots=True)
class TitleChanged:
    """OSC 0 or 2; the title is sanitised and bounded."""

    title: str


@dataclass(frozen=True, slots=True)
class Bell:
    """BEL outside any string."""


@dataclass(frozen=True, slots=True)
class AlternateScreenChanged:
    """The program switched between the primary and the alternate screen."""

    is_alternate: bool


@dataclass(frozen=True, slots=True)
class Notification:
    """OSC 9 or 777: a notice for the user, sanitised and bounded; one may be empty."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class DirectoryReported:
    """OSC 7: where a program says it is. Information only, anyone may say so."""

    path: str


@dataclass(frozen=True, slots=True)
class ClipboardWritten:
    """OSC 52 with text to copy, which the user permits; controls are removed.

    ``selection`` is as sent: c for the clipboard, p for the primary selection, ….
    """

    selection: str
    text: str


@dataclass(frozen=True, slots=True)
class SizeRequested:
    """A program, which the user permits, has changed the size of the grid.

    The host lets the program's tty know, or resizes back.
    """

    columns: int
    rows: int


Event = (
    Output
    | PromptMark
    | ForeignMark
    | Reply
    | TitleChanged
    | Bell
    | AlternateScreenChanged
    | Notification
    | DirectoryReported
    | ClipboardWritten
    | SizeRequested
)
