"""Captured bytes to text that is safe to play in somebody else's terminal.

What draws is kept. What asks the terminal, reports keys or the mouse, switches the
screen, writes the clipboard or a title, or starts a string of unknown use is dropped.
"""

import codecs
import itertools
import re
from collections.abc import Sequence

_TOKEN = re.compile(
    rb"\x1b\[(?P<body>[\x00-\x17\x19\x1c-?]*)(?P<final>[@-~])"
    rb"|\x1b(?P<string>[\]PX^_][^\x07\x1b\x18\x1a]*)(?:\x07|\x1b\\|[\x18\x1a]|(?=\x1b)|$)"
    rb"|(?P<escape>\x1b[ -/]*[0-OQ-WYZ\\`-~])"
    rb"|\x1b(?:\[[\x00-\x17\x19\x1c-?]*)?[ -/]*"
    rb"|(?P<control>[\x00-\x1f\x7f]|\xc2[\x80-\x9f])"
    rb"|(?P<text>(?:[^\x00-\x1f\x7f\xc2]|\xc2(?![\x80-\x9f]))+)"
)
_EXECUTED = re.compile(rb"[\x00-\x1f]")
_DRAWING_CONTROLS = b"\x07\x08\t\n\x0b\x0c\r\x0e\x0f"
_DRAWING = re.compile(
    rb"[0-9;:]*[@A-HIJKLMPSTXZ`abdefgmrsu]"  # cursor, erasing, scrolling, colours
    rb"|4[hl]"
    rb"|\?[0-9;:]*[JK]"
    rb"|!p"
    rb'|[0-9;:]*"q'
    rb"|[0-9;:]* [@A]"
    rb"|[0-9;:]*'[}~]"
    rb"|[0-9;:]*\$[rtvxz{]"
    rb"|[0-9;:]*\*x"
)
_MODES = re.compile(rb"\?([0-9;]*)([hl])")
# Columns, reverse video, origin, wrapping, cursor, margins.
_DRAWING_MODES = frozenset(b"3 5 6 7 25 40 45 69".split())
_DRAWING_ESCAPE = re.compile(
    rb"\x1b(?:[6789DEHMNOVWcno|}~]|#[3-8]|[()*+./-][ -/]?[0-~])"
)
_LINK = b"]8;"


def playable(pieces: Sequence[bytes]) -> list[str]:
    """Return for each piece of one stream what of it can be played.

    A character or a control sequence that is cut comes with the piece that ends it.
    """
    ends = list(itertools.accumulate(map(len, pieces)))
    data = b"".join(pieces)
    played: list[list[str]] = [[] for _ in pieces]
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    index = 0
    for token in _TOKEN.finditer(data):
        start, end = token.span()
        if token["text"] is None:
            while ends[index] < end:
                index += 1
            # No character goes on after a control: what is dropped must not join.
            played[index].append(decoder.decode(b"", final=True))
            played[index].append(_drawing(token).decode())
            continue
        while start < end:
            while ends[index] <= start:
                index += 1
            stop = min(end, ends[index])
            played[index].append(decoder.decode(data[start:stop]))
            start = stop
    return ["".join(texts) for texts in played]


def _drawing(token: re.Match[bytes]) -> bytes:
    """Return of a control or a sequence what draws, or nothing."""
    if (control := token["control"]) is not None:
        return control if control in _DRAWING_CONTROLS else b""
    if (string := token["string"]) is not None:
        return b"\x1b" + string + b"\x1b\\" if string.startswith(_LINK) else b""
    if (escape := token["escape"]) is not None:
        return escape if _DRAWING_ESCAPE.fullmatch(escape) else b""
    if (final := token["final"]) is None:
        return b""
    # Controls inside a sequence are obeyed before it.
    executed = b"".join(
        control
        for control in _EXECUTED.findall(token["body"])
        if control in _DRAWING_CONTROLS
    )
    return executed + _drawing_sequence(_EXECUTED.sub(b"", token["body"]) + final)


def _drawing_sequence(sequence: bytes) -> bytes:
    if modes := _MODES.fullmatch(sequence):
        kept = [mode for mode in modes[1].split(b";") if mode in _DRAWING_MODES]
        return b"\x1b[?" + b";".join(kept) + modes[2] if kept else b""
    return b"\x1b[" + sequence if _DRAWING.fullmatch(sequence) else b""
