"""Fixtures for the whole suite: a clean environment and where ``shared`` is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from terminal_ai import messages

# The reference material; a clone of the project alone has none.
SHARED = Path(__file__).resolve().parents[2] / "shared"

settings.register_profile(
    "suite",
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keep the developer's own settings, services and directories out of tests."""
    for name in list(os.environ):
        if name.startswith(("TERMINAL_AI_", "OLLAMA_", "XDG_")) or name in (
            "NO_COLOR",
            "COLORFGBG",
            "HTTP_PROXY",
            "http_proxy",
        ):
            monkeypatch.delenv(name)
    base = tmp_path_factory.mktemp("xdg")
    for kind in ("CONFIG_HOME", "STATE_HOME", "DATA_HOME", "CACHE_HOME", "RUNTIME_DIR"):
        directory = base / kind.lower()
        directory.mkdir(mode=0o700)
        monkeypatch.setenv(f"XDG_{kind}", str(directory))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Texts are compared in English, whatever the machine speaks."""
    messages.use_language("en")
    yield
    messages.use_language("en")
