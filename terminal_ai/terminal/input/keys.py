"""Keys, pastes and focus to the bytes that the program in front must read.

Key names are Textual's: ``"ctrl+a"``, ``"shift+f5"``, ``"full_stop"``, ``"pageup"``.
"""

import re

from terminal_ai.terminal.input.host_keys import is_release, press_of_bytes
from terminal_ai.terminal.input.key_press import named_press
from terminal_ai.terminal.input.kitty_keys import encode_kitty
from terminal_ai.terminal.input.legacy_keys import encode_legacy
from terminal_ai.terminal.kitty_flags import KittyFlags
from terminal_ai.terminal.modes import Modes

FOCUS_GAINED, FOCUS_LOST = b"\x1b[I", b"\x1b[O"

_UNDECODABLE = re.compile(rb"\x1b?[\x80-\xff]")
"""A byte of no known encoding."""
_HOST_KEY = re.compile(rb"\x1b(?:O[ -~]|\[[0-9;]*[A-Z~])")
"""A key that only the host and, perhaps, the program know."""

_PASTE_START, _PASTE_END = b"\x1b[200~", b"\x1b[201~"
_UNPASTEABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def encode_key(
    name: str, character: str | None, modes: Modes, *, raw: bytes | None = None
) -> bytes:
    """Return what the program must read for one key press; b"" for a bare modifier.

    ``raw`` is what the host terminal sent. It tells more than the name: alt on any key,
    ^H from Backspace, and in the kitty protocol everything.
    """
    raw = raw or b""
    if is_release(raw):
        return b""
    if _UNDECODABLE.fullmatch(raw):
        return raw
    press = press_of_bytes(raw) or named_press(name, character)
    if press is None:
        return raw if _HOST_KEY.fullmatch(raw) else b""
    if modes.kitty_flags & (KittyFlags.DISAMBIGUATE | KittyFlags.ALL_KEYS):
        encoded = encode_kitty(press, modes.kitty_flags)
    else:
        encoded = encode_legacy(press, modes)
    return encoded.encode("utf-8", "ignore")


def encode_focus(is_gained: bool, modes: Modes) -> bytes:
    """Return the focus report, empty if the program did not ask for it."""
    if not modes.focus_events:
        return b""
    return FOCUS_GAINED if is_gained else FOCUS_LOST


def encode_paste(text: str, modes: Modes) -> bytes:
    """Return pasted text as the program must read it.

    Nothing in it can end the bracket or act as a control: of the controls only tabs
    and line ends are left, and a line end is what Enter sends.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _UNPASTEABLE.sub("", text).replace("\n", "\r")
    data = text.encode("utf-8", "ignore")
    return _PASTE_START + data + _PASTE_END if modes.bracketed_paste else data
