"""The test server against recorded exchanges of a real Ollama."""

import json
import re
from typing import Any

import httpx
import pytest

from tests.conftest import SHARED
from tests.ollama_server import Behaviour, OllamaServer, ServedModel

TRANSCRIPTS = SHARED / "data" / "ollama-transcripts"
NAMES = sorted(path.stem for path in TRANSCRIPTS.glob("*.json"))

pytestmark = pytest.mark.skipif(
    not NAMES,
    reason="the recorded exchanges (../shared/data) are not beside this checkout",
)

# The recorded server's three models, in its order.
MODELS = (
    ServedModel("tinyt", parent="tiny:latest", is_native=False),
    ServedModel("mid", size_bytes=110_788_588, context_length=8192),
    ServedModel("tiny"),
)
COPY = ServedModel("tinycopy")
# Fields whose text is the server's own free choice or the clock's.
NUMBERS = re.compile(r"\d+")
DURATIONS = ("load_duration", "prompt_eval_duration", "eval_duration")


@pytest.mark.parametrize("name", NAMES)
def test_the_server_answers_like_the_real_one(name: str) -> None:
    transcript = _read(name)
    answer, body = _replay(transcript)
    assert answer.status_code == transcript["status"]
    recorded_headers = transcript["headers"]
    for header in ("content-type", "transfer-encoding"):
        assert answer.headers.get(header) == recorded_headers.get(header)
    assert ("content-length" in answer.headers) == (
        "content-length" in recorded_headers
    )
    recorded_body = "".join(text for _, text in transcript["chunks_ms"])
    if not _is_json(recorded_headers):
        assert body == recorded_body
        return
    ours, theirs = _lines(body), _lines(recorded_body)
    assert body.endswith("\n") == recorded_body.endswith("\n")
    assert _without_repeats(map(shape, ours)) == _without_repeats(map(shape, theirs))
    for our_line, their_line in zip(_told(ours), _told(theirs), strict=True):
        assert our_line == their_line


@pytest.mark.parametrize(
    "name", ["chat_stream", "chat_schema_stream", "generate_stream", "chat_nostream"]
)
def test_final_counters_hold_together_as_the_recorded_ones_do(name: str) -> None:
    transcript = _read(name)
    _, body = _replay(transcript)
    for text in (body, "".join(text for _, text in transcript["chunks_ms"])):
        *pieces, final = _lines(text)
        assert final["total_duration"] >= sum(final[key] for key in DURATIONS)
        if pieces:
            assert final["eval_count"] >= len(pieces)
        limit = transcript["request"]["json"]["options"]["num_predict"]
        is_cut = final["eval_count"] == limit
        assert final["done_reason"] == ("length" if is_cut else "stop")


def test_a_schema_is_filled_in_alphabetical_order() -> None:
    transcript = _read("chat_schema_stream")
    _, body = _replay(transcript)
    for text in (body, "".join(text for _, text in transcript["chunks_ms"])):
        said = "".join(line["message"]["content"] for line in _lines(text))
        fields = json.loads(said, strict=False)
        assert list(fields) == ["command", "explanation", "risk"]


def test_counters_tell_the_delays_that_were_asked_for() -> None:
    slow = Behaviour(load_seconds=0.03, first_token_seconds=0.02)
    body = {"model": "tiny", "messages": [{"role": "user", "content": "x"}]}
    with (
        OllamaServer(behaviour=slow) as server,
        httpx.Client(base_url=server.url, trust_env=False) as client,
    ):
        cold, warm = (
            client.post("/api/chat", json={**body, "stream": False}).json()
            for _ in range(2)
        )
    assert cold["load_duration"] >= 30_000_000 > warm["load_duration"]
    assert cold["prompt_eval_duration"] >= 20_000_000
    assert cold["total_duration"] >= 50_000_000


def test_unloading_and_deleting_have_an_effect() -> None:
    with OllamaServer(MODELS) as server, httpx.Client(base_url=server.url) as client:
        chat = {"model": "tiny", "messages": []}
        client.post("/api/chat", json=chat)
        assert [model["name"] for model in client.get("/api/ps").json()["models"]] == [
            "tiny:latest"
        ]
        client.post("/api/chat", json={**chat, "keep_alive": 0})
        assert client.get("/api/ps").json() == {"models": []}
        client.request("DELETE", "/api/delete", json={"model": "mid"})
        assert len(client.get("/api/tags").json()["models"]) == len(MODELS) - 1


def _read(name: str) -> dict[str, Any]:
    text = (TRANSCRIPTS / f"{name}.json").read_text("utf-8")
    transcript: dict[str, Any] = json.loads(text)
    return transcript


def _replay(transcript: dict[str, Any]) -> tuple[httpx.Response, str]:
    request = transcript["request"]
    with (
        OllamaServer((*MODELS, COPY)) as server,
        httpx.Client(base_url=server.url, trust_env=False) as client,
    ):
        if transcript["name"] == "ps":
            client.post("/api/chat", json={"model": "tiny", "messages": []})
        if transcript["name"] == "tags":
            client.request("DELETE", "/api/delete", json={"model": COPY.name})
        answer = client.request(
            request["method"], request["path"], json=request["json"]
        )
    return answer, answer.text


def _is_json(headers: dict[str, str]) -> bool:
    return "json" in headers.get("content-type", "")


def _lines(body: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body.splitlines()]


def shape(value: object, key: str = "") -> object:
    """Return key sets and types; a list is the shapes found in it."""
    if isinstance(value, dict):
        return tuple((name, shape(value[name], name)) for name in value)
    if isinstance(value, list):
        return ("list", frozenset(shape(item) for item in value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


def _without_repeats(shapes: Any) -> list[object]:
    """Return the order of kinds of lines: how many pieces there are is chance."""
    kinds: list[object] = []
    for one in shapes:
        if not kinds or kinds[-1] != one:
            kinds.append(one)
    return kinds


def _told(lines: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    """Return what a line says in words: errors, states, reasons, names."""
    said = []
    for line in lines:
        words = tuple(
            NUMBERS.sub("N", str(line[key]))
            for key in ("error", "done_reason", "version")
            if key in line
        )
        status = re.sub(r"sha256:\w+", "DIGEST", str(line.get("status", "")))
        names = [model["name"] for model in line.get("models", ())]
        if words or status or names:
            said.append((*words, status, *names))
    return said
