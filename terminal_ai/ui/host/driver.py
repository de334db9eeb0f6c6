"""A Textual driver whose key events keep the bytes that the host terminal sent."""

import codecs
import os
import re
import selectors
import sys
from collections.abc import Iterator
from queue import Queue

from textual import constants, events
from textual._keyboard_protocol import MODIFIER_FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from terminal_ai.terminal.input.host_keys import is_release
from terminal_ai.ui.host.host_input import ESC, HostInput, PastedText, Token

READ_BYTES = 65_536
EXIT_CHECK_SECONDS = 0.1
UNNAMED_KEY = "unnamed"

_NOT_A_KEY = re.compile(
    r"\x1b\[(?:[IO]|<[-\d;]+[Mm]|M|\?[\d;]+\$y|48;[\d:]+;[\d:]+;[\d:]+;[\d:]+t)\Z"
)
_KITTY_KEY = re.compile(
    r"\x1b\[(?P<code>\d+)(?::\d*)?(?::(?P<base>\d*))?"
    r"(?:;(?P<modifiers>\d*)(?::\d*)?)?(?P<text>;[\d:]*)?(?P<final>[u~A-H])\Z"
)
_TELL_ALTERNATE_KEYS = "\x1b[=4;2u"
"""Added to the flags that Textual asks of the host: Ctrl+C on any keyboard layout."""
_SHIFT, _ALL_MODIFIERS = 1, 63
_SGR_MOUSE = re.compile(r"\x1b\[<(\d+)(;-?\d+;-?\d+[Mm])\Z")
_EXTRA_BUTTONS, _BUTTON_BITS = 128, 3
_FIRST_EXTRA_BUTTON = 8


# The name is what makes Textual call ``on_key`` for it.
class Key(events.Key):
    """A key press; ``raw`` is what the host sent, which tells more than the name."""

    __slots__ = ["raw"]

    def __init__(self, key: str, character: str | None, raw: bytes) -> None:
        super().__init__(key, character)
        self.raw = raw


class Translator(XTermParser):
    """Whole sequences of the host to Textual's events."""

    def translate(self, token: Token) -> Iterator[Message]:
        """Yield the events of one token."""
        if isinstance(token, PastedText):
            yield events.Paste(token.text.replace("\x00", ""))
        elif _NOT_A_KEY.match(token.text):
            yield from self.feed(token.text)
        else:
            yield from self._keys(token.text)

    def parse_mouse_code(self, code: str) -> Message | None:
        """Read a mouse report; Textual takes the buttons from 8 on for the first."""
        match = _SGR_MOUSE.match(code)
        number = int(match[1]) if match else 0
        if match is None or not number & _EXTRA_BUTTONS:
            return super().parse_mouse_code(code)
        as_first = number & ~(_EXTRA_BUTTONS | _BUTTON_BITS)
        event = super().parse_mouse_code(f"\x1b[<{as_first}{match[2]}")
        if isinstance(event, events.MouseEvent):
            event.button = _FIRST_EXTRA_BUTTON + (number & _BUTTON_BITS)
        return event

    def _keys(self, text: str) -> Iterator[Key]:
        raw = text.encode("utf-8", "surrogateescape")
        if is_release(raw):
            return
        has_alt = (
            len(text) > 1 and text[0] == ESC and (text[1] not in "[O" or len(text) == 2)
        )
        for key in self._named(text[1:] if has_alt else text):
            if key.key in MODIFIER_FUNCTIONAL_KEYS:
                continue
            if has_alt:
                yield Key(_with_alt(key.key), None, raw)
            else:
                yield Key(key.key, _printable(key.character), raw)

    def _named(self, sequence: str) -> list[events.Key]:
        try:
            keys = list(self._sequence_to_key_events(_for_textual(sequence)))
        except (ValueError, OverflowError):
            keys = []
        if sequence == "\x08":
            return [events.Key("ctrl+h", sequence)]
        return keys if len(keys) == 1 else [events.Key(UNNAMED_KEY, None)]


class RawDriver(LinuxDriver):
    """Textual's driver for POSIX terminals with our own reading of the input."""

    escape_delay_seconds = 0.025

    @property
    def backlog_writes(self) -> int:
        """What the host has not taken yet; 0 where Textual keeps it in no queue.

        Textual blocks the loop, and all keys with it, behind 30 of them.
        """
        queue = getattr(self._writer_thread, "_queue", None)
        return queue.qsize() if isinstance(queue, Queue) else 0

    def run_input_thread(self) -> None:
        """Read, cut and translate until the driver is told to stop."""
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        host_input = HostInput()
        translator = Translator(self._debug)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                is_pending = host_input.is_pending
                wait = self.escape_delay_seconds if is_pending else EXIT_CHECK_SECONDS
                if selector.select(wait):
                    data = os.read(self.fileno, READ_BYTES)
                    if not data:
                        return
                    tokens = host_input.feed(decoder.decode(data))
                else:
                    tokens = host_input.flush()
                for token in tokens:
                    for message in translator.translate(token):
                        self.process_message(message)

    def start_application_mode(self) -> None:
        """Draw on a terminal, and ask the host what a key is on a standard layout."""
        # Textual draws on the standard error stream, which may lead to a file.
        if sys.__stdout__ and not (self._file and self._file.isatty()):
            self._file = sys.__stdout__
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if not constants.DISABLE_KITTY_KEY:
            self.write(_TELL_ALTERNATE_KEYS)
            self.flush()

    def stop_application_mode(self) -> None:
        """Also leave the pixel mouse mode, which Textual sets and never resets."""
        if self._mouse_pixels:
            self.write("\x1b[?1016l")
        super().stop_application_mode()


def raw_driver(escape_delay_milliseconds: int) -> type[Driver]:
    """Return a driver class that waits so long for the rest after an ESC."""
    seconds = escape_delay_milliseconds / 1000
    return type("ShellDriver", (RawDriver,), {"escape_delay_seconds": seconds})


def _for_textual(sequence: str) -> str:
    """Leave out what Textual cannot read in the kitty keyboard protocol.

    A shortcut is named for the key's place on a standard layout.
    """
    match = _KITTY_KEY.match(sequence)
    if match is None or ":" not in sequence:
        return sequence
    code, modifiers = match["code"], match["modifiers"] or "1"
    bits = int(modifiers) - 1
    if match["base"] and bits & _ALL_MODIFIERS & ~_SHIFT:
        code = match["base"]
    return f"\x1b[{code};{modifiers}{match['text'] or ''}{match['final']}"


def _with_alt(name: str) -> str:
    *modifiers, base = name.split("+") if len(name) > 1 else [name]
    if len(base) == 1 and base.isupper():
        modifiers, base = [*modifiers, "shift"], base.lower()
    return "+".join([*sorted({*modifiers, "alt"}), base])


def _printable(character: str | None) -> str | None:
    if character is None:
        return None
    return character.encode("utf-8", "replace").decode("utf-8")
