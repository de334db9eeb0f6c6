"""Programs that ask for another size."""

import pytest

from terminal_ai.terminal.permissions import Permissions
from terminal_ai.terminal.terminal import Terminal

from .fakes import FakeSession, make_app
from .waiting import until

PERMITTED = Permissions(resizes_window=True)


def permit(session: FakeSession) -> None:
    columns, rows = session.terminal.columns, session.terminal.rows
    session.terminal = Terminal(columns, rows, permissions=PERMITTED)


async def test_a_wish_goes_to_the_host_and_the_grid_stays_as_large_as_the_view(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[str] = []
    app = make_app(prepare=permit)
    async with app.run_test(size=(120, 40)) as pilot:
        monkeypatch.setattr(app, "_write_to_host", written.append)
        size = app.view.size
        columns, rows = 100 + 120 - size.width, 30 + 40 - size.height
        for event in app.fake.output(b"\x1b[8;30;100t"):
            app.fake.listener.terminal_event(event)
        assert (app.fake.terminal.columns, app.fake.terminal.rows) == size
        await until(pilot, lambda: bool(written))
        assert written == [f"\x1b[8;{rows};{columns}t"]


async def test_wishes_in_a_flood_are_not_all_passed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[str] = []
    app = make_app(prepare=permit)
    async with app.run_test(size=(120, 40)) as pilot:
        monkeypatch.setattr(app, "_write_to_host", written.append)
        for event in app.fake.output(b"\x1b[8;30;100t\x1b[8;31;90t" * 50):
            app.fake.listener.terminal_event(event)
        assert (app.fake.terminal.columns, app.fake.terminal.rows) == app.view.size
        await until(pilot, lambda: bool(written))
        assert len(written) <= 3
