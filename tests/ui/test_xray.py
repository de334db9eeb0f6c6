"""The context X-ray: what is shown is what is sent."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from textual.pilot import Pilot
from textual.widgets import OptionList

from terminal_ai import messages
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.context.composer import PromptComposer
from terminal_ai.assistant.context.draft import SEPARATOR
from terminal_ai.assistant.context.parts import ContextPart, PartKind
from terminal_ai.assistant.inquiry import Exchange, Inquiry, InquiryKind, Wording
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.config import AiSettings, Settings
from terminal_ai.records import CapturedOutput, CommandRecord
from terminal_ai.safety.redact import redact
from terminal_ai.ui.desks.xray_desk import place_of
from terminal_ai.ui.reading.context_rows import context_rows
from terminal_ai.ui.screens.xray import BAR_CELLS, XrayScreen, _bar, part_text
from tests.assistant.making import collect, make_settings
from tests.ollama_server import OllamaServer
from tests.ollama_server.fixtures import ollama_server
from tests.ollama_server.http import Request
from tests.ollama_server.store import ServedModel

from .fakes import ADVICE, AppUnderTest, ScriptedAnswerer, make_app, record
from .shown import shown
from .waiting import until

__all__ = ["ollama_server"]

NARROW, WIDE = (80, 24), (120, 40)
LEADER = "ctrl+backslash"
SECRET = "ghp_" + "a1B2" * 9
KEPT = [
    record("gti status", 127, "bash: gti: command not found\n", 4),
    record("make test", 2, f"token {SECRET}\n" + "noise\n" * 400, 3),
    replace(record(" hush", 0, "whispered\n", 2), is_private=True),
    record("ls 한글", 0, "README.md\n", 1),
]
FAILED = KEPT[0]


def screen_of(pilot: Pilot[None]) -> XrayScreen:
    screen = pilot.app.screen
    assert isinstance(screen, XrayScreen)
    return screen


async def opened(pilot: Pilot[None], *, fails: bool = True) -> XrayScreen:
    app = pilot.app
    assert isinstance(app, AppUnderTest)
    if fails:
        app.fake.fail(FAILED, ADVICE)
        await pilot.pause()
    await pilot.press(LEADER, "x")
    await until(pilot, lambda: isinstance(app.screen, XrayScreen))
    await until(pilot, lambda: screen_of(pilot).query_one(OptionList).option_count)
    return screen_of(pilot)


def rows_shown(pilot: Pilot[None]) -> list[str]:
    options = screen_of(pilot).query_one(OptionList).options
    return [" ".join(str(option.prompt).split()) for option in options]


async def go_to(pilot: Pilot[None], words: str) -> None:
    at = next(i for i, row in enumerate(rows_shown(pilot)) if words in row)
    screen_of(pilot).query_one(OptionList).highlighted = at
    await pilot.pause()


# --- what is offered


async def test_an_explanation_sends_no_other_command_until_it_is_ticked() -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=NARROW) as pilot:
        await opened(pilot)
        rows = rows_shown(pilot)
        assert [row[:3] for row in rows if "earlier" in row] == ["[ ]", "[ ]"]
        assert any(row.startswith("[x] the command gti status") for row in rows)
        assert any("advice" in row for row in rows)
        assert not any("hush" in row for row in rows)
        await go_to(pilot, "ls 한글")
        assert "Nothing of this command is sent." in shown(app)
        await pilot.press("space")
        await until(pilot, lambda: "[x] earlier ls" in "\n".join(rows_shown(pilot)))
        assert "README.md" in shown(app)
        (asked,) = [
            await app.answerer.preview(app._main.assistant.next_explanation(FAILED))
        ]
        assert "ls 한글" in asked.messages[1].content
        await pilot.press("space")
        await until(pilot, lambda: "[ ] earlier ls" in "\n".join(rows_shown(pilot)))
        assert "README.md" not in shown(app)


async def test_a_question_sends_what_is_not_unticked() -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=NARROW) as pilot:
        await opened(pilot)
        await pilot.press("tab")
        await until(pilot, lambda: "[x] earlier ls" in "\n".join(rows_shown(pilot)))
        await go_to(pilot, "ls 한글")
        await pilot.press("space")
        await until(pilot, lambda: "[ ] earlier ls" in "\n".join(rows_shown(pilot)))
        assert app.answerer.choice.excluded == {"r1"}
        assert "README.md" not in shown(app)


async def test_the_failed_command_itself_can_be_kept_out_and_let_in() -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=NARROW) as pilot:
        await opened(pilot)
        await go_to(pilot, "the command")
        await pilot.press("space")
        await until(pilot, lambda: "kept out of all that is sent" in shown(app))
        await go_to(pilot, "the command")
        await pilot.press("space")
        await until(pilot, lambda: "[x] the command" in "\n".join(rows_shown(pilot)))


async def test_what_was_sent_last_has_nothing_to_choose() -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=NARROW) as pilot:
        await opened(pilot)
        await pilot.press("shift+tab")
        await until(pilot, lambda: "Nothing has been sent yet." in shown(app))
        await pilot.press("space", "escape")
        app.answerer.last_sent = await app.answerer.preview(Inquiry.about(FAILED))
        await pilot.press(LEADER, "x")
        await until(pilot, lambda: isinstance(app.screen, XrayScreen))
        await pilot.press("shift+tab")
        await until(pilot, lambda: "the command" in "\n".join(rows_shown(pilot)))
        assert "[x]" not in shown(app)
        await pilot.press("space")
        assert not app.answerer.choice.excluded


async def test_without_a_failure_there_is_the_question() -> None:
    app = make_app(kept=KEPT[1:])
    async with app.run_test(size=NARROW) as pilot:
        await opened(pilot, fails=False)
        assert "the last failure" not in shown(app)
        assert "a question" in shown(app)


# --- how it looks


@pytest.mark.parametrize("size", [NARROW, WIDE, (40, 12)])
@pytest.mark.parametrize("language", ["en", "ko"])
async def test_the_figures_fit_every_size(size: tuple[int, int], language: str) -> None:
    app = make_app(kept=KEPT)
    messages.use_language(language)
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        text = shown(app)
        assert all(len(row) <= size[0] for row in text.splitlines())
        assert "4,096" in text
        await pilot.press("tab", "pagedown", "pageup", "down", "escape")
        assert not isinstance(app.screen, XrayScreen)


async def test_totals_place_and_cut_marks() -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot)
        composed = await app.answerer.preview(
            app._main.assistant.next_explanation(FAILED)
        )
        total = f"{composed.estimated_tokens:,} of 4,096 tokens · 768 for the answer"
        assert f"{total} · qwen2.5-coder:3b · this machine" in shown(app)
        await pilot.press("tab")
        await until(pilot, lambda: "cut to fit" in shown(app))
        (row,) = [row for row in rows_shown(pilot) if "make test" in row]
        assert " cut " in row
        assert sum(part.tokens for part in screen.shown_parts) > 0


async def test_a_click_beside_the_tick_only_shows() -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=NARROW) as pilot:
        await opened(pilot)
        at = next(i for i, row in enumerate(rows_shown(pilot)) if "ls 한글" in row)
        await pilot.click("#xray-list", offset=(20, at))
        await pilot.pause()
        assert not app.answerer.choice.added("r4")
        await pilot.click("#xray-list", offset=(1, at))
        await until(pilot, lambda: app.answerer.choice.added("r4") == {"r1"})


@given(st.integers(0, 10_000), st.integers(0, 5_000))
def test_a_bar_is_as_long_as_its_share(tokens: int, window: int) -> None:
    bar = _bar(tokens, window)
    assert len(bar) == BAR_CELLS
    assert bool(bar.strip()) == bool(tokens and window)
    if tokens >= window > 0:
        assert bar == "█" * BAR_CELLS


def test_what_was_taken_out_stands_out_without_colours() -> None:
    part = ContextPart(
        PartKind.COMMAND, "a [bold]b[/] [redacted:x]", 9, redactions=((14, 25),)
    )
    content = part_text(part)
    assert content.plain == part.text
    (span,) = content.spans
    assert (span.start, span.end) == (14, 25)
    assert "reverse" in str(span.style)


def test_where_it_goes() -> None:
    assert place_of(AiSettings()) == "this machine"
    remote = replace_host("https://gpu.example:8443")
    assert place_of(remote) == "gpu.example:8443"


def replace_host(host: str) -> AiSettings:
    return AiSettings(host=host, allow_remote_host=True)


@given(
    st.lists(st.booleans(), max_size=6),
    st.sampled_from([InquiryKind.EXPLAIN, InquiryKind.ASK, InquiryKind.COMMAND]),
    st.booleans(),
)
def test_every_part_is_a_row_in_the_order_sent(
    told: list[bool], kind: InquiryKind, has_record: bool
) -> None:
    offered = [record(f"make {n}", 0, "", n) for n in range(len(told))]
    about = record("gti", 127, "", 9) if has_record else None
    history = tuple(one for one, is_told in zip(offered, told, strict=True) if is_told)
    composer = PromptComposer(redact=redact, language="en", shell="")
    composed = composer.compose(
        Inquiry(kind, "q", about, ADVICE, history, (Exchange("a", "b"),), "log"),
        window_tokens=4_096,
        answer_tokens=768,
    )
    rows = context_rows(
        composed.parts,
        offered,
        about,
        lambda one: told[offered.index(one)] if one in offered else True,
    )
    shown_parts = [row.part for row in rows if row.part is not None]
    assert shown_parts == list(composed.parts)
    assert {row.record.id for row in rows if row.record} == {
        one.id for one in (*offered, *((about,) if about else ()))
    }


# --- the truth: shown is sent


def inquiries(records: list[CommandRecord]) -> list[Inquiry]:
    explain = Inquiry.about(FAILED, advice=ADVICE)
    question = Inquiry.open("how do I list files?", recent=records)
    thread = (Exchange("what is it", f"It is {SECRET}."),)
    return [
        explain,
        question,
        Inquiry(InquiryKind.COMMAND, "find large files"),
        structs.replace(question, thread=thread, material=f"Bearer {SECRET}"),
        structs.replace(explain, is_another=True),
        structs.replace(explain, wording=Wording.SHORTER),
    ]


@pytest.mark.parametrize("number", range(6))
async def test_what_the_server_received_is_what_the_screen_showed(
    ollama_server: OllamaServer, number: int
) -> None:
    settings = make_settings(ollama_server.url)
    assistant = real_assistant(settings)
    inquiry = inquiries(KEPT)[number]
    assistant.choice.add(FAILED.id, KEPT[3], is_added=True)
    app = make_app(Settings(ai=settings), answerer=as_answerer(assistant), kept=KEPT)
    async with app.run_test(size=WIDE) as pilot:
        composed = await assistant.preview(inquiry)
        assert assistant.last_sent is None
        await collect(assistant.answer(inquiry))
        await pilot.press(LEADER, "x", "tab")
        await until(pilot, lambda: isinstance(app.screen, XrayScreen))
        await until(pilot, lambda: screen_of(pilot).shown_parts == composed.parts)
        parts = screen_of(pilot).shown_parts
    (chat,) = ollama_server.chats
    assert received(chat) == texts_of(parts)
    rest = {key: value for key, value in chat.fields.items() if key != "messages"}
    assert {"model", "stream"} <= set(rest)
    for word in ("gti", "README", "make test", "list files", "whispered", SECRET):
        assert word not in str(rest)
    assert SECRET not in chat.body.decode()
    assert "whispered" not in chat.body.decode()
    await assistant.close()


async def test_a_prefetch_is_shown_as_sent_last(ollama_server: OllamaServer) -> None:
    settings = make_settings(
        ollama_server.url, prefetch="on", prefetch_pause_milliseconds=0
    )
    assistant = real_assistant(settings)
    app = make_app(Settings(ai=settings), answerer=as_answerer(assistant), kept=KEPT)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        planned = screen_of(pilot).shown_parts
        await until(pilot, lambda: ollama_server.chats)
        await until(pilot, lambda: assistant.last_sent)
        await pilot.press("shift+tab")
        await until(pilot, lambda: "[x]" not in shown(app))
        parts = screen_of(pilot).shown_parts
    (chat,) = ollama_server.chats
    assert received(chat) == texts_of(parts) == texts_of(planned)
    await assistant.close()


async def test_a_second_try_is_what_was_sent_last() -> None:
    """The model counts more tokens than we do: the prompt is cut and sent again."""
    with OllamaServer([ServedModel("tiny", tokens_per_character=0.9)]) as server:
        settings = make_settings(server.url)
        assistant = real_assistant(settings)
        long = replace(FAILED, output=CapturedOutput(b"a word and more\n" * 4_000))
        planned = await assistant.preview(Inquiry.about(long))
        await collect(assistant.answer(Inquiry.about(long)))
        first, *_, last = server.chats
        assert assistant.last_sent is not None
        assert received(first) == texts_of(planned.parts)
        assert received(last) == texts_of(assistant.last_sent.parts)
        assert received(first) != received(last)
        await assistant.close()


def received(chat: Request) -> list[str]:
    """What a request told the model, message by message."""
    found: Any = chat.fields["messages"]
    return [message["content"] for message in found]


def texts_of(parts: Sequence[ContextPart]) -> list[str]:
    """What the messages must be if these parts, and no others, were sent."""
    texts = [part.text for part in parts if part.text]
    return [texts[0], SEPARATOR.join(texts[1:])]


def real_assistant(settings: AiSettings) -> Assistant:
    return Assistant(
        settings,
        provider=OllamaProvider(settings),
        redact=redact,
        language="en",
        shell="bash",
    )


def as_answerer(assistant: Assistant) -> ScriptedAnswerer:
    """The real one fits where the fake does."""
    answerer: object = assistant
    return answerer  # type: ignore[return-value]
