"""A recording of real commands: their own bytes, at their own times."""

import pytest

from terminal_ai.export import ExportForm, exported
from tests.export.casts import read_cast
from tests.session.driver import Driver

pytestmark = pytest.mark.shells


async def test_a_recording_has_the_colours_and_the_pauses(drive: Driver) -> None:
    line = "printf '\\033[31mone\\033[0m\\n'; sleep 0.4; printf 'two\\n'"
    first = await drive.run(line)
    second = await drive.run("false")
    cast = read_cast(exported([first, second], ExportForm.ASCIICAST).text)
    (one_at,) = (at for at, _, data in cast.events if "\x1b[31mone\x1b[0m" in data)
    (two_at,) = (at for at, _, data in cast.events if data.startswith("two\r\n"))
    assert two_at - one_at > 0.2
    assert cast.events[-1][1:] == ("x", "1")
    assert cast.header["term"] == {
        "cols": first.columns, "rows": first.rows, "type": "xterm-256color"
    }  # fmt: skip
