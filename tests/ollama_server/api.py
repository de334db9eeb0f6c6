"""Ollama's endpoints: which request gets which answer."""

import json
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tests.ollama_server.behaviour import Fault
from tests.ollama_server.generation import Generation
from tests.ollama_server.golang import (
    DurationError,
    kind_of,
    parse_duration,
    timestamp,
)
from tests.ollama_server.http import Request, Responder
from tests.ollama_server.store import ServedModel, full_name

if TYPE_CHECKING:
    from tests.ollama_server.server import OllamaServer

VERSION = "0.0.0"
PULL_LAYERS = (("sha256:" + "ab" * 32, 400_000), ("sha256:" + "cd" * 32, 1_200))
PULL_STEPS = 4
# Requests whose first fields have a type that JSON decoding checks.
_FIELD_KINDS = {
    "/api/chat": {"messages": ("ChatRequest", "array", "[]api.Message")},
    "/api/generate": {"prompt": ("GenerateRequest", "string", "string")},
}


class RefusedError(Exception):
    """The request is answered with an error before anything else happens."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Api:
    """Routes requests and keeps what outlives one of them."""

    def __init__(self, server: "OllamaServer") -> None:
        self.server = server
        self.generating = 0
        self.waiting: deque[Request] = deque()
        """Requests for a slot, in the order in which they get one."""
        self._routes: dict[
            str, dict[str, Callable[[Request, Responder], Awaitable[None]]]
        ] = {
            "/": {"GET": self._root, "HEAD": self._root},
            "/api/version": {"GET": self._version, "HEAD": self._version},
            "/api/status": {"GET": self._status},
            "/api/tags": {"GET": self._tags, "HEAD": self._tags},
            "/api/ps": {"GET": self._ps},
            "/api/show": {"POST": self._show},
            "/api/chat": {"POST": self._chat},
            "/api/generate": {"POST": self._generate},
            "/api/embed": {"POST": self._embed},
            "/api/pull": {"POST": self._pull},
            "/api/create": {"POST": self._create},
            "/api/delete": {"DELETE": self._delete},
        }

    async def answer(self, request: Request, responder: Responder) -> None:
        behaviour = self.server.behaviour
        if behaviour.redirect_to:
            await responder.send(
                307, "", b"", Location=behaviour.redirect_to + request.path
            )
            return
        await responder.pause(behaviour.quick_seconds)
        if behaviour.broken_stage == _stage(request):
            await self._break(responder, behaviour.broken_by)
            return
        methods = self._routes.get(request.path)
        if methods is None or request.path in behaviour.not_offered:
            await responder.send(404, "text/plain", b"404 page not found")
            return
        handler = methods.get(request.method)
        if handler is None:
            await responder.send(405, "text/plain", b"405 method not allowed")
            return
        try:
            if request.method in ("POST", "DELETE"):
                _require_body(request)
            await handler(request, responder)
        except RefusedError as refused:
            await responder.send_error(refused.status, refused.text)

    async def _break(self, responder: Responder, how: Fault | int) -> None:
        match how:
            case int(status):
                await responder.send_error(status, "this is broken")
            case Fault.DROPPED:
                await responder.drop({"models": []})
            case Fault.SILENCE:
                await responder.silence()
            case _:
                await responder.send(200, "text/html", b"<html>502 Bad Gateway</html>")

    async def _root(self, _request: Request, responder: Responder) -> None:
        await responder.send(200, "text/plain; charset=utf-8", b"Ollama is running")

    async def _version(self, _request: Request, responder: Responder) -> None:
        await responder.send_json({"version": VERSION})

    async def _status(self, _request: Request, responder: Responder) -> None:
        await responder.send_json({"cloud": {"disabled": True, "source": "env"}})

    async def _tags(self, _request: Request, responder: Responder) -> None:
        entries = []
        for model in self.server.store.installed.values():
            entry: dict[str, object] = {"name": model.name, "model": model.name}
            if model.remote_host:
                entry |= {
                    "remote_model": model.name.partition(":")[0],
                    "remote_host": model.remote_host,
                }
            entry |= {
                "modified_at": timestamp(),
                "size": model.size_bytes,
                "digest": model.digest,
                "details": model.details,
            }
            if not self.server.behaviour.is_terse:
                entry["details"] = {
                    **model.details,
                    "context_length": model.context_length,
                    "embedding_length": model.embedding_length,
                }
                entry["capabilities"] = list(model.capabilities)
            entries.append(entry)
        await responder.send_json({"models": entries})

    async def _ps(self, _request: Request, responder: Responder) -> None:
        entries = [
            {
                "name": runner.model.name,
                "model": runner.model.name,
                "size": runner.model.size_bytes * 14,
                "digest": runner.model.digest,
                "details": runner.model.details,
                "expires_at": timestamp(runner.expires_at),
                "size_vram": 0,
                "context_length": runner.window_tokens,
            }
            for runner in self.server.store.running()
        ]
        await responder.send_json({"models": entries})

    async def _show(self, request: Request, responder: Responder) -> None:
        name = str(request.fields.get("model", ""))
        model = self.server.store.find(name)
        if model is None:
            raise RefusedError(404, f"model '{full_name(name)}' not found")
        await responder.send_chunked_json(_description(model))

    async def _chat(self, request: Request, responder: Responder) -> None:
        model = self._model_for(request)
        self._require_capabilities(request, model)
        generation = Generation(self, request, responder, model)
        if request.fields.get("messages"):
            await generation.answer()
        else:
            await generation.load_or_unload()

    async def _generate(self, request: Request, responder: Responder) -> None:
        generation = Generation(self, request, responder, self._model_for(request))
        if request.fields.get("prompt"):
            await generation.answer()
        else:
            await generation.load_or_unload()

    async def _embed(self, request: Request, responder: Responder) -> None:
        model = self._model_for(request)
        if "embedding" not in model.capabilities:
            raise RefusedError(
                501,
                "This server does not support embeddings. Start it with `--embeddings`",
            )
        inputs = request.fields.get("input")
        count = len(inputs) if isinstance(inputs, list) else 1
        await responder.send_json(
            {
                "model": request.fields["model"],
                "embeddings": [[0.0] * model.embedding_length] * count,
                "total_duration": 1_000_000,
                "load_duration": 100_000,
                "prompt_eval_count": count,
            }
        )

    async def _pull(self, request: Request, responder: Responder) -> None:
        behaviour = self.server.behaviour
        name = str(request.fields.get("model") or request.fields.get("name", ""))
        if not name:
            raise RefusedError(400, "model is required")
        await responder.send_line({"status": "pulling manifest"})
        if behaviour.pull_error:
            await responder.send_stream_error(500, behaviour.pull_error)
            return
        for digest, total in PULL_LAYERS:
            status = f"pulling {digest.removeprefix('sha256:')[:12]}"
            progress = {"status": status, "digest": digest, "total": total}
            await responder.send_line(progress)
            for step in range(1, PULL_STEPS + 1):
                await responder.pause(behaviour.pull_step_seconds)
                completed = total * step // PULL_STEPS
                await responder.send_line({**progress, "completed": completed})
        if behaviour.fault is not None:
            await responder.end()
            return
        await responder.send_line({"status": "verifying sha256 digest"})
        await responder.send_line({"status": "writing manifest"})
        self.server.store.add(ServedModel(name))
        await responder.send_line({"status": "success"})
        await responder.end()

    async def _create(self, request: Request, responder: Responder) -> None:
        source = self.server.store.find(str(request.fields.get("from", "")))
        if source is None:
            raise RefusedError(404, f"model '{request.fields.get('from')}' not found")
        for layer in (source.digest, source.digest[::-1]):
            await responder.send_line(
                {"status": f"using existing layer sha256:{layer}"}
            )
        await responder.send_line({"status": "writing manifest"})
        self.server.store.add(ServedModel(str(request.fields["model"])))
        await responder.send_line({"status": "success"})
        await responder.end()

    async def _delete(self, request: Request, responder: Responder) -> None:
        name = str(request.fields.get("model", ""))
        model = self.server.store.find(name)
        if model is None:
            raise RefusedError(404, f"model '{name}' not found")
        del self.server.store.installed[model.name]
        self.server.store.unload(model)
        await responder.send(200, "", b"")

    def _model_for(self, request: Request) -> ServedModel:
        name = request.fields.get("model")
        if not isinstance(name, str) or not name:
            raise RefusedError(400, "model is required")
        model = self.server.store.find(name)
        if name.endswith(("-cloud", ":cloud")) or (model and model.remote_host):
            raise RefusedError(
                403, "ollama cloud is disabled: remote model is unavailable"
            )
        if model is None:
            raise RefusedError(404, f"model '{name}' not found")
        behaviour = self.server.behaviour
        if behaviour.refusal_status:
            raise RefusedError(behaviour.refusal_status, behaviour.refusal_text)
        return model

    def _require_capabilities(self, request: Request, model: ServedModel) -> None:
        if request.fields.get("tools") and "tools" not in model.capabilities:
            raise RefusedError(
                400, f"registry.ollama.ai/library/{model.name} does not support tools"
            )
        name = request.fields["model"]
        if request.fields.get("think") and "thinking" not in model.capabilities:
            raise RefusedError(400, f'"{name}" does not support thinking')
        match self.server.behaviour.refused_field:
            case "think" if "think" in request.fields:
                raise RefusedError(400, f'"{name}" does not support thinking')
            case "format" if "format" in request.fields:
                raise RefusedError(
                    500, "failed to load model vocabulary required for format"
                )


def _stage(request: Request) -> str:
    is_load = request.path == "/api/chat" and not request.fields.get("messages")
    return "load" if is_load else request.path


def _require_body(request: Request) -> None:
    """Refuse what Go's decoder would refuse, in its words."""
    if not request.body:
        raise RefusedError(400, "missing request body")
    try:
        json.loads(request.body)
    except ValueError:
        first = request.body.lstrip()[:1].decode("latin-1")
        raise RefusedError(
            400, f"invalid character '{first}' looking for beginning of value"
        ) from None
    for field, (owner, kind, go_type) in _FIELD_KINDS.get(request.path, {}).items():
        value = request.fields.get(field)
        if value is not None and kind_of(value) != kind:
            raise RefusedError(
                400,
                f"json: cannot unmarshal {kind_of(value)} into Go struct field "
                f"{owner}.{field} of type {go_type}",
            )
    if isinstance(keep_alive := request.fields.get("keep_alive"), str):
        try:
            parse_duration(keep_alive)
        except DurationError as error:
            raise RefusedError(400, str(error)) from None


def _description(model: ServedModel) -> dict[str, object]:
    """What /api/show tells, without the hundreds of tensors of a real model."""
    family = model.family
    return {
        "modelfile": f'# Modelfile generated by "ollama show"\nFROM {model.name}\n',
        "parameters": "temperature                    0",
        "template": "{% for m in messages %}<|im_start|>{{m.role}}\n{% endfor %}",
        "details": model.details,
        "model_info": {
            "general.architecture": family,
            "general.file_type": 0,
            "general.parameter_count": 134_976,
            "general.quantization_version": 2,
            f"{family}.attention.head_count": 4,
            f"{family}.attention.head_count_kv": 4,
            f"{family}.attention.layer_norm_rms_epsilon": 0.00001,
            f"{family}.block_count": 2,
            f"{family}.context_length": model.context_length,
            f"{family}.embedding_length": model.embedding_length,
            f"{family}.feed_forward_length": 128,
            f"{family}.rope.dimension_count": 16,
            f"{family}.rope.freq_base": 10_000,
            f"{family}.vocab_size": 412,
            "tokenizer.ggml.add_bos_token": True,
            "tokenizer.ggml.add_space_prefix": True,
            "tokenizer.ggml.bos_token_id": 1,
            "tokenizer.ggml.eos_token_id": 4,
            "tokenizer.ggml.model": "llama",
            "tokenizer.ggml.pre": "default",
            "tokenizer.ggml.scores": None,
            "tokenizer.ggml.token_type": None,
            "tokenizer.ggml.tokens": None,
            "tokenizer.ggml.unknown_token_id": 0,
        },
        "tensors": [{"name": "output.weight", "type": "F32", "shape": [64, 412]}],
        "capabilities": list(model.capabilities),
        "modified_at": timestamp(),
        **({"remote_host": model.remote_host} if model.remote_host else {}),
    }
