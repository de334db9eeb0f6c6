"""What programs and the terminal say to each other, through a real shell."""

import base64
from pathlib import Path
from types import SimpleNamespace

import pyte
import pytest

from terminal_ai.config import Settings, TerminalSettings, load_settings
from terminal_ai.session import Session
from terminal_ai.terminal.colors import LIGHT_COLORS
from terminal_ai.terminal.events import (
    ClipboardWritten,
    DirectoryReported,
    Notification,
    SizeRequested,
)
from terminal_ai.terminal.modes import Modes
from tests.session.driver import Driver, RecordingListener, driving

COPY = f"printf '\\033]52;c;{base64.b64encode(b'copied').decode()}\\a'"
# Ask, read the answer byte by byte until the final one, and print it in clear.
ASK = (
    "ask() {{ stty -echo -icanon; printf \"$1\"; IFS= read -r -d \"$2\" -t 10 answer; "
    "stty sane; printf 'answered %s' \"${{answer#?}}\" | tr -d '\\033'; echo; }}"
).format()  # fmt: skip


@pytest.mark.parametrize("shell", ["bash"])
async def test_notices_and_directories_reach_the_listener(drive: Driver) -> None:
    await drive.run("printf '\\033]777;notify;Build;done\\a\\033]7;file:///tmp\\a'")
    assert Notification("Build", "done") in drive.told.events
    assert DirectoryReported("/tmp") in drive.told.events
    assert drive.session.cwd == str(drive.home), "the shell's own word counts"


@pytest.mark.parametrize("shell", ["bash"])
async def test_programs_copy_only_where_the_settings_say_so(
    shell: str, tmp_path: Path
) -> None:
    permitting = Settings(terminal=TerminalSettings(clipboard_writes=True))
    for settings, copied in (
        (Settings(), []),
        (permitting, [ClipboardWritten("c", "copied")]),
    ):
        async with driving(shell, tmp_path, settings=settings) as drive:
            await drive.run(COPY)
            seen = [e for e in drive.told.events if isinstance(e, ClipboardWritten)]
            assert seen == copied


@pytest.mark.parametrize("shell", ["bash"])
async def test_programs_ask_for_a_size_only_where_the_settings_say_so(
    shell: str, tmp_path: Path
) -> None:
    permitting = Settings(terminal=TerminalSettings(resize_requests=True))
    for settings, wanted in (Settings(), []), (permitting, [SizeRequested(90, 30)]):
        async with driving(shell, tmp_path, settings=settings) as drive:
            await drive.run("printf '\\033[8;30;90t'")
            seen = [e for e in drive.told.events if isinstance(e, SizeRequested)]
            assert seen == wanted


@pytest.mark.parametrize("shell", ["bash"])
async def test_a_program_is_answered_from_the_theme(drive: Driver) -> None:
    drive.session.set_colors(LIGHT_COLORS)
    await drive.enter(ASK)
    record = await drive.run(r"ask '\033]11;?\a' '\'")
    assert "answered ]11;rgb:ffff/ffff/ffff" in record.output.text
    record = await drive.run(r"ask '\033]2;a title\a\033[21t' '\'")
    assert record.output.text.endswith("answered ]l")


@pytest.mark.parametrize("shell", ["bash"])
async def test_a_new_shell_starts_with_plain_keys_and_colours(drive: Driver) -> None:
    await drive.run(
        "printf '\\033[>31u\\033[>4;2m\\033[>4;1f\\033[?67;1003;1016;2031;2048h'"
        "; printf '\\033]11;#123456\\a\\033]8;;http://example.org/\\a'"
    )
    await drive.session.restart()
    await drive.at_prompt()
    modes, plain = drive.session.terminal.modes, Modes()
    for name in (
        *("kitty_flags", "modify_other_keys", "format_other_keys", "backarrow"),
        *("mouse_tracking", "mouse_encoding", "color_scheme_reports"),
        "resize_reports",
    ):
        assert getattr(modes, name) == getattr(plain, name), name
    assert drive.session.terminal.colors.background == "#000000"
    row = drive.session.terminal.line(drive.session.terminal.cursor.row)
    assert row.cell(0)[1].link is None


def unstarted(settings: Settings) -> Session:
    return Session(
        settings,
        columns=80,
        rows=24,
        listener=RecordingListener(),
        history=None,
        advisor=None,
    )


def test_no_program_is_answered_faster_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = SimpleNamespace(monotonic=lambda: 7.5)
    monkeypatch.setattr("terminal_ai.session.session.time", clock)
    session = unstarted(Settings())
    written: list[bytes] = []
    monkeypatch.setattr(session, "_send", written.append)
    session.terminal.feed(b"\x1b[?2048h")
    for number in range(5000):
        session.resize(80 + number % 2, 24)
    assert 60_000 < len(b"".join(written)) <= 65_536
    written.clear()
    clock.monotonic = lambda: 8.0
    session.resize(100, 24)
    assert written == [b"\x1b[48;24;100;384;800t"]


@pytest.mark.parametrize(("preset", "feeds"), [("base", True), (None, False)])
def test_the_base_reads_with_pyte_and_optimized_with_our_own_parser(
    preset: str | None, feeds: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fed: list[str] = []
    monkeypatch.setattr(pyte.Stream, "feed", lambda _, data: fed.append(data))
    settings = load_settings(file=None, environ={}, preset=preset, flags={}).settings
    session = unstarted(settings)
    session.terminal.feed(b"text")
    assert fed == (["text"] if feeds else [])
    assert (session.terminal.line(0).text == "text") != feeds
