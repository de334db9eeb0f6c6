"""Prometheus's metrics over HTTP, on 127.0.0.1 alone.

Our own few lines of HTTP on the app's event loop: the figures are read there in any
case, a thread for each connection would have no bound, and a web page in the user's
browser must not read them through a name that it lets point here.
"""

import asyncio
import importlib
import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from terminal_ai.bootstrap.metric_labels import Labels
from terminal_ai.errors import MetricsError
from terminal_ai.messages import gettext as _
from utils.async_optimizer import run_in_thread

if TYPE_CHECKING:
    from terminal_ai.vitals import Vitals

ADDRESS = "127.0.0.1"
HOST_NAMES = frozenset({"127.0.0.1", "localhost"})
PATH = "/metrics"
REQUEST_LIMIT_BYTES = 8_192
REQUEST_SECONDS = 5.0
"""A request and its answer take no longer; the connection is closed then."""
CONNECTIONS_LIMIT = 8
"""Connections at once; one more is closed unheard."""
PLAIN = "text/plain; charset=utf-8"
_REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
}
METHODS = ("GET", "HEAD")
DEFAULT_PORT = "80"
"""What a client leaves out of ``Host``."""

_logger = logging.getLogger(__name__)


class _Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class MetricsServer:
    """Answers ``GET /metrics`` with the figures of that moment, one request each."""

    def __init__(self, read: Callable[[], "Vitals"], port: int) -> None:
        self._read = read
        self._port = port
        self._server: asyncio.Server | None = None
        self._is_closed = False
        self._open: set[asyncio.Task[None]] = set()
        self._labels = Labels()
        # One exposition at a time: the labels are not made for more.
        self._turn = asyncio.Lock()

    @property
    def port(self) -> int:
        """The port it listens on; another than was asked for where that was 0."""
        return self._port

    async def start(self) -> None:
        """Begin to listen. Raises MetricsError, with a hint, where that is impossible.

        Loading the library takes a tenth of a second: a thread does it.
        """
        try:
            await run_in_thread(
                importlib.import_module, "terminal_ai.bootstrap.exposition"
            )
        except ImportError as error:
            raise MetricsError(
                _("metrics need the package prometheus-client"),
                hint=_("install it: {command}").format(
                    command="pip install 'terminal-ai[metrics]'"
                ),
            ) from error
        try:
            self._server = await asyncio.start_server(
                self._accept,
                ADDRESS,
                self._port,
                limit=REQUEST_LIMIT_BYTES,
            )
        except OSError as error:
            # asyncio puts the address, and a sentence, before the reason.
            reason = os.strerror(error.errno) if error.errno else error
            raise MetricsError(
                _("cannot serve metrics on port {port}: {reason}").format(
                    port=self._port, reason=reason
                ),
                hint=_("name another with --metrics-port"),
            ) from error
        self._port = int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, and end what is being answered."""
        self._is_closed = True
        if self._server is not None:
            self._server.close()
        for task in self._open:
            task.cancel()
        if self._open:
            await asyncio.wait(self._open)

    def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self._is_closed or len(self._open) >= CONNECTIONS_LIMIT:
            writer.close()
            return
        task = asyncio.create_task(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                writer.write(await self._answer(reader))
                writer.close()
                await writer.wait_closed()
        except (OSError, TimeoutError):
            pass  # who asked is gone, or too slow
        finally:
            # What was not taken in time is not kept for whoever never reads it.
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        status, request = 200, ""
        try:
            request, headers = await _head(reader)
            self._admit(request, headers)
            body, kind = await self._exposed(headers.get("accept", ""))
        except _Refused as refused:
            status, kind = refused.status, PLAIN
            body = f"{_REASONS[status]}\n".encode()
        head = _response_head(status, len(body), kind)
        return head if request.startswith("HEAD ") else head + body

    async def _exposed(self, accept: str) -> tuple[bytes, str]:
        from terminal_ai.bootstrap.exposition import expose

        try:
            async with self._turn:
                return await run_in_thread(expose, self._read(), self._labels, accept)
        except Exception as error:
            _logger.exception("metrics could not be told")
            raise _Refused(500) from error

    def _admit(self, request: str, headers: dict[str, str]) -> None:
        """Refuse who may not ask, and what is not there."""
        method, _space, rest = request.partition(" ")
        target = rest.partition(" ")[0].partition("?")[0]
        # A page that lets its own name point here would name itself.
        name, _colon, port = headers.get("host", "").lower().partition(":")
        if name not in HOST_NAMES or (port or DEFAULT_PORT) != str(self.port):
            raise _Refused(403)
        if target != PATH:
            raise _Refused(404)
        if method not in METHODS:
            raise _Refused(405)


async def _head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]]:
    """Return the first line of a request, and its headers by their small names."""
    try:
        data = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise _Refused(400) from error
    request, *lines = data.decode("latin-1").rstrip("\r\n").split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or name.strip().lower() in headers:
            raise _Refused(400)
        headers[name.strip().lower()] = value.strip()
    return request, headers


def _response_head(status: int, length: int, kind: str) -> bytes:
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\n"
        f"Content-Type: {kind}\r\n"
        f"Content-Length: {length}\r\n"
        f"Allow: {', '.join(METHODS)}\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode("ascii")
