"""The server: an event loop of its own in a thread, one connection after another."""

import asyncio
import contextlib
import json
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from typing import Self

from tests.ollama_server.api import Api
from tests.ollama_server.behaviour import Behaviour
from tests.ollama_server.http import ClientLeftError, Request, Responder, read_request
from tests.ollama_server.replies import CANNED_REPLIES, CannedReply
from tests.ollama_server.store import ModelStore, ServedModel

WAIT_LIMIT_SECONDS = 10.0
WAIT_STEP_SECONDS = 0.002
HANDSHAKE_END_SECONDS = 0.05


def skip_time(loop: asyncio.AbstractEventLoop, seconds: float) -> None:
    """Turn a loop's clock on: what was to happen until then happens now."""
    clock = loop.time
    loop.time = lambda: clock() + seconds  # type: ignore[method-assign]


class OllamaServer:
    """A context manager. ``requests`` holds everything received, in order."""

    def __init__(
        self,
        models: Sequence[ServedModel] = (ServedModel("tiny"),),
        *,
        behaviour: Behaviour | None = None,
        replies: Sequence[CannedReply] = CANNED_REPLIES,
        port: int = 0,
        parallel: int = 1,
        prefix: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """``prefix`` is what a router puts before every path."""
        self.behaviour = behaviour or Behaviour()
        self.replies = replies
        self.requests: list[Request] = []
        self.store = ModelStore()
        for model in models:
            self.store.add(model)
        self.port = port
        self.parallel = parallel
        self.prefix = prefix
        self.tls = tls
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self.port}{self.prefix}"

    def start(self) -> None:
        is_ready = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(is_ready,), name="ollama-server", daemon=True
        )
        self._thread.start()
        if not is_ready.wait(WAIT_LIMIT_SECONDS):
            raise TimeoutError("the test server did not start")

    def stop(self) -> None:
        """Close the port and every connection, as a killed server does."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join(WAIT_LIMIT_SECONDS)
            self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def asked(self, path: str) -> list[Request]:
        """Return the requests for one path."""
        return [request for request in self.requests if request.path == path]

    @property
    def chats(self) -> list[Request]:
        """The requests for an answer, without those that only load a model."""
        return [one for one in self.asked("/api/chat") if one.fields.get("messages")]

    @property
    def working(self) -> list[Request]:
        """The requests whose answers are not complete, and not given up."""
        return [request for request in self.requests if not request.is_finished]

    @property
    def generating(self) -> int:
        """How many slots are in use."""
        return self._api.generating

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def skip(self, seconds: float) -> None:
        """Let time pass at once for whatever waits here."""
        loop = self._loop
        assert loop is not None
        loop.call_soon_threadsafe(skip_time, loop, seconds)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait in the caller's loop until something holds here."""
        end = time.monotonic() + WAIT_LIMIT_SECONDS
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("it never came true")
            await asyncio.sleep(WAIT_STEP_SECONDS)

    def _run(self, is_ready: threading.Event) -> None:
        asyncio.run(self._serve(is_ready))

    async def _serve(self, is_ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        self._api = Api(self)
        listener = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, ssl=self.tls
        )
        self.port = listener.sockets[0].getsockname()[1]
        is_ready.set()
        await self._stopped.wait()
        listener.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        # A handshake that fails tells nobody, and closes its socket a little later.
        await asyncio.sleep(HANDSHAKE_END_SECONDS if self.tls else 0)

    def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        connection = asyncio.create_task(self._connection(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while (request := await read_request(reader)) is not None:
                with contextlib.suppress(ValueError):
                    fields = json.loads(request.body)
                    request.fields = fields if isinstance(fields, dict) else {}
                if request.path.startswith(f"{self.prefix}/"):
                    request.path = request.path.removeprefix(self.prefix)
                else:
                    request.path = "/not behind the prefix"
                self.requests.append(request)
                try:
                    await self._api.answer(request, Responder(request, reader, writer))
                except (ClientLeftError, ConnectionError):
                    request.was_left = True
                    return
                finally:
                    request.is_finished = True
                if writer.is_closing():
                    return
        finally:
            if self._stopped.is_set():
                # TLS would wait for the other side to say goodbye.
                writer.transport.abort()
            else:
                writer.close()
