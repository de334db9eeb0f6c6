"""``terminal-ai ask``: one question, against the server the real client talks to."""

import contextlib
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.config import Settings
from terminal_ai.headless import growing
from terminal_ai.headless.asking import settings_for
from terminal_ai.headless.growing import GrowingAnswer
from terminal_ai.headless.reading import OUTPUT_LIMIT_BYTES, READ_LIMIT_BYTES
from terminal_ai.records import AnswerPhase, AnswerUpdate
from tests.assistant.conftest import ollama_server
from tests.headless.conftest import Run
from tests.ollama_server import OllamaServer
from tests.ollama_server.behaviour import Behaviour

__all__ = ["ollama_server"]

SECRET = "ghp_" + "a1B2" * 9
ROOT = Path(__file__).resolve().parents[2]
Pipe = Callable[[bytes], None]


@pytest.fixture
def server(
    ollama_server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> OllamaServer:
    """The server, where the settings look for it."""
    monkeypatch.setenv("OLLAMA_HOST", ollama_server.url)
    monkeypatch.setenv("TERMINAL_AI_AI_MODEL", "tiny")
    return ollama_server


@pytest.fixture(autouse=True)
def pipe(monkeypatch: pytest.MonkeyPatch) -> Pipe:
    """Give the command something on stdin; without it, nothing."""

    def give(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    give(b"")
    return give


def sent(server: OllamaServer) -> str:
    """Everything that any request held."""
    return "\n".join(
        request.body.decode("utf-8", "replace") for request in server.requests
    )


def messages(server: OllamaServer, number: int = -1) -> list[dict[str, str]]:
    found: Any = server.chats[number].fields["messages"]
    return [{key: message[key] for key in ("role", "content")} for message in found]


def without_tags(text: str) -> str:
    """Return a text as every run has it: the same secret has another tag in each."""
    return re.sub(r"(\[redacted:[a-z-]+):[0-9a-f]{6}\]", r"\1]", text)


# --- what is printed


def test_a_piped_answer_is_the_final_text_alone(run: Run, server: OllamaServer) -> None:
    code, out, err = run("ask", "what", "is", "gti status")
    assert (code, err) == (0, "")
    assert out == (
        "There is no program called gti: a typo, you meant git.\n\n"
        "`git status` shows which files have **changed** since the last commit.\n\n"
        "  git status  [safe]\n"
    )
    assert messages(server)[-1]["content"].endswith("what is gti status")


def test_json_is_one_object(run: Run, server: OllamaServer) -> None:
    code, out, _ = run("ask", "--json", "gti status")
    assert code == 0
    (line,) = out.splitlines()
    answer = json.loads(line)
    assert list(answer) == [
        "answer", "command", "risk", "model", "origin", "age_seconds", "figures",
        "notice",
    ]  # fmt: skip
    assert (answer["command"], answer["risk"]) == ("git status", "safe")
    assert (answer["model"], answer["origin"]) == ("tiny", "model")
    assert answer["age_seconds"] is None
    assert answer["figures"]["answer_tokens"] > 0
    assert answer["figures"]["total_seconds"] >= 0


def test_only_the_command(run: Run, server: OllamaServer) -> None:
    code, out, err = run("ask", "--command", "gti status")
    assert (code, out, err) == (0, "git status\n", "")


def test_a_dangerous_command_is_called_so_beside_it(
    run: Run, server: OllamaServer
) -> None:
    code, out, err = run("ask", "--command", "rm -rf build says permission denied")
    assert (code, out) == (0, "sudo rm -rf build\n")
    assert err.startswith("danger: ")


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_no_command_is_told_by_the_exit_code(
    run: Run, server: OllamaServer, form: list[str]
) -> None:
    code, out, err = run("ask", "--command", *form, "the meaning of life")
    assert code == 1
    if form:
        assert json.loads(out)["command"] is None
    else:
        assert out == ""
        assert "Read the last line" in err


def test_a_command_gets_its_secret_back_only_where_it_is_to_be_run(
    run: Run, server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "terminal_ai.assistant.assistant.Assistant.restore",
        lambda _self, command: command.replace("git", "the secret git"),
    )
    assert run("ask", "--command", "gti status")[1] == "the secret git status\n"
    assert json.loads(run("ask", "--json", "gti status")[1])["command"] == "git status"


def test_a_command_with_a_placeholder_left_is_none(
    run: Run, server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "terminal_ai.assistant.assistant.Assistant.restore",
        lambda _self, command: f"{command} [redacted:token:a1b2c3]",
    )
    code, out, _ = run("ask", "--command", "gti status")
    assert (code, out) == (1, "")


def test_what_the_model_writes_cannot_control_the_terminal(
    run: Run, server: OllamaServer
) -> None:
    server.behaviour = Behaviour(plain_text="\x1b]52;c;aGk=\x07red \x1b[31m\u202etxt")
    for form in ([], ["--json"]):
        _, out, _ = run("ask", "--no-cache", *form, "gti status")
        assert "red" in out
        assert not set(out) & set("\x1b\x07\u202e")


# --- what is sent


def test_the_context_shown_is_what_is_sent(
    run: Run, server: OllamaServer, pipe: Pipe
) -> None:
    pipe(f"export TOKEN={SECRET}\nit failed".encode())
    code, out, _ = run("ask", "--show-context", "--json", "why gti status?")
    assert code == 0
    assert server.requests == [] or not server.chats
    shown = json.loads(out)
    assert (shown["host"], shown["model"]) == (server.url, "tiny")
    pipe(f"export TOKEN={SECRET}\nit failed".encode())
    text = run("ask", "--show-context", "why gti status?")[1]
    pipe(f"export TOKEN={SECRET}\nit failed".encode())
    run("ask", "why gti status?")
    assert without_tags(str(messages(server))) == without_tags(str(shown["messages"]))
    for message in shown["messages"]:
        said = f"--- {message['role']}\n{message['content']}\n"
        assert without_tags(said) in without_tags(text)
    assert SECRET not in text + out


def test_no_secret_leaves(run: Run, server: OllamaServer, pipe: Pipe) -> None:
    pipe(f"Authorization: Bearer {SECRET}\n".encode())
    run("ask", f"why does {SECRET} not work")
    assert "[redacted:" in sent(server)
    assert SECRET not in sent(server)


def test_binary_on_stdin_is_made_readable(
    run: Run, server: OllamaServer, pipe: Pipe
) -> None:
    pipe(b"ELF\xff\xfe\x00\x01\x1b[2J says no\n" + bytes(range(256)))
    assert run("ask", "gti status")[0] == 0
    content = messages(server)[-1]["content"]
    assert "says no" in content
    assert not set(content) & {chr(code) for code in range(32)} - {"\n", "\t"}


def test_a_long_stdin_is_cut_and_that_is_told(
    run: Run, server: OllamaServer, pipe: Pipe
) -> None:
    pipe(b"first\n" + b"noise \n" * OUTPUT_LIMIT_BYTES + b"the last line\n")
    code, _, err = run("ask", "gti status")
    assert code == 0
    assert "in its middle were left out" in err
    assert "cut to fit" in err
    content = messages(server)[-1]["content"]
    assert "the last line" in content
    assert len(content) < 20_000


def test_stdin_that_never_ends_is_read_to_a_limit(
    run: Run, server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            assert size > 0
            asked.append(size)
            return b"y\n" * (size // 2)

    class Stdin:
        buffer = Endless()

        def isatty(self) -> bool:
            return False

    monkeypatch.setattr(sys, "stdin", Stdin())
    assert run("ask", "gti status")[0] == 0
    assert asked == [READ_LIMIT_BYTES]


# --- flags


def test_model_and_role(run: Run, server: OllamaServer) -> None:
    code, out, _ = run("ask", "--json", "--model", "huge", "gti status")
    assert code == 2
    assert "huge" in json.loads(out)["error"]
    settings = settings_for(Settings(), model=None, is_light=True, uses_cache=True)
    assert settings == Settings()


def test_the_light_model_is_asked(
    run: Run, server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERMINAL_AI_AI_LIGHT_MODEL", "tiny")
    monkeypatch.setenv("TERMINAL_AI_AI_MODEL", "huge")
    assert run("ask", "gti status")[0] == 2
    assert run("ask", "--light", "gti status")[0] == 0


def test_without_the_cache_nothing_is_kept() -> None:
    settings = settings_for(Settings(), model="m", is_light=False, uses_cache=False)
    assert settings.ai.model == "m"
    assert settings.performance.answer_cache_entries == 0
    assert settings.performance.disk_cache_entries == 0
    assert settings.team_cache.url == ""


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["  "],
        ["--jsonl", "question"],
        ["--jsonl", "--json"],
        ["--model", "", "question"],
        ["--model", "m", "--light", "question"],
    ],
)
def test_what_cannot_be_meant_is_refused(run: Run, arguments: list[str]) -> None:
    code, out, err = run("ask", *arguments)
    assert (code, out) == (2, "")
    assert "Error: " in err


# --- failures


def test_offline_is_an_error_with_a_hint(run: Run, server: OllamaServer) -> None:
    code, out, err = run("--offline", "ask", "gti status")
    assert (code, out) == (2, "")
    assert "The model is off." in err
    assert "--offline" in err
    code, out, _ = run("--offline", "ask", "--json", "gti status")
    assert code == 2
    assert set(json.loads(out)) == {"error", "hint"}
    assert server.requests == []


@pytest.mark.parametrize("form", [[], ["--json"], ["--command"]])
def test_a_service_that_is_down(
    run: Run, monkeypatch: pytest.MonkeyPatch, form: list[str]
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    monkeypatch.setenv("TERMINAL_AI_AI_RETRIES", "0")
    code, out, err = run("ask", *form, "gti status")
    assert code == 2
    assert "ollama serve" in (out if "--json" in form else err)


@pytest.mark.parametrize("form", [[], ["--json"], ["--command"]])
def test_another_machine_is_named_before_it_is_asked(
    run: Run, monkeypatch: pytest.MonkeyPatch, form: list[str]
) -> None:
    # Nothing listens there, and nothing of it is another machine: it is only called so.
    monkeypatch.setenv("OLLAMA_HOST", "https://box.invalid:9")
    monkeypatch.setenv("TERMINAL_AI_AI_RETRIES", "0")
    _, _, err = run("ask", *form, "gti status")
    assert "questions go to" not in err, "what is refused goes nowhere"
    monkeypatch.setenv("TERMINAL_AI_AI_ALLOW_REMOTE_HOST", "true")
    code, out, err = run("ask", *form, "gti status")
    assert code == 2
    assert err.startswith("questions go to box.invalid:9\n")
    assert "questions go to" not in out


def test_what_the_user_can_mend_is_said_beside_the_answer(
    run: Run, server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERMINAL_AI_TEAM_CACHE_URL", "http://nowhere.invalid")
    code, out, err = run("ask", "--json", "gti status")
    assert (code, "error" in json.loads(out)) == (0, False)
    assert "team_cache" in err


def test_a_question_is_asked_where_the_user_is(
    run: Run, server: OllamaServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "Cargo.toml").write_text('[package]\nname = "crab"\n')
    monkeypatch.chdir(tmp_path / "here")
    run("ask", "how do I build this?")
    assert "files: Cargo.toml" in messages(server)[-1]["content"]


# --- on a terminal, and interrupted


@contextlib.contextmanager
def started(
    *arguments: str, stdout: int = subprocess.PIPE
) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-m", "terminal_ai", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_ctrl_c_cancels_the_request_at_the_server(server: OllamaServer) -> None:
    server.behaviour = Behaviour(first_token_seconds=60)
    # What runs in the background may have been started with ^C ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with started("ask", "gti status") as process:
        signal.signal(signal.SIGINT, before)
        wait_for(lambda: server.chats)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == b""
    wait_for(lambda: server.chats[0].was_left)


def test_an_answer_grows_on_a_terminal(server: OllamaServer) -> None:
    outside, inside = pty.openpty()
    server.behaviour = Behaviour(token_seconds=0.01)
    with started("ask", "gti status", stdout=inside) as process:
        _, err = process.communicate(timeout=30)
    os.close(inside)
    out = b""
    with contextlib.suppress(OSError):
        while piece := os.read(outside, 65536):
            out += piece
    os.close(outside)
    assert process.returncode == 0
    assert out.endswith(b"\r\n\r\n  git status  [safe]\r\n")
    assert b"\x1b" not in out
    assert b"tokens read" in err
    assert b"tokens written" in err
    assert b" s" in err or b" ms" in err


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=8), max_size=8))
def test_what_has_grown_is_the_final_text(pieces: list[str]) -> None:
    written: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing, "print_text", written.append)
        shown = GrowingAnswer(writes_text=True)
        text = ""
        for piece in pieces:
            # As the answers come: already free of what could control a terminal.
            text += "".join(filter(str.isalnum, piece))
            shown.show(AnswerUpdate(AnswerPhase.WRITING, text))
        shown.stop()
    assert "".join(written) == text


def test_text_that_turns_out_to_be_another_is_written_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[str] = []
    monkeypatch.setattr(growing, "print_text", written.append)
    shown = GrowingAnswer(writes_text=True)
    shown.show(AnswerUpdate(AnswerPhase.WRITING, "{ is how"))
    shown.show(AnswerUpdate(AnswerPhase.WRITING, "A brace opens"))
    assert "".join(written) == "{ is how\n\nA brace opens"


def test_no_screen_is_loaded(server: OllamaServer) -> None:
    code = (
        "import sys\nfrom terminal_ai.cli import build_command\n"
        "build_command().main(['ask', '--json', 'gti status'], standalone_mode=False)\n"
        "print(*sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=60,
    )
    answer, modules = ran.stdout.splitlines()
    assert json.loads(answer)["command"] == "git status"
    assert {"textual", "terminal_ai.ui", "redis"} & set(modules.split()) == set()
