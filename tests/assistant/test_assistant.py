"""From a record to a checked answer, through the real client and real HTTP."""

import asyncio
import contextlib
import itertools
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable

import pytest
from blockbuster import blockbuster_ctx

from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.caching.answers import AnswerCache
from terminal_ai.assistant.caching.memory_tier import MemoryTier
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.assistant.providers.base import (
    AnswerEvent,
    Completion,
    PhaseChanged,
    Piece,
    Prompt,
)
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.assistant.providers.scripted import (
    ScriptedProvider,
    Step,
    script_reply,
)
from terminal_ai.config import AiSettings
from terminal_ai.errors import (
    IncompleteAnswerError,
    ModelMissingError,
    ProviderError,
    ServiceUnavailableError,
)
from terminal_ai.records import (
    Advice,
    Answer,
    AnswerFigures,
    AnswerPhase,
    AnswerUpdate,
    ModelRole,
    ModelState,
    Risk,
)
from terminal_ai.safety.redact import redact
from tests.assistant.making import collect, make_cache, make_record, make_settings
from tests.ollama_server import Behaviour, Fault, OllamaServer, ServedModel
from tests.ollama_server.http import Request
from tests.safety.fake_secrets import fake_secrets

GTI = make_record()
ABOUT_GTI = Inquiry.about(GTI)


def make_assistant(settings: AiSettings, **changes: object) -> Assistant:
    values: dict[str, object] = {
        "provider": OllamaProvider(settings),
        "redact": redact,
        "language": "en",
        "shell": "bash",
        **changes,
    }
    return Assistant(settings, **values)  # type: ignore[arg-type]


@pytest.fixture
async def assistant(ollama_server: OllamaServer) -> AsyncIterator[Assistant]:
    made = make_assistant(make_settings(ollama_server.url))
    yield made
    await made.close()


async def settled(holds: Callable[[], object]) -> None:
    """Let all tasks run until something holds."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)


def final(updates: list[AnswerUpdate]) -> Answer:
    """Return the one answer, after checking the promises every stream keeps."""
    *earlier, last = updates
    assert all(update.answer is None for update in earlier)
    assert all(update.phase is not AnswerPhase.DONE for update in earlier)
    assert last.phase is AnswerPhase.DONE
    assert last.answer is not None
    assert last.explanation == last.answer.explanation
    return last.answer


async def test_a_failure_is_explained_and_its_fix_suggested(
    assistant: Assistant, ollama_server: OllamaServer
) -> None:
    # Each phase outlasts the pace of updates, which may skip a shorter one.
    ollama_server.behaviour = Behaviour(
        load_seconds=0.3, first_token_seconds=0.3, token_seconds=0.02
    )
    updates = await collect(assistant.answer(ABOUT_GTI))
    answer = final(updates)
    assert answer.suggestion is not None
    assert answer.suggestion.command == "git status"
    assert answer.suggestion.risk is Risk.SAFE
    assert answer.model == "tiny"
    assert answer.notice == ""
    assert answer.age_seconds is None
    assert answer.figures.prompt_tokens
    assert assistant.models.usage["tiny"].answers == 1
    seen = list(dict.fromkeys(update.phase for update in updates))
    assert seen == [
        AnswerPhase.CONNECTING,
        AnswerPhase.LOADING,
        AnswerPhase.READING,
        AnswerPhase.WRITING,
        AnswerPhase.DONE,
    ]
    shown = [update.explanation for update in updates]
    assert all(later.startswith(text) for text, later in itertools.pairwise(shown))
    assert any(text and text != shown[-1] for text in shown), "shown in pieces"


async def test_updates_come_no_faster_than_a_screen_follows(
    assistant: Assistant, ollama_server: OllamaServer
) -> None:
    updates = await collect(assistant.answer(ABOUT_GTI))
    pieces = ollama_server.chats[0].pieces_sent
    assert pieces > 40
    assert len(updates) < pieces / 4


async def test_advice_goes_along_as_evidence(
    assistant: Assistant, ollama_server: OllamaServer
) -> None:
    advice = Advice(what="gti was not found", why="It is a typo.", rule="typo")
    await collect(assistant.answer(Inquiry.about(GTI, advice=advice)))
    assert "gti was not found" in ollama_server.chats[0].body.decode()


async def test_a_question_takes_the_newest_records_along(
    assistant: Assistant, ollama_server: OllamaServer
) -> None:
    recent = [
        make_record(f"step {number}", id=str(number), started_at=float(number))
        for number in range(9)
    ]
    answer = final(
        await collect(assistant.answer(Inquiry.open("What now?", recent=recent[::-1])))
    )
    assert answer.explanation
    body = ollama_server.chats[0].body.decode()
    assert "step 2" not in body
    assert body.index("step 3") < body.index("step 8") < body.index("What now?")


async def test_a_private_command_is_never_sent(
    assistant: Assistant, ollama_server: OllamaServer
) -> None:
    private = make_record("export TOKEN=swordfish", "swordfish", is_private=True)
    answer = final(await collect(assistant.answer(Inquiry.about(private, advice=None))))
    assert "private" in answer.explanation
    assert answer.suggestion is None
    assert ollama_server.requests == []
    await collect(
        assistant.answer(Inquiry.open("What was that?", recent=[private, GTI]))
    )
    assert all(b"swordfish" not in request.body for request in ollama_server.requests)


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_secret_reaches_the_server(
    assistant: Assistant, ollama_server: OllamaServer, seed: int
) -> None:
    for case in fake_secrets(seed):
        record = make_record(
            case.text.splitlines()[0], f"before\n{case.text}\nafter", cwd="/x"
        )
        advice = Advice(what="It failed", why=case.text, evidence=case.text)
        await collect(assistant.answer(Inquiry.about(record, advice=advice)))
        await collect(
            assistant.answer(
                Inquiry.open(f"What is this?\n{case.text}", recent=[record])
            )
        )
        sent = "\n".join(map(_contents, ollama_server.requests[-4:]))
        # Of half a private key the redactor takes all that follows, or all before.
        assert "before" in sent or "after" in sent
        assert case.secret not in sent, case.kind


def _contents(request: Request) -> str:
    """Return the texts of a request as they were before JSON escaped them."""
    messages = request.fields.get("messages", [])
    assert isinstance(messages, list)
    return "\n".join(message["content"] for message in messages)


async def test_without_a_done_nothing_is_an_answer(
    assistant: Assistant, ollama_server: OllamaServer
) -> None:
    ollama_server.behaviour = Behaviour(
        fault=Fault.WITHOUT_DONE, fault_after_pieces=1_000
    )
    updates: list[AnswerUpdate] = []
    with pytest.raises(IncompleteAnswerError):
        await follow(assistant, updates.append)
    assert updates[-1].explanation
    assert all(update.answer is None for update in updates)


async def follow(assistant: Assistant, see: Callable[[AnswerUpdate], object]) -> None:
    async with contextlib.aclosing(assistant.answer(ABOUT_GTI)) as updates:
        async for update in updates:
            see(update)


@pytest.mark.parametrize(
    "phase", [AnswerPhase.LOADING, AnswerPhase.READING, AnswerPhase.WRITING]
)
@pytest.mark.parametrize("by_closing", [True, False])
async def test_esc_stops_the_generation_at_the_server(
    assistant: Assistant,
    ollama_server: OllamaServer,
    phase: AnswerPhase,
    by_closing: bool,
) -> None:
    ollama_server.behaviour = Behaviour(
        load_seconds=60 if phase is AnswerPhase.LOADING else 0,
        first_token_seconds=60 if phase is AnswerPhase.READING else 0,
        token_seconds=0.02,
    )

    def is_there() -> bool:
        is_loading = phase is AnswerPhase.LOADING
        return bool(
            ollama_server.asked("/api/chat") if is_loading else ollama_server.chats
        )

    reached = asyncio.Event()

    async def read() -> None:
        async with contextlib.aclosing(assistant.answer(ABOUT_GTI)) as updates:
            async for update in updates:
                if update.phase is phase:
                    reached.set()
                    if by_closing:
                        await ollama_server.until(is_there)
                        return

    task = asyncio.create_task(read())
    await reached.wait()
    await ollama_server.until(is_there)
    if not by_closing:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await ollama_server.until(lambda: ollama_server.asked("/api/chat")[-1].is_finished)
    assert ollama_server.asked("/api/chat")[-1].was_left


async def test_a_slow_server_is_left_before_the_stream_returns() -> None:
    script: list[Step] = [Piece(content="Hello"), 60.0]
    provider = ScriptedProvider([script])
    settings = make_settings("http://127.0.0.1:9")
    made = make_assistant(settings, provider=provider)
    async with contextlib.aclosing(made.answer(ABOUT_GTI)) as updates:
        async for update in updates:
            if update.explanation:
                break
    assert not provider.is_streaming


async def test_thinking_is_apart_and_comes_first(
    assistant: Assistant, ollama_server: OllamaServer
) -> None:
    ollama_server.behaviour = Behaviour(
        thinking="The user swapped two letters of a well known name.",
        thinks_in_content=True,
        token_seconds=0.01,
    )
    updates = await collect(assistant.answer(ABOUT_GTI))
    answer = final(updates)
    assert answer.thinking.startswith("The user swapped")
    assert "swapped two" not in answer.explanation
    phases = [update.phase for update in updates]
    assert phases.index(AnswerPhase.THINKING) < phases.index(AnswerPhase.WRITING)
    assert answer.suggestion is not None


async def test_a_model_that_ignores_the_schema_still_explains(
    assistant: Assistant, ollama_server: OllamaServer
) -> None:
    text = "You mistyped **git**. Run git status instead."
    ollama_server.behaviour = Behaviour(plain_text=text)
    answer = final(await collect(assistant.answer(ABOUT_GTI)))
    assert answer.explanation == text
    assert answer.suggestion is None


@pytest.mark.parametrize(
    ("behaviour", "statuses"),
    [
        (Behaviour(is_silent_with_schema=True), [200, 200, 200]),
        (Behaviour(refused_field="format"), [500, 200, 200]),
    ],
)
async def test_a_model_that_fails_at_the_schema_is_asked_without_it(
    assistant: Assistant,
    ollama_server: OllamaServer,
    behaviour: Behaviour,
    statuses: list[int],
) -> None:
    ollama_server.behaviour = behaviour
    for _ in range(2):
        answer = final(await collect(assistant.answer(ABOUT_GTI)))
        assert "typo" in answer.explanation
    assert [request.status for request in ollama_server.chats] == statuses
    assert ["format" in request.fields for request in ollama_server.chats] == [
        True,
        False,
        False,
    ]


async def test_a_length_ended_answer_has_no_command(
    ollama_server: OllamaServer,
) -> None:
    settings = make_settings(ollama_server.url, answer_tokens=64)
    ollama_server.behaviour = Behaviour(
        plain_text='{"analysis": "' + "long " * 90 + '", "command": "ls"'
    )
    made = make_assistant(settings, cache=make_cache())
    answer = final(await collect(made.answer(ABOUT_GTI)))
    await made.close()
    assert answer.suggestion is None
    assert "cut" in answer.notice
    assert answer.explanation.startswith("long long")


async def test_a_cut_prompt_is_said(
    assistant: Assistant, ollama_server: OllamaServer
) -> None:
    record = make_record(output="gti status\n" + "noise and more noise\n" * 9_000)
    answer = final(await collect(assistant.answer(Inquiry.about(record, advice=None))))
    assert "window" in answer.notice
    assert answer.suggestion is not None


async def test_control_characters_of_a_model_are_shown_not_obeyed(
    assistant: Assistant, ollama_server: OllamaServer
) -> None:
    ollama_server.behaviour = Behaviour(
        plain_text='{"analysis":"a\\u001b]0;x\\u0007b\\u202e","command":'
        '"ls \\u001b[2Jx","explanation":"","risk":"safe"}'
    )
    for update in await collect(assistant.answer(ABOUT_GTI)):
        assert not set(update.explanation) & set("\x1b\x07\u202e")
        if update.answer is not None:
            assert update.answer.suggestion is not None
            assert update.answer.suggestion.risk.rank >= Risk.CAUTION.rank
            assert "\x1b" not in update.answer.suggestion.command
            assert update.answer.notice


async def test_a_refused_prompt_is_made_shorter_once(
    ollama_server: OllamaServer,
) -> None:
    # Smaller tokens than any estimate knows.
    ollama_server.store.add(
        ServedModel("small", context_length=3072, tokens_per_character=0.8)
    )
    settings = make_settings(ollama_server.url, model="small", context_tokens=8192)
    made = make_assistant(settings)
    record = make_record(output="gti status\n" + "some text of lines\n" * 2_000)
    answer = final(await collect(made.answer(Inquiry.about(record, advice=None))))
    assert answer.suggestion is not None
    assert [request.status for request in ollama_server.chats] == [400, 200]
    sent = made.last_sent
    assert sent is not None
    assert sent.window_tokens == 3072
    assert sent.answer_tokens == 768
    # What was learnt holds: the next prompt fits at once.
    other = make_record("gti status ", output=record.output.text)
    final(await collect(made.answer(Inquiry.about(other, advice=None))))
    assert [request.status for request in ollama_server.chats] == [400, 200, 200]
    await made.close()


async def test_the_same_question_is_answered_from_the_cache_later(
    ollama_server: OllamaServer,
) -> None:
    settings = make_settings(ollama_server.url)
    made = make_assistant(settings, cache=make_cache())
    fresh = make_assistant(settings, cache=make_cache(another_seconds=0.0))
    first = final(await collect(made.answer(ABOUT_GTI)))
    # Asked again at once, the user wants another answer, and a livelier one.
    final(await collect(made.answer(ABOUT_GTI)))
    temperatures = [
        options["temperature"]
        for request in ollama_server.chats
        if isinstance(options := request.fields["options"], dict)
    ]
    assert temperatures == [0.2, 0.8]
    final(await collect(fresh.answer(ABOUT_GTI)))
    asked = len(ollama_server.chats)
    cached = final(await collect(fresh.answer(ABOUT_GTI)))
    assert len(ollama_server.chats) == asked
    assert cached.age_seconds is not None
    assert cached.suggestion == first.suggestion
    await made.close()
    await fresh.close()


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(plain_text="Just words."),
        Behaviour(plain_text='{"analysis": "broken'),
        Behaviour(plain_text='{"something": "else"}'),
    ],
)
async def test_an_invalid_answer_is_never_kept(
    ollama_server: OllamaServer,
    behaviour: Behaviour,
) -> None:
    made = make_assistant(
        make_settings(ollama_server.url), cache=make_cache(another_seconds=0.0)
    )
    ollama_server.behaviour = behaviour
    for _ in range(2):
        answer = final(await collect(made.answer(ABOUT_GTI)))
        assert answer.age_seconds is None
    assert len(ollama_server.chats) == 2
    await made.close()


async def test_off_means_off(ollama_server: OllamaServer) -> None:
    made = make_assistant(make_settings(ollama_server.url, enabled=False))
    assert (await made.status()).state is ModelState.DISABLED
    for stream in (
        made.answer(ABOUT_GTI),
        made.answer(Inquiry.open("why?", recent=[])),
        made.pull("tiny"),
    ):
        with pytest.raises(ProviderError) as caught:
            await anext(stream)
        assert caught.value.hint
    assert ollama_server.requests == []


async def test_an_absent_service_is_one_calm_line_and_comes_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    made = make_assistant(make_settings(f"http://127.0.0.1:{port}"))
    status = await made.status()
    assert status.state is ModelState.UNAVAILABLE
    assert "\n" not in status.detail
    assert "ollama serve" in status.detail
    with pytest.raises(ServiceUnavailableError):
        await collect(made.answer(ABOUT_GTI))
    with OllamaServer(port=port):
        assert (await made.status()).state is ModelState.READY
        assert final(await collect(made.answer(ABOUT_GTI))).suggestion
    assert (await made.status()).state is ModelState.UNAVAILABLE
    await made.close()


async def test_a_missing_model_is_named_pulled_and_ready(
    ollama_server: OllamaServer,
) -> None:
    made = make_assistant(make_settings(ollama_server.url, model="new:1b"))
    status = await made.status()
    assert status.state is ModelState.MODEL_MISSING
    assert status.installed_models == ("tiny:latest",)
    assert "new:1b" in status.detail
    with pytest.raises(ModelMissingError):
        await collect(made.answer(ABOUT_GTI))
    steps = await collect(made.pull("new:1b"))
    assert steps[-1].status == "success"
    assert (await made.status()).state is ModelState.READY
    assert final(await collect(made.answer(ABOUT_GTI))).suggestion
    await made.close()


async def test_a_pull_shows_its_progress_and_can_be_cancelled(
    assistant: Assistant, ollama_server: OllamaServer
) -> None:
    ollama_server.behaviour = Behaviour(pull_step_seconds=0.15)
    async with contextlib.aclosing(assistant.pull("new")) as steps:
        async for step in steps:
            if 0 < step.completed_bytes < step.total_bytes:
                break
        else:
            raise AssertionError("no progress was seen")
    await ollama_server.until(lambda: ollama_server.asked("/api/pull")[0].was_left)
    assert ollama_server.store.find("new") is None


@pytest.mark.parametrize("model", ["far", "gpt-oss:120b-cloud"])
async def test_a_model_in_the_cloud_is_not_ready(
    ollama_server: OllamaServer, model: str
) -> None:
    ollama_server.store.add(ServedModel("far", remote_host="https://ollama.com"))
    made = make_assistant(make_settings(ollama_server.url, model=model))
    status = await made.status()
    assert status.state is ModelState.UNAVAILABLE
    assert "cloud" in status.detail
    await made.close()


async def test_another_machine_is_not_ready() -> None:
    made = make_assistant(make_settings("http://192.0.2.9:11434"))
    status = await made.status()
    assert status.state is ModelState.UNAVAILABLE
    assert "allow_remote_host" in status.detail


async def test_a_scripted_provider_plays_the_same_game() -> None:
    provider = ScriptedProvider(
        [
            script_reply(
                analysis="A typo.",
                command="git status",
                explanation="It shows changes.",
                thinking="Hm, hm.",
            ),
            [ProviderError("out of memory")],
        ],
        installed=["tiny"],
    )
    made = make_assistant(make_settings("http://127.0.0.1:9"), provider=provider)
    assert (await made.status()).state is ModelState.READY
    answer = final(await collect(made.answer(ABOUT_GTI)))
    assert answer.suggestion is not None
    assert answer.thinking == "Hm, hm."
    with pytest.raises(ProviderError, match="memory"):
        await collect(made.answer(ABOUT_GTI))
    provider.failure = ServiceUnavailableError("away")
    assert (await made.status()).state is ModelState.UNAVAILABLE
    await made.close()
    assert provider.is_closed


class SlowProvider(ScriptedProvider):
    """A service that works for a known time, on a slow way."""

    def __init__(self, way_seconds: float, model_seconds: float) -> None:
        super().__init__([], installed=["tiny"])
        self.now = 1_000.0
        self._way_seconds = way_seconds
        self._model_seconds = model_seconds

    def clock(self) -> float:
        return self.now

    async def stream(self, prompt: Prompt) -> AsyncGenerator[AnswerEvent, None]:
        del prompt
        self.now += self._way_seconds
        yield Piece("It is a typo.")
        self.now += self._model_seconds
        yield Completion(
            was_cut=False, figures=AnswerFigures(model_seconds=self._model_seconds)
        )


async def test_the_wait_for_an_answer_is_parted_between_the_model_and_us() -> None:
    provider = SlowProvider(way_seconds=0.25, model_seconds=9.75)
    made = make_assistant(
        make_settings("http://127.0.0.1:9"), provider=provider, clock=provider.clock
    )
    figures = final(await collect(made.answer(ABOUT_GTI))).figures
    assert (figures.wall_seconds, figures.app_seconds) == (10.0, 0.25)
    assert made.models.usage["tiny"].newest == figures
    await made.close()


async def test_a_provider_that_just_stops_gives_no_answer() -> None:
    provider = ScriptedProvider([[PhaseChanged(AnswerPhase.READING), Piece("{}")]])
    made = make_assistant(make_settings("http://127.0.0.1:9"), provider=provider)
    with pytest.raises(IncompleteAnswerError):
        await collect(made.answer(ABOUT_GTI))


async def test_the_event_loop_is_never_blocked(assistant: Assistant) -> None:
    with blockbuster_ctx():
        assert (await assistant.status()).state is ModelState.READY
        assert final(await collect(assistant.answer(ABOUT_GTI))).suggestion
        await collect(assistant.pull("other"))


async def test_an_empty_answer_says_so() -> None:
    empty = Completion(was_cut=False, figures=AnswerFigures())
    provider = ScriptedProvider([[empty]])
    made = make_assistant(make_settings("http://127.0.0.1:9"), provider=provider)
    assert final(await collect(made.answer(ABOUT_GTI))).explanation


async def test_another_model_chosen_meanwhile_does_not_answer_for_the_first() -> None:
    reply = script_reply(analysis="A typo.", command="git status", explanation="It.")
    provider = ScriptedProvider(
        [[PhaseChanged(AnswerPhase.READING), 60.0], reply], installed=["tiny", "other"]
    )
    cache = make_cache()
    settings = make_settings("http://127.0.0.1:9", requests_at_once=1)
    made = make_assistant(settings, provider=provider, cache=cache)
    first = asyncio.create_task(
        collect(made.answer(Inquiry.about(make_record("make", "no rule"))))
    )
    await settled(lambda: provider.is_streaming)
    second = asyncio.create_task(collect(made.answer(ABOUT_GTI)))
    await settled(lambda: made.figures.waiting)
    made.models.choose(ModelRole.HEAVY, "other")
    first.cancel()
    assert final(await second).model == "tiny"
    assert provider.prompts[-1].model == "tiny"
    # What the first said is kept for the first alone.
    assert final(await collect(made.answer(ABOUT_GTI))).model == "other"
    await made.close()


async def test_what_was_cut_to_fit_answers_no_longer_question(
    ollama_server: OllamaServer,
) -> None:
    ollama_server.store.add(
        ServedModel("fine", context_length=4_096, tokens_per_character=1.0)
    )
    settings = make_settings(ollama_server.url, model="fine", retries=0)
    tier = MemoryTier(8, 1_000_000, 600.0)
    long = "".join(f"line {number} of something\n" for number in range(2_000))
    about = Inquiry.about(make_record("cat x", long))
    statuses = []
    for _ in range(2):
        made = make_assistant(settings, cache=AnswerCache([tier]))
        final(await collect(made.answer(about)))
        statuses.append([request.status for request in ollama_server.chats])
        await made.close()
    assert statuses == [[400, 200], [400, 200, 400, 200]]


async def test_each_request_is_timed_by_its_kind_and_end() -> None:
    settings = AiSettings()
    reply = script_reply(analysis="a", command="", explanation="It works.")
    assistant = make_assistant(settings, provider=ScriptedProvider([reply, reply]))
    await collect(assistant.answer(ABOUT_GTI))
    updates = assistant.answer(Inquiry.open("why?", recent=()))
    async with contextlib.aclosing(updates):
        await anext(updates)
    ended = [(row.kind, str(row.status)) for row in assistant.requests.figures]
    assert ended == [("ask", "cancelled"), ("explain", "ok")]
    assert assistant.requests.begun == 2
    await assistant.close()
