"""Which records the user lets go along."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.context.choice import EXPLAINED_LIMIT, RecordChoice
from terminal_ai.assistant.inquiry import Inquiry, InquiryKind
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.errors import ProviderError
from terminal_ai.records import Advice, CommandRecord
from terminal_ai.safety.redact import redact
from tests.assistant.conftest import ollama_server
from tests.assistant.making import collect, make_record, make_settings
from tests.ollama_server import OllamaServer

__all__ = ["ollama_server"]

FAILED = make_record("gti status", id="f", started_at=100.0)
ADVICE = Advice("gti was not found", "It is git.")


def earlier(number: int, *, is_private: bool = False) -> CommandRecord:
    return make_record(
        f"make {number}", id=f"e{number}", started_at=float(number),
        exit_code=0, is_private=is_private,
    )  # fmt: skip


def test_an_explanation_tells_of_what_was_added_to_it_alone() -> None:
    choice = RecordChoice()
    for number in (2, 1):
        choice.add("f", earlier(number), is_added=True)
    told = choice.applied(Inquiry.about(FAILED, advice=ADVICE))
    assert [record.id for record in told.history] == ["e1", "e2"]
    assert choice.added("f") == {"e1", "e2"}
    other = Inquiry.about(make_record("make", id="other"))
    assert choice.applied(other).history == ()
    choice.add("f", earlier(1), is_added=False)
    assert choice.added("f") == {"e2"}


def test_what_is_kept_out_of_an_explanation_cannot_be_added() -> None:
    choice = RecordChoice()
    choice.add("f", earlier(1), is_added=True)
    choice.add("f", earlier(2, is_private=True), is_added=True)
    choice.exclude("e1", is_excluded=True)
    assert choice.applied(Inquiry.about(FAILED)).history == ()
    choice.exclude("e1", is_excluded=False)
    assert len(choice.applied(Inquiry.about(FAILED)).history) == 1


@pytest.mark.parametrize("kind", list(InquiryKind))
def test_a_command_kept_out_is_not_told(kind: InquiryKind) -> None:
    choice = RecordChoice()
    choice.exclude("f", is_excluded=True)
    inquiry = structs.replace(
        Inquiry.about(FAILED, advice=ADVICE), kind=kind, question="why"
    )
    if kind is InquiryKind.EXPLAIN:
        with pytest.raises(ProviderError, match="kept out"):
            choice.applied(inquiry)
    else:
        told = choice.applied(inquiry)
        assert (told.record, told.advice) == (None, None)


def test_old_choices_are_forgotten() -> None:
    choice = RecordChoice()
    for number in range(EXPLAINED_LIMIT + 1):
        choice.add(f"f{number}", earlier(1), is_added=True)
    assert not choice.added("f0")
    assert choice.added("f1")


@given(
    st.lists(st.booleans(), max_size=8),
    st.sets(st.integers(0, 7)),
    st.sets(st.integers(0, 7)),
    st.sampled_from(list(InquiryKind)),
)
def test_nothing_private_and_nothing_kept_out_is_ever_told(
    private: list[bool], kept_out: set[int], added: set[int], kind: InquiryKind
) -> None:
    records = [earlier(n, is_private=flag) for n, flag in enumerate(private)]
    choice = RecordChoice()
    for number in kept_out:
        choice.exclude(f"e{number}", is_excluded=True)
    for number in added & set(range(len(records))):
        choice.add("f", records[number], is_added=True)
    history = tuple(records) if kind is not InquiryKind.EXPLAIN else ()
    told = choice.applied(Inquiry(kind, "q", record=FAILED, history=history))
    wanted = added if kind is InquiryKind.EXPLAIN else set(range(8))
    assert [record.id for record in told.history] == [
        record.id
        for number, record in enumerate(records)
        if number in wanted and number not in kept_out and not record.is_private
    ]


async def test_what_is_kept_out_reaches_no_server(ollama_server: OllamaServer) -> None:
    settings = make_settings(ollama_server.url)
    assistant = Assistant(
        settings, provider=OllamaProvider(settings), redact=redact, language="en"
    )
    recent = [earlier(1), earlier(2), FAILED]
    assistant.exclude("e2", is_excluded=True)
    assert assistant.excluded == {"e2"}
    await collect(assistant.answer(Inquiry.open("what now", recent=recent)))
    body = ollama_server.chats[0].body.decode()
    assert "make 1" in body
    assert "make 2" not in body
    assistant.exclude("f", is_excluded=True)
    with pytest.raises(ProviderError):
        await collect(assistant.answer(Inquiry.about(FAILED)))
    with pytest.raises(ProviderError):
        await assistant.preview(Inquiry.about(FAILED))
    assert len(ollama_server.chats) == 1
    await assistant.close()
