"""Copied text on its way out: to the host terminal, and to the system's clipboard."""

import base64
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from terminal_ai.messages import gettext as _
from terminal_ai.messages import ngettext

ClipboardSetting = Literal["auto", "osc52", "tool", "off"]

OSC_52_LIMIT_BYTES = 1_000_000
"""Hosts drop longer control strings, and some show them."""
TOOL_LIMIT_SECONDS = 3.0

FindProgram = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class ClipboardTool:
    """A program that takes the text on its standard input."""

    argv: tuple[str, ...]
    encoding: str = "utf-8"


_WAYLAND = (ClipboardTool(("wl-copy",)),)
_X11 = (
    ClipboardTool(("xclip", "-selection", "clipboard", "-in")),
    ClipboardTool(("xsel", "--clipboard", "--input")),
)
_MACOS = (ClipboardTool(("pbcopy",)),)
_WINDOWS = (ClipboardTool(("clip.exe",), encoding="utf-16-le"),)


def choose_tool(
    environ: Mapping[str, str],
    platform: str = sys.platform,
    find: FindProgram | None = None,
) -> ClipboardTool | None:
    """Return the installed tool that reaches the clipboard of this desktop, if any."""
    for tool in _candidates(environ, platform):
        name = tool.argv[0]
        path = find(name) if find else shutil.which(name, path=environ.get("PATH", ""))
        # A relative entry of PATH would run a program of the current directory.
        if path is not None and path.startswith("/"):
            return ClipboardTool((path, *tool.argv[1:]), tool.encoding)
    return None


def _candidates(environ: Mapping[str, str], platform: str) -> tuple[ClipboardTool, ...]:
    if platform == "darwin":
        return _MACOS
    tools: tuple[ClipboardTool, ...] = ()
    if "WSL_DISTRO_NAME" in environ or "WSL_INTEROP" in environ:
        tools += _WINDOWS
    if environ.get("WAYLAND_DISPLAY"):
        tools += _WAYLAND
    if environ.get("DISPLAY"):
        tools += _X11
    return tools


def give_to_tool(text: str, environ: Mapping[str, str]) -> bool:
    """Hand the text to the system's clipboard; return whether that worked.

    It blocks for up to ``TOOL_LIMIT_SECONDS``: not for the event loop.
    """
    tool = choose_tool(environ)
    if tool is None:
        return False
    try:
        # Those tools stay to serve the text, and would hold an inherited pipe open.
        subprocess.run(
            tool.argv,
            input=text.encode(tool.encoding, "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            timeout=TOOL_LIMIT_SECONDS,
            start_new_session=True,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def osc_52(text: str) -> str | None:
    """Return the sequence that asks the host to copy; None for a text too long."""
    data = base64.b64encode(text.encode("utf-8", "replace")).decode()
    sequence = f"\x1b]52;c;{data}\x07"
    return sequence if len(sequence) <= OSC_52_LIMIT_BYTES else None


def uses_osc_52(setting: ClipboardSetting) -> bool:
    """Return whether the host terminal is asked."""
    return setting in ("auto", "osc52")


def uses_tool(setting: ClipboardSetting) -> bool:
    """Return whether the system's clipboard tools are run."""
    return setting in ("auto", "tool")


def copied_notice(text: str) -> str:
    """Return what was copied, for the status bar."""
    count = text.count("\n") + 1
    return ngettext("Copied {count} line.", "Copied {count} lines.", count).format(
        count=count
    )


def refused_notice(setting: ClipboardSetting) -> str:
    """Return why nothing was copied, and what to do."""
    return {
        "auto": _("Too much for this terminal: install wl-copy, xclip or xsel."),
        "osc52": _("Too much for this terminal: set terminal.clipboard to auto."),
        "tool": _("Not copied: no wl-copy, xclip, xsel or pbcopy works here."),
        "off": _("Copying is switched off: terminal.clipboard."),
    }[setting]
