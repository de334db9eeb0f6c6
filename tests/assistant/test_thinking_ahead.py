"""Asking ahead and in company, through the real client and real HTTP."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.assistant.scheduling.machine import Machine
from terminal_ai.records import AnswerPhase, AnswerUpdate, PrefetchState
from terminal_ai.safety.redact import redact
from tests.assistant.making import collect, make_cache, make_record, make_settings
from tests.ollama_server import Behaviour, OllamaServer

ASKING, READY, GIVEN_UP = PrefetchState
GTI = make_record()
ABOUT_GTI = Inquiry.about(GTI)
OTHER = Inquiry.about(make_record("pip install requets", "no such package\n"))


class Watched:
    """An assistant, and the states of its prefetches as they were told."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.states: list[PrefetchState] = []
        assistant.watch_prefetch(lambda _record_id, state: self.states.append(state))


Make = Callable[..., Watched]


@pytest.fixture
async def make(ollama_server: OllamaServer) -> AsyncIterator[Make]:
    made: list[Assistant] = []

    def build(**settings: object) -> Watched:
        chosen = make_settings(ollama_server.url, **settings)
        assistant = Assistant(
            chosen,
            provider=OllamaProvider(chosen),
            redact=redact,
            language="en",
            shell="bash",
            cache=make_cache(),
            machine=Machine(
                load=lambda: (0.0, 0.0, 0.0),
                cpu_percent=lambda: 0.0,
                on_battery=lambda: False,
            ),
        )
        made.append(assistant)
        return Watched(assistant)

    yield build
    for assistant in made:
        await assistant.close()
    # httpx leaves some of its own generators to the collector, which closes them.
    for _ in range(10):
        await asyncio.sleep(0)
    this = asyncio.current_task()
    left = [task for task in asyncio.all_tasks() if task is not this]
    assert not left, "every task of an assistant ends with it"


async def test_the_answer_is_there_before_the_question(
    make: Make, ollama_server: OllamaServer
) -> None:
    watched = make()
    watched.assistant.failure_examined(GTI, None)
    assert watched.states == [ASKING]
    await ollama_server.until(lambda: len(watched.states) == 2)
    assert watched.states == [ASKING, READY]
    last = (await collect(watched.assistant.answer(ABOUT_GTI)))[-1]
    assert last.answer is not None
    assert last.answer.age_seconds is not None
    assert last.answer.suggestion is not None
    assert len(ollama_server.chats) == 1
    assert watched.assistant.prefetches.used == 1


async def test_who_asks_meanwhile_joins(
    make: Make, ollama_server: OllamaServer
) -> None:
    ollama_server.behaviour = Behaviour(token_seconds=0.02)
    watched = make()
    watched.assistant.failure_examined(GTI, None)
    await ollama_server.until(lambda: ollama_server.chats)
    updates = await collect(watched.assistant.answer(ABOUT_GTI))
    assert updates[-1].answer is not None
    assert updates[-1].answer.age_seconds is None
    assert len(ollama_server.chats) == 1
    assert watched.assistant.figures.joined == 1


async def test_a_prefetch_that_waits_does_not_send_what_is_kept_out_now(
    make: Make, ollama_server: OllamaServer
) -> None:
    ollama_server.behaviour = Behaviour(first_token_seconds=60)
    watched = make(requests_at_once=1)
    asked = asyncio.create_task(collect(watched.assistant.answer(OTHER)))
    await ollama_server.until(lambda: ollama_server.chats)
    watched.assistant.failure_examined(GTI, None)
    await ollama_server.until(lambda: watched.assistant.figures.waiting)
    watched.assistant.exclude(GTI.id, is_excluded=True)
    await ollama_server.until(lambda: watched.states == [ASKING, GIVEN_UP])
    assert not watched.assistant.figures.waiting
    asked.cancel()
    await asyncio.wait((asked,))
    assert len(ollama_server.chats) == 1


async def test_another_question_closes_the_prefetch_and_is_answered(
    make: Make, ollama_server: OllamaServer
) -> None:
    ollama_server.behaviour = Behaviour(first_token_seconds=60)
    watched = make()
    watched.assistant.failure_examined(GTI, None)
    await ollama_server.until(lambda: ollama_server.chats)
    ollama_server.behaviour = Behaviour()
    last = (await collect(watched.assistant.answer(OTHER)))[-1]
    assert last.answer is not None
    prefetch, asked = ollama_server.chats
    await ollama_server.until(lambda: prefetch.is_finished)
    assert prefetch.was_left
    assert not asked.was_left
    assert watched.states == [ASKING, GIVEN_UP]


async def test_the_next_command_closes_the_connection(
    make: Make, ollama_server: OllamaServer
) -> None:
    ollama_server.behaviour = Behaviour(first_token_seconds=60)
    watched = make()
    watched.assistant.failure_examined(GTI, None)
    await ollama_server.until(lambda: ollama_server.chats)
    watched.assistant.command_started()
    await ollama_server.until(lambda: ollama_server.chats[0].was_left)
    assert watched.assistant.prefetches.wasted == 1


async def test_the_next_command_takes_nothing_from_a_user_who_asked(
    make: Make, ollama_server: OllamaServer
) -> None:
    ollama_server.behaviour = Behaviour(token_seconds=0.01)
    watched = make()
    watched.assistant.failure_examined(GTI, None)
    await ollama_server.until(lambda: ollama_server.chats)
    asking = asyncio.create_task(collect(watched.assistant.answer(ABOUT_GTI)))
    await ollama_server.until(lambda: watched.assistant.figures.joined)
    watched.assistant.command_started()
    assert (await asking)[-1].answer is not None
    assert not ollama_server.chats[0].was_left


async def test_a_user_who_leaves_leaves_the_prefetch(
    make: Make, ollama_server: OllamaServer
) -> None:
    ollama_server.behaviour = Behaviour(token_seconds=0.01)
    watched = make()
    watched.assistant.failure_examined(GTI, None)
    await ollama_server.until(lambda: ollama_server.chats)
    async with contextlib.aclosing(watched.assistant.answer(ABOUT_GTI)) as updates:
        async for update in updates:
            if update.explanation:
                break
    await ollama_server.until(lambda: len(watched.states) == 2)
    assert watched.states == [ASKING, READY]


async def test_a_hundred_askers_make_one_request(
    make: Make, ollama_server: OllamaServer
) -> None:
    ollama_server.behaviour = Behaviour(token_seconds=0.01)
    watched = make()
    streams = [watched.assistant.answer(ABOUT_GTI) for _ in range(100)]
    seen = await asyncio.gather(*map(collect, streams))
    answers = {updates[-1].answer for updates in seen}
    assert len(answers) == 1
    assert None not in answers
    assert len(ollama_server.chats) == 1


async def test_a_hit_needs_no_token(make: Make, ollama_server: OllamaServer) -> None:
    watched = make(throttle_requests=1, throttle_seconds=3600.0)
    watched.assistant.failure_examined(GTI, None)
    await ollama_server.until(lambda: READY in watched.states)
    last = (await collect(watched.assistant.answer(ABOUT_GTI)))[-1]
    assert last.answer is not None
    waiting: list[AnswerUpdate] = []

    async def ask_other() -> None:
        async with contextlib.aclosing(watched.assistant.answer(OTHER)) as updates:
            async for update in updates:
                waiting.append(update)

    task = asyncio.create_task(ask_other())
    await ollama_server.until(
        lambda: waiting and waiting[-1].phase is AnswerPhase.WAITING
    )
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert len(ollama_server.chats) == 1


async def test_nothing_is_ever_downloaded_unasked(
    make: Make, ollama_server: OllamaServer
) -> None:
    watched = make(model="absent")
    watched.assistant.failure_examined(GTI, None)
    await ollama_server.until(lambda: GIVEN_UP in watched.states)
    paths = {request.path for request in ollama_server.requests}
    assert not paths & {"/api/pull", "/api/chat"}


@pytest.mark.parametrize("kept_out", ["off", "disabled", "private", "excluded"])
async def test_nothing_is_sent_where_nothing_may_be(
    make: Make, ollama_server: OllamaServer, kept_out: str
) -> None:
    watched = make(
        prefetch="off" if kept_out == "off" else "on", enabled=kept_out != "disabled"
    )
    record = make_record(is_private=kept_out == "private")
    if kept_out == "excluded":
        watched.assistant.exclude(record.id, is_excluded=True)
    watched.assistant.failure_examined(record, None)
    if watched.states:
        await ollama_server.until(lambda: GIVEN_UP in watched.states)
    assert ollama_server.requests == []


async def test_the_model_is_warm_when_the_question_comes(
    make: Make, ollama_server: OllamaServer
) -> None:
    watched = make(warm_up=True)
    watched.assistant.warm_up()
    await ollama_server.until(lambda: ollama_server.asked("/api/chat"))
    assert ollama_server.chats == [], "it is loaded, not asked"
    updates = await collect(watched.assistant.answer(ABOUT_GTI))
    assert updates[-1].answer is not None
    assert len(ollama_server.asked("/api/chat")) == 2


async def test_five_slots_take_ten_questions_in_two_rounds(
    make: Make, ollama_server: OllamaServer
) -> None:
    ollama_server.parallel = 5
    ollama_server.behaviour = Behaviour(first_token_seconds=0.2)
    watched = make(requests_at_once=5, throttle_requests=100)
    inquiries = [Inquiry.open(f"What is {number}?", recent=[]) for number in range(10)]
    most = 0

    async def ask(inquiry: Inquiry) -> None:
        nonlocal most
        async with contextlib.aclosing(watched.assistant.answer(inquiry)) as updates:
            async for _update in updates:
                most = max(most, watched.assistant.figures.running)

    await asyncio.gather(*map(ask, inquiries))
    assert most == 5
    assert len(ollama_server.chats) == 10
