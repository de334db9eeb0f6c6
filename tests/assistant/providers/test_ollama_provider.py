"""The real ollama client against real HTTP: answers, faults, cancelling, refusals."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import replace

import pytest

from terminal_ai.assistant.providers.base import (
    AnswerEvent,
    Completion,
    Message,
    PhaseChanged,
    Piece,
    Role,
)
from terminal_ai.assistant.providers.ollama import OllamaProvider, to_keep_alive
from terminal_ai.errors import (
    IncompleteAnswerError,
    ModelMissingError,
    PromptTooLongError,
    ProviderError,
    ServiceUnavailableError,
)
from terminal_ai.records import AnswerPhase
from tests.assistant.making import collect, make_prompt, make_settings
from tests.ollama_server import Behaviour, Fault, OllamaServer, ServedModel


def said(events: list[AnswerEvent]) -> str:
    return "".join(event.content for event in events if isinstance(event, Piece))


def phases(events: list[AnswerEvent]) -> list[AnswerPhase]:
    return [event.phase for event in events if isinstance(event, PhaseChanged)]


async def follow(
    provider: OllamaProvider, see: Callable[[AnswerEvent], object]
) -> None:
    async with contextlib.aclosing(provider.stream(make_prompt())) as events:
        async for event in events:
            see(event)


async def test_an_answer_arrives_with_phases_pieces_and_figures(
    provider: OllamaProvider, ollama_server: OllamaServer
) -> None:
    cold = await collect(provider.stream(make_prompt()))
    warm = await collect(provider.stream(make_prompt()))
    assert phases(cold) == [
        AnswerPhase.CONNECTING,
        AnswerPhase.LOADING,
        AnswerPhase.READING,
    ]
    assert phases(warm) == [AnswerPhase.CONNECTING, AnswerPhase.READING]
    assert '"command": "git status"' in said(cold)
    completion = cold[-1]
    assert isinstance(completion, Completion)
    assert not completion.was_cut
    assert completion.figures.prompt_tokens
    pieces = [event for event in cold if isinstance(event, Piece)]
    assert completion.figures.answer_tokens == len(pieces)
    assert completion.figures.tokens_per_second


async def test_every_request_asks_for_the_same_runner(
    provider: OllamaProvider, ollama_server: OllamaServer
) -> None:
    await collect(provider.stream(make_prompt("first", answer_tokens=9)))
    await collect(provider.stream(make_prompt("second", temperature=0.8)))
    posted = ollama_server.asked("/api/chat")
    runner_options = {"num_ctx", "num_batch", "num_gpu", "num_thread"}
    asked = []
    for request in posted:
        options = request.fields["options"]
        assert isinstance(options, dict)
        asked.append({key: options[key] for key in runner_options & options.keys()})
    assert asked == [{"num_ctx": 4096}] * 3
    assert {str(request.fields["keep_alive"]) for request in posted} == {"10m"}
    assert len(ollama_server.chats) == 2
    for request in ollama_server.chats:
        assert request.fields["truncate"] is False
        assert request.fields["think"] is False


async def test_a_length_ended_answer_says_so(provider: OllamaProvider) -> None:
    events = await collect(provider.stream(make_prompt(answer_tokens=3)))
    completion = events[-1]
    assert isinstance(completion, Completion)
    assert completion.was_cut


async def test_thinking_arrives_apart(ollama_server: OllamaServer) -> None:
    ollama_server.store.add(
        ServedModel("thinker", capabilities=("completion", "thinking"))
    )
    ollama_server.behaviour = Behaviour(thinking="Let me see.")
    provider = OllamaProvider(make_settings(ollama_server.url, model="thinker"))
    events = await collect(
        provider.stream(make_prompt(model="thinker", may_think=True))
    )
    await provider.close()
    thoughts = [event.thinking for event in events if isinstance(event, Piece)]
    assert "".join(thoughts) == "Let me see."
    assert said(events).startswith("{")


@pytest.mark.parametrize(
    ("model", "may_think", "told"),
    [
        (ServedModel("plain"), True, False),
        (ServedModel("able", capabilities=("completion", "thinking")), False, False),
        (ServedModel("able", capabilities=("completion", "thinking")), True, True),
        (
            ServedModel(
                "gpt-oss:20b",
                family="gptoss",
                capabilities=("completion", "thinking"),
            ),
            False,
            "low",
        ),
    ],
)
async def test_each_model_is_told_how_much_to_think_in_its_own_way(
    provider: OllamaProvider,
    ollama_server: OllamaServer,
    model: ServedModel,
    may_think: bool,
    told: object,
) -> None:
    ollama_server.store.add(model)
    prompt = make_prompt(model=model.name, may_think=may_think)
    assert said(await collect(provider.stream(prompt)))
    assert ollama_server.chats[0].fields["think"] == told


async def test_a_service_that_refuses_to_hear_of_thinking_is_not_told_again(
    provider: OllamaProvider, ollama_server: OllamaServer
) -> None:
    ollama_server.behaviour = Behaviour(refused_field="think")
    for _ in range(2):
        assert said(await collect(provider.stream(make_prompt())))
    assert [request.status for request in ollama_server.chats] == [400, 200, 200]


FAULTS = [
    (Fault.ERROR_LINE, ProviderError, -1),
    (Fault.WITHOUT_DONE, IncompleteAnswerError, None),
    (Fault.DROPPED, IncompleteAnswerError, None),
    (Fault.GARBAGE, ProviderError, None),
    (Fault.WRONG_SHAPE, ProviderError, None),
    (Fault.SILENCE, ProviderError, None),
]


@pytest.mark.parametrize(("fault", "error_type", "status"), FAULTS)
@pytest.mark.parametrize("after", [0, 4])
async def test_a_stream_that_breaks_is_one_of_our_errors(
    ollama_server: OllamaServer,
    fault: Fault,
    error_type: type[ProviderError],
    status: int | None,
    after: int,
) -> None:
    ollama_server.behaviour = Behaviour(fault=fault, fault_after_pieces=after)
    provider = OllamaProvider(
        make_settings(ollama_server.url, first_token_timeout_seconds=0.3)
    )
    received: list[AnswerEvent] = []
    with pytest.raises(error_type) as caught:
        await follow(provider, received.append)
    if status is not None:
        assert caught.value.status_code == (status if after else 500)
    assert caught.value.hint
    assert len([event for event in received if isinstance(event, Piece)]) == after
    # The same client works again at once.
    ollama_server.behaviour = Behaviour()
    assert said(await collect(provider.stream(make_prompt())))
    await provider.close()


@pytest.mark.parametrize(
    ("status", "text", "word"),
    [
        (503, "server busy, please try again.", "busy"),
        (500, "model requires more system memory than is available", "memory"),
        (403, "ollama cloud is disabled", "cloud"),
        (400, 'time: missing unit in duration "5"', "duration"),
    ],
)
async def test_a_refusal_keeps_its_status_and_its_reason(
    provider: OllamaProvider,
    ollama_server: OllamaServer,
    status: int,
    text: str,
    word: str,
) -> None:
    ollama_server.behaviour = Behaviour(refusal_status=status, refusal_text=text)
    with pytest.raises(ProviderError) as caught:
        await collect(provider.stream(make_prompt()))
    assert caught.value.status_code == status
    assert word in caught.value.message
    assert caught.value.hint


async def test_a_prompt_too_long_tells_both_counts(provider: OllamaProvider) -> None:
    long = make_prompt("word " * 6_000)
    with pytest.raises(PromptTooLongError) as caught:
        await collect(provider.stream(long))
    assert caught.value.window_tokens == 4096
    assert caught.value.prompt_tokens > 20_000


async def test_nobody_there_is_calm_and_recovers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    provider = OllamaProvider(make_settings(f"http://127.0.0.1:{port}"))
    for ask in (
        lambda: collect(provider.stream(make_prompt())),
        provider.models,
        provider.version,
        lambda: collect(provider.pull("tiny")),
    ):
        with pytest.raises(ServiceUnavailableError, match=f"127.0.0.1:{port}"):
            await ask()
    with OllamaServer(port=port):
        assert said(await collect(provider.stream(make_prompt())))
    with pytest.raises(ServiceUnavailableError):
        await collect(provider.stream(make_prompt()))
    with OllamaServer(port=port):
        assert said(await collect(provider.stream(make_prompt())))
    await provider.close()


async def test_a_server_that_dies_in_the_middle_is_noticed(
    provider: OllamaProvider, ollama_server: OllamaServer
) -> None:
    ollama_server.behaviour = Behaviour(token_seconds=0.02)

    def stop_it(event: AnswerEvent) -> None:
        if isinstance(event, Piece):
            ollama_server.stop()

    with pytest.raises(IncompleteAnswerError):
        await follow(provider, stop_it)


async def test_a_server_that_never_answers_is_given_up(
    ollama_server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "terminal_ai.assistant.providers.ollama_client.QUICK_ANSWER_SECONDS", 0.05
    )
    ollama_server.behaviour = Behaviour(quick_seconds=5)
    provider = OllamaProvider(make_settings(ollama_server.url))
    with pytest.raises(ServiceUnavailableError, match="in time"):
        await provider.version()
    await ollama_server.until(lambda: ollama_server.requests[-1].was_left)
    await provider.close()


SLOW = Behaviour(load_seconds=30, first_token_seconds=30, token_seconds=30)
CANCEL_POINTS = [
    (AnswerPhase.LOADING, SLOW),
    (AnswerPhase.READING, replace(SLOW, load_seconds=0)),
    (AnswerPhase.WRITING, replace(SLOW, load_seconds=0, first_token_seconds=0)),
]


@pytest.mark.parametrize(("phase", "behaviour"), CANCEL_POINTS)
async def test_cancelling_the_task_stops_the_server_in_every_phase(
    provider: OllamaProvider,
    ollama_server: OllamaServer,
    phase: AnswerPhase,
    behaviour: Behaviour,
) -> None:
    ollama_server.behaviour = behaviour
    seen: list[AnswerEvent] = []

    task = asyncio.create_task(follow(provider, seen.append))
    await ollama_server.until(lambda: _has_reached(seen, phase, ollama_server))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await ollama_server.until(lambda: ollama_server.requests[-1].was_left)
    ollama_server.behaviour = Behaviour()
    assert said(await collect(provider.stream(make_prompt())))


def _has_reached(
    seen: list[AnswerEvent], phase: AnswerPhase, server: OllamaServer
) -> bool:
    chats = server.asked("/api/chat")
    if phase is AnswerPhase.WRITING:
        return any(isinstance(event, Piece) for event in seen)
    if phase is AnswerPhase.READING:
        return bool(server.chats)
    return bool(chats) and not server.chats


async def test_closing_the_generator_between_two_pieces_stops_the_server(
    provider: OllamaProvider, ollama_server: OllamaServer
) -> None:
    ollama_server.behaviour = Behaviour(token_seconds=0.01)
    async with contextlib.aclosing(provider.stream(make_prompt())) as events:
        async for event in events:
            if isinstance(event, Piece):
                break
    await ollama_server.until(lambda: ollama_server.chats[-1].was_left)
    sent = ollama_server.chats[-1].pieces_sent
    everything = await collect(provider.stream(make_prompt()))
    assert sent < len([event for event in everything if isinstance(event, Piece)])


async def test_a_missing_model_is_pulled_and_answers(
    ollama_server: OllamaServer,
) -> None:
    provider = OllamaProvider(make_settings(ollama_server.url, model="new:1b"))
    with pytest.raises(ModelMissingError, match="new:1b"):
        await collect(provider.stream(make_prompt(model="new:1b")))
    steps = await collect(provider.pull("new:1b"))
    assert steps[0].status == "pulling manifest"
    assert steps[-1].status == "success"
    assert steps[-1].completed_bytes == steps[-1].total_bytes > 0
    completed = [step.completed_bytes for step in steps]
    assert completed == sorted(completed)
    assert said(await collect(provider.stream(make_prompt(model="new:1b"))))
    await provider.close()


async def test_a_pull_can_be_cancelled_and_can_fail(
    provider: OllamaProvider, ollama_server: OllamaServer
) -> None:
    ollama_server.behaviour = Behaviour(pull_step_seconds=30)
    async with contextlib.aclosing(provider.pull("new")) as steps:
        async for _step in steps:
            break
    await ollama_server.until(lambda: ollama_server.asked("/api/pull")[-1].was_left)
    ollama_server.behaviour = Behaviour(
        pull_error="pull model manifest: file does not exist"
    )
    with pytest.raises(ProviderError, match="file does not exist"):
        await collect(provider.pull("nope"))
    ollama_server.behaviour = Behaviour(fault=Fault.WITHOUT_DONE)
    with pytest.raises(IncompleteAnswerError):
        await collect(provider.pull("new"))


async def test_models_and_version_are_told(
    provider: OllamaProvider, ollama_server: OllamaServer
) -> None:
    ollama_server.store.add(ServedModel("big:7b", size_bytes=4_000_000_000))
    models = {model.name: model for model in await provider.models()}
    assert models.keys() == {"tiny:latest", "big:7b"}
    assert models["big:7b"].size_bytes == 4_000_000_000
    assert await provider.version() == "0.0.0"


async def test_no_proxy_from_the_environment_is_contacted(
    ollama_server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OllamaServer() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        provider = OllamaProvider(make_settings(ollama_server.url))
        assert said(await collect(provider.stream(make_prompt())))
        await provider.close()
        assert proxy.requests == []


async def test_a_redirect_is_not_followed(ollama_server: OllamaServer) -> None:
    with OllamaServer() as elsewhere:
        ollama_server.behaviour = Behaviour(redirect_to=elsewhere.url)
        provider = OllamaProvider(make_settings(ollama_server.url))
        with pytest.raises(ProviderError, match="307") as caught:
            await collect(provider.stream(make_prompt()))
        assert "redirect" in caught.value.hint
        await provider.close()
        assert elsewhere.requests == []


async def test_the_key_for_the_cloud_is_sent_to_nobody(
    ollama_server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "k-very-secret")
    provider = OllamaProvider(make_settings(ollama_server.url))
    await collect(provider.stream(make_prompt()))
    await provider.close()
    assert ollama_server.requests
    for request in ollama_server.requests:
        assert "authorization" not in request.headers
        assert "k-very-secret" not in str(request.headers)


@pytest.mark.parametrize("host", ["http://192.0.2.7:11434", "ollama.example.com"])
async def test_another_machine_is_refused_without_a_word_to_it(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_client(*_: object) -> None:
        raise AssertionError("a client was made for a refused host")

    monkeypatch.setattr(
        "terminal_ai.assistant.providers.ollama_client.make_client", no_client
    )
    provider = OllamaProvider(make_settings(host))
    for ask in (provider.version, lambda: collect(provider.stream(make_prompt()))):
        with pytest.raises(ProviderError, match="not this machine") as caught:
            await ask()
        assert "allow_remote_host" in caught.value.hint


@pytest.mark.parametrize("model", ["gpt-oss:120b-cloud", "kimi-k2:cloud", "x:CLOUD"])
async def test_a_cloud_model_is_refused_before_any_request(
    provider: OllamaProvider, ollama_server: OllamaServer, model: str
) -> None:
    with pytest.raises(ProviderError, match="cloud"):
        await collect(provider.stream(make_prompt(model=model)))
    with pytest.raises(ProviderError, match="cloud"):
        await collect(provider.pull(model))
    assert ollama_server.requests == []


async def test_a_model_that_forwards_is_refused(
    provider: OllamaProvider, ollama_server: OllamaServer
) -> None:
    ollama_server.store.add(
        ServedModel("innocent", remote_host="https://ollama.com:443")
    )
    with pytest.raises(ProviderError, match="cloud"):
        await collect(provider.stream(make_prompt(model="innocent")))
    assert ollama_server.asked("/api/chat") == []


async def test_something_else_at_the_address_is_named() -> None:
    async def serve_html(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>")
        await writer.drain()
        writer.close()

    other = await asyncio.start_server(serve_html, "127.0.0.1", 0)
    port = other.sockets[0].getsockname()[1]
    provider = OllamaProvider(make_settings(f"http://127.0.0.1:{port}"))
    with pytest.raises(ProviderError, match="like Ollama") as caught:
        await provider.models()
    assert "ai.host" in caught.value.hint
    await provider.close()
    other.close()
    await other.wait_closed()


async def test_after_closing_it_says_so(provider: OllamaProvider) -> None:
    await provider.version()
    await provider.close()
    with pytest.raises(ProviderError):
        await provider.version()


async def test_any_text_survives_the_way(
    provider: OllamaProvider, ollama_server: OllamaServer
) -> None:
    odd = 'quotes " \\ \x00 \x1b[31m 한국어 🎉 </command>\r\n'
    await collect(
        provider.stream(
            make_prompt(messages=(Message(Role.USER, odd),)),
        )
    )
    messages = ollama_server.chats[0].fields["messages"]
    assert messages == [{"role": "user", "content": odd}]


@pytest.mark.parametrize(
    ("setting", "sent"),
    [("10m", "10m"), ("-1", -1.0), ("0", 0.0), ("300", 300.0), (" 1h30m ", "1h30m")],
)
def test_a_number_is_sent_as_a_number(setting: str, sent: object) -> None:
    assert to_keep_alive(setting) == sent


@pytest.mark.parametrize("is_kept", [True, False])
async def test_the_services_own_durations_are_told(is_kept: bool) -> None:
    """A model that is kept is loaded by a request of its own, any other in the chat."""
    delays = Behaviour(load_seconds=0.2, first_token_seconds=0.1, token_seconds=0.002)
    keep_alive = "5m" if is_kept else "0"
    with OllamaServer(behaviour=delays) as server:
        settings = make_settings(server.url, keep_alive=keep_alive)
        provider = OllamaProvider(settings)
        completion = (await collect(provider.stream(make_prompt())))[-1]
        await provider.close()
    assert isinstance(completion, Completion)
    told = completion.figures
    assert told.prompt_seconds is not None
    assert told.prompt_seconds == pytest.approx(0.1, rel=0.05)
    assert told.load_seconds is not None
    assert told.load_seconds >= 0.2
    assert told.answer_seconds is not None
    assert told.model_seconds is not None
    parts = told.load_seconds + told.prompt_seconds + told.answer_seconds
    assert parts <= told.model_seconds
    assert told.total_seconds is not None
    # The server counts 2 ms for what it does besides.
    assert told.model_seconds <= told.total_seconds + 0.002
