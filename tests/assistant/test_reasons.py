"""Why commands failed, many in one request: the real client, against the server."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.caching.answers import AnswerCache
from terminal_ai.assistant.caching.memory_tier import MemoryTier
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.assistant.reasons import BATCH_RECORDS, Reason
from terminal_ai.errors import ProviderError, TerminalAIError
from terminal_ai.records import CommandRecord
from terminal_ai.safety.redact import redact
from tests.assistant.making import make_record, make_settings
from tests.ollama_server import OllamaServer
from tests.ollama_server.behaviour import Behaviour, Fault

SECRET = "ghp_" + "a1B2" * 9
GTI = "There is no program called gti: a typo, you meant git."
OTHER = "The command ended with an error."


def failure(number: int, command: str = "tool", **changes: object) -> CommandRecord:
    return make_record(
        f"{command} {number}",
        f"tool: part {number} is broken\n",
        id=f"s-{number}",
        exit_code=3,
        **changes,
    )


@pytest.fixture
async def assistant(ollama_server: OllamaServer) -> AsyncIterator[Assistant]:
    made = make_assistant(ollama_server)
    yield made
    await made.close()


def make_assistant(server: OllamaServer, **changes: object) -> Assistant:
    settings = make_settings(server.url, retries=0, **changes)
    return Assistant(
        settings,
        provider=OllamaProvider(settings),
        redact=redact,
        language="ko",
        shell="bash",
        cache=AnswerCache([MemoryTier(64, 1 << 20, 60.0)]),
    )


def texts(found: Sequence[Reason | TerminalAIError]) -> list[str]:
    assert all(isinstance(one, Reason) for one in found), found
    return [one.text for one in found if isinstance(one, Reason)]


async def test_twenty_records_are_two_requests_matched_by_number(
    ollama_server: OllamaServer, assistant: Assistant
) -> None:
    records = [failure(number) for number in range(20)]
    records[7] = make_record("gti status", id="s-7")
    records[13] = make_record("gti status", "x\n", id="s-13")
    found = texts(await assistant.reasons(records))
    assert len(ollama_server.chats) == 2
    assert found == [GTI if at in (7, 13) else OTHER for at in range(20)]
    for chat in ollama_server.chats:
        schema = chat.fields["format"]
        assert isinstance(schema, dict)
        assert len(schema["required"]) == BATCH_RECORDS
        assert "Korean" in chat.body.decode()


async def test_each_is_kept_by_itself(
    ollama_server: OllamaServer, assistant: Assistant
) -> None:
    records = [failure(number) for number in range(3)]
    await assistant.reasons(records)
    again = await assistant.reasons([failure(9), records[2], records[0]])
    ages = [one.age_seconds is None for one in again if isinstance(one, Reason)]
    assert ages == [True, False, False]
    assert len(ollama_server.chats) == 2
    schema = ollama_server.chats[1].fields["format"]
    assert isinstance(schema, dict)
    assert schema["required"] == ["1"]


async def test_no_secret_and_nothing_private_goes_out(
    ollama_server: OllamaServer, assistant: Assistant
) -> None:
    shown = make_record(f"deploy --token {SECRET}", f"bad token {SECRET}\n", id="a")
    hidden = make_record("hush", "whispered\n", id="b", is_private=True)
    kept_out = make_record("left", "out\n", id="c")
    assistant.exclude("c", is_excluded=True)
    found = await assistant.reasons([shown, hidden, kept_out])
    assert isinstance(found[0], Reason)
    assert isinstance(found[1], ProviderError)
    assert isinstance(found[2], ProviderError)
    (chat,) = ollama_server.chats
    body = chat.body.decode()
    assert "[redacted:" in body
    for text in (SECRET, "whispered", "hush", "left"):
        assert text not in body


async def test_a_line_that_is_missing_fails_alone(
    ollama_server: OllamaServer, assistant: Assistant
) -> None:
    ollama_server.behaviour = Behaviour(plain_text='{"1": "no disk", "3": "no net"}')
    found = await assistant.reasons([failure(number) for number in range(3)])
    assert isinstance(found[1], TerminalAIError)
    assert texts([found[0], found[2]]) == ["no disk", "no net"]


async def test_what_was_cut_is_told_but_not_kept(
    ollama_server: OllamaServer, assistant: Assistant
) -> None:
    long = " ".join(["word"] * 2_000)
    ollama_server.behaviour = Behaviour(plain_text=f'{{"1": "no disk", "2": "{long}')
    records = [failure(1), failure(2)]
    found = await assistant.reasons(records)
    assert texts(found[:1]) == ["no disk"]
    assert isinstance(found[1], TerminalAIError)
    ollama_server.behaviour = Behaviour()
    again = texts(await assistant.reasons(records))
    assert again == [OTHER, OTHER]


async def test_a_failing_batch_does_not_take_the_others_along(
    ollama_server: OllamaServer,
) -> None:
    """One batch of ten ends without ``done``, the next one is answered."""
    assistant = make_assistant(ollama_server)
    ollama_server.behaviour = Behaviour(
        first_token_seconds=0.5, fault=Fault.WITHOUT_DONE, fault_after_pieces=3
    )
    records = [failure(number) for number in range(20)]
    asked = asyncio.create_task(assistant.reasons(records))
    await ollama_server.until(lambda: ollama_server.chats)
    await asyncio.sleep(0.1)  # the server takes its behaviour as it begins
    ollama_server.behaviour = Behaviour()
    found = await asked
    failed = [one for one in found if isinstance(one, TerminalAIError)]
    answered = [one for one in found if isinstance(one, Reason)]
    assert len(failed) == 10
    assert len(answered) == 10
    await assistant.close()


async def test_a_small_window_takes_fewer_at_once(ollama_server: OllamaServer) -> None:
    assistant = make_assistant(ollama_server, context_tokens=1024)
    records = [failure(number) for number in range(6)]
    assert texts(await assistant.reasons(records)) == [OTHER] * 6
    assert len(ollama_server.chats) > 1
    await assistant.close()


async def test_the_light_model_is_asked(ollama_server: OllamaServer) -> None:
    assistant = make_assistant(ollama_server, model="huge", light_model="tiny")
    (found,) = await assistant.reasons([failure(1)])
    assert found == Reason(OTHER, "tiny")
    await assistant.close()


async def test_cancelling_stops_the_request(
    ollama_server: OllamaServer, assistant: Assistant
) -> None:
    ollama_server.behaviour = Behaviour(first_token_seconds=60)
    asked = asyncio.create_task(assistant.reasons([failure(1)]))
    await ollama_server.until(lambda: ollama_server.chats)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await ollama_server.until(lambda: ollama_server.chats[0].was_left)
