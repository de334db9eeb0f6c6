"""One redis-server process: started, killed, stopped for a while, started again."""

import contextlib
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

PROGRAM = shutil.which("redis-server")
START_LIMIT_SECONDS = 20.0
START_STEP_SECONDS = 0.01
STARTS_LIMIT = 5
"""Another process may take the port between finding it free and using it."""


class RedisServer:
    """A context manager. What it keeps is lost when it is killed."""

    def __init__(self, directory: Path, *options: str) -> None:
        self._directory = directory
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, again on the same port if it had one."""
        for _attempt in range(STARTS_LIMIT):
            port = self.port or free_port()
            self._process = self._spawn(port)
            if self._is_up(port):
                self.port = port
                return
        raise TimeoutError(self._log.read_text("utf-8", "replace"))

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Let it keep its connections, and say nothing more."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def say(self, *words: str | bytes) -> bytes:
        """Return what it answers to one command, by a connection of its own."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as wire:
            wire.sendall(_encoded(*words) + _encoded("QUIT"))
            parts = []
            while part := wire.recv(65_536):
                parts.append(part)
        return b"".join(parts).removesuffix(b"+OK\r\n")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.kill()

    @property
    def _log(self) -> Path:
        return self._directory / "redis.log"

    def _spawn(self, port: int) -> subprocess.Popen[bytes]:
        assert PROGRAM is not None
        arguments = [PROGRAM, "--port", str(port), "--bind", "127.0.0.1"]
        arguments += ["--dir", str(self._directory), "--save", "", "--appendonly", "no"]
        arguments += ["--logfile", str(self._log), *self._options]
        return subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )

    def _is_up(self, port: int) -> bool:
        """Wait until it answers; False when it has ended instead."""
        assert self._process is not None
        end = time.monotonic() + START_LIMIT_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            with contextlib.suppress(OSError):
                if self._answers(port):
                    return True
            time.sleep(START_STEP_SECONDS)
        self.kill()
        return False

    def _answers(self, port: int) -> bool:
        # Any answer will do: one that wants a password says so.
        with socket.create_connection(("127.0.0.1", port), 1) as wire:
            wire.sendall(_encoded("PING"))
            return wire.recv(1) in (b"+", b"-")


def _encoded(*words: str | bytes) -> bytes:
    parts = [f"*{len(words)}\r\n".encode()]
    for word in words:
        data = word if isinstance(word, bytes) else word.encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
