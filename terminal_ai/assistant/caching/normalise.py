"""What differs from run to run of one failure, put into numbered slots.

Equal literals get equal slots, and different ones different slots: a filled slot can
only ever stand for one literal. What names something stays as it is: ports, line
numbers, files, packages, exit codes, addresses of hosts.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from terminal_ai.assistant.caching.noise import MARK, RULES, Slot, SlotKind
from terminal_ai.assistant.caching.temporary import (
    TEMPORARY_PATH,
    TEMPORARY_ROOT,
    random_parts,
)

USER_LIMIT_CHARACTERS = 3
"""A shorter user name would be found in harmless words."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command ran, and for whom."""

    cwd: str = ""
    home: str = ""
    user: str = ""


_SYSTEM_DIRECTORY = re.compile(
    r"/(?:(?:bin|boot|dev|etc|lib(?:32|64|x32)?|opt|proc|root|run|sbin|snap|sys|usr|var"
    r"|Applications|Library|System|private/etc|private/var)(?:/.*)?)?"
)
_TEMPORARY_DIRECTORY = re.compile(rf"{TEMPORARY_ROOT}/.+")
# Names that texts hold for other reasons.
_COMMON_USERS = frozenset(
    "root admin user users test guest git docker node ubuntu debian runner build app"  # noqa: SIM905
    " www-data postgres mysql redis nginx jenkins vagrant pi dev deploy ci you main"
    " home data file".split()
)


class Normaliser:
    """Masks the texts of one question; all of them share one row of slots."""

    def __init__(self, place: Place, *, names: str = "") -> None:
        """Take where it was, and texts whose every word was meant.

        What stands in ``names``, such as the command line, is masked nowhere as noise:
        only places, random parts of temporary paths and opaque identifiers are.
        """
        self._names = names
        self._numbers: dict[str, int] = {}
        self._places = tuple(_place_rules(place, names))
        self.slots: list[Slot] = []

    def mask(self, text: str) -> str:
        """Return the text with slots for what varies; again, it changes nothing."""
        for kind, label, pattern in self._places:
            text = pattern.sub(functools.partial(self._place, kind, label), text)
        text = TEMPORARY_PATH.sub(self._temporary, text)
        for kind, pattern, is_opaque in RULES:
            text = pattern.sub(functools.partial(self._noise, kind, is_opaque), text)
        return text

    def _place(self, kind: SlotKind, label: str, match: re.Match[str]) -> str:
        return self._slot(kind, match[0], label)

    def _temporary(self, match: re.Match[str]) -> str:
        path, end = match[0], 0
        pieces: list[str] = []
        for start, stop in random_parts(path):
            slot = self._slot(SlotKind.TEMPORARY, path[start:stop])
            pieces += (path[end:start], slot)
            end = stop
        return "".join((*pieces, path[end:]))

    def _noise(self, kind: SlotKind, is_opaque: bool, match: re.Match[str]) -> str:
        value = match[1]
        if not is_opaque and value in self._names:
            return match[0]
        # Secrets of two kinds are two things, whatever they are.
        label = value.split(":")[1] if kind is SlotKind.SECRET else ""
        start, stop = match.start(1) - match.start(), match.end(1) - match.start()
        return match[0][:start] + self._slot(kind, value, label) + match[0][stop:]

    def _slot(self, kind: SlotKind, value: str, label: str = "") -> str:
        number = self._numbers.get(value)
        if number is None:
            number = self._numbers[value] = len(self.slots)
            self.slots.append(Slot(kind, value))
        return f"{MARK}{kind} {label} {number}{MARK}"


def _place_rules(
    place: Place, names: str
) -> Iterator[tuple[SlotKind, str, re.Pattern[str]]]:
    """Yield what to mask of a place, a directory before those around it.

    The directories of the system stay: what goes wrong in them has other reasons.
    """
    home = place.home if _is_maskable(place.home) else ""
    if place.cwd != place.home and _is_maskable(place.cwd):
        is_inside = bool(home) and place.cwd.startswith(f"{home}/")
        is_temporary = _TEMPORARY_DIRECTORY.fullmatch(place.cwd) is not None
        label = "home" if is_inside else "temporary" if is_temporary else "other"
        yield SlotKind.DIRECTORY, label, _path_pattern(place.cwd)
    if home:
        yield SlotKind.HOME, "", _path_pattern(home)
    user = place.user
    if len(user) >= USER_LIMIT_CHARACTERS and user not in _COMMON_USERS:
        pattern = re.compile(rf"(?<![\w\x00.-]){re.escape(user)}(?![\w\x00.-])")
        if not pattern.search(names):
            yield SlotKind.USER, "", pattern


def _is_maskable(path: str) -> bool:
    if _TEMPORARY_DIRECTORY.fullmatch(path):
        return True
    return path.startswith("/") and not _SYSTEM_DIRECTORY.fullmatch(path)


def _path_pattern(path: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w\x00.~-]){re.escape(path)}(?![\w\x00-]|\.[\w\x00])")
