"""What the assistant sends for real: the project, the window, what it has learnt."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.context.parts import ComposedPrompt, PartKind
from terminal_ai.assistant.inquiry import Inquiry, InquiryKind
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.errors import PromptTooLongError
from terminal_ai.records import Answer, CommandRecord
from terminal_ai.safety.redact import Redactor
from terminal_ai.safety.vault import SecretVault
from tests.assistant.context.making import body, of_kind, told_ids
from tests.assistant.making import collect, make_record, make_settings
from tests.ollama_server import OllamaServer, ServedModel
from tests.project.making import git, make_repository

LONG = "main.c:12:5: error: x\n" * 2_000


def make_assistant(ollama_server: OllamaServer, **settings: object) -> Assistant:
    values = make_settings(ollama_server.url, **settings)
    return Assistant(
        values,
        provider=OllamaProvider(values),
        redact=SecretVault(Redactor({})).clean,
        language="en",
        shell="bash",
        environ={},
    )


@pytest.fixture
async def assistant(ollama_server: OllamaServer) -> AsyncIterator[Assistant]:
    made = make_assistant(ollama_server)
    yield made
    await made.close()


async def answer(assistant: Assistant, inquiry: Inquiry) -> Answer:
    last = (await collect(assistant.answer(inquiry)))[-1].answer
    assert last is not None
    return last


def sent(assistant: Assistant) -> ComposedPrompt:
    assert assistant.last_sent is not None
    return assistant.last_sent


def commands(count: int, cwd: str = "/x") -> Sequence[CommandRecord]:
    return [
        make_record(
            f"step {number}",
            f"done {number}",
            id=str(number),
            exit_code=0,
            cwd=cwd,
            started_at=float(number),
        )
        for number in range(count)
    ]


async def test_the_project_is_told_of(
    assistant: Assistant, ollama_server: OllamaServer, tmp_path: Path
) -> None:
    project = make_repository(tmp_path / "project")
    (project / "package.json").write_text('{"scripts": {"build": ""}}')
    record = make_record("npm run biuld", cwd=str(project))
    await answer(assistant, Inquiry.about(record))
    assert sent(assistant).facts.branch == "main"
    assert sent(assistant).facts.kinds == ("node",)
    assert "git: branch main" in body(sent(assistant))
    assert "scripts build" in body(sent(assistant))
    git(project, "checkout", "-q", "-b", "next")
    asked = Inquiry(InquiryKind.COMMAND, "show branches", directory=str(project))
    assert (await assistant.preview(asked)).facts.branch == "next"
    assert len(ollama_server.chats) == 1


async def test_what_a_file_tells_is_redacted(
    assistant: Assistant, tmp_path: Path
) -> None:
    project = make_repository(tmp_path / "project")
    token = "ghp_" + "a1B2" * 9
    git(project, "checkout", "-q", "-b", token)
    prompt = await assistant.preview(Inquiry.about(make_record(cwd=str(project))))
    assert token not in body(prompt)
    assert of_kind(prompt, PartKind.FACTS)[0].redactions


async def test_the_window_that_is_loaded_counts(ollama_server: OllamaServer) -> None:
    ollama_server.store.add(
        ServedModel("small", context_length=2_048, tokens_per_character=0.25)
    )
    made = make_assistant(ollama_server, model="small", context_tokens=8_192)
    await answer(made, Inquiry.about(make_record(output=LONG)))
    assert [request.status for request in ollama_server.chats] == [200]
    assert sent(made).window_tokens == 2_048
    assert sent(made).answer_tokens == 512
    assert sent(made).estimated_tokens <= 2_048 - 512
    await made.close()


async def test_a_count_that_was_higher_than_ours_is_learnt(
    ollama_server: OllamaServer,
) -> None:
    ollama_server.store.add(
        ServedModel("fine", context_length=8_192, tokens_per_character=0.6)
    )
    made = make_assistant(ollama_server, model="fine", context_tokens=8_192)
    short = Inquiry.about(make_record())
    told = (await answer(made, short)).figures.prompt_tokens
    assert told is not None
    assert sent(made).estimated_tokens < told
    # The next one is long, and would not have fitted by the first measure.
    long = Inquiry.about(make_record("cat x", LONG))
    told = (await answer(made, long)).figures.prompt_tokens
    assert told is not None
    assert told <= sent(made).estimated_tokens <= 8_192 - sent(made).answer_tokens
    assert [request.status for request in ollama_server.chats] == [200, 200]
    await made.close()


async def test_what_cannot_be_made_to_fit_is_said(ollama_server: OllamaServer) -> None:
    ollama_server.store.add(ServedModel("tight", tokens_per_character=2.0))
    made = make_assistant(ollama_server, model="tight", context_tokens=2_048)
    with pytest.raises(PromptTooLongError):
        await answer(made, Inquiry.about(make_record(output=LONG)))
    assert len(ollama_server.chats) <= 2
    await made.close()


async def test_what_was_left_out_is_told_with_the_answer(
    ollama_server: OllamaServer,
) -> None:
    ollama_server.store.add(
        ServedModel("usual", context_length=2_048, tokens_per_character=0.25)
    )
    made = make_assistant(ollama_server, model="usual", context_records=50)
    recent = [
        make_record("cat x", LONG, id=str(at), started_at=float(at), exit_code=0)
        for at in range(20)
    ]
    notice = (await answer(made, Inquiry.open("why?", recent=recent))).notice
    left_out = 20 - len(told_ids(sent(made)))
    assert f"The earliest {left_out} commands were left out." in notice
    await made.close()


async def test_looking_at_a_prompt_changes_none(assistant: Assistant) -> None:
    records = commands(9)
    first = await assistant.preview(Inquiry.open("a", recent=records[:5]))
    for _ in range(3):
        await assistant.preview(Inquiry.open("b", recent=records))
    assert await assistant.preview(Inquiry.open("a", recent=records[:5])) == first


async def test_prompts_of_a_session_begin_alike(assistant: Assistant) -> None:
    records = commands(9)
    texts = []
    for count in range(3, 10):
        inquiry = Inquiry.open(f"question {count}", recent=records[:count])
        await answer(assistant, inquiry)
        texts.append(told_ids(sent(assistant)))
    assert [ids[0] for ids in texts] == ["0", "0", "0", "3", "3", "3", "6"]


async def test_switched_off_a_preview_asks_no_service(
    ollama_server: OllamaServer,
) -> None:
    made = make_assistant(ollama_server, enabled=False)
    prompt = await made.preview(Inquiry.about(make_record()))
    assert prompt.window_tokens == 4_096
    assert ollama_server.requests == []
    await made.close()
