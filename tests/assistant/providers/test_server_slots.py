"""The test server's slots, as a real server has them: first come, first served."""

import asyncio
import time

import httpx
import pytest

from terminal_ai.assistant.providers.ollama import OllamaProvider
from tests.assistant.making import collect, make_prompt, make_settings
from tests.ollama_server import Behaviour, OllamaServer, ServedModel

ASKERS = 200


def body(text: str) -> dict[str, object]:
    return {
        "model": "tiny",
        "messages": [{"role": "user", "content": text}],
        "stream": False,
    }


async def test_requests_get_a_slot_in_the_order_they_came() -> None:
    slow = Behaviour(first_token_seconds=0.01)
    finished: list[int] = []
    with OllamaServer(behaviour=slow) as server:
        async with httpx.AsyncClient(base_url=server.url, timeout=None) as client:

            async def ask(number: int) -> None:
                await client.post("/api/chat", json=body(str(number)))
                finished.append(number)

            asking = []
            for number in range(9):
                asking.append(asyncio.create_task(ask(number)))
                await server.until(lambda: len(server.chats) == len(asking))
            await asyncio.gather(*asking)
    assert finished == list(range(9))


async def test_as_many_are_worked_on_at_once_as_there_are_slots() -> None:
    slow = Behaviour(first_token_seconds=60)
    with OllamaServer(behaviour=slow, parallel=3) as server:
        async with httpx.AsyncClient(base_url=server.url, timeout=None) as client:
            asking = [
                asyncio.create_task(client.post("/api/chat", json=body(str(number))))
                for number in range(5)
            ]
            await server.until(lambda: len(server.working) == 5)
            await server.until(lambda: server.generating == 3)
            server.skip(60)
            await server.until(lambda: len(server.working) == 2)
            await server.until(lambda: server.generating == 2)
            server.skip(60)
            await asyncio.gather(*asking)


async def test_who_leaves_the_queue_is_skipped_and_a_prefill_that_is_left_stops() -> (
    None
):
    slow = Behaviour(first_token_seconds=60)
    with OllamaServer(behaviour=slow) as server:
        async with httpx.AsyncClient(base_url=server.url, timeout=None) as client:
            asking = []
            for number in range(3):
                chat = client.post("/api/chat", json=body(str(number)))
                asking.append(asyncio.create_task(chat))
                await server.until(lambda: len(server.chats) == len(asking))
            for task in asking[:2]:
                task.cancel()
            await server.until(lambda: len(server.working) == 1)
            assert server.chats[2] in server.working
            # What has not begun to wait cannot be let go on.
            await server.until(lambda: server.generating == 1)
            server.skip(60)
            assert (await asking[2]).status_code == 200


async def test_a_model_goes_when_its_time_has_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with OllamaServer() as server:
        async with httpx.AsyncClient(base_url=server.url) as client:
            load = {"model": "tiny", "messages": [], "keep_alive": "1m"}
            await client.post("/api/chat", json=load)
            assert (await client.get("/api/ps")).json()["models"]
            later = time.time() + 61
            monkeypatch.setattr("tests.ollama_server.store.time.time", lambda: later)
            assert not (await client.get("/api/ps")).json()["models"]


async def test_no_more_connections_are_open_than_a_service_bears() -> None:
    with OllamaServer([ServedModel("tiny")], parallel=ASKERS) as server:
        most = 0
        provider = OllamaProvider(make_settings(server.url))
        await provider.load("tiny")
        server.behaviour = Behaviour(first_token_seconds=0.2)

        async def watch() -> None:
            nonlocal most
            before = 0
            while True:
                # A closed one counts until the server has noticed.
                now = server.connections
                most = max(most, min(before, now))
                before = now
                await asyncio.sleep(0.02)

        watching = asyncio.create_task(watch())
        await asyncio.gather(
            *(collect(provider.stream(make_prompt())) for _ in range(ASKERS))
        )
        watching.cancel()
        await provider.close()
        assert len(server.chats) == ASKERS
        assert 1 < most <= 100
