"""Where questions go stays in sight, whatever else is on the screen."""

from collections.abc import Callable

import pytest
from rich.cells import cell_len
from textual.content import Content
from textual.pilot import Pilot

from terminal_ai.config import AiSettings, Settings
from terminal_ai.messages import use_language
from terminal_ai.records import ModelState, ModelStatus
from terminal_ai.ui.bars.find_bar import FindBar
from terminal_ai.ui.bars.parts import HOST_SHORT_CELLS, leaving_banner

from .fakes import ADVICE, MODEL, AppUnderTest, ScriptedAnswerer, make_app, record
from .shown import shown
from .waiting import until

SIZES = [(80, 24), (120, 40)]
HOST = "gpu.example.com:443"
REMOTE = ModelStatus(ModelState.READY, MODEL, remote_host=HOST)
LOCAL = ModelStatus(ModelState.READY, MODEL)


def bottom(app: AppUnderTest) -> str:
    return shown(app).splitlines()[-1]


async def in_leader(pilot: Pilot[None]) -> None:
    await pilot.press("ctrl+backslash")


async def in_copy_mode(pilot: Pilot[None]) -> None:
    await pilot.press("ctrl+backslash", "c")


async def in_search(pilot: Pilot[None]) -> None:
    await pilot.press("ctrl+backslash", "slash", *"a long text to look for")
    assert pilot.app.query_one(FindBar).is_open


async def with_notice(pilot: Pilot[None]) -> None:
    app = pilot.app
    assert isinstance(app, AppUnderTest)
    app.screen.query_one("#status").notify_user(Content("x" * 300))  # type: ignore[attr-defined]


async def full_screen(pilot: Pilot[None]) -> None:
    app = pilot.app
    assert isinstance(app, AppUnderTest)
    app.fake.output(b"\x1b[?1049h")


async def after_a_failure(pilot: Pilot[None]) -> None:
    app = pilot.app
    assert isinstance(app, AppUnderTest)
    app.fake.fail(record(command_line="a-long-command " * 20), ADVICE)


async def as_it_is(pilot: Pilot[None]) -> None:
    await pilot.pause()


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "arrange",
    [as_it_is, in_leader, in_copy_mode, in_search, with_notice, full_screen,
     after_a_failure],
)  # fmt: skip
async def test_it_is_seen_at_every_size_and_in_every_mode(
    arrange: Callable[[Pilot[None]], object], size: tuple[int, int], language: str
) -> None:
    use_language(language)
    app = make_app(answerer=ScriptedAnswerer(states=[REMOTE]))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "⇄" in bottom(app))
        result = arrange(pilot)
        await result  # type: ignore[misc]
        await pilot.pause()
        row = bottom(app)
        assert HOST in row
        assert cell_len(row) <= size[0]


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_is_said_while_nothing_leaves(size: tuple[int, int]) -> None:
    answerer = ScriptedAnswerer(states=[LOCAL])
    app = make_app(answerer=answerer)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: answerer.status_calls)
        await pilot.pause()
        assert "⇄" not in shown(app)


async def test_it_is_there_before_the_service_was_asked_anything() -> None:
    settings = Settings(
        ai=AiSettings(host="https://gpu.example.com", allow_remote_host=True)
    )
    away = ModelStatus(ModelState.UNAVAILABLE, MODEL, remote_host=HOST)
    app = make_app(settings, answerer=ScriptedAnswerer(states=[away]))
    async with app.run_test(size=(80, 24)):
        assert HOST in bottom(app)


@pytest.mark.parametrize(
    "ai",
    [
        AiSettings(host="https://gpu.example.com"),
        AiSettings(
            host="https://gpu.example.com", allow_remote_host=True, enabled=False
        ),
        AiSettings(model="x:cloud"),
    ],
)
async def test_what_is_refused_or_off_leaves_nothing(ai: AiSettings) -> None:
    disabled = ModelStatus(ModelState.DISABLED, MODEL)
    app = make_app(Settings(ai=ai), answerer=ScriptedAnswerer(states=[disabled]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "⇄" not in shown(app)


async def test_the_panel_says_it_in_a_sentence() -> None:
    app = make_app(answerer=ScriptedAnswerer(states=[REMOTE]))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "Your commands and their output" in shown(app))


@pytest.mark.parametrize(
    "host",
    ["localhost." + "x" * 60 + ".evil.example", "한국어" * 30 + ".evil.example",
     "a\x1b[31m\n.evil.example"],
)  # fmt: skip
def test_of_a_long_name_the_owner_is_kept(host: str) -> None:
    for columns in (80, 120):
        banner = leaving_banner(host, columns)
        assert banner.plain.endswith(".evil.example")
        assert banner.plain.isprintable()
        assert banner.cell_length < columns // 2
    assert leaving_banner(host, 80).cell_length <= HOST_SHORT_CELLS + len("⇄ ")
    assert not leaving_banner("", 80)
