"""Keys from a host terminal, through the whole app in a real pty, to a real program."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

WAIT_SECONDS = 45.0
SEPARATOR = b"|"
APP = "from terminal_ai.cli import main; main(['--offline', '--shell', {shell!r}])"
READER = """#!{python}
import os, sys, tty
tty.setraw(0)
os.write(1, b"\\x1b[?1049h" + {setup!r} + b"reader is ready")
seen = b""
while not seen.endswith(b"the end"):
    seen += os.read(0, 65536)
with open({result!r}, "wb") as file:
    file.write(seen.removesuffix(b"the end"))
"""

LEGACY_HOST = {
    "alt+enter": b"\x1b\r",
    "alt+space": b"\x1b ",
    "alt+full_stop": b"\x1b.",
    "alt+backspace": b"\x1b\x7f",
    "ctrl+alt+a": b"\x1b\x01",
    "alt+shift+tab": b"\x1b[1;4Z",
    "ctrl+h": b"\x08",
    "backspace": b"\x7f",
    "ctrl+space": b"\x00",
    "f13": b"\x1b[25~",
    "shift+f3": b"\x1b[1;2R",
    "ctrl+f3": b"\x1b[1;5R",
    "ctrl+q": b"\x11",
    "ctrl+p": b"\x10",
    "ctrl+c": b"\x03",
    "tab": b"\t",
    "shift+tab": b"\x1b[Z",
    "ctrl+up": b"\x1b[1;5A",
    "é": "é".encode(),
    "A": b"A",
}
KITTY_HOST = {
    "alt+enter": b"\x1b[13;3u",
    "alt+space": b"\x1b[32;3u",
    "alt+full_stop": b"\x1b[46;3u",
    "alt+backspace": b"\x1b[127;3u",
    "ctrl+alt+a": b"\x1b[97;7u",
    "alt+shift+tab": b"\x1b[9;4u",
    "ctrl+h": b"\x1b[104;5u",
    "backspace": b"\x1b[127u",
    "ctrl+space": b"\x1b[32;5u",
    "f13": b"\x1b[57376u",
    "shift+f3": b"\x1b[13;2~",
    "ctrl+f3": b"\x1b[13;5~",
    "ctrl+q": b"\x1b[113;5u",
    "ctrl+p": b"\x1b[112;5u",
    "ctrl+c": b"\x1b[1089::99;5u",
    "tab": b"\x1b[9u",
    "shift+tab": b"\x1b[9;2u",
    "ctrl+up": b"\x1b[1;5A",
    "é": b"\x1b[233;;233u",
    "A": b"\x1b[97:65;2;65u",
    "a key let go": b"\x1b[97;1:3u",
}
LEGACY_PROGRAM = {
    **LEGACY_HOST,
    "alt+shift+tab": b"\x1b\x1b[Z",
    "f13": b"\x1b[1;2P",
    "a key let go": b"",
}
KITTY_PROGRAM = {
    **KITTY_HOST,
    "backspace": b"\x7f",
    "ctrl+c": b"\x1b[1089;5u",
    "tab": b"\t",
    "é": "é".encode(),
    "A": b"A",
    "a key let go": b"",
}
# What a legacy host cannot tell apart, or sends in another way.
OF_LEGACY_HOST = {
    "shift+f3": b"\x1b[13;2~",
    "f13": b"\x1b[57376u",
    "ctrl+c": b"\x1b[99;5u",
}
MODIFIED_PROGRAM = {
    **LEGACY_PROGRAM,
    "alt+enter": b"\x1b[27;3;13~",
    "alt+space": b"\x1b[27;3;32~",
    "alt+full_stop": b"\x1b[27;3;46~",
    "alt+backspace": b"\x1b[27;3;127~",
    "ctrl+alt+a": b"\x1b[27;7;97~",
    "alt+shift+tab": b"\x1b[27;4;9~",
    "ctrl+h": b"\x1b[27;5;104~",
    "ctrl+space": b"\x1b[27;5;32~",
    "ctrl+q": b"\x1b[27;5;113~",
    "ctrl+p": b"\x1b[27;5;112~",
    "ctrl+c": b"\x1b[27;5;99~",
}


def read_by_program(tmp_path: Path, setup: bytes, sent: bytes) -> bytes:
    """Run the app with a program for its shell; return what the program read."""
    reader, result = tmp_path / "reader", tmp_path / "result"
    reader.write_text(
        READER.format(python=sys.executable, setup=setup, result=str(result))
    )
    reader.chmod(0o700)
    outside, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", APP.format(shell=str(reader))],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        start_new_session=True,
    )
    os.close(inside)
    shown, deadline = b"", time.monotonic() + WAIT_SECONDS
    try:
        is_sent = False
        while process.poll() is None:
            assert time.monotonic() < deadline, shown[-2000:]
            if select.select([outside], [], [], 0.05)[0]:
                try:
                    shown += os.read(outside, 65_536)
                except OSError:
                    break
            if not is_sent and b"ready" in shown:
                is_sent = True
                os.write(outside, sent + b"the end")
        process.wait(WAIT_SECONDS)
    finally:
        process.kill()
        process.wait()
        os.close(outside)
    return result.read_bytes()


@pytest.mark.timeout(120)
def test_a_paste_can_act_neither_on_the_program_nor_end_itself(tmp_path: Path) -> None:
    pasted = b"x\x1b[201\x1b[20~1~\x1b[31m\r\nid\x03\xc2\x9b201~\x07\ty"
    sent = b"\x1b[200~" + pasted + b"\x1b[201~|"
    seen = read_by_program(tmp_path, b"\x1b[?2004h", sent)
    assert seen == b"\x1b[200~x[201[20~1~[31m\rid201~\ty\x1b[201~|"


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("host", "setup", "expected"),
    [
        pytest.param(LEGACY_HOST, b"", LEGACY_PROGRAM, id="legacy to legacy"),
        pytest.param(
            LEGACY_HOST,
            b"\x1b[>1u",
            KITTY_PROGRAM | OF_LEGACY_HOST,
            id="legacy to kitty",
        ),
        pytest.param(KITTY_HOST, b"", LEGACY_PROGRAM, id="kitty to legacy"),
        pytest.param(KITTY_HOST, b"\x1b[>1u", KITTY_PROGRAM, id="kitty to kitty"),
        pytest.param(
            KITTY_HOST, b"\x1b[>4;2m", MODIFIED_PROGRAM, id="kitty to modified"
        ),
    ],
)
def test_every_key_arrives_in_the_form_the_program_asked_for(
    tmp_path: Path,
    host: dict[str, bytes],
    setup: bytes,
    expected: dict[str, bytes],
) -> None:
    sent = b"".join(data + SEPARATOR for data in host.values())
    seen = read_by_program(tmp_path, setup, sent).split(SEPARATOR)
    assert dict(zip(host, seen, strict=False)) == {
        name: expected[name] for name in host
    }
