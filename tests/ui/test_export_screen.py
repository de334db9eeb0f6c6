"""Exporting a command, what a search finds, and the session, in each form."""

import dataclasses
import json
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from terminal_ai.export import exporting, exports_directory
from terminal_ai.records import CommandRecord
from terminal_ai.ui.screens.export import ExportScreen
from terminal_ai.ui.screens.history import HistoryScreen

from .fakes import AppUnderTest, make_app, record
from .shown import shown
from .waiting import until

NARROW = (80, 24)
LEADER = "ctrl+backslash"
SECRET = "ghp_" + "a1B2" * 9


def kept(
    number: int, command_line: str, output: str, *, session: str, is_private: bool
) -> CommandRecord:
    made = record(command_line, 0, output, number)
    return dataclasses.replace(
        made, id=f"{session}-{number}", is_private=is_private, duration_seconds=0.0
    )


# The newest first.
KEPT = [
    kept(5, "make all", f"token {SECRET}", session="s1", is_private=False),
    kept(4, " hush", "whispered", session="s1", is_private=True),
    kept(3, "make test", "passed", session="s1", is_private=False),
    kept(2, "make clean", "swept", session="s0", is_private=False),
    kept(1, "ls", "file", session="s0", is_private=False),
]


def files() -> list[Path]:
    directory = exports_directory()
    return sorted(directory.iterdir()) if directory.exists() else []


def end_of(path: Path) -> str:
    """What of a path is said even beside a remark: the time, and the suffix."""
    return path.name.removeprefix("terminal-ai-")


def commands(path: Path) -> list[str]:
    """The command lines in an exported file, in its order."""
    lines = path.read_text().splitlines()
    if path.suffix == ".jsonl":
        return [json.loads(row)["command_line"] for row in lines]
    if path.suffix == ".cast":
        events = [json.loads(row) for row in lines[1:] if not row.startswith("#")]
        return [event[2] for event in events if event[1] == "m"]
    return [lines[at + 1] for at, row in enumerate(lines) if row == "```sh"]


async def offered(pilot: Pilot[None]) -> list[str]:
    """Wait for the screen; return what it lists."""
    await until(pilot, lambda: isinstance(pilot.app.screen, ExportScreen))
    options = pilot.app.screen.query_one(OptionList).options
    return [str(option.prompt).strip().split("  ")[0] for option in options]


async def search(pilot: Pilot[None], words: str, count: str) -> None:
    """Find something in the history, and go to its output."""
    await pilot.press("f4")
    await until(pilot, lambda: isinstance(pilot.app.screen, HistoryScreen))
    await pilot.press(*words)
    await until(pilot, lambda: f"History · {count}" in shown(pilot.app))
    await pilot.press("tab")


async def until_shown(pilot: Pilot[None], text: str) -> None:
    await until(pilot, lambda: text in shown(pilot.app))


# -- from the history ----------------------------------------------------------------


@pytest.mark.parametrize(("steps", "suffix"), enumerate([".md", ".jsonl", ".cast"]))
async def test_what_a_search_finds_is_exported_whole(steps: int, suffix: str) -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=NARROW) as pilot:
        await search(pilot, "make", "3 commands")
        await pilot.press("x")
        await offered(pilot)
        await until_shown(pilot, "The 3 commands listed")
        await pilot.press(*["down"] * (3 + steps), "enter")
        await until_shown(pilot, "Exported to ")
        (path,) = files()
        assert path.suffix == suffix
        assert commands(path) == ["make clean", "make test", "make all"]
        assert "swept" in path.read_text()
        assert SECRET not in path.read_text()
        assert isinstance(app.screen, HistoryScreen)


async def test_outputs_that_the_list_has_not_read_are_exported_too() -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=NARROW) as pilot:
        await search(pilot, "make sort:slowest", "3 commands")
        await pilot.press("x", "end", "enter")
        await until_shown(pilot, "Exported to ")
        asked = app.records.searches[-1]
        assert (asked.text, asked.output_limit_bytes) == ("make", None)
        assert asked.limit > exporting.RECORDS_LIMIT


async def test_a_search_for_the_session_exports_the_session() -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=NARROW) as pilot:
        await search(pilot, "session:this", "3 commands")
        await pilot.press("x", "down", "down", "down", "down", "enter")
        await until_shown(pilot, "1 private command was left out.")
        (path,) = files()
        assert end_of(path) in shown(app)
        assert commands(path) == ["make test", "make all"]
        assert "whispered" not in path.read_text()


@pytest.mark.parametrize(("steps", "suffix"), enumerate([".md", ".jsonl", ".cast"]))
async def test_a_single_command_is_exported(steps: int, suffix: str) -> None:
    async with make_app(kept=KEPT).run_test(size=NARROW) as pilot:
        await search(pilot, "clean", "1 command")
        await pilot.press("x")
        listed = await offered(pilot)
        assert listed == ["This command", "Markdown", "JSON", "asciicast"]
        await pilot.press(*["down"] * steps, "enter")
        await until_shown(pilot, "Exported to ")
        (path,) = files()
        assert path.suffix == suffix
        assert commands(path) == ["make clean"]


async def test_a_private_command_alone_is_refused() -> None:
    async with make_app(kept=KEPT).run_test(size=NARROW) as pilot:
        await search(pilot, "hush", "1 command")
        await pilot.press("x", "enter")
        await until_shown(pilot, "1 private command was left out.")
        assert not files()


async def test_too_many_for_one_file_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exporting, "RECORDS_LIMIT", 2)
    async with make_app(kept=KEPT).run_test(size=NARROW) as pilot:
        await search(pilot, "make", "3 commands")
        await pilot.press("x", "end", "enter")
        await until_shown(pilot, "more than 2 commands are too many")
        assert not files()


async def test_escape_exports_nothing_and_goes_back_to_where_one_was() -> None:
    async with make_app(kept=KEPT).run_test(size=NARROW) as pilot:
        await search(pilot, "make", "3 commands")
        await pilot.press("x")
        await offered(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, HistoryScreen))
        assert pilot.app.focused is pilot.app.screen.query_one("#history-preview")
        assert not files()


# -- from the terminal ---------------------------------------------------------------


@pytest.mark.parametrize(("steps", "suffix"), enumerate([".md", ".jsonl", ".cast"]))
async def test_the_leader_exports_the_session(steps: int, suffix: str) -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press(LEADER, "e")
        listed = await offered(pilot)
        assert listed == ["This session", "Markdown", "JSON", "asciicast"]
        await pilot.press(*["down"] * steps, "enter")
        await until_shown(pilot, "1 private command was left out.")
        (path,) = files()
        assert path.suffix == suffix
        assert end_of(path) in shown(app)
        assert commands(path) == ["make test", "make all"]
        assert SECRET not in path.read_text()
        assert "whispered" not in path.read_text()
        assert app.fake.pressed == [], "no key went to the shell"


async def test_a_session_without_commands_has_nothing_to_export() -> None:
    async with make_app(kept=KEPT[3:]).run_test(size=NARROW) as pilot:
        await pilot.press(LEADER, "e")
        await offered(pilot)
        await pilot.press("enter")
        await until_shown(pilot, "there is no command to export")
        assert not files()


async def test_a_disk_that_refuses_is_said() -> None:
    app: AppUnderTest = make_app(kept=KEPT)
    async with app.run_test(size=NARROW) as pilot:
        exports_directory().parent.mkdir(parents=True, exist_ok=True)
        exports_directory().write_text("in the way")
        await pilot.press(LEADER, "e")
        await offered(pilot)
        await pilot.press("enter")
        await until_shown(pilot, str(exports_directory())[:20])
        assert exports_directory().read_text() == "in the way"
