"""Links: found in rows, underlined on hover, shown before they are opened."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.pilot import Pilot

from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.desks import link_desk, opener
from terminal_ai.ui.reading.addresses import addresses_in
from terminal_ai.ui.reading.links import link_at, links_in, visible_links
from terminal_ai.ui.screens.link import LinkScreen, LinksScreen

from .fakes import AppUnderTest, make_app
from .shown import shown
from .waiting import until

SIZE = (80, 24)
URL = "https://example.com/a"


def osc8(target: str, label: str) -> str:
    return f"\x1b]8;;{target}\x07{label}\x1b]8;;\x07"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://a.b/c.", ["https://a.b/c"]),
        ("(https://a.b/c)", ["https://a.b/c"]),
        ("https://a.b/x_(y)", ["https://a.b/x_(y)"]),
        ("[text](https://a.b/x_(y))!", ["https://a.b/x_(y)"]),
        ('"https://a.b/?q=1&r=[2]",', ["https://a.b/?q=1&r=[2]"]),
        ("<https://a.b>; **https://c.d**", ["https://a.b", "https://c.d"]),
        ("URL=http://a.b:80/#x…", ["http://a.b:80/#x"]),
        ("HTTPS://A.B", ["HTTPS://A.B"]),
        ("주소https://a.b/c에서 찾음", ["https://a.b/c"]),
        ("「https://a.b」을", ["https://a.b"]),
        ("https://한국.kr/길", ["https://한국.kr/길"]),
        ("xhttps://a.b https:// file:///etc http//x", []),
        ("https://...", []),
    ],
)
def test_addresses_in_text(text: str, found: list[str]) -> None:
    assert [text[begin:end] for begin, end in addresses_in(text)] == found


@given(st.text(st.sampled_from("htps:/.a()[]한, \"'"), max_size=40))
def test_an_address_never_ends_in_what_stands_behind_it(text: str) -> None:
    for _begin, end in addresses_in("https://" + text):
        assert ("https://" + text)[end - 1] not in ".,:\"' "


@given(st.integers(8, 60), st.sampled_from(["", "가", "x "]), st.booleans())
def test_a_link_is_found_at_each_of_its_cells_and_nowhere_else(
    columns: int, before: str, is_given: bool
) -> None:
    terminal = Terminal(columns, 24, scrollback_rows=100)
    shown_text = osc8(URL, "here it is") if is_given else URL
    terminal.feed(f"{before}{shown_text} end".encode())
    label = "here it is" if is_given else URL
    cells = [
        terminal.line(line).cell(column)[0]
        for line in range(3)
        for column in range(columns)
        if (link := link_at(terminal, line, column)) is not None and link.target == URL
    ]
    assert "".join(cells) == label


def test_a_given_link_hides_the_address_in_its_text() -> None:
    terminal = Terminal(80, 4)
    terminal.feed(osc8("https://evil.com/", "https://bank.com/").encode())
    (link,) = links_in([terminal.line(0)])
    assert (link.target, link.label) == ("https://evil.com/", "https://bank.com/")


def test_links_in_view_are_listed_once_the_lowest_first() -> None:
    terminal = Terminal(30, 3)
    rows = [f"https://a.b/{number}" for number in (1, 2, 3, 3, 4)]
    terminal.feed("\r\n".join(rows).encode())
    found = visible_links(terminal, 0)
    assert [link.target[-1] for link in found] == ["4", "3"]
    assert [link.target[-1] for link in visible_links(terminal, 2)] == ["3", "2", "1"]


# -- in the app -----------------------------------------------------------------------


async def click(
    pilot: Pilot[None], app: AppUnderTest, column: int, *, shift: bool = False
) -> None:
    await pilot.click(app.view, offset=(column, 0), control=True, shift=shift)
    await pilot.pause()


async def test_a_link_is_underlined_under_the_mouse_only() -> None:
    app = make_app(greeting=f"{URL} tail".encode())
    async with app.run_test(size=SIZE) as pilot:

        def underlined() -> str:
            line = app.view.render_line(0)
            return "".join(
                each.text for each in line if each.style and each.style.underline
            )

        await pilot.pause()
        assert URL not in underlined()
        await pilot.hover(app.view, offset=(3, 0))
        assert underlined() == URL
        await pilot.hover(app.view, offset=(30, 3))
        assert underlined() == ""
        await pilot.hover(app.view, offset=(3, 0))
        app.view.post_message(events.Leave(app.view))
        await until(pilot, lambda: not underlined())


async def test_a_click_with_ctrl_shows_where_the_link_leads() -> None:
    text = osc8("https://xn--80ak6aa92e.com/login", "https://apple.com") + MARKUP
    app = make_app(greeting=text.encode())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await pilot.click(app.view, offset=(3, 0))
        assert not isinstance(app.screen, LinkScreen)
        await click(pilot, app, 3)
        assert isinstance(app.screen, LinkScreen)
        text = shown(app)
        for wanted in (
            "https://xn--80ak6aa92e.com/login",
            "аррӏе.com",
            "names another site: apple.com",
            "letters that may look like others",
        ):
            assert wanted in text
        assert app.focused is not None
        assert app.focused.id == "cancel"
        await pilot.press("enter")
        assert app.focused is app.view
        assert app.fake.pressed == []


MARKUP = "[@click=app.quit]x[/oops]"


async def test_a_label_is_never_markup() -> None:
    app = make_app(greeting=osc8(URL + "?" + MARKUP, MARKUP).encode())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await click(pilot, app, 3)
        assert isinstance(app.screen, LinkScreen)
        assert MARKUP in shown(app)


async def test_the_programs_mouse_comes_first_but_for_shift() -> None:
    app = make_app(greeting=f"\x1b[?1003;1006h{URL}".encode())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await click(pilot, app, 3)
        assert not isinstance(app.screen, LinkScreen)
        assert b"\x1b[<16;4;1M" in app.fake.sent
        await click(pilot, app, 3, shift=True)
        assert isinstance(app.screen, LinkScreen)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    urls: list[str] = []

    def open_address(command: tuple[str, ...], url: str) -> bool:
        urls.append(url)
        return command == ("good",)

    monkeypatch.setattr(link_desk, "open_address", open_address)
    monkeypatch.setattr(link_desk, "opener", lambda environ: ("good",))
    return urls


async def test_enter_opens_a_harmless_link_and_c_copies_it(opened: list[str]) -> None:
    app = make_app(greeting=URL.encode())
    copied: list[str] = []
    async with app.run_test(size=SIZE) as pilot:
        app._links._copy = copied.append
        await pilot.press("ctrl+backslash", "l")
        assert isinstance(app.screen, LinkScreen)
        await pilot.press("enter")
        await until(pilot, lambda: opened == [URL])
        await pilot.press("ctrl+backslash", "l", "c")
        assert copied == [URL]
        await pilot.press("ctrl+backslash", "l", "escape")
        assert len(opened) == 1


@pytest.mark.parametrize(
    ("command", "text"), [(("bad",), "could not be opened"), ((), "No program here")]
)
async def test_a_link_that_cannot_be_opened_is_said(
    opened: list[str],
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    text: str,
) -> None:
    monkeypatch.setattr(link_desk, "opener", lambda environ: command)
    app = make_app(greeting=URL.encode())
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("ctrl+backslash", "l", "o")
        await until(pilot, lambda: text in shown(app))
    assert opened == [URL] * len(command)


async def test_links_in_view_are_chosen_from_a_list(opened: list[str]) -> None:
    text = f"https://a.b/1\r\n{osc8('https://c.d/2', MARKUP)}\r\nhttps://e.f/3\r\n"
    app = make_app(greeting=text.encode())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+backslash", "l")
        assert isinstance(app.screen, LinksScreen)
        assert MARKUP in shown(app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.screen, LinkScreen))
        assert "https://c.d/2" in shown(app)
        await pilot.press("o")
        await until(pilot, lambda: opened == ["https://c.d/2"])


async def test_no_link_and_no_web_address_are_said() -> None:
    app = make_app(greeting=osc8("http://-x/", "x").encode())
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("ctrl+backslash", "l")
        await until(pilot, lambda: "not a web address" in shown(app))
        app.fake.output(b"\x1b[2J\x1b[H")
        await pilot.press("ctrl+backslash", "l")
        await until(pilot, lambda: "No link is in view" in shown(app))


# -- opening --------------------------------------------------------------------------


def test_the_opener_is_the_platforms_and_never_a_browser_in_this_terminal() -> None:
    def which(name: str) -> str | None:
        return f"/bin/{name}" if name in ("open", "gio") else None

    def everything(name: str) -> str:
        return name

    display = {"DISPLAY": ":0"}
    assert opener.opener({}, platform="darwin", which=which) == ("/bin/open",)
    assert opener.opener({}, platform="linux", which=everything) == ()
    assert opener.opener(display, platform="linux", which=which) == ("/bin/gio", "open")
    assert opener.opener(display, platform="linux", which=everything) == ("wslview",)
    assert opener.opener(display, platform="linux", which=lambda name: None) == ()


def test_an_opener_is_given_the_address_and_no_terminal(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    code = (
        "import os, sys, pathlib; "
        "isatty = any(os.isatty(n) for n in (0, 1, 2)); "
        f"pathlib.Path({str(seen)!r}).write_text(f'{{sys.argv[1]}} {{isatty}}')"
    )
    assert opener.open_address((sys.executable, "-c", code), URL)
    assert seen.read_text() == f"{URL} False"
    assert not opener.open_address((sys.executable, "-c", "exit(3)"), URL)
    assert not opener.open_address((str(tmp_path / "none"),), URL)


def test_an_opener_that_stays_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opener, "OPEN_SECONDS", 0.05)
    started: list[subprocess.Popen[bytes]] = []

    class Kept(subprocess.Popen[bytes]):
        def __init__(self, argv: list[str], **options: object) -> None:
            super().__init__(argv, **options)  # type: ignore[call-overload]
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Kept)
    code = "import sys; sys.stdin.read(); import time; time.sleep(30)"
    assert opener.open_address((sys.executable, "-c", code), URL)
    (process,) = started
    assert process.poll() is None
    process.kill()
    process.wait()
