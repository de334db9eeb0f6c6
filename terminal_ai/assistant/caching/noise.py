"""What varies from run to run, by the shape or the place that it is known by."""

import enum
import re
from dataclasses import dataclass

from terminal_ai.safety.placeholders import TAGGED_PATTERN

MARK = "\x00"
"""Stands around a slot's number. Sanitised text never holds it."""


class SlotKind(enum.StrEnum):
    """What a slot stands for."""

    DIRECTORY = "directory"
    HOME = "home"
    USER = "user"
    TEMPORARY = "temporary"
    TIME = "time"
    DURATION = "duration"
    PROCESS = "process"
    ADDRESS = "address"
    IDENTIFIER = "identifier"
    COUNT = "count"
    SECRET = "secret"  # noqa: S105 - a placeholder for one


@dataclass(frozen=True, slots=True)
class Slot:
    """A literal that was masked."""

    kind: SlotKind
    value: str


_NUMBER = r"\d{1,9}(?:[.,]\d{1,9})?"
_UNIT = r"(?:seconds?|secs?|milliseconds?|msecs?|minutes?|mins?|ms|us|µs|μs|ns|s)"
_CLOCK = r"\d{1,2}:[0-5]\d:[0-5]\d(?:[.,]\d{1,9})?"
_ZONE = r"(?:Z|\s?[+-]\d\d:?\d\d|\s(?:UTC|GMT|[A-Z]{3,4}))?"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_START = r"(?<![\w\x00])"
_END = r"(?![\w\x00])"

# Each has one group: the literal; the rest is what it is known by, and stays. Those
# that need not be opaque to be masked stand in ``_NOISE``.
_OPAQUE = (
    (SlotKind.SECRET, f"({TAGGED_PATTERN})"),
    (
        SlotKind.IDENTIFIER,
        rf"{_START}([0-9a-fA-F]{{8}}-(?:[0-9a-fA-F]{{4}}-){{3}}[0-9a-fA-F]{{12}}){_END}",
    ),
    # A digest, a container's long name. The short one is as often a commit's.
    (SlotKind.IDENTIFIER, rf"{_START}([0-9a-f]{{64}}|[0-9a-f]{{32}}){_END}"),
    (SlotKind.IDENTIFIER, rf"(?i:{_START}container )([0-9a-f]{{12}}){_END}"),
    (SlotKind.IDENTIFIER, r"(?m:^ ?---> (?:Running in )?)([0-9a-f]{12})" + _END),
)
_NOISE = (
    (
        SlotKind.TIME,
        rf"(?<![\w\x00])(\d{{4}}-\d\d-\d\d[T _]\d\d[:_.-]\d\d(?:[:_.-]\d\d"
        rf"(?:[.,_]\d{{1,9}})?)?{_ZONE}){_END}",
    ),
    (
        SlotKind.TIME,
        rf"{_START}({_DAY}\s{{1,2}}(?:\d{{1,2}}\s{_MONTH}|{_MONTH}\s{{1,2}}\d{{1,2}})"
        rf"(?:\s\d{{4}})?\s{_CLOCK}{_ZONE}(?:\s\d{{4}})?){_END}",
    ),
    (SlotKind.TIME, rf"{_START}({_MONTH}\s{{1,2}}\d{{1,2}}\s{_CLOCK}){_END}"),
    (SlotKind.TIME, rf"{_START}(\d{{4}}/\d\d/\d\d\s{_CLOCK}){_END}"),
    (SlotKind.TIME, rf"{_START}(\d{{1,2}}/{_MONTH}/\d{{4}}:{_CLOCK}{_ZONE}){_END}"),
    # After a colon it is a line and a column.
    (SlotKind.TIME, rf"(?<![\w\x00:.])({_CLOCK})(?![\w\x00:])"),
    (SlotKind.TIME, r"(?m:^\[)( {0,6}\d{1,9}\.\d{6})\]"),
    (SlotKind.TIME, rf"{_START}(1\d{{9}}\.\d{{1,9}}|1\d{{12}}){_END}"),
    (
        SlotKind.DURATION,
        rf"(?<![\w\x00.])(\d{{1,3}}m\d{{1,2}}(?:[.,]\d{{1,9}})?s){_END}",
    ),
    (SlotKind.DURATION, rf"(?<![\w\x00.-])(\d{{1,9}}[.,]\d{{1,9}}\s?{_UNIT}){_END}"),
    (
        SlotKind.DURATION,
        rf"(?i:{_START}(?:in|after|took|elapsed:?|time:|duration:?|within)\s)"
        rf"({_NUMBER}\s?(?:milliseconds?|msecs?|ms|us|µs|μs|ns)){_END}",
    ),
    (
        SlotKind.DURATION,
        rf"(?i:{_START}(?:in|took|elapsed:?|time:|duration:?)\s)({_NUMBER}\s?{_UNIT}){_END}",
    ),
    (SlotKind.DURATION, rf"\(({_NUMBER}\s?(?:ms|s|sec))\)"),
    (SlotKind.DURATION, r"(?m:^#\d{1,4} )(\d{1,6}\.\d{1,3})" + _END),
    (SlotKind.DURATION, rf"(?i:{_START}eta:?\s{{1,2}})([\d:hms]{{2,12}})" + _END),
    (
        SlotKind.DURATION,
        rf"{_START}(\d{{1,6}}(?:\.\d{{1,3}})?\s?[kKMG]i?[Bb](?:/s|ps)){_END}",
    ),
    (
        SlotKind.PROCESS,
        rf"(?i:{_START}(?:pid|process id|process|tid|thread)(?:\s?[=:#]\s?|\s))"
        rf"(\d{{1,10}}){_END}(?![.:]\d)",
    ),
    (SlotKind.PROCESS, r"(?m:^\[\d{1,3}\][+-]? {1,3})(\d{2,7})(?= |$)"),
    (SlotKind.PROCESS, r": line \d{1,7}: {1,3}(\d{2,7})(?= [A-Z][a-z])"),
    (SlotKind.PROCESS, r"(?<=[\w)])\[(\d{1,7})\](?=:)"),
    (SlotKind.PROCESS, r"(?<=kill: )\((\d{1,7})\)"),
    (SlotKind.PROCESS, r"(?m:^==)(\d{2,7})(?===)"),
    (SlotKind.PROCESS, rf"/proc/(\d{{1,7}}){_END}"),
    (SlotKind.ADDRESS, rf"{_START}(0x[0-9a-fA-F]{{9,16}}){_END}"),
    (
        SlotKind.ADDRESS,
        rf"(?i:{_START}(?:at|pc|sp|fp|bp|ip|addr)[ =:]\s?)"
        rf"(0x[0-9a-fA-F]{{5,16}}){_END}",
    ),
    (SlotKind.ADDRESS, rf"(?i:{_START}(?:ip|sp|at) )(0000[0-9a-f]{{12}}){_END}"),
    (SlotKind.COUNT, r"\[… (\d{1,15}) (?:lines cut|bytes elided) …\]"),
)


RULES = tuple(
    (kind, re.compile(pattern), is_opaque)
    for rules, is_opaque in ((_OPAQUE, True), (_NOISE, False))
    for kind, pattern in rules
)
