"""The history screen: filters, pages, the output, and what is done with a record."""

import dataclasses
import threading
from collections.abc import Sequence

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.export import exports_directory
from terminal_ai.history.query import HistoryQuery, RecordOrder
from terminal_ai.messages import use_language
from terminal_ai.records import (
    CapturedOutput,
    CommandRecord,
    CommandSource,
    ResourceUsage,
)
from terminal_ai.ui.reading.history_query import HistoryPlace
from terminal_ai.ui.screens.history import HistoryScreen
from terminal_ai.ui.screens.history import keys as history_keys
from terminal_ai.ui.screens.history.finder import PAGE_RECORDS
from terminal_ai.ui.screens.history.header import record_header
from terminal_ai.ui.screens.history.preview import PIECE_CHARACTERS, RecordPreview

from .fakes import (
    EPOCH,
    AppUnderTest,
    ScriptedAnswerer,
    answer_updates,
    make_app,
    record,
)
from .shown import shown
from .waiting import until

NARROW, WIDE = (80, 24), (120, 40)
HERE = "/home/ada/project"


def kept(
    number: int,
    command_line: str,
    exit_code: int | None = 0,
    output: str = "",
    *,
    cwd: str = HERE,
    session: str = "s0",
    duration_seconds: float = 0.012,
    cpu_seconds: float | None = None,
    peak_rss_bytes: int | None = None,
    is_private: bool = False,
) -> CommandRecord:
    return dataclasses.replace(
        record(command_line, 0, output, number),
        id=f"{session}-{number}",
        exit_code=exit_code,
        started_at=EPOCH + 100 * number,
        cwd=cwd,
        duration_seconds=duration_seconds,
        is_private=is_private,
        resources=ResourceUsage(cpu_seconds, cpu_seconds and 0.5, peak_rss_bytes),
    )


KEPT = [
    kept(6, "make test", 2, "boom\n", session="s1", cpu_seconds=1.0),
    kept(5, "git push", 0, "done\n", session="s1", peak_rss_bytes=3 << 20),
    kept(4, "cargo build", 101, "error[E0308]\n", cwd="/srv", duration_seconds=75.0),
    kept(3, "sudo git pull", 0, "ok\n", cwd=HERE + "/sub", cpu_seconds=7.0),
    kept(2, "sleep 9", None, cwd="/tmp", duration_seconds=9.0),
    kept(1, "make", 0, "fine\n", cwd="/srv"),
]


class Opened:
    """The history screen, open, with what it shows at hand."""

    def __init__(self, app: AppUnderTest, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> HistoryScreen:
        assert isinstance(self.app.screen, HistoryScreen)
        return self.app.screen

    @property
    def line(self) -> str:
        return self.screen.query_one(Input).value

    @property
    def query(self) -> HistoryQuery:
        """What was asked for last, but for what every search of the screen sets."""
        asked = self.app.records.searches[-1]
        return dataclasses.replace(asked, limit=200, output_limit_bytes=None)

    @property
    def rows(self) -> Sequence[str]:
        options = self.screen.query_one(OptionList).options
        return [option.prompt.record.command_line for option in options]  # type: ignore[union-attr]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def until_rows(self, *numbers: int) -> None:
        wanted = [one.command_line for one in KEPT if int(one.id[3:]) in numbers]
        await until(self.pilot, lambda: sorted(self.rows) == sorted(wanted))

    async def until_shown(self, text: str) -> None:
        await until(self.pilot, lambda: text in shown(self.app))


async def open_history(pilot: Pilot[None]) -> Opened:
    app = pilot.app
    assert isinstance(app, AppUnderTest)
    await pilot.press("f4")
    await until(pilot, lambda: isinstance(app.screen, HistoryScreen))
    opened = Opened(app, pilot)
    count = min(len(app.records.kept), PAGE_RECORDS)
    await until(pilot, lambda: len(opened.rows) == count)
    return opened


@pytest.mark.parametrize(
    ("key", "line", "numbers"),
    [
        ("ctrl+t", "failed ", (6, 4)),
        ("ctrl+o", "cwd:. ", (6, 5, 3)),
        ("ctrl+r", "session:this ", (6, 5)),
    ],
)
async def test_a_key_filters_and_the_same_key_shows_all_again(
    key: str, line: str, numbers: tuple[int, ...]
) -> None:
    async with make_app(kept=KEPT).run_test(size=WIDE) as pilot:
        opened = await open_history(pilot)
        await opened.press(key)
        await opened.until_rows(*numbers)
        assert opened.line == line
        await opened.press(key)
        await opened.until_rows(6, 5, 4, 3, 2, 1)
        assert opened.line == ""


@pytest.mark.parametrize(
    ("line", "chip", "numbers"),
    [
        ("failed", "failed", (6, 4)),
        ("ok make", "succeeded", (1,)),
        ("cwd:~/project", "in ~/project", (6, 5, 3)),
        ("cwd:/srv failed", "in /srv", (4,)),
        ("program:git", "program git", (5, 3)),
        ("shell:zsh", "shell zsh", ()),
        (">5s", "longer than 5.0 s", (4, 2)),
        ("session:s0 make", "session s0", (1,)),
        ('"failed"', "", ()),
    ],
)
async def test_filters_can_be_typed(
    line: str, chip: str, numbers: tuple[int, ...]
) -> None:
    async with make_app(kept=KEPT).run_test(size=NARROW) as pilot:
        opened = await open_history(pilot)
        opened.screen.query_one(Input).value = line
        await opened.until_rows(*numbers)
        assert chip in shown(opened.app).splitlines()[2]


async def test_keys_and_words_combine_and_typing_goes_on() -> None:
    async with make_app(kept=KEPT).run_test(size=WIDE) as pilot:
        opened = await open_history(pilot)
        await opened.press("ctrl+t", "ctrl+o", *"test")
        await opened.until_rows(6)
        assert opened.line == "failed cwd:. test"
        await opened.press("ctrl+t")
        await until(pilot, lambda: opened.query == HistoryQuery("test", cwd=HERE))
        assert opened.line == "cwd:. test"
        await opened.press("s")
        assert opened.line == "cwd:. tests"


async def test_one_key_goes_through_the_orders_and_shows_their_figures() -> None:
    async with make_app(kept=KEPT).run_test(size=NARROW) as pilot:
        opened = await open_history(pilot)
        for order in [*list(RecordOrder)[1:], RecordOrder.NEWEST]:
            await opened.press("ctrl+s")
            await until(pilot, lambda: opened.query.order is order)  # noqa: B023
        assert opened.line == ""
        await opened.press("ctrl+s", "ctrl+s")
        await until(pilot, lambda: opened.rows[:1] == ["sudo git pull"])
        first = shown(opened.app).splitlines()[3]
        assert "7.5 s" in first
        await opened.press("ctrl+s")
        await until(pilot, lambda: opened.rows[:1] == ["git push"])
        assert "3.0 MiB" in shown(opened.app).splitlines()[3]
        assert "–" in shown(opened.app).splitlines()[4]


async def test_a_filter_without_sense_is_told() -> None:
    async with make_app(kept=KEPT).run_test(size=NARROW) as pilot:
        opened = await open_history(pilot)
        await opened.press(*"sort:x")
        await opened.until_shown("sort: one of newest")
        await opened.until_rows(6, 5, 4, 3, 2, 1)


async def test_nothing_found_names_the_filter_that_excludes() -> None:
    async with make_app(kept=KEPT).run_test(size=NARROW) as pilot:
        opened = await open_history(pilot)
        opened.screen.query_one(Input).value = "failed program:git shell:bash"
        await opened.until_shown("There are matches without: failed, program git")
        opened.screen.query_one(Input).value = "failed shell:zsh"
        await opened.until_shown("There are matches without: shell zsh")
        opened.screen.query_one(Input).value = "ok shell:zsh cargo"
        await opened.until_shown("There are matches without: succeeded, shell zsh")
        opened.screen.query_one(Input).value = "nowhere"
        await until(pilot, lambda: "There are matches" not in shown(opened.app))
        await opened.until_shown("Nothing found")


async def test_trouble_of_the_disk_is_shown() -> None:
    app = make_app(kept=KEPT)
    app.records.notice = "The history is kept in memory only: disk full."
    async with app.run_test(size=NARROW) as pilot:
        opened = await open_history(pilot)
        await opened.until_shown("in memory only: disk full")


async def test_an_older_search_never_overwrites_a_newer_one() -> None:
    app = make_app(kept=KEPT)
    gate = threading.Event()
    search, ended = app.records.search, []

    def slow_search(query: HistoryQuery) -> Sequence[CommandRecord]:
        if query.text == "m":
            gate.wait(10)
        ended.append(query.text)
        return search(query)

    app.records.search = slow_search  # type: ignore[method-assign]
    async with app.run_test(size=WIDE) as pilot:
        opened = await open_history(pilot)
        await opened.press("m", "a")
        await opened.until_rows(6, 1)
        gate.set()
        await until(pilot, lambda: ended[-1] == "m")
        await pilot.pause()
        assert opened.line == "ma"
        assert sorted(opened.rows) == ["make", "make test"]


async def test_enter_waits_for_what_was_typed_last() -> None:
    app = make_app(kept=KEPT)
    gate = threading.Event()
    search = app.records.search

    def slow_search(query: HistoryQuery) -> Sequence[CommandRecord]:
        if query.text:
            gate.wait(10)
        return search(query)

    app.records.search = slow_search  # type: ignore[method-assign]
    async with app.run_test(size=WIDE) as pilot:
        opened = await open_history(pilot)
        await opened.press(*"push", "enter")
        await pilot.pause()
        assert app.fake.placed == []
        gate.set()
        await until(pilot, lambda: app.fake.placed == ["git push"])


@pytest.mark.parametrize("keys", [[], ["ctrl+s"]], ids=["newest", "slowest"])
async def test_more_records_come_when_the_end_is_near(keys: list[str]) -> None:
    count = 3 * PAGE_RECORDS - 50
    many = [kept(number, f"echo {number}") for number in range(count, 0, -1)]
    app = make_app(kept=many)
    async with app.run_test(size=NARROW) as pilot:
        opened = await open_history(pilot)
        assert "200+ commands" in shown(app)
        await opened.press(*keys)
        await until(pilot, lambda: bool(keys) == ("slowest first" in shown(app)))
        found = opened.screen.query_one(OptionList)
        found.highlighted = PAGE_RECORDS - 1
        await until(pilot, lambda: len(opened.rows) == 2 * PAGE_RECORDS)
        assert found.highlighted == PAGE_RECORDS - 1
        found.highlighted = 2 * PAGE_RECORDS - 1
        await until(pilot, lambda: len(opened.rows) == count)
        await until(pilot, lambda: f"{count} commands" in shown(app))
        assert opened.rows == [one.command_line for one in many]


def test_the_header_tells_all_that_is_known() -> None:
    full = CommandRecord(
        id="abc-1",
        command_line="make all",
        cwd="/home/ada/src",
        exit_code=2,
        started_at=EPOCH,
        duration_seconds=75.0,
        output=CapturedOutput(b"begin\n", b"end\n", 5 << 20),
        shell="zsh",
        resources=ResourceUsage(8.0, 1.5, 45 << 20, 3 << 20, 300 << 10),
        used_alternate_screen=True,
        source=CommandSource.SCREEN,
    )
    header = record_header(full, HistoryPlace(home="/home/ada")).plain.splitlines()
    assert header[0] == "make all"
    assert header[1].startswith("exit 2 · 1:15 · 2023-11-1")
    assert header[2] == "~/src · zsh · session abc"
    used = "45 MiB memory · read 3.0 MiB · wrote 300 KiB"
    assert header[3] == "CPU 8.0 s user, 1.5 s system · " + used
    assert "Read from the screen" in header[4]
    assert "used the full screen" in header[5]
    assert "5.0 MiB in the middle of the output" in header[6]


def test_the_header_tells_nothing_that_is_not_known() -> None:
    bare = CommandRecord("", "ls", "", None, EPOCH, 0.1)
    header = record_header(bare, HistoryPlace()).plain.splitlines()
    assert header[0] == "ls"
    assert header[1].startswith("exit ? · 100 ms · ")
    assert header[2:] == ["?"]


async def test_the_output_is_read_to_its_end() -> None:
    lines = [f"line {number}" for number in range(PIECE_CHARACTERS // 4)]
    long = kept(1, "seq", 0, "\n".join(lines))
    async with make_app(kept=[long]).run_test(size=NARROW) as pilot:
        opened = await open_history(pilot)
        await opened.until_shown("line 0")
        preview = opened.screen.query_one(RecordPreview)
        await opened.press("pagedown")
        await opened.until_shown("line 10")
        assert preview.virtual_size.height < len(lines), "not all is laid out yet"
        await opened.press("tab", "G")
        await opened.until_shown(lines[-1])
        await opened.press("g")
        await opened.until_shown("line 0")


async def test_paging_reaches_what_was_not_laid_out() -> None:
    lines = [f"line {number} " + 90 * "." for number in range(PIECE_CHARACTERS // 70)]
    long = kept(1, "seq", 0, "\n".join(lines))
    async with make_app(kept=[long]).run_test(size=(240, 50)) as pilot:
        opened = await open_history(pilot)
        await opened.until_shown("line 0")
        for _page in range(len(lines) // 40 + 2):
            await opened.press("pagedown")
            await pilot.pause()
        assert lines[-1] in shown(opened.app)


async def test_in_the_output_letters_act_on_the_record() -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=NARROW) as pilot:
        opened = await open_history(pilot)
        await opened.press("tab")
        await opened.until_shown("o output")
        await opened.press("c")
        assert app.clipboard == "make test"
        await opened.until_shown("Copied 1 line.")
        await opened.press("o")
        await until(pilot, lambda: app.clipboard == "boom")
        await opened.press("n", "c")
        assert app.clipboard == "git push"
        await opened.press("p", "c")
        assert app.clipboard == "make test"
        assert opened.line == "", "nothing was typed"
        await opened.press("escape", *"git")
        assert opened.line == "git"
        await opened.until_rows(5, 3)
        await opened.press("shift+tab", "enter")
        await until(pilot, lambda: app.fake.placed == ["git push"])


async def test_a_record_is_copied_as_markdown() -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=WIDE) as pilot:
        opened = await open_history(pilot)
        await opened.press("tab", "m")
        await until(pilot, lambda: "```sh\nmake test\n```" in app.clipboard)
        assert "- Exit code: 2" in app.clipboard
        assert "boom" in app.clipboard


@pytest.mark.parametrize(("key", "suffix"), [("e", ".md"), ("E", ".cast")])
async def test_a_record_is_exported_to_a_file(key: str, suffix: str) -> None:
    async with make_app(kept=KEPT).run_test(size=WIDE) as pilot:
        opened = await open_history(pilot)
        await opened.press("tab", key)
        await opened.until_shown("Exported to ")
        (path,) = exports_directory().iterdir()
        assert path.suffix == suffix
        assert "boom" in path.read_text()


async def test_a_private_record_is_not_exported() -> None:
    app = make_app(kept=[kept(1, "export TOKEN=1", is_private=True)])
    async with app.run_test(size=WIDE) as pilot:
        opened = await open_history(pilot)
        await opened.press("tab", "e")
        await opened.until_shown("1 private command was left out.")
        assert not exports_directory().exists()


async def test_all_keys_are_listed_until_another_command_is_shown() -> None:
    async with make_app(kept=KEPT).run_test(size=(120, 50)) as pilot:
        opened = await open_history(pilot)
        await opened.press("f1")
        await opened.until_shown("Words of the search")
        await opened.until_shown("sort:cpu")
        await opened.press("down")
        await opened.until_shown("done")
        assert "Words of the search" not in shown(opened.app)


@pytest.mark.parametrize("key", ["escape", "f1", "x"])
async def test_the_list_of_keys_has_the_room_of_the_commands(key: str) -> None:
    async with make_app(kept=KEPT).run_test(size=NARROW) as pilot:
        opened = await open_history(pilot)
        await opened.press("f1")
        await opened.until_shown("copy the command, the output, both as Markdown")
        assert "PgDn: more" in shown(opened.app)
        assert not opened.app.screen.query_one("#history-list").display
        await opened.press("pagedown")
        await opened.until_shown("quoted, it is only text")
        await opened.press(key)
        await opened.until_shown("F1 keys · Esc closes")
        assert opened.app.screen.query_one("#history-list").display


async def test_a_record_is_deleted_after_one_question() -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=NARROW) as pilot:
        opened = await open_history(pilot)
        await opened.press("down", "tab", "d")
        await opened.until_shown("d again deletes “git push” for good")
        assert len(app.records.kept) == len(KEPT)
        await opened.press("d")
        await opened.until_shown("Deleted.")
        await opened.until_rows(6, 4, 3, 2, 1)
        await opened.until_shown("error[E0308]")
        assert [one.command_line for one in app.records.kept] == list(opened.rows)
        await opened.press("c")
        assert app.clipboard == "cargo build"


@pytest.mark.parametrize("keys", [["escape"], ["down"], ["x", "backspace"]])
async def test_a_record_is_kept_by_what_is_not_an_answer(keys: list[str]) -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=NARROW) as pilot:
        opened = await open_history(pilot)
        await opened.press("shift+delete")
        await opened.until_shown("Shift+Del again deletes “make test”")
        await opened.press(*keys)
        await until(pilot, lambda: "again deletes" not in shown(app))
        await until(pilot, lambda: len(opened.rows) == len(KEPT))
        await opened.press("shift+delete")
        await opened.until_shown("again deletes")
        assert len(app.records.kept) == len(KEPT)


async def test_the_last_record_can_be_deleted_and_a_refusal_is_told() -> None:
    app = make_app(kept=KEPT[:1])
    app.records.deletes = False
    async with app.run_test(size=WIDE) as pilot:
        opened = await open_history(pilot)
        await opened.press("shift+delete", "shift+delete")
        await until(pilot, lambda: not opened.rows)
        await opened.until_shown("No command has finished yet")


async def test_escape_leaves_in_two_steps() -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=NARROW) as pilot:
        opened = await open_history(pilot)
        await opened.press("tab", "escape")
        assert isinstance(opened.screen.focused, Input)
        await opened.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, HistoryScreen))


async def test_a_double_click_places_and_one_click_only_shows() -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=WIDE) as pilot:
        opened = await open_history(pilot)
        await pilot.click(OptionList, offset=(10, 1))
        await opened.until_shown("done")
        assert app.fake.placed == []
        await pilot.click(OptionList, offset=(10, 1), times=2)
        await until(pilot, lambda: app.fake.placed == ["git push"])


async def test_the_assistant_is_asked_about_a_failure() -> None:
    answerer = ScriptedAnswerer(updates=answer_updates())
    app = make_app(kept=KEPT, answerer=answerer)
    async with app.run_test(size=WIDE) as pilot:
        opened = await open_history(pilot)
        await opened.press("tab", "a")
        await until(pilot, lambda: answerer.asked == [Inquiry.about(KEPT[0])])
        await opened.until_shown("the program is git")


async def test_the_assistant_is_asked_about_what_worked() -> None:
    answerer = ScriptedAnswerer(updates=answer_updates())
    app = make_app(kept=KEPT[1:], answerer=answerer)
    async with app.run_test(size=WIDE) as pilot:
        opened = await open_history(pilot)
        await opened.press("tab", "a")
        question = "Explain this command and what it printed: git push"
        await until(
            pilot, lambda: answerer.asked == [Inquiry.open(question, recent=(KEPT[1],))]
        )


async def test_a_private_record_is_marked_and_never_sent() -> None:
    app = make_app(kept=[kept(1, "export TOKEN=1", is_private=True)])
    async with app.run_test(size=WIDE) as pilot:
        opened = await open_history(pilot)
        await opened.until_shown("never sent, and never on disk")
        assert "🔒" in shown(app).splitlines()[3]
        await opened.press("tab", "a")
        await opened.until_shown("Private commands are never sent")
        assert app.answerer.asked == []


async def test_a_record_deleted_meanwhile_is_shown_as_it_was_found() -> None:
    app = make_app(kept=KEPT)
    app.records.record = lambda record_id: None  # type: ignore[method-assign]
    async with app.run_test(size=WIDE) as pilot:
        opened = await open_history(pilot)
        await opened.until_shown("boom")


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_the_keys_fit_on_a_classic_screen(language: str) -> None:
    use_language(language)
    for hints in (history_keys.search_hints(), history_keys.record_hints()):
        assert history_keys.shown_hints(hints).cell_length <= 76
