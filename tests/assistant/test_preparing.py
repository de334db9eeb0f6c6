"""What has just been written is not written again, unless it could be another."""

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from terminal_ai.assistant.context.builder import ContextBuilder, Terms
from terminal_ai.assistant.context.history_window import HistoryStart
from terminal_ai.assistant.context.parts import ComposedPrompt
from terminal_ai.assistant.context.tokens import MARGIN, TokenMeter
from terminal_ai.assistant.inquiry import Exchange, Inquiry, InquiryKind, Wording
from terminal_ai.assistant.models import Models
from terminal_ai.assistant.preparing import KEPT_PROMPTS, Preparation, Prepared
from terminal_ai.assistant.providers.scripted import ScriptedProvider
from terminal_ai.project.facts import NO_FACTS, ProjectFacts
from terminal_ai.safety.redact import Redactor
from terminal_ai.safety.vault import SecretVault
from tests.assistant.making import make_record, make_settings

SECRET = "ghp_" + "a1B2" * 9
ABOUT = Inquiry.about(make_record())
USUAL = Terms(4_096, 512, TokenMeter(), NO_FACTS, 8, HistoryStart())
SETTINGS = make_settings("http://127.0.0.1:9")


class Context(ContextBuilder):
    """Counts what it writes, and takes its terms from the test."""

    def __init__(self) -> None:
        self.vault = SecretVault(Redactor({}))
        super().__init__(
            SETTINGS, redact=self.vault.clean, language="en", shell="sh", environ={}
        )
        self.now = USUAL
        self.written = 0

    async def terms(self, inquiry: Inquiry, *, model: str, window_tokens: int) -> Terms:
        del inquiry, model, window_tokens
        return self.now

    def write(self, inquiry: Inquiry, terms: Terms) -> ComposedPrompt:
        self.written += 1
        return super().write(inquiry, terms)


def preparation(context: ContextBuilder) -> Preparation:
    models = Models(SETTINGS, ScriptedProvider([], installed=["tiny", "other"]))
    return Preparation(SETTINGS, context=context, models=models)


async def prepared(context: Context, inquiries: Sequence[Inquiry]) -> list[Prepared]:
    preparing = preparation(context)
    return [await preparing.prepare(inquiry, "tiny") for inquiry in inquiries]


async def test_the_same_question_is_written_once() -> None:
    context = Context()
    again = Inquiry.about(make_record())
    first, second = await prepared(context, [ABOUT, again])
    assert context.written == 1
    assert second.composed is first.composed
    assert second.question is first.question


async def test_a_secret_is_told_to_the_vault_each_time() -> None:
    context = Context()
    asked = Inquiry.open(f"what is {SECRET}?", recent=[])
    first, second = await prepared(context, [asked, asked])
    assert context.written == 2
    assert first.composed == second.composed
    assert SECRET not in str(second)


async def test_the_oldest_are_forgotten() -> None:
    context = Context()
    many = [Inquiry.open(f"what is {n}?", recent=[]) for n in range(KEPT_PROMPTS + 1)]
    await prepared(context, [*many, many[-1], many[1], many[0]])
    assert context.written == len(many) + 1


RECORDS = (
    make_record(),
    make_record(id="another time", started_at=2.0),
    make_record(output="bash: gti: orden no encontrada\n"),
    make_record(exit_code=1),
    make_record(cwd="/home/ada/other"),
    make_record(f"curl -H 'Authorization: Bearer {SECRET}'"),
)
INQUIRIES = st.builds(
    Inquiry,
    st.sampled_from(InquiryKind),
    st.sampled_from(("", "why?", "Why?", f"is {SECRET} bad?")),
    st.none() | st.sampled_from(RECORDS),
    history=st.lists(st.sampled_from(RECORDS[:2]), max_size=2).map(tuple),
    thread=st.sampled_from(((), (Exchange("a", "b"),), (Exchange("a", "c"),))),
    material=st.sampled_from(("", "stdin")),
    wording=st.sampled_from(Wording),
    is_another=st.booleans(),
    directory=st.sampled_from(("", "/srv")),
)
MODELS = st.sampled_from(("tiny", "other"))
TERMS = st.builds(
    Terms,
    st.sampled_from((4_096, 8_192)),
    st.sampled_from((512, 100)),
    st.sampled_from((MARGIN, 2.0)).map(TokenMeter),
    st.sampled_from((NO_FACTS, ProjectFacts("main", ("node",), "git: branch main"))),
    st.sampled_from((None, 1)),
    st.sampled_from((HistoryStart(), HistoryStart("another time", "another time"))),
)


@given(st.lists(st.tuples(INQUIRIES, TERMS, MODELS), max_size=4))
def test_what_is_kept_is_what_would_be_written(
    asked: list[tuple[Inquiry, Terms, str]],
) -> None:
    """Each is asked twice, and beside its neighbours: none may get another's."""

    async def run() -> None:
        context = Context()
        keeping = preparation(context)
        for inquiry, terms, model in [*asked, *asked]:
            context.now = terms
            kept = await keeping.prepare(inquiry, model)
            written = await preparation(context).prepare(inquiry, model)
            assert kept.model == model
            assert (kept.composed, kept.question) == (
                written.composed,
                written.question,
            )

    asyncio.run(run())


@given(INQUIRIES, INQUIRIES)
def test_two_inquiries_are_one_only_if_all_of_them_is(
    first: Inquiry, second: Inquiry
) -> None:
    assert (first == second) == (structs.astuple(first) == structs.astuple(second))
    assert first != second or hash(first) == hash(second)
