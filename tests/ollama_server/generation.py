"""One request that needs a model: load it, read the prompt, write the answer."""

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tests.ollama_server.behaviour import Fault
from tests.ollama_server.golang import parse_duration, timestamp
from tests.ollama_server.http import POLL_SECONDS, Request, Responder, encode
from tests.ollama_server.replies import as_json, as_numbered, as_tokens, choose_reply
from tests.ollama_server.store import ServedModel

if TYPE_CHECKING:
    from tests.ollama_server.api import Api

Fields = Mapping[str, object]

DEFAULT_WINDOW_TOKENS = 4096
KEPT_TOKENS = 5
"""num_keep and the begin-of-text token: what a silent cut leaves of the start."""
TEMPLATE_TOKENS = 14


class Generation:
    """Answers one chat or generate request."""

    def __init__(
        self, api: "Api", request: Request, responder: Responder, model: ServedModel
    ) -> None:
        self._api = api
        self._request = request
        self._responder = responder
        self._model = model
        self._behaviour = api.server.behaviour
        options = request.fields.get("options")
        self._options: Fields = options if isinstance(options, dict) else {}
        self._is_chat = request.path == "/api/chat"
        self._is_stream = request.fields.get("stream", True) is not False
        self._started = time.monotonic()
        self._load_seconds = 0.0

    async def load_or_unload(self) -> None:
        """Answer a request without a question: it only loads, or unloads."""
        if self._keep_alive_seconds() == 0:
            self._api.server.store.unload(self._model)
            reason = "unload"
        else:
            await self._load()
            reason = "load"
        await self._responder.send_json(
            {**self._line("", ""), "done": True, "done_reason": reason}
        )

    async def answer(self) -> None:
        """Answer a question, as the behaviour and the window allow."""
        await self._load()
        texts = self._prompt_texts()
        characters = sum(map(len, texts))
        prompt_tokens = TEMPLATE_TOKENS + int(
            characters * self._model.tokens_per_character
        )
        window = self._window_tokens()
        if prompt_tokens > window - 1:
            may_cut = self._request.fields.get("truncate") is not False
            if self._model.is_native or not may_cut:
                await self._refuse_overflow(prompt_tokens, window)
                return
            prompt_tokens = window - (window - KEPT_TOKENS) // 2
        await self._wait_for_slot()
        self._api.generating += 1
        try:
            await self._write(texts[-1], prompt_tokens)
        finally:
            self._api.generating -= 1

    async def _wait_for_slot(self) -> None:
        """Wait behind those who came earlier; whoever leaves is skipped."""
        waiting = self._api.waiting
        waiting.append(self._request)
        try:
            while (
                waiting[0] is not self._request
                or self._api.generating >= self._api.server.parallel
            ):
                await self._responder.pause(POLL_SECONDS)
        finally:
            waiting.remove(self._request)

    def _prompt_texts(self) -> list[str]:
        if not self._is_chat:
            return [str(self._request.fields["prompt"])]
        messages = self._request.fields["messages"]
        assert isinstance(messages, list)
        return [str(message.get("content", "")) for message in messages]

    async def _load(self) -> None:
        store = self._api.server.store
        window = self._window_tokens()
        if not store.is_loaded(self._model, window):
            await self._responder.pause(self._behaviour.load_seconds)
            self._load_seconds = self._behaviour.load_seconds
        store.load(self._model, window, self._keep_alive_seconds())

    def _window_tokens(self) -> int:
        wanted = self._options.get("num_ctx")
        tokens = wanted if isinstance(wanted, int) else DEFAULT_WINDOW_TOKENS
        return min(tokens, self._model.context_length)

    def _keep_alive_seconds(self) -> float | None:
        match self._request.fields.get("keep_alive"):
            case str(text):
                return parse_duration(text)
            case int(seconds) | float(seconds):
                return float(seconds)
            case _:
                return None

    async def _refuse_overflow(self, prompt_tokens: int, window: int) -> None:
        inner = encode(
            {
                "error": {
                    "code": 400,
                    "message": f"request ({prompt_tokens} tokens) exceeds the available"
                    f" context size ({window} tokens), try increasing it",
                    "type": "exceed_context_size_error",
                    "n_prompt_tokens": prompt_tokens,
                    "n_ctx": window,
                }
            }
        ).decode()
        if self._is_stream:
            await self._responder.send_stream_error(400, inner)
        else:
            await self._responder.send_error(400, inner)

    async def _write(self, question: str, prompt_tokens: int) -> None:
        await self._responder.pause(self._behaviour.first_token_seconds)
        limit = self._options.get("num_predict")
        limit = limit if isinstance(limit, int) and limit >= 0 else 1 << 30
        text = ""
        written = 0
        reason = "stop"
        for thinking, content in self._pieces(question):
            if written >= limit:
                reason = "length"
                break
            if written == self._behaviour.fault_after_pieces and await self._fail():
                return
            if written:
                await self._responder.pause(self._behaviour.token_seconds)
            written += 1
            text += content
            if self._is_stream:
                line = self._line(content, thinking)
                await self._responder.send_line({**line, "done": False})
        if written <= self._behaviour.fault_after_pieces and await self._fail():
            return
        final = {
            **self._line("" if self._is_stream else text, ""),
            "done": True,
            "done_reason": reason,
            **({} if self._is_chat else {"context": list(range(3, 30))}),
            **self._durations(prompt_tokens, written),
        }
        if not self._is_stream:
            await self._responder.send_json(final)
            return
        await self._responder.send_line(final)
        await self._responder.end()

    def _pieces(self, question: str) -> Iterator[tuple[str, str]]:
        thinking = self._behaviour.thinking
        if thinking and self._behaviour.thinks_in_content:
            for token in as_tokens(f"<think>{thinking}</think>"):
                yield "", token
        elif self._request.fields.get("think", True) is not False and (
            "thinking" in self._model.capabilities
        ):
            for token in as_tokens(thinking):
                yield token, ""
        is_silent = self._behaviour.is_silent_with_schema and bool(
            self._request.fields.get("format")
        )
        for token in as_tokens(self._text(question)):
            yield (token, "") if is_silent else ("", token)

    def _text(self, question: str) -> str:
        schema = self._request.fields.get("format")
        if self._behaviour.plain_text:
            return self._behaviour.plain_text
        reply = choose_reply(self._api.server.replies, question)
        if isinstance(schema, dict):
            names = list(schema.get("properties") or ())
            if names and all(map(str.isdigit, names)):
                return as_numbered(self._api.server.replies, names, question)
            return as_json(reply, schema, is_sorted=self._model.is_native)
        return f"{reply.analysis} {reply.explanation}"

    async def _fail(self) -> bool:
        """End the stream the wrong way, if the behaviour says so."""
        match self._behaviour.fault:
            case None:
                return False
            case Fault.ERROR_LINE:
                await self._responder.send_stream_error(
                    500, "an error was encountered while running the model: EOF"
                )
            case Fault.WITHOUT_DONE:
                await self._responder.start_stream()
                await self._responder.end()
            case Fault.DROPPED:
                await self._responder.drop({**self._line("lost", ""), "done": False})
            case Fault.GARBAGE:
                await self._responder.send_raw_line(b"<html>502 Bad Gateway</html>")
                await self._responder.end()
            case Fault.WRONG_SHAPE:
                await self._responder.send_raw_line(b'["not", "an", "object"]')
                await self._responder.end()
            case Fault.SILENCE:
                await self._responder.start_stream()
                await self._responder.silence()
        return True

    def _line(self, content: str, thinking: str) -> dict[str, object]:
        head: dict[str, object] = {
            "model": self._request.fields["model"],
            "created_at": timestamp(),
        }
        thought = {"thinking": thinking} if thinking else {}
        if self._is_chat:
            message = {"role": "assistant", "content": content, **thought}
            return {**head, "message": message}
        return {**head, "response": content, **thought}

    def _durations(self, prompt_tokens: int, written: int) -> dict[str, int]:
        """Return Ollama's counters; the parts add up to no more than the total."""
        reading = self._behaviour.first_token_seconds
        writing = max(
            time.monotonic() - self._started - self._load_seconds - reading, 1e-3
        )
        total = self._load_seconds + reading + writing + 2e-3
        return {
            "total_duration": int(total * 1e9),
            "load_duration": int((self._load_seconds + 1e-3) * 1e9),
            "prompt_eval_count": prompt_tokens,
            "prompt_eval_duration": int((reading + 1e-4) * 1e9),
            "eval_count": written,
            "eval_duration": int(writing * 0.9e9),
        }
