"""Cuts the byte stream into text and control sequences before anything parses them.

Every program's output is hostile here: nothing raises, nothing grows without a bound,
an unfinished sequence can never swallow what follows it, and where a read happens to
split the stream makes no difference.
"""

import codecs
import enum
import re
from collections.abc import Callable
from typing import Protocol

CSI_LIMIT_BYTES = 128
CSI_LIMIT_PARAMETERS = 32
COMMAND_PAYLOAD_LIMIT_BYTES = 65_536
CLIPBOARD_PAYLOAD_LIMIT_BYTES = 1 << 20
MARK_PAYLOAD_LIMIT_BYTES = 262_144
DEVICE_PAYLOAD_LIMIT_BYTES = 4096
INTERMEDIATES_LIMIT = 4
TEXT_LIMIT_BYTES = 1024
"""Drawn in one go, so that a feed that has to stop can do so soon."""

_ESCAPE, _CANCEL, _SUBSTITUTE, _BELL = 0x1B, 0x18, 0x1A, 0x07
# Prompt marks, and what other terminals are told in their place.
_MARK_PREFIXES = (b"133;", b"633;", b"1337", b"7;")
_CLIPBOARD_PREFIX = b"52;"
_CSI = rb"\x1b\[([<=>?]?)([0-9;:]*+)([ -/]*+)([@-~])"
_TOKEN = re.compile(
    rb"([\x20-\x7e\x80-\xff]{1,%d}+)(\r\n)?" % TEXT_LIMIT_BYTES + rb"|(\r\n)"
    rb"|" + _CSI + rb"|([\x00-\x1a\x1c-\x1f\x7f])"
    rb"|\x1b([ -/]{1,4}+)([0-~])"
    rb"|\x1b([0-OQ-WYZ\\`a-jl-~])"
)
_TEXT, _TEXT_LINE, _LINE, _SEQUENCE, _CONTROL, _LONG_ESCAPE = 1, 2, 3, 7, 8, 10
_COMPLETE_CSI = re.compile(_CSI)
_TOO_MANY_DIGITS = re.compile(rb"(?<!\d)0*[1-9]\d{5,}")
_LARGEST_PARAMETER = b"99999"
_IN_CSI = re.compile(rb"[\x20-\x3f\x7f]*+")
_STRING_STOP = re.compile(rb"[\x1b\x18\x1a]")
_OSC_STOP = re.compile(rb"[\x07\x1b\x18\x1a]")


class Sink(Protocol):
    """Who receives what the scanner found, in stream order."""

    def text(self, text: str) -> None:
        """Take printable text; invisible characters are still in it."""

    def new_line(self) -> None:
        """Take CR LF."""

    def control(self, code: int) -> None:
        """Take one C0 control or DEL."""

    def csi(self, kind: str, parameters: str) -> None:
        """Take a control sequence: prefix, intermediates and final byte; parameters."""

    def escape(self, intermediates: str, final: str) -> None:
        """Take an escape sequence."""

    def osc(self, payload: bytes) -> None:
        """Take a complete operating system command that is no prompt mark."""

    def dcs(self, payload: bytes) -> None:
        """Take a complete device control string."""

    def mark(self, payload: bytes) -> None:
        """Take a complete OSC 133, 633, 7 or 1337."""

    def raw(self, data: bytes) -> None:
        """Take the raw bytes read since the last call, prompt marks removed."""


class _Inside(enum.Enum):
    """What the scanner is in the middle of."""

    GROUND = enum.auto()
    OSC = enum.auto()
    CLIPBOARD = enum.auto()
    MARK = enum.auto()
    DCS = enum.auto()
    STRING = enum.auto()
    LONG_CSI = enum.auto()


_PAYLOAD_LIMITS = {
    _Inside.OSC: COMMAND_PAYLOAD_LIMIT_BYTES,
    _Inside.CLIPBOARD: CLIPBOARD_PAYLOAD_LIMIT_BYTES,
    _Inside.MARK: MARK_PAYLOAD_LIMIT_BYTES,
    _Inside.DCS: DEVICE_PAYLOAD_LIMIT_BYTES,
    _Inside.STRING: 0,
}
_COMMANDS = frozenset({_Inside.OSC, _Inside.CLIPBOARD})
_STRING_OPENERS = frozenset(b"X^_k")


class Scanner:
    """A streaming tokenizer; ``feed`` calls the sink and never raises.

    It returns what it left unread because ``is_over`` told it to stop.
    ``stripped`` counts the sequences that were swallowed unread. ``sweep`` may read
    ahead whatever needs no care, and returns where it stopped.
    """

    def __init__(
        self, sink: Sink, sweep: Callable[[bytes, int], int] | None = None
    ) -> None:
        self._sink = sink
        self._sweep = sweep
        self._inside = _Inside.GROUND
        self._carry = b""
        self._payload = bytearray()
        self._data = b""
        self._raw_start = 0
        self._scanned = 0
        self.stripped = 0

    def feed(self, data: bytes, is_over: Callable[[], bool] | None = None) -> bytes:
        """Scan ``data``; what is incomplete waits for the next call."""
        self._data = data = self._carry + data if self._carry else bytes(data)
        self._carry = b""
        self._raw_start = position = 0
        length = len(data)
        match_token = _TOKEN.match
        draw, new_line, sweep = self._sink.text, self._sink.new_line, self._sweep
        while position < length:
            if self._inside is not _Inside.GROUND:
                after = self._continue(position)
            elif sweep and (after := sweep(data, position)) > position:
                pass
            elif (match := match_token(data, position)) is None:
                after = self._escape(position)
            else:
                after = match.end()
                kind = match.lastindex
                if kind == _TEXT_LINE:
                    draw(match[1].decode("utf-8", "replace"))
                    new_line()
                elif kind == _LINE:
                    new_line()
                elif kind == _TEXT:
                    is_cut = after == length or after - position == TEXT_LIMIT_BYTES
                    text, used = codecs.utf_8_decode(match[1], "replace", not is_cut)
                    if text:
                        draw(text)
                    if used < after - position and after == length:
                        position += used
                        break
                    after = position + used
                else:
                    self._scanned = after
                    self._dispatch(match, kind)
            if after < 0:
                break
            position = after
            # What opens a string is told together with its end.
            if is_over and self._inside not in _PAYLOAD_LIMITS and is_over():
                return self._stop(position)
        self._carry = self._stop(position)
        return b""

    def _stop(self, position: int) -> bytes:
        """Account for what was read, and return the rest."""
        rest = self._data[position:]
        self._scanned = position
        self.flush_raw()
        self._data = b""
        return rest

    def flush_raw(self) -> None:
        """Hand the sink the raw bytes of everything dispatched so far."""
        if self._scanned > self._raw_start:
            self._sink.raw(self._data[self._raw_start : self._scanned])
            self._raw_start = self._scanned

    def _dispatch(self, match: re.Match[bytes], kind: int | None) -> None:
        if kind == _CONTROL:
            self._sink.control(match[_CONTROL][0])
        elif kind == _SEQUENCE:
            self._dispatch_csi(match[0], match[4], match[5], match[6] + match[7])
        elif kind == _LONG_ESCAPE:
            self._sink.escape(match[9].decode(), match[10].decode())
        else:
            self._sink.escape("", match[11].decode())

    def _dispatch_csi(
        self, whole: bytes, prefix: bytes, parameters: bytes, rest: bytes
    ) -> None:
        if len(parameters) > 5 and (
            len(whole) > CSI_LIMIT_BYTES
            or parameters.count(b";") + parameters.count(b":") >= CSI_LIMIT_PARAMETERS
        ):
            self.stripped += 1
        else:
            parameters = _TOO_MANY_DIGITS.sub(_LARGEST_PARAMETER, parameters)
            self._sink.csi((prefix + rest).decode(), parameters.decode())

    def _escape(self, position: int) -> int:
        """Handle what the token pattern cannot: strings, the partial, the malformed.

        Return where to go on, or -1 when more bytes are needed.
        """
        data = self._data
        rest = data[position + 1 : position + 2]
        if not rest:
            return -1
        opener = rest[0]
        if opener == ord("["):
            return self._odd_csi(position)
        if opener == ord("]"):
            return self._open_osc(position)
        if opener == ord("P"):
            self._inside = _Inside.DCS
            return position + 2
        if opener in _STRING_OPENERS:
            self._inside = _Inside.STRING
            self.stripped += 1
            return position + 2
        if 0x20 <= opener <= 0x2F:
            after = position + 2
            while after < len(data) and 0x20 <= data[after] <= 0x2F:
                after += 1
                if after - position > INTERMEDIATES_LIMIT + 1:
                    return after
            return after if after < len(data) else -1
        return position + 1

    def _open_osc(self, position: int) -> int:
        start = position + 2
        prefix = self._data[start : start + 4]
        if len(prefix) < 4 and _OSC_STOP.search(prefix) is None:
            return -1
        if prefix.startswith(_MARK_PREFIXES):
            self._scanned = position
            self.flush_raw()
            self._inside = _Inside.MARK
        elif prefix.startswith(_CLIPBOARD_PREFIX):
            self._inside = _Inside.CLIPBOARD
        else:
            self._inside = _Inside.OSC
        return start

    def _odd_csi(self, position: int) -> int:
        """Read a control sequence with controls inside, or malformed, or half."""
        data = self._data
        at = position + 2
        controls: list[int] = []
        while at < len(data):
            if at - position >= CSI_LIMIT_BYTES:
                self._run_controls(controls)
                self._inside = _Inside.LONG_CSI
                self.stripped += 1
                return at
            code = data[at]
            if code in (_CANCEL, _SUBSTITUTE):
                self._run_controls(controls)
                return at + 1
            if code == _ESCAPE or code >= 0x80:
                self._run_controls(controls)
                return at
            if 0x40 <= code <= 0x7E:
                self._run_controls(controls)
                self._finish_odd_csi(data[position : at + 1], at + 1)
                return at + 1
            if code < 0x20:
                controls.append(at)
            at += 1
        return -1

    def _run_controls(self, positions: list[int]) -> None:
        for at in positions:
            self._scanned = at + 1
            self._sink.control(self._data[at])

    def _finish_odd_csi(self, sequence: bytes, after: int) -> None:
        self._scanned = after
        kept = bytes(
            code
            for at, code in enumerate(sequence)
            if (0x20 <= code < 0x7F) or (at == 0)
        )
        if (match := _COMPLETE_CSI.fullmatch(kept)) is None:
            self.stripped += 1
        else:
            self._dispatch_csi(match[0], match[1], match[2], match[3] + match[4])

    def _continue(self, position: int) -> int:
        if self._inside is _Inside.LONG_CSI:
            return self._continue_long_csi(position)
        return self._continue_string(position)

    def _continue_long_csi(self, position: int) -> int:
        data = self._data
        match = _IN_CSI.match(data, position)
        at = match.end() if match else position
        if at == len(data):
            return at
        code = data[at]
        if code < 0x20 and code not in (_ESCAPE, _CANCEL, _SUBSTITUTE):
            self._scanned = at + 1
            self._sink.control(code)
            return at + 1
        self._inside = _Inside.GROUND
        return at if code == _ESCAPE or code >= 0x80 else at + 1

    def _continue_string(self, position: int) -> int:
        data = self._data
        is_bell_end = self._inside in _COMMANDS or self._inside is _Inside.MARK
        pattern = _OSC_STOP if is_bell_end else _STRING_STOP
        stop = pattern.search(data, position)
        end = stop.start() if stop else len(data)
        self._keep(position, end)
        if self._inside is _Inside.MARK:
            self._raw_start = end
        if stop is None:
            return end
        if data[end] == _ESCAPE:
            if end + 1 == len(data):
                return end if end > position else -1
            is_complete = data[end + 1] == ord("\\")
            after = end + 2 if is_complete else end
        else:
            is_complete = data[end] == _BELL
            after = end + 1
        self._close_string(after, is_complete)
        return after

    def _keep(self, start: int, end: int) -> None:
        limit = _PAYLOAD_LIMITS[self._inside]
        room = limit + 1 - len(self._payload)
        if room > 0:
            self._payload += self._data[start : min(end, start + room)]

    def _close_string(self, after: int, is_complete: bool) -> None:
        inside, payload = self._inside, bytes(self._payload)
        self._inside = _Inside.GROUND
        self._payload.clear()
        is_complete = is_complete and len(payload) <= _PAYLOAD_LIMITS[inside]
        self._scanned = after
        if inside is _Inside.MARK:
            self._raw_start = after
            if is_complete:
                self._sink.mark(payload)
                return
        elif inside in _COMMANDS and is_complete:
            self._sink.osc(payload)
            return
        elif inside is _Inside.DCS and is_complete:
            self._sink.dcs(payload)
            return
        if inside is not _Inside.STRING:
            self.stripped += 1
