"""What is removed from the screen leaves memory."""

import gc
import weakref
from functools import partial

from textual._styles_cache import StylesCache
from textual.app import App
from textual.widget import Widget
from textual.widgets import Static

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
