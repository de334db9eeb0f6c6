"""The models the server has, and which of them are loaded."""

import hashlib
import time
from dataclasses import dataclass, field, replace

from tests.ollama_server.golang import FOREVER_SECONDS

DEFAULT_KEEP_ALIVE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class ServedModel:
    """One installed model.

    ``is_native`` models render their own template and refuse a prompt that is too
    long; the others have it cut, silently, unless the request forbids that.
    """

    name: str
    family: str = "llama"
    parameter_size: str = "135K"
    size_bytes: int = 551_050
    context_length: int = 4096
    embedding_length: int = 64
    capabilities: tuple[str, ...] = ("completion",)
    parent: str = ""
    is_native: bool = True
    remote_host: str = ""
    revision: int = 1
    """Another one is another file under the same name."""
    tokens_per_character: float = 61 / 75
    """As the recorded models with their tiny vocabulary count."""

    @property
    def digest(self) -> str:
        """A stable stand-in for the manifest's digest."""
        return hashlib.sha256(f"{self.name} {self.revision}".encode()).hexdigest()

    @property
    def details(self) -> dict[str, object]:
        """As /api/show and /api/ps give them."""
        return {
            "parent_model": self.parent,
            "format": "gguf",
            "family": self.family,
            "families": [self.family],
            "parameter_size": self.parameter_size,
            "quantization_level": "unknown",
        }


@dataclass(slots=True)
class Loaded:
    """A runner: its model, its window, and when it goes."""

    model: ServedModel
    window_tokens: int
    expires_at: float


@dataclass(slots=True)
class ModelStore:
    """Installed and loaded models by full name."""

    installed: dict[str, ServedModel] = field(default_factory=dict)
    loaded: dict[str, Loaded] = field(default_factory=dict)

    def add(self, model: ServedModel) -> None:
        name = full_name(model.name)
        self.installed[name] = replace(model, name=name)

    def find(self, name: str) -> ServedModel | None:
        return self.installed.get(full_name(name))

    def is_loaded(self, model: ServedModel, window_tokens: int) -> bool:
        """False also when another window asks for another runner."""
        self.running()
        runner = self.loaded.get(model.name)
        return runner is not None and runner.window_tokens == window_tokens

    def running(self) -> list[Loaded]:
        """Return the runners whose time has not come; the others are unloaded."""
        now = time.time()
        for name, runner in list(self.loaded.items()):
            if runner.expires_at <= now:
                del self.loaded[name]
        return list(self.loaded.values())

    def load(
        self, model: ServedModel, window_tokens: int, keep_alive_seconds: float | None
    ) -> None:
        seconds = (
            DEFAULT_KEEP_ALIVE_SECONDS
            if keep_alive_seconds is None
            else FOREVER_SECONDS
            if keep_alive_seconds < 0
            else keep_alive_seconds
        )
        self.loaded[model.name] = Loaded(model, window_tokens, time.time() + seconds)

    def unload(self, model: ServedModel) -> None:
        self.loaded.pop(model.name, None)


def full_name(name: str) -> str:
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
