"""A Textual driver whose key events keep the bytes that the host terminal sent."""

import codecs
import os
import re
import selectors
from collections.abc import Iterator

from textual import events
from textual._keyboard_protocol import MODIFIER_FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from terminal_ai.ui.host_input import ESC, HostInput, PastedText, Token

READ_BYTES = 65_536
EXIT_CHECK_SECONDS = 0.1
UNNAMED_KEY = "unnamed"

_NOT_A_KEY = re.compile(
    r"\x1b\[(?:[IO]|<[-\d;]+[Mm]|M|\?[\d;]+\$y|48;[\d:]+;[\d:]+;[\d:]+;[\d:]+t)\Z"
)
_KITTY_KEY = re.compile(r"\x1b\[[\d:;]*u\Z")


# The name is what makes Textual call ``on_key`` for it.
class Key(events.Key):
    """A key press; ``raw`` is what a program may be sent unchanged, if anything.

    It is None for the host's extended key protocol, which our programs did not ask for.
    """

    __slots__ = ["raw"]

    def __init__(self, key: str, character: str | None, raw: bytes | None) -> None:
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

    def _keys(self, text: str) -> Iterator[Key]:
        raw = (
            None if _KITTY_KEY.match(text) else text.encode("utf-8", "surrogateescape")
        )
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
            keys = list(self._sequence_to_key_events(sequence))
        except (ValueError, OverflowError):
            keys = []
        if sequence == "\x08":
            return [events.Key("ctrl+h", sequence)]
        return keys if len(keys) == 1 else [events.Key(UNNAMED_KEY, None)]


class RawDriver(LinuxDriver):
    """Textual's driver for POSIX terminals with our own reading of the input."""

    escape_delay_seconds = 0.025

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

    def stop_application_mode(self) -> None:
        """Also leave the pixel mouse mode, which Textual sets and never resets."""
        if self._mouse_pixels:
            self.write("\x1b[?1016l")
        super().stop_application_mode()


def raw_driver(escape_delay_milliseconds: int) -> type[Driver]:
    """Return a driver class that waits so long for the rest after an ESC."""
    seconds = escape_delay_milliseconds / 1000
    return type("ShellDriver", (RawDriver,), {"escape_delay_seconds": seconds})


def _with_alt(name: str) -> str:
    *modifiers, base = name.split("+") if len(name) > 1 else [name]
    if len(base) == 1 and base.isupper():
        modifiers, base = [*modifiers, "shift"], base.lower()
    return "+".join([*sorted({*modifiers, "alt"}), base])


def _printable(character: str | None) -> str | None:
    if character is None:
        return None
    return character.encode("utf-8", "replace").decode("utf-8")
