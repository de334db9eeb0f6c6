"""Just enough HTTP/1.1: read a request, write an answer, notice who left."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus

POLL_SECONDS = 0.004
JSON_TYPE = "application/json; charset=utf-8"
STREAM_TYPE = "application/x-ndjson"
# What gin leaves when an error is the first thing a stream has to say.
STREAM_ERROR_TYPE = "application/json"


class ClientLeftError(Exception):
    """The client closed its connection before the answer was complete."""


@dataclass(slots=True, eq=False)
class Request:
    """One request, and what became of its answer."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int = 0
    pieces_sent: int = 0
    was_left: bool = False
    """The client went away before the answer was complete."""
    is_finished: bool = False
    fields: dict[str, object] = field(default_factory=dict)
    """The JSON body, if it was an object."""


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Return the next request of a connection, or None at its end."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    request_line, *lines = head.rstrip().split("\r\n")
    method, path, _version = request_line.split(" ", 2)
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path.partition("?")[0], headers, body)


class Responder:
    """Writes one answer to one request."""

    def __init__(
        self,
        request: Request,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.request = request
        self._reader = reader
        self._writer = writer
        self._is_streaming = False

    async def pause(self, seconds: float) -> None:
        """Let time pass, unless the client leaves meanwhile."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while True:
            if self._reader.at_eof() or self._writer.is_closing():
                raise ClientLeftError
            if (left := end - loop.time()) <= 0:
                return
            await asyncio.sleep(min(left, POLL_SECONDS))

    async def silence(self) -> None:
        """Say nothing more until the client has had enough."""
        while True:
            await self.pause(60)

    async def send(
        self, status: int, content_type: str, body: bytes, **headers: str
    ) -> None:
        """Answer with a body of known length."""
        fields = {"Content-Type": content_type} if content_type else {}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        self._start(status, {**fields, "Content-Length": str(len(body))})
        self._writer.write(b"" if self.request.method == "HEAD" else body)
        await self._writer.drain()

    async def send_json(self, fields: object, status: int = 200) -> None:
        await self.send(status, JSON_TYPE, encode(fields))

    async def send_error(self, status: int, text: str) -> None:
        await self.send_json({"error": text}, status)

    async def send_chunked_json(self, fields: object) -> None:
        """Answer as Go does when a body outgrows its buffer."""
        await self._start_chunked(200, JSON_TYPE)
        await self._write_chunk(encode(fields))
        await self.end()

    async def send_line(self, fields: object) -> None:
        """Add one NDJSON line to a stream, starting it if need be."""
        await self.send_raw_line(encode(fields))
        self.request.pieces_sent += 1

    async def send_raw_line(self, line: bytes) -> None:
        await self.start_stream()
        await self._write_chunk(line + b"\n")

    async def start_stream(self) -> None:
        if not self._is_streaming:
            await self._start_chunked(200, STREAM_TYPE)

    async def send_stream_error(self, status: int, text: str) -> None:
        """Fail inside a stream: a status before its first byte, a line after it."""
        if self._is_streaming:
            await self.send_line({"error": text})
        else:
            await self._start_chunked(status, STREAM_ERROR_TYPE)
            await self._write_chunk(encode({"error": text}))
        await self.end()

    async def end(self) -> None:
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    async def drop(self, line: object) -> None:
        """Reset the connection half-way through a line."""
        await self.start_stream()
        data = encode(line)
        self._writer.write(f"{len(data):x}\r\n".encode() + data[: len(data) // 2])
        await self._writer.drain()
        self._writer.close()

    async def _start_chunked(self, status: int, content_type: str) -> None:
        self._is_streaming = True
        self._start(
            status, {"Content-Type": content_type, "Transfer-Encoding": "chunked"}
        )
        await self._writer.drain()

    def _start(self, status: int, headers: Mapping[str, str]) -> None:
        self.request.status = status
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Date: {formatdate(usegmt=True)}", "", ""]
        self._writer.write("\r\n".join(lines).encode("latin-1"))

    async def _write_chunk(self, data: bytes) -> None:
        if self._reader.at_eof() or self._writer.is_closing():
            raise ClientLeftError
        self._writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await self._writer.drain()


def encode(fields: object) -> bytes:
    """Encode as Go does: compact, HTML signs escaped, other characters as they are."""
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text.encode("utf-8", "replace")
