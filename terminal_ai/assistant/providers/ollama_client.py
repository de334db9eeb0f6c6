"""The connection to one Ollama: its client, our deadlines, and our errors.

The client is loaded in a thread, since importing it takes longer than a user notices
between two keys, and only where something listens: it is 15 MB of memory, which a
machine without a service need not spend.
"""

import asyncio
import contextlib
import os
import urllib.parse
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from terminal_ai.assistant.providers.address import (
    ServiceAddress,
    parse_address,
    permitted_address,
)
from terminal_ai.assistant.providers.http_client import make_client, read_token
from terminal_ai.assistant.providers.ollama_errors import (
    translated_errors,
    unreachable,
)
from terminal_ai.config import AiSettings
from terminal_ai.errors import ProviderError
from terminal_ai.messages import gettext as _

if TYPE_CHECKING:
    import httpx
    import ollama
    from pydantic import BaseModel

QUICK_ANSWER_SECONDS = 5.0
"""For requests that need no model."""

Item = TypeVar("Item", bound="BaseModel")


class OllamaConnection:
    """Sends requests to one Ollama. Opens no connection before it is asked to."""

    def __init__(self, settings: AiSettings) -> None:
        self._settings = settings
        self._client: ollama.AsyncClient | None = None
        self._making_client = asyncio.Lock()
        self._is_closed = False

    async def get(self, path: str) -> Mapping[str, object]:
        """Return the JSON object at a path that needs no model."""
        return await self.send("GET", path)

    async def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        silence_seconds: float | None = None,
        model: str = "",
    ) -> Mapping[str, object]:
        """Return the JSON object that answers one request.

        Without ``silence_seconds`` it is one that needs no model.
        """
        client = await self.connected()
        # The one call of the client's that shows fields its own types drop.
        request = cast("Callable[..., Awaitable[httpx.Response]]", client._request_raw)
        is_quick = silence_seconds is None
        limit = QUICK_ANSWER_SECONDS if silence_seconds is None else silence_seconds
        deadline = contextlib.nullcontext() if is_quick else _deadline(limit)
        with self._translated(model), deadline:
            async with asyncio.timeout(limit):
                response = await request(method, path, json=body)
            fields = response.json()
            if not isinstance(fields, dict):
                raise TypeError(path)
        return fields

    async def stream(
        self,
        kind: type[Item],
        path: str,
        body: Mapping[str, object],
        *,
        silence_seconds: float,
        model: str = "",
    ) -> AsyncGenerator[Item, None]:
        """Yield the lines that answer one request.

        Bounds the silence between two, not the time of all.
        """
        client = await self.connected()
        items = cast(
            "AsyncGenerator[Item, None]",
            await client._request(kind, "POST", path, json=body, stream=True),
        )
        async with contextlib.aclosing(items):
            while True:
                with self._translated(model), _deadline(silence_seconds):
                    async with asyncio.timeout(silence_seconds):
                        item = await anext(items, None)
                if item is None:
                    return
                yield item

    async def close(self) -> None:
        """Give all connections back."""
        self._is_closed = True
        client, self._client = self._client, None
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call]

    async def connected(self) -> "ollama.AsyncClient":
        """Return the client, made on first use; raise ProviderError."""
        if self._client is None and not self._is_closed:
            # Not one after another: each waits as long as a connection may take.
            await _require_listener(self._settings)
        async with self._making_client:
            if self._is_closed:
                raise ProviderError(_("The model service was closed."))
            if self._client is None:
                address = permitted_address(self._settings)
                self._client = await asyncio.to_thread(
                    make_client, self._settings, address
                )
            return self._client

    def _translated(self, model: str = "") -> contextlib.AbstractContextManager[None]:
        return translated_errors(parse_address(self._settings.host).label, model)


async def _require_listener(settings: AiSettings) -> None:
    """Raise ProviderError if nothing listens where an unencrypted service should.

    An encrypted one is named on purpose, and what is wrong with its certificates is to
    be told first.
    """
    address = permitted_address(settings)
    if address.is_encrypted:
        return
    read_token(settings, address, os.environ)
    try:
        async with asyncio.timeout(settings.connect_timeout_seconds):
            await _connect(address)
    except (OSError, UnicodeError) as error:
        raise unreachable(address.label) from error


async def _connect(address: ServiceAddress) -> None:
    parts = urllib.parse.urlsplit(address.url)
    _reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.close()
    # It has been reached; how it takes leave does not matter.
    with contextlib.suppress(OSError):
        await writer.wait_closed()


@contextlib.contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise ProviderError(
            _("The model was silent for {seconds:g} seconds").format(seconds=seconds),
            hint=_(
                "a smaller model answers sooner; see ai.first_token_timeout_seconds"
            ),
        ) from error
