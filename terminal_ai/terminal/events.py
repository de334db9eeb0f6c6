"""What the emulator may tell its host. ``Terminal.feed`` returns these, in order."""

from collections.abc import Mapping
from dataclasses import dataclass


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
    """

    kind: str
    arguments: tuple[str, ...]
    options: Mapping[str, str]


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


Event = Output | PromptMark | Reply | TitleChanged | Bell | AlternateScreenChanged
