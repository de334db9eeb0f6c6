"""The one sanitiser for text that a program, a model, a file or the environment gave.

Controls become their visible pictures (ESC is shown as "␛"), characters that are drawn
as nothing become one "�" a run: hidden text is shown to be there, never passed on and
never silently lost. No function here lengthens a text, and none ever raises.
"""

import re
from dataclasses import dataclass

from terminal_ai.messages import gettext as _

HIDDEN_MARK = "\ufffd"
NEWLINE_MARK = "⏎"
ELLIPSIS = "…"

PLACEABLE_LIMIT = 4_096
"""Longer commands are refused: a cut command is another command."""
SPACE_RUN_LIMIT = 8
"""More blanks in a row could push a command's end out of sight."""
COMBINING_LIMIT = 8
"""Combining marks kept on one character."""
# Invisible runs shrink to one mark, so a line is cut from a wider window of its text.
_WINDOW_FACTOR = 8
_WINDOW_EXTRA = 64

_CONTROL_PICTURES = {code: chr(0x2400 + code) for code in range(0x20)}
_CONTROL_PICTURES[0x7F] = "\u2421"
del _CONTROL_PICTURES[0x09], _CONTROL_PICTURES[0x0A]

_EMOJI = (
    "\xa9\xae\u203c\u2049\u2100-\u214f\u2190-\u27bf\u2900-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_KEYCAP = "0-9#*"
_IDEOGRAPH = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Scripts in which ZWJ and ZWNJ choose the shape of a letter (Arabic to Khmer).
_JOINING = "\u0600-\u0e00\u0f00-\u109f\u1780-\u17ff\u1820-\u18aa"
_COMBINING = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0e31"
    "\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_HIDDEN = (
    "\x80-\x9f"  # C1 controls
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, separators, bidi
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff"  # lone surrogates cannot be encoded
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"  # tags and variation selectors
)
_UNSAFE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f{_COMBINING}{_HIDDEN}]")
_HIDING = re.compile(
    f"(?P<legitimate>(?:(?<=[{_EMOJI}])|(?<=[{_EMOJI}]\ufe0f))\u200d(?=[{_EMOJI}])"
    f"|(?<=[{_EMOJI}{_KEYCAP}])[\ufe0e\ufe0f]"
    f"|(?<=[{_IDEOGRAPH}])[\ufe00-\ufe02\U000e0100-\U000e01ef]"
    f"|(?<=[{_JOINING}])[\u200c\u200d](?=[{_JOINING}]))"
    f"|[{_HIDDEN}]+"
    f"|(?P<stack>[{_COMBINING}]{{{COMBINING_LIMIT}}})[{_COMBINING}]+"
)
# A joiner at a cut would join nothing.
_JOINERS = "\u200c\u200d"
# Blanks that a shell takes for part of a word.
_ODD_SPACE = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]")
_LONG_BLANK = re.compile(f"[ \t]{{{SPACE_RUN_LIMIT + 1},}}")
_CONTINUED_LINE = re.compile(r"[ \t]*\\\n[ \t]*")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]+")
_LATIN = "A-Za-z"
_LOOKALIKE = "\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u13a0-\u13ff\uff01-\uff5e"
_MIXED_WORD = re.compile(
    f"[{_LATIN}][\\w.-]{{0,64}}[{_LOOKALIKE}]|[{_LOOKALIKE}][\\w.-]{{0,64}}[{_LATIN}]"
)


@dataclass(frozen=True, slots=True)
class Placeable:
    """A command made fit for the prompt: one printable line, and what was odd in it.

    ``text`` is empty where nothing can be placed.
    """

    text: str
    warnings: tuple[str, ...] = ()


def sanitize_text(text: str) -> str:
    """Return multi-line text that is safe to show: only LF and TAB control it."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if not _UNSAFE.search(text):
        return text
    return _HIDING.sub(_shown, text).translate(_CONTROL_PICTURES)


def single_line(text: str, limit: int) -> str:
    """Return at most ``limit`` characters of the text on one line, "…" where cut."""
    if limit <= 0:
        return ""
    window = limit * _WINDOW_FACTOR + _WINDOW_EXTRA
    is_cut = len(text) > window
    line = sanitize_text(text[:window].strip()).replace("\n", NEWLINE_MARK)
    line = line.replace("\t", " ")
    if len(line) <= limit and not is_cut:
        return line
    return line[: limit - 1].rstrip(_JOINERS) + ELLIPSIS


def placeable(command: str) -> Placeable:
    """Return the command as one printable line, and warnings about what it hides.

    Line ends are shown, not executed; a backslash at a line's end joins two lines
    as the shell would.
    """
    if len(command) > PLACEABLE_LIMIT:
        return Placeable("", (_("The command is too long to be placed."),))
    command = command.replace("\r\n", "\n").strip()
    if "'" not in command:
        command = _CONTINUED_LINE.sub(" ", command)
    warnings = tuple(_warnings(command))
    line = _ODD_SPACE.sub(" ", command).replace("\t", " ")
    line = sanitize_text(line).replace("\n", NEWLINE_MARK)
    return Placeable(line.strip(), warnings)


def _shown(match: re.Match[str]) -> str:
    if (legitimate := match["legitimate"]) is not None:
        return legitimate
    if (stack := match["stack"]) is not None:
        return stack
    return HIDDEN_MARK


def _warnings(command: str) -> list[str]:
    warnings = []
    if "\n" in command:
        warnings.append(_("It has several lines; their ends are shown as ⏎."))
    if _CONTROLS.search(command):
        warnings.append(_("It contains control characters."))
    if any(
        match["legitimate"] is None and not _CONTROLS.fullmatch(match[0])
        for match in _HIDING.finditer(command)
    ):
        warnings.append(_("It contains invisible characters, shown as �."))
    if "\t" in command:
        warnings.append(_("It contains tabs, replaced by spaces."))
    if _LONG_BLANK.search(command):
        warnings.append(_("It has a long run of spaces that may hide its end."))
    if _ODD_SPACE.search(command):
        warnings.append(_("It contains unusual spaces, replaced by plain ones."))
    if _MIXED_WORD.search(command):
        warnings.append(_("It mixes letters that look alike but differ."))
    return warnings
