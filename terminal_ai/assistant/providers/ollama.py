"""A local Ollama, through its own client.

The client is loaded on first use, in a thread: importing it takes longer than a user
notices between two keys.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from terminal_ai.assistant.providers.address import ServiceAddress, parse_address
from terminal_ai.assistant.providers.base import (
    AnswerEvent,
    Completion,
    InstalledModel,
    PhaseChanged,
    Piece,
    Prompt,
    is_cloud_name,
    same_model,
)
from terminal_ai.assistant.providers.ollama_errors import translated_errors
from terminal_ai.config import AiSettings
from terminal_ai.errors import (
    IncompleteAnswerError,
    ModelMissingError,
    ProviderError,
)
from terminal_ai.messages import gettext as _
from terminal_ai.records import AnswerFigures, AnswerPhase, PullProgress

if TYPE_CHECKING:
    import httpx
    import ollama

QUICK_ANSWER_SECONDS = 5.0
"""For requests that need no model."""
PULL_STALL_SECONDS = 300.0
"""Checking the digest of a large model says nothing for minutes."""
MODELS_LIMIT = 1_000
NANOSECONDS = 1e9
HTTP_NOT_FOUND = 404

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")

Item = TypeVar("Item")


class OllamaProvider:
    """Streams answers from one Ollama. Opens no connection before it is asked to."""

    def __init__(self, settings: AiSettings) -> None:
        self._settings = settings
        self._client: ollama.AsyncClient | None = None
        self._making_client = asyncio.Lock()
        self._is_closed = False
        self._silence_seconds = settings.first_token_timeout_seconds
        # Another value of any of these makes the service load the model again.
        self._runner_options = {"num_ctx": settings.context_tokens}
        self._keep_alive = to_keep_alive(settings.keep_alive)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[AnswerEvent, None]:
        """Yield phases and pieces, and a ``Completion`` last, or raise."""
        started = time.monotonic()
        yield PhaseChanged(AnswerPhase.CONNECTING)
        await self._require_local_model(prompt.model)
        load_seconds = None
        if not await self._is_loaded(prompt.model):
            yield PhaseChanged(AnswerPhase.LOADING)
            load_started = time.monotonic()
            await self._load(prompt.model)
            load_seconds = time.monotonic() - load_started
        yield PhaseChanged(AnswerPhase.READING)
        first_token_seconds = None
        async with contextlib.aclosing(await self._chat(prompt)) as chunks:
            async for chunk in chunks:
                piece = Piece(chunk.message.content or "", chunk.message.thinking or "")
                if piece.content or piece.thinking:
                    if first_token_seconds is None:
                        first_token_seconds = time.monotonic() - started
                    yield piece
                if chunk.done:
                    yield Completion(
                        was_cut=chunk.done_reason == "length",
                        figures=_figures(
                            chunk,
                            first_token_seconds=first_token_seconds,
                            load_seconds=load_seconds,
                            total_seconds=time.monotonic() - started,
                        ),
                    )
                    return
        raise IncompleteAnswerError(
            _("The answer broke off before it was complete."), hint=_("ask again")
        )

    async def installed_models(self) -> tuple[InstalledModel, ...]:
        """Return the models that need no download."""
        models = await self._list("/api/tags")
        return tuple(
            InstalledModel(
                name=_text(entry, "name") or _text(entry, "model"),
                digest=_text(entry, "digest"),
                size_bytes=_count(entry, "size"),
                remote_host=_text(entry, "remote_host"),
            )
            for entry in models
        )

    async def version(self) -> str:
        """Return Ollama's version."""
        return _text(await self._get("/api/version"), "version")

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Download a model, all its layers counted together."""
        _refuse_cloud_name(model)
        completed: dict[str, int] = {}
        totals: dict[str, int] = {}
        client = await self._connected()
        steps = cast(
            "AsyncGenerator[ollama.ProgressResponse, None]",
            await client.pull(model, stream=True),
        )
        progress = self._bounded(steps, PULL_STALL_SECONDS)
        is_complete = False
        async with contextlib.aclosing(progress):
            async for step in progress:
                if step.digest:
                    completed[step.digest] = step.completed or 0
                    totals[step.digest] = step.total or 0
                is_complete = step.status == "success"
                yield PullProgress(
                    step.status or "", sum(completed.values()), sum(totals.values())
                )
        if not is_complete:
            raise IncompleteAnswerError(
                _("The download stopped before it was complete."),
                hint=_("start it again: what has arrived is kept"),
            )

    async def close(self) -> None:
        """Give all connections back."""
        self._is_closed = True
        client, self._client = self._client, None
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call]

    async def _connected(self) -> "ollama.AsyncClient":
        async with self._making_client:
            if self._is_closed:
                raise ProviderError(_("The model service was closed."))
            if self._client is None:
                address = self._permitted_address()
                self._client = await asyncio.to_thread(
                    _make_client, address.url, self._settings.connect_timeout_seconds
                )
            return self._client

    def _permitted_address(self) -> ServiceAddress:
        address = parse_address(self._settings.host)
        if not (address.is_loopback or self._settings.allow_remote_host):
            raise ProviderError(
                _("{address} is not this machine: nothing is sent there").format(
                    address=address.label
                ),
                hint=_("set ai.allow_remote_host if you trust it"),
            )
        return address

    def _translated(self, model: str = "") -> contextlib.AbstractContextManager[None]:
        return translated_errors(parse_address(self._settings.host).label, model)

    async def _require_local_model(self, model: str) -> None:
        """Refuse what only forwards to another machine, and what is not there."""
        _refuse_cloud_name(model)
        for installed in await self.installed_models():
            if same_model(installed.name, model):
                if installed.remote_host:
                    raise _cloud_refusal(model)
                return
        raise ModelMissingError(
            _("The model {model} is not installed.").format(model=model),
            hint=_("get it with: ollama pull {model}").format(model=model),
        )

    async def _is_loaded(self, model: str) -> bool:
        try:
            loaded = await self._list("/api/ps")
        except ProviderError as error:
            if error.status_code == HTTP_NOT_FOUND:
                # A compatible service need not tell; it loads when it must.
                return True
            raise
        for entry in loaded:
            if same_model(_text(entry, "name") or _text(entry, "model"), model):
                window = _count(entry, "context_length")
                return window in (0, self._settings.context_tokens)
        return False

    async def _load(self, model: str) -> None:
        client = await self._connected()
        body = {
            "model": model,
            "messages": [],
            "stream": False,
            **self._runner_fields(),
        }
        with self._translated(model), _deadline(self._silence_seconds):
            async with asyncio.timeout(self._silence_seconds):
                await _send(client, "POST", "/api/chat", body)

    async def _chat(
        self, prompt: Prompt
    ) -> AsyncGenerator["ollama.ChatResponse", None]:
        client = await self._connected()
        from ollama import ChatResponse

        options = {
            "num_predict": prompt.answer_tokens,
            "temperature": prompt.temperature,
        }
        body: dict[str, object] = {
            "model": prompt.model,
            "messages": [
                {"role": message.role.value, "content": message.content}
                for message in prompt.messages
            ],
            "stream": True,
            "think": prompt.may_think,
            **self._runner_fields(options),
            # The client's own chat() cannot send this, and without it Ollama cuts the
            # middle out of a prompt that is too long, and says nothing.
            "truncate": False,
        }
        if prompt.schema is not None:
            body["format"] = prompt.schema
        chunks = cast(
            "AsyncGenerator[ChatResponse, None]",
            await client._request(
                ChatResponse, "POST", "/api/chat", json=body, stream=True
            ),
        )
        return self._bounded(chunks, self._silence_seconds, prompt.model)

    def _runner_fields(
        self, options: Mapping[str, object] | None = None
    ) -> dict[str, object]:
        return {
            "options": {**self._runner_options, **(options or {})},
            "keep_alive": self._keep_alive,
        }

    async def _bounded(
        self, items: AsyncGenerator[Item, None], silence_seconds: float, model: str = ""
    ) -> AsyncGenerator[Item, None]:
        """Pass items on, with our errors and a limit to the silence between two."""
        async with contextlib.aclosing(items):
            while True:
                with self._translated(model), _deadline(silence_seconds):
                    async with asyncio.timeout(silence_seconds):
                        item = await anext(items, None)
                if item is None:
                    return
                yield item

    async def _list(self, path: str) -> list[Mapping[str, object]]:
        entries = (await self._get(path)).get("models")
        if not isinstance(entries, list):
            return []
        return [entry for entry in entries[:MODELS_LIMIT] if isinstance(entry, dict)]

    async def _get(self, path: str) -> Mapping[str, object]:
        client = await self._connected()
        with self._translated():
            async with asyncio.timeout(QUICK_ANSWER_SECONDS):
                return await _send(client, "GET", path)


async def _send(
    client: "ollama.AsyncClient",
    method: str,
    path: str,
    body: Mapping[str, object] | None = None,
) -> Mapping[str, object]:
    # The one call of the client's that shows fields its own types drop.
    request = cast("Callable[..., Awaitable[httpx.Response]]", client._request_raw)
    response = await request(method, path, json=body)
    fields = response.json()
    if not isinstance(fields, dict):
        raise TypeError(path)
    return fields


def _make_client(url: str, connect_timeout_seconds: float) -> "ollama.AsyncClient":
    import httpx
    import ollama

    client = ollama.AsyncClient(
        host=url,
        # Nothing arrives while a model loads or reads: silence has its own deadline.
        timeout=httpx.Timeout(connect_timeout_seconds, read=None, write=None),
        follow_redirects=False,
        # A proxy from the environment would get to read every prompt.
        trust_env=False,
    )
    # The client would send OLLAMA_API_KEY, which is for ollama.com, to any host.
    client._client.headers.pop("authorization", None)
    return client


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


def _refuse_cloud_name(model: str) -> None:
    """Raise for a name that Ollama forwards to its makers' machines."""
    if is_cloud_name(model):
        raise _cloud_refusal(model)


def _cloud_refusal(model: str) -> ProviderError:
    return ProviderError(
        _("{model} runs in the cloud, not here: refused.").format(model=model),
        hint=_("choose a model that runs on this machine"),
    )


def to_keep_alive(setting: str) -> float | str:
    """Return a number for a number: Ollama takes "-1" for a duration without a unit."""
    setting = setting.strip()
    return float(setting) if _NUMBER.fullmatch(setting) else setting


def _figures(
    chunk: "ollama.ChatResponse",
    *,
    first_token_seconds: float | None,
    load_seconds: float | None,
    total_seconds: float,
) -> AnswerFigures:
    speed = None
    if chunk.eval_count and chunk.eval_duration:
        speed = chunk.eval_count / (chunk.eval_duration / NANOSECONDS)
    if load_seconds is None and chunk.load_duration is not None:
        load_seconds = chunk.load_duration / NANOSECONDS
    return AnswerFigures(
        first_token_seconds=first_token_seconds,
        load_seconds=load_seconds,
        total_seconds=total_seconds,
        prompt_tokens=chunk.prompt_eval_count,
        answer_tokens=chunk.eval_count,
        tokens_per_second=speed,
    )


def _text(entry: Mapping[str, object], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def _count(entry: Mapping[str, object], key: str) -> int:
    value = entry.get(key)
    return value if isinstance(value, int) else 0
