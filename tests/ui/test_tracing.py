"""From a failure to its answer, and from a key to the screen, in a real shell's app."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot

from terminal_ai import advising
from terminal_ai.advisor import Advisor
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.providers.base import Completion
from terminal_ai.assistant.providers.scripted import ScriptedProvider, script_reply
from terminal_ai.config import Settings, ShellSettings
from terminal_ai.history.history import History
from terminal_ai.records import AnswerFigures
from terminal_ai.safety.redact import redact
from terminal_ai.session import Session, SessionListener
from terminal_ai.telemetry.spans import Span, SpanStatus
from terminal_ai.telemetry.telemetry import Telemetry
from terminal_ai.ui.app import TerminalApp
from terminal_ai.vitals import VitalsReader
from utils.profiler import PerformanceProfiler

from ..assistant.making import make_cache
from ..session.driver import DEADLINE_SECONDS, environment, require_shell
from .fakes import FakeSampler, make_app
from .waiting import until

FIGURES = AnswerFigures(
    load_seconds=0.5,
    prompt_seconds=0.25,
    answer_seconds=1.5,
    prompt_tokens=300,
    answer_tokens=40,
    tokens_per_second=26.7,
)
SECRET = "s3cretpw9"


@pytest.fixture(autouse=True)
def patient_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the advisor take the time that a loaded machine makes it take."""
    monkeypatch.setattr(advising, "TIMEOUT_SECONDS", DEADLINE_SECONDS)


class Running:
    """The app over a real shell, and every span that has ended, in that order."""

    def __init__(self, pilot: Pilot[None], session: Session, spans: list[Span]) -> None:
        self.pilot = pilot
        self.session = session
        self.spans = spans

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]

    async def ended(self, *names: str) -> None:
        await until(self.pilot, lambda: all(self.named(name) for name in names))

    def children(self, parent: Span) -> list[str]:
        """The names of a span's parts, in the order they began."""
        parts = [span for span in self.spans if span.parent_id == parent.span_id]
        return [span.name for span in sorted(parts, key=lambda span: span.started_at)]


@asynccontextmanager
async def running(home: Path, prefetch: str) -> AsyncIterator[Running]:
    settings = Settings(
        shell=ShellSettings(command=require_shell("bash"), login=False),
    )
    settings = msgspec.structs.replace(
        settings,
        ai=msgspec.structs.replace(
            settings.ai, model="tiny", prefetch=prefetch, warm_up=False
        ),
    )
    (home / ".bashrc").write_text("PS1='$ '\n")
    telemetry = Telemetry()
    spans: list[Span] = []
    telemetry.tracer.add_listener(spans.append)
    tracer, advisor = telemetry.tracer, Advisor()
    # To read the rules takes seconds on a busy machine.
    await asyncio.to_thread(advisor.prepare)
    history = History(settings.history, home / "history", redact=str, tracer=tracer)
    steps = script_reply(analysis="a", command="git status", explanation="A typo.")
    script = (*steps[:-1], Completion(was_cut=False, figures=FIGURES))
    assistant = Assistant(
        settings.ai,
        provider=ScriptedProvider([script], installed=["tiny"]),
        redact=redact,
        language="en",
        cache=make_cache(another_seconds=0.0),
        tracer=tracer,
    )
    sessions: list[Session] = []

    def open_session(listener: SessionListener, columns: int, rows: int) -> Session:
        session = Session(
            settings,
            columns=columns,
            rows=rows,
            listener=listener,
            history=history,
            advisor=advisor,
            tracer=tracer,
            environ=environment(home),
            files_directory=home,
        )
        sessions.append(session)
        return session

    profiler = PerformanceProfiler(enabled=False)
    app = TerminalApp(
        settings,
        session_factory=open_session,
        assistant=assistant,
        history=history,
        profiler=profiler,
        vitals=VitalsReader(
            sampler=FakeSampler(),
            timings=profiler,
            telemetry=telemetry,
            assistant=assistant,
            session=lambda: sessions[-1] if sessions else None,
        ),
        tracer=tracer,
        environ=environment(home),
    )
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: sessions[0].is_at_prompt)
            try:
                yield Running(pilot, sessions[0], spans)
            finally:
                await sessions[0].close()
    finally:
        await assistant.close()
        await asyncio.to_thread(history.close)


async def test_one_failure_is_one_trace_from_its_end_to_the_answer(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, prefetch="off") as it:
        it.session.press(f"gti {SECRET}\r".encode())
        await it.ended("failure", "card", "history.write")
        # What came before the answer is over: the user may ask much later.
        await it.pilot.press("f5")
        await it.ended("answer")
        (failure,), (answer,) = it.named("failure"), it.named("answer")
        assert failure.parent_id is None
        assert it.children(failure) == ["advice", "card", "answer"]
        (advice,) = it.named("advice")
        assert it.children(advice) == ["advisor.diagnose"]
        assert it.children(answer) == ["prepare", "cache.look_up", "model.request"]
        of_it = [span for span in it.spans if span.trace_id == failure.trace_id]
        assert len(of_it) == 8
        assert {span.status for span in of_it} == {SpanStatus.OK}
        # It has ended with the card, which ended after the advice did.
        order = [span.name for span in it.spans if span.trace_id == failure.trace_id]
        assert order[:4] == ["advisor.diagnose", "advice", "card", "failure"]
        assert order[-1] == "answer"
        (request,) = it.named("model.request")
        assert [event.name for event in request.events] == ["first_token"]
        assert request.tags == {
            "role": "heavy",
            "was_cut": False,
            "load_seconds": 0.5,
            "prompt_seconds": 0.25,
            "answer_seconds": 1.5,
            "prompt_tokens": 300,
            "answer_tokens": 40,
            "tokens_per_second": 26.7,
        }
        assert answer.tags == {"kind": "explain", "origin": "model"}
        assert 0 < request.waiting_seconds <= answer.waiting_seconds
        assert it.named("cache.look_up")[0].tags == {"hit": False}
        for span in it.spans:
            told = repr((span.name, span.tags, span.events))
            assert SECRET not in told
            assert str(tmp_path) not in told


async def test_what_is_asked_ahead_is_in_the_failures_trace(tmp_path: Path) -> None:
    async with running(tmp_path, prefetch="on") as it:
        it.session.press(b"gti status\r")
        await it.ended("failure", "prefetch")
        (failure,), (prefetch,) = it.named("failure"), it.named("prefetch")
        assert prefetch.parent_id == failure.span_id
        assert it.children(prefetch) == ["prepare", "cache.look_up", "model.request"]
        await it.pilot.press("f5")
        await it.ended("answer")
        (answer,) = it.named("answer")
        assert answer.trace_id == failure.trace_id
        assert it.children(answer) == ["prepare", "cache.look_up"]
        assert answer.tags["origin"] == "memory"
        # A second failure is another trace.
        it.session.press(b"gti log\r")
        await until(it.pilot, lambda: len(it.named("failure")) == 2)
        first, second = it.named("failure")
        assert first.trace_id != second.trace_id


async def test_a_key_is_one_span_from_the_app_to_the_paint(tmp_path: Path) -> None:
    async with running(tmp_path, prefetch="off") as it:
        await it.pilot.pause(0.2)
        for number, key in enumerate("abc", 1):
            await it.pilot.press(key)
            await until(it.pilot, lambda: len(it.named("key.echo")) == number)  # noqa: B023
        for span in it.named("key.echo"):
            assert [event.name for event in span.events] == [
                "written",
                "arrived",
                "fed",
                "painted",
            ]
            assert span.parent_id is None
            assert span.tags == {}
            assert 0 < span.waiting_seconds < (span.seconds or 0)


async def test_output_and_silent_keys_have_no_spans() -> None:
    app = make_app()
    spans: list[Span] = []
    async with app.run_test(size=(120, 40)) as pilot:
        app.fake.echo._tracer.add_listener(spans.append)
        for _ in range(50):
            app.fake.output(b"line\r\n" * 100)
            await pilot.pause()
        await pilot.press("a", "b", "c")
        app.fake.output(b"more")
        await pilot.pause()
        # The pty never took the keys: nothing of it is their echo.
        assert spans == []
