"""The model service's process: started, killed in the middle, started again."""

import asyncio
import contextlib
import sys
from collections import deque
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

MODEL = "stress"
START_SECONDS = 30.0
QUESTIONS_KEPT = 256
_SERVER = Path(__file__).with_name("model_server.py")


class ModelProcess:
    """One service on one port, whichever process serves it now."""

    def __init__(self) -> None:
        self.url = ""
        self._port = 0
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._questions: deque[tuple[float, frozenset[str]]] = deque(
            maxlen=QUESTIONS_KEPT
        )

    async def start(self) -> None:
        """Start it, on the same port as before; raises TimeoutError or OSError."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(_SERVER),
            f"--port={self._port}",
            f"--model={MODEL}",
            # Nothing is written: its end tells the server of ours, a kill's too.
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            line = await self._process.stdout.readline()
        if not line:
            raise OSError("the model's server ended before it served")
        self.url = line.decode().strip()
        self._port = urlsplit(self.url).port or 0
        self._reading = asyncio.create_task(self._read(self._process.stdout))

    async def kill(self) -> None:
        """End it at once, its connections too."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._reading is not None:
            await self._reading
            self._reading = None

    def asked_at(self, mark: str, since: float) -> float | None:
        """Return when a command was first asked about, after a time."""
        return next(
            (at for at, marks in self._questions if at >= since and mark in marks), None
        )

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.kill()
            raise
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.kill()

    async def _read(self, lines: asyncio.StreamReader) -> None:
        async for line in lines:
            at, *marks = line.decode().split()
            self._questions.append((float(at), frozenset(marks)))
