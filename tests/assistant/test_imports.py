"""What must not be loaded before the model is asked for the first time."""

import subprocess
import sys

HEAVY = {"ollama", "httpx", "pydantic", "pydantic_core", "anyio", "textual", "rich"}


def loaded_after(code: str) -> set[str]:
    """Return the heavy packages that a fresh interpreter has loaded."""
    report = "\nimport sys\nprint(*(name.partition('.')[0] for name in sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", code + report],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(run.stdout.split()) & HEAVY


def test_importing_and_making_an_assistant_loads_no_client() -> None:
    code = """
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.assistant.providers.scripted import ScriptedProvider
from terminal_ai.config import AiSettings
from terminal_ai.safety.redact import redact
settings = AiSettings()
Assistant(settings, provider=OllamaProvider(settings), redact=redact, language="en")
"""
    assert loaded_after(code) == set()


def test_a_refused_host_loads_no_client_either() -> None:
    code = """
import asyncio
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.config import AiSettings
from terminal_ai.safety.redact import redact
settings = AiSettings(host="http://192.0.2.1")
provider = OllamaProvider(settings)
made = Assistant(settings, provider=provider, redact=redact, language="en")
asyncio.run(made.status())
"""
    assert loaded_after(code) == set()


def test_where_no_service_listens_no_client_is_loaded() -> None:
    code = """
import asyncio, socket
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.config import AiSettings
from terminal_ai.errors import ServiceUnavailableError
from tests.assistant.making import collect, make_prompt
with socket.create_server(("127.0.0.1", 0)) as unused:
    port = unused.getsockname()[1]
provider = OllamaProvider(AiSettings(host=f"127.0.0.1:{port}"))
async def pulled():
    async for _progress in provider.pull("tiny"):
        pass
async def ask_everything():
    asked = (
        provider.models(),
        provider.version(),
        provider.load("tiny"),
        collect(provider.stream(make_prompt())),
        pulled(),
    )
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(answer, ServiceUnavailableError) for answer in answers)
    assert all(f"127.0.0.1:{port}" in str(answer) for answer in answers)
asyncio.run(ask_everything())
"""
    assert loaded_after(code) == set()
