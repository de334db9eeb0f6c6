"""``terminal-ai explain`` as a pipe: it reads what is piped in, and runs nothing."""

import io
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from terminal_ai.headless import explaining, reading
from terminal_ai.user_rules import rules_directory

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = b"mkdir: cannot create directory 'a/b': No such file or directory\n"
COMMAND = ("--command", "mkdir a/b")


def explain(
    *arguments: str,
    piped: bytes | None = None,
    stdin: IO[bytes] | socket.socket | int | None = subprocess.DEVNULL,
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "terminal_ai", "explain", *arguments]
    if piped is not None:
        return subprocess.run(
            command, cwd=ROOT, input=piped, capture_output=True, check=False
        )
    source = stdin.fileno() if isinstance(stdin, socket.socket) else stdin
    return subprocess.run(
        command, cwd=ROOT, stdin=source, capture_output=True, check=False, timeout=60
    )


def test_what_is_piped_in_is_the_output() -> None:
    done = explain(*COMMAND, piped=OUTPUT)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"1. mkdir -p a/b" in done.stdout
    # Nothing is echoed but the line that is the evidence.
    assert done.stdout.count(OUTPUT.strip()) == 1
    assert b"Pipe in" not in done.stdout


def test_a_file_on_stdin_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(OUTPUT)
    with path.open("rb") as stream:
        done = explain(*COMMAND, stdin=stream)
    assert b"1. mkdir -p a/b" in done.stdout


def test_without_output_it_says_that_more_could_be_said() -> None:
    assert b"Pipe in what it printed" in explain("--command", "make").stdout


def test_a_file_named_goes_before_stdin(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(OUTPUT)
    done = explain(*COMMAND, "--output", str(path), piped=b"noise")
    assert b"1. mkdir -p a/b" in done.stdout


def test_a_socket_is_not_waited_for() -> None:
    """Programs that start others often leave one open and write nothing."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        done = explain("--command", "make", stdin=theirs)
    assert done.returncode == 0


def test_nothing_is_run(tmp_path: Path) -> None:
    made = tmp_path / "made"
    done = explain("--", "touch", str(made))
    assert done.returncode == 2
    assert b"nothing is ever run" in done.stderr
    assert not made.exists()


def test_the_writer_of_a_flood_is_read_to_its_end() -> None:
    """Its beginning and its end count, and it does not die of a closed pipe."""
    flood = (
        "import sys\n"
        "for _ in range(80): sys.stdout.write('x' * 1_000_000 + '\\n')\n"
        f"sys.stdout.write({OUTPUT.decode()!r})\n"
        "sys.stdout.flush()\n"
        "sys.stderr.write('done')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", flood], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as writer:
        done = explain(*COMMAND, stdin=writer.stdout)
        assert writer.stderr
        assert writer.stderr.read() == b"done"
        assert writer.wait(30) == 0
    assert b"1. mkdir -p a/b" in done.stdout


@pytest.mark.parametrize("extra", [-1, 0, 1, reading.CHUNK_BYTES, 5_000_000])
def test_both_ends_are_kept(extra: int) -> None:
    limit = reading.OUTPUT_LIMIT_BYTES
    data = (b"%07d " * 10 % tuple(range(10))) * ((limit + extra) // 80 + 1)
    data = data[: limit + extra]
    captured = reading.capture_stream(io.BytesIO(data))
    assert captured == reading.capture(data) or not captured.elided_bytes
    assert data.startswith(captured.head)
    assert data.endswith(captured.tail)
    kept = len(captured.head) + len(captured.tail)
    assert kept + captured.elided_bytes == len(data)
    assert kept == min(len(data), limit)


def test_what_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "DRAIN_LIMIT_BYTES", 3 * reading.OUTPUT_LIMIT_BYTES)
    with Path("/dev/zero").open("rb") as endless:
        captured = reading.capture_stream(endless)
    assert captured.elided_bytes >= reading.OUTPUT_LIMIT_BYTES


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_function_for_shells(shell: str) -> None:
    done = explain("--print-function", shell)
    assert done.stdout.decode() == explaining.function_for(shell)
    assert f"--shell {shell}".encode() in done.stdout


def test_rules_may_ask_for_the_shell() -> None:
    rules = rules_directory()
    rules.mkdir(parents=True)
    (rules / "a.toml").write_text(
        '[[rule]]\nid = "fishy"\nwhat = "Fish."\nwhy = ""\nshells = ["fish"]\n'
        "command = '''^glub'''\n"
    )
    spoke = {}
    for shell in ("fish", "zsh"):
        done = explain("--command", "glub", "--shell", shell, "--json")
        spoke[shell] = json.loads(done.stdout)["rule"]
    assert spoke["fish"] == "fishy"
    assert spoke["zsh"] != "fishy"


def test_a_broken_rule_of_the_user_is_told_beside_the_answer() -> None:
    rules = rules_directory()
    rules.mkdir(parents=True)
    (rules / "a.toml").write_text("[[rule")
    done = explain(*COMMAND, piped=OUTPUT)
    assert b"1. mkdir -p a/b" in done.stdout
    assert done.stderr.count(b"\n") == 1
    assert b"a.toml:1: " in done.stderr


@pytest.mark.parametrize(
    ("is_root", "suggested"), [(None, ["sudo mkdir /opt/x"]), (True, [])]
)
def test_a_failure_is_taken_for_that_of_a_user(
    is_root: bool | None, suggested: list[str]
) -> None:
    """Whoever asks, possibly root: the request says who met the failure."""
    request: dict[str, object] = {
        "command": "mkdir /opt/x",
        "output": "mkdir: cannot create directory '/opt/x': Permission denied",
        "cwd": "/srv",
    }
    if is_root is not None:
        request["is_root"] = is_root
    answers = io.BytesIO()
    explaining.explain_jsonl(io.BytesIO(json.dumps(request).encode()), answers)
    found = json.loads(answers.getvalue())["suggestions"]
    assert [suggestion["command"] for suggestion in found] == suggested
