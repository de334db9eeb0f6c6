"""What a folded screen looks like."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from terminal_ai.config import InterfaceSettings, ProfilerSettings, Settings

from .fakes import AppUnderTest, make_app
from .shown import shown
from .waiting import until

Compare = Callable[..., bool]
LONG = b"".join(b"\x1b[32mok\x1b[0m test %d passed\r\n" % at for at in range(1, 1240))

ERROR = "\x1b[31mError\x1b[0m: 오류 1\r\n".encode()


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["wide", "narrow"])
def test_a_folded_output(snap_compare: Compare, size: tuple[int, int]) -> None:
    settings = Settings(
        interface=InterfaceSettings(theme="dark"),
        profiler=ProfilerSettings(interval_seconds=60),
    )

    async def fold(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, AppUnderTest)
        await until(pilot, lambda: app.fake.starts == 1)
        app.fake.run("git status", b"nothing to commit\r\n")
        app.fake.run("make test", LONG + ERROR, exit_code=2)
        app.fake.run("ls", b"Makefile\r\nsrc\r\n")
        app.fake.output(b"$ ")
        await pilot.pause()
        await pilot.press("ctrl+backslash", "up", "up", "z")
        await until(pilot, lambda: "1,235 lines folded" in shown(app))
        await pilot.press("q")
        await pilot.pause()

    assert snap_compare(
        make_app(settings, greeting=b""), terminal_size=size, run_before=fold
    )
