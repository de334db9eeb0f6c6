"""What is removed from the screen leaves memory; what is parsed is parsed once."""

import gc
import weakref
from functools import partial
from pathlib import PurePath
from typing import Any

import pytest
from textual._styles_cache import StylesCache
from textual.app import App, ComposeResult
from textual.color import Color
from textual.css import stylesheet
from textual.css.parse import parse
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Label, Static

from .fakes import make_app
from .shown import shown
from .waiting import until

REMOVED = 20


def stands(app: App[None], text: str) -> bool:
    return text in shown(app)


def drawn_lines(widget: Widget) -> "weakref.ref[StylesCache]":
    """Return what a widget's drawn lines are kept in, weakly."""
    return weakref.ref(widget._styles_cache)


async def test_the_drawn_lines_of_a_removed_widget_leave_with_it() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        kept = []
        for number in range(REMOVED):
            added = Static(f"<{number}>")
            await app.screen.mount(added, before=0)
            await until(pilot, partial(stands, app, f"<{number}>"))
            kept.append(drawn_lines(added))
            await added.remove()
            del added
        await pilot.pause()
        gc.collect()
        # Whoever handled one last may know it for a little longer.
        assert sum(lines() is not None for lines in kept) <= REMOVED // 4


def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which every style sheet adds itself when it is parsed."""
    sources: list[str] = []

    def note(scope: str, css: str, read_from: tuple[str, str], **given: Any) -> Any:
        sources.append("".join(read_from))
        return parse(scope, css, read_from, **given)

    monkeypatch.setattr(stylesheet, "parse", note)
    return sources


async def test_no_style_is_parsed_twice_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sources = parsed(monkeypatch)
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.pause()
        # Textual parses a class's own again when it meets it as the base of another.
        ours = [PurePath(source).name for source in sources if "tcss" in source]
        assert sorted(ours) == ["app.tcss", "assistant.tcss"]
        # What a screen brings is parsed alone.
        del sources[:]
        app.push_screen(Framed())
        await until(pilot, lambda: stands(app, "framed"))
        assert [source for source in sources if "tcss" in source] == []
        assert app.screen.styles.background == Color.parse("#010203")


async def test_another_theme_has_its_colors_everywhere() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.pause()
        before = app.screen.query_one("#terminal").styles.background
        app.theme = "textual-light" if app.current_theme.dark else "textual-dark"
        await pilot.pause()
        await until(pilot, lambda: app.screen.styles.background != before)
        colors = app.get_css_variables()
        assert app.stylesheet._variables == colors
        framed = Framed()
        app.push_screen(framed)
        await until(pilot, lambda: stands(app, "framed"))
        label = framed.query_one(Label)
        assert label.styles.background == Color.parse(colors["surface"])


class Framed(Screen[None]):
    """A screen with a style of its own."""

    CSS = "Framed { background: #010203; } Framed Label { background: $surface; }"

    def compose(self) -> ComposeResult:
        yield Label("framed")
