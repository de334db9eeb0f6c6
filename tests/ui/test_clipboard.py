"""Copying: which tool, what it is given, and what the host is asked."""

import base64
import stat
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.config import Settings, TerminalSettings
from terminal_ai.ui.desks import clipboard
from terminal_ai.ui.desks.clipboard import (
    OSC_52_LIMIT_BYTES,
    choose_tool,
    copied_notice,
    give_to_tool,
    osc_52,
)

from .fakes import AppUnderTest, make_app
from .shown import shown
from .waiting import until

ALL = ("wl-copy", "xclip", "xsel", "pbcopy", "clip.exe")
X11, WAYLAND, WSL = {"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "w"}, {"WSL_INTEROP": "/s"}


@pytest.mark.parametrize(
    ("environ", "platform", "installed", "chosen"),
    [
        (WAYLAND | X11, "linux", ALL, "wl-copy"),
        (WAYLAND | X11, "linux", ("xsel", "xclip"), "xclip"),
        (X11, "linux", ("wl-copy", "xsel"), "xsel"),
        (X11, "linux", ("wl-copy", "pbcopy"), None),
        (WSL | WAYLAND, "linux", ALL, "clip.exe"),
        (WSL | WAYLAND, "linux", ("wl-copy",), "wl-copy"),
        ({}, "darwin", ALL, "pbcopy"),
        ({}, "linux", ALL, None),
    ],
)
def test_the_environment_chooses_the_tool(
    environ: dict[str, str],
    platform: str,
    installed: tuple[str, ...],
    chosen: str | None,
) -> None:
    def find(name: str) -> str | None:
        return f"/usr/bin/{name}" if name in installed else None

    tool = choose_tool(environ, platform, find)
    assert (tool.argv[0] if tool else None) == (chosen and f"/usr/bin/{chosen}")


def test_a_program_of_the_current_directory_is_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "xclip", "cat > copied")
    monkeypatch.chdir(tmp_path)
    assert choose_tool({"PATH": ".:", "DISPLAY": ":0"}, "linux") is None
    assert choose_tool({"PATH": str(tmp_path), "DISPLAY": ":0"}, "linux") is not None


def install(directory: Path, name: str, script: str) -> None:
    path = directory / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def desktop(directory: Path, **variables: str) -> dict[str, str]:
    return {
        "PATH": f"{directory}:/usr/bin:/bin",
        "HOME": "/home/ada",
        "OUT": str(directory / "copied"),
        **variables,
    }


@pytest.mark.parametrize(
    ("name", "variable", "encoding"),
    [
        ("wl-copy", "WAYLAND_DISPLAY", "utf-8"),
        ("xclip", "DISPLAY", "utf-8"),
        ("xsel", "DISPLAY", "utf-8"),
        ("clip.exe", "WSL_DISTRO_NAME", "utf-16-le"),
    ],
)
def test_a_tool_gets_the_exact_text(
    tmp_path: Path, name: str, variable: str, encoding: str
) -> None:
    install(tmp_path, name, 'cat > "$OUT"; echo "$@" > "$OUT.args"')
    environ = desktop(tmp_path, **{variable: "x"})
    environ["PATH"] = f"{tmp_path}:/bin" if name == "xsel" else environ["PATH"]
    assert give_to_tool("한글\n$(id) '\"`\\", environ)
    copied = (tmp_path / "copied").read_bytes().decode(encoding)
    assert copied == "한글\n$(id) '\"`\\"


@pytest.mark.parametrize("script", ["exit 1", "sleep 60", "kill -9 $$"])
def test_a_tool_that_fails_or_hangs_is_given_up(
    tmp_path: Path, script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "TOOL_LIMIT_SECONDS", 0.2)
    install(tmp_path, "wl-copy", script)
    assert not give_to_tool("text", desktop(tmp_path, WAYLAND_DISPLAY="w"))


def test_a_tool_may_stay_to_serve_the_text(tmp_path: Path) -> None:
    install(tmp_path, "wl-copy", 'cat > "$OUT"; sleep 5 & exit 0')
    assert give_to_tool("text", desktop(tmp_path, WAYLAND_DISPLAY="w"))


@given(st.text(max_size=200))
def test_the_host_is_sent_base64_only(text: str) -> None:
    sequence = osc_52(text)
    assert sequence is not None
    assert sequence.startswith("\x1b]52;c;")
    assert sequence.endswith("\x07")
    data = sequence.removeprefix("\x1b]52;c;").removesuffix("\x07")
    assert base64.b64decode(data, validate=True) == text.encode("utf-8", "replace")


def test_the_host_is_never_sent_too_much() -> None:
    fitting = (OSC_52_LIMIT_BYTES - 8) // 4 * 3
    assert osc_52("x" * fitting) is not None
    assert osc_52("x" * (fitting + 3)) is None


@pytest.mark.parametrize(
    ("text", "notice"),
    [("x", "Copied 1 line."), ("x\ny\n", "Copied 3 lines.")],
)
def test_the_notice_counts_lines(text: str, notice: str) -> None:
    assert copied_notice(text) == notice


# -- in the app --------------------------------------------------------------------

Setting = Literal["auto", "osc52", "tool", "off"]


def app_with(setting: Setting, environ: dict[str, str]) -> AppUnderTest:
    settings = Settings(terminal=TerminalSettings(clipboard=setting))
    return make_app(settings, greeting=b"hello", environ=environ)


def record_writes(app: AppUnderTest) -> list[str]:
    written: list[str] = []
    assert app._driver is not None
    app._driver.write = written.append  # type: ignore[method-assign, assignment]
    return written


@pytest.mark.parametrize("setting", ["auto", "osc52", "tool", "off"])
async def test_the_setting_chooses_the_ways(tmp_path: Path, setting: Setting) -> None:
    install(tmp_path, "xclip", 'cat > "$OUT"')
    app = app_with(setting, desktop(tmp_path, DISPLAY=":0"))
    async with app.run_test(size=(80, 24)) as pilot:
        written = record_writes(app)
        await pilot.double_click(app.view, offset=(1, 0))
        await pilot.press("ctrl+shift+c")
        notice = "switched off" if setting == "off" else "Copied 1 line."
        await until(pilot, lambda: notice in shown(app))
        is_asked = any(text.startswith("\x1b]52;") for text in written)
        assert is_asked == (setting in ("auto", "osc52"))
        copied = tmp_path / "copied"
        if setting in ("auto", "tool"):
            await until(pilot, lambda: copied.exists() and copied.read_text())
            assert copied.read_text() == "hello"
        else:
            await pilot.pause(0.05)
            assert not copied.exists()


async def test_what_cannot_be_copied_is_said(tmp_path: Path) -> None:
    app = app_with("tool", desktop(tmp_path))
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.double_click(app.view, offset=(1, 0))
        await pilot.press("ctrl+backslash", "c")
        await until(pilot, lambda: "Not copied: no wl-copy" in shown(app))


async def test_selecting_alone_copies_nothing(tmp_path: Path) -> None:
    install(tmp_path, "xclip", 'cat > "$OUT"')
    app = app_with("auto", desktop(tmp_path, DISPLAY=":0"))
    async with app.run_test(size=(80, 24)) as pilot:
        written = record_writes(app)
        await pilot.triple_click(app.view, offset=(1, 0))
        assert app.view.selected_text == "hello"
        await pilot.pause(0.05)
        assert not any("]52;" in text for text in written)
        assert not (tmp_path / "copied").exists()
        assert app.clipboard == ""
