import io
import os
import pty
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread
from textual.strip import Strip

from terminal_ai.terminal.input.keys import encode_key
from terminal_ai.terminal.modes import Modes
from terminal_ai.ui.host.driver import Key, RawDriver, Translator
from terminal_ai.ui.host.host_input import HostInput, PastedText, Sequence
from terminal_ai.ui.view.frames import BACKLOG_LIMIT_WRITES, FRAME_SECONDS

from .fakes import AppUnderTest, make_app
from .waiting import until


def translate(text: str) -> list[events.Event]:
    host_input, translator = HostInput(), Translator()
    tokens = [*host_input.feed(text), *host_input.flush()]
    return [
        message
        for token in tokens
        for message in translator.translate(token)
        if isinstance(message, events.Event)
    ]


def key_of(text: str) -> Key:
    (event,) = translate(text)
    assert isinstance(event, Key)
    return event


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("a", "a"),
        ("A", "A"),
        (" ", "space"),
        ("\x1b.", "alt+full_stop"),
        ("\x1b\r", "alt+enter"),
        ("\x1b ", "alt+space"),
        ("\x1b\x7f", "alt+backspace"),
        ("\x1bf", "alt+f"),
        ("\x1bF", "alt+shift+f"),
        ("\x1b\x01", "alt+ctrl+a"),
        ("\x1b\x1b[A", "alt+up"),
        ("\x08", "ctrl+h"),
        ("\x7f", "backspace"),
        ("\x1c", "ctrl+backslash"),
        ("\x1b[Z", "shift+tab"),
        ("\x1bOP", "f1"),
        ("\x1b[15~", "f5"),
        ("\x1b[1;5R", "ctrl+f3"),
        ("\x1b[97;5u", "ctrl+a"),
        ("\x1b[13;2u", "shift+enter"),
        ("\x1b[1089::99;5u", "ctrl+c"),
        ("\x1b[1089::99;;1089u", "с"),
        ("\x1b[99:67;6u", "ctrl+shift+c"),
        ("\x1b[97:65;2;65u", "A"),
        ("\x1b[97;5:2u", "ctrl+a"),
        ("\x1b[1;5:1A", "ctrl+up"),
        ("\x1b", "escape"),
    ],
    ids=repr,
)
def test_keys_have_textual_s_names(sent: str, name: str) -> None:
    assert key_of(sent).key == name


@pytest.mark.parametrize(
    "sent",
    ["a", "한", "\r", "\t", "\x7f", "\x08", "\x03", "\x11", "\x10", "\x1c", "\x1b.",
     "\x1b\r", "\x1b\x7f", "\x1bb", "\x1bF", "\x1b\x01", "\x1b", "\x1b[15~", "\x1b[Z",
     "\x1b[1;5C", "\x1b[1;3D"],
    ids=repr,
)  # fmt: skip
def test_a_key_reaches_the_program_as_it_was_sent(sent: str) -> None:
    key = key_of(sent)
    encoded = encode_key(key.key, key.character, Modes(), raw=key.raw)
    assert encoded == sent.encode()


def test_the_host_s_own_key_protocol_is_not_passed_on() -> None:
    key = key_of("\x1b[97;5u")
    assert encode_key(key.key, key.character, Modes(), raw=key.raw) == b"\x01"


@pytest.mark.parametrize("sent", ["\x1b[57441;2u", "\x1b[57447u"], ids=repr)
def test_a_bare_modifier_is_no_key(sent: str) -> None:
    assert translate(sent) == []


@pytest.mark.parametrize("sent", ["\x1b[97;1:3u", "\x1b[1;1:3A", "\x1b[3;5:3~"])
def test_a_key_let_go_is_no_key(sent: str) -> None:
    assert translate(sent) == []


def test_an_unknown_key_is_one_event_and_no_text() -> None:
    key = key_of("\x1b[1;4Z")
    assert key.character is None
    assert key.raw == b"\x1b[1;4Z"


def test_a_paste_is_one_event() -> None:
    (event,) = translate("\x1b[200~rm -rf\x1b[201\x1bx\x1b[201~")
    assert isinstance(event, events.Paste)
    assert event.text == "rm -rf\x1b[201\x1bx"


def test_bytes_that_are_not_utf_8_still_reach_the_program() -> None:
    key = key_of(b"\xe9".decode("utf-8", "surrogateescape"))
    assert key.raw == b"\xe9"
    assert key.character is not None
    key.character.encode()
    encoded = encode_key(key.key, key.character, Modes(), raw=key.raw)
    assert encoded == b"\xe9"


@given(st.text(max_size=40))
def test_nothing_the_host_sends_raises(text: str) -> None:
    translator = Translator()
    for token in (PastedText(text), *map(Sequence, HOSTILE), *HostInput().feed(text)):
        list(translator.translate(token))


HOSTILE = ("\x1b[9999999999999u", "\x1b[97:65;1:3;u", "\x1b[;;;u", "\x1b[<1M")

PROGRAM = """
import sys
from textual.app import App
from terminal_ai.ui.host.driver import raw_driver

class Recorder(App[None], inherit_bindings=False):
    ENABLE_COMMAND_PALETTE = False
    seen = []
    def on_mount(self):
        print("\\x1b]2;ready\\x07", file=sys.__stderr__, flush=True)
    def on_key(self, event):
        self.seen.append((event.key, event.raw))
        if event.key == "Z":
            self.exit()
    def on_paste(self, event):
        self.seen.append(("paste", event.text))

app = Recorder(driver_class=raw_driver(25))
app.run()
open(sys.argv[1], "w").write(repr(app.seen))
"""


def test_in_a_real_pty_every_byte_arrives(tmp_path: Path) -> None:
    result = tmp_path / "seen"
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), str(result)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    os.close(slave)
    try:
        shown = b""
        while b"ready" not in shown:
            shown += os.read(master, 65_536)
        os.write(
            master, b"\x11\x10\x03\t\x1b.\x1b[200~a\x1bb\x1b[201~\x1b]11;rgb:1\x07Z"
        )
        while process.poll() is None:
            try:
                shown += os.read(master, 65_536)
            except OSError:
                break
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(master)
    assert eval(result.read_text()) == [  # our own repr
        ("ctrl+q", b"\x11"),
        ("ctrl+p", b"\x10"),
        ("ctrl+c", b"\x03"),
        ("tab", b"\t"),
        ("alt+full_stop", b"\x1b."),
        ("paste", "a\x1bb"),
        ("Z", b"Z"),
    ]


def test_what_the_host_has_not_taken_is_counted() -> None:
    driver = object.__new__(RawDriver)
    driver._writer_thread = None
    assert driver.backlog_writes == 0, "before there is a screen"
    # A thread that never runs takes nothing, as one does whose host is slow.
    driver._writer_thread = WriterThread(io.StringIO())
    for count in range(1, MAX_QUEUED_WRITES + 1):
        driver.write("x")
        assert driver.backlog_writes == count


async def test_a_slow_host_is_not_given_more_frames() -> None:
    class SlowApp(AppUnderTest):
        writes = 0

        def _backlog_writes(self) -> int:
            return self.writes

    app = make_app(greeting=b"", kind=SlowApp)
    assert isinstance(app, SlowApp)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(2 * FRAME_SECONDS)
        painted: list[int] = []
        render_line = app.view.render_line

        def recorded(y: int) -> Strip:
            painted.append(y)
            return render_line(y)

        app.view.render_line = recorded  # type: ignore[method-assign]
        app.writes = BACKLOG_LIMIT_WRITES + 1
        app.fake.output(b"more")
        await pilot.press("x")
        await pilot.pause(4 * FRAME_SECONDS)
        assert app.fake.sent == b"x", "keys are never held"
        assert painted == []
        app.writes = 0
        await until(pilot, lambda: 0 in painted)
