"""One question to the model, from a record to a streamed and checked answer."""

import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from msgspec import structs

from terminal_ai.assistant.caching.answers import AnswerCache, TierFigures
from terminal_ai.assistant.context.builder import ContextBuilder
from terminal_ai.assistant.context.choice import RecordChoice
from terminal_ai.assistant.context.parts import ComposedPrompt
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.assistant.models import Models
from terminal_ai.assistant.preparing import Preparation, Prepared
from terminal_ai.assistant.providers.base import Prompt, Provider
from terminal_ai.assistant.reasons import Reason, Reasons
from terminal_ai.assistant.replies.fallback import SchemaFallback
from terminal_ai.assistant.replies.pacing import paced
from terminal_ai.assistant.replies.reading import AnswerReading, last_update
from terminal_ai.assistant.replies.reply import REPLY_SCHEMA
from terminal_ai.assistant.replies.request_span import traced_request
from terminal_ai.assistant.scheduling.machine import Machine
from terminal_ai.assistant.scheduling.prefetching import (
    Prefetcher,
    PrefetchFigures,
    WarmUp,
)
from terminal_ai.assistant.scheduling.priority import Priority
from terminal_ai.assistant.scheduling.scheduler import Scheduler, SchedulerFigures
from terminal_ai.config import AiSettings
from terminal_ai.errors import PromptTooLongError, ProviderError, TerminalAIError
from terminal_ai.messages import gettext as _
from terminal_ai.records import (
    Advice,
    Answer,
    AnswerPhase,
    AnswerUpdate,
    CommandRecord,
    ModelRole,
    ModelStatus,
    PrefetchState,
    PullProgress,
)
from terminal_ai.safety.redact import Redact
from terminal_ai.telemetry.names import ANSWER, LOOK_UP, PREFETCH, PREPARE
from terminal_ai.telemetry.requests import RequestTimes
from terminal_ai.telemetry.spans import Span, Tracer

# Drawing Markdown costs more than receiving it: at 30 a second it took 41 % of a core,
# at 10 a second 23 %, and no reader sees the difference.
UPDATE_INTERVAL_SECONDS = 0.1
ANOTHER_ANSWER_TEMPERATURE = 0.8
"""At the usual temperature a model mostly repeats itself."""


class Assistant:
    """Answers inquiries through one provider, from the cache where it can.

    ``answer`` and ``pull`` are async generators. To stop one, close it
    (``contextlib.aclosing``) or cancel the task that iterates it: either way the
    service stops working on it, unless somebody else waits for the same answer.
    """

    def __init__(
        self,
        settings: AiSettings,
        *,
        provider: Provider,
        redact: Redact,
        restore: Callable[[str], str] = str,
        language: str,
        shell: str = "",
        environ: Mapping[str, str] | None = None,
        cache: AnswerCache | None = None,
        scheduler: Scheduler | None = None,
        machine: Machine | None = None,
        clock: Callable[[], float] = time.monotonic,
        tracer: Tracer | None = None,
    ) -> None:
        self._tracer = tracer = tracer or Tracer(is_enabled=False)
        self._settings = settings
        self._clock = clock
        self._restore = restore
        self._provider = provider
        self._scheduler = scheduler or Scheduler.of(settings)
        self.models = Models(
            settings,
            provider,
            is_left_alone=lambda: self._scheduler.leaves_service_alone,
        )
        self._asking = SchemaFallback(provider, identity=self.models.identity)
        self._context = ContextBuilder(
            settings,
            redact=redact,
            language=language,
            shell=shell,
            environ=environ or {},
        )
        self._preparation = Preparation(
            settings, context=self._context, models=self.models, clock=clock
        )
        self._choice = RecordChoice()
        self._cache = cache or AnswerCache()
        machine = machine or Machine()
        self._prefetcher = Prefetcher(settings, self._think_ahead, machine=machine)
        self._warm_up = WarmUp(
            settings, self.models.warm_up, self._scheduler, machine=machine
        )
        self._last_sent: ComposedPrompt | None = None
        self.requests = RequestTimes()
        self._reasons = Reasons(
            settings,
            redact=redact,
            language=language,
            models=self.models,
            cache=self._cache,
            scheduler=self._scheduler,
            stream=self._asking.stream,
            tracer=tracer,
        )

    async def answer(self, inquiry: Inquiry) -> AsyncGenerator[AnswerUpdate, None]:
        """Answer one inquiry: every update tells all that is known so far."""
        if inquiry.record is not None and inquiry.record.is_private:
            yield last_update(_refusal_of_private())
            return
        with self.requests.timed(inquiry.kind), self._span(ANSWER, inquiry) as span:
            updates = self._answer(self._choice.applied(inquiry), span)
            async with contextlib.aclosing(updates):
                async for update in updates:
                    yield update

    async def reasons(
        self, records: Sequence[CommandRecord]
    ) -> Sequence[Reason | TerminalAIError]:
        """Return in a line each why commands failed, or why that is not told."""
        self.models.require_enabled()
        refused: dict[int, TerminalAIError] = {}
        for at, record in enumerate(records):
            try:
                self._choice.applied(Inquiry.about(record))
            except ProviderError as error:
                refused[at] = error
        told = [record for at, record in enumerate(records) if at not in refused]
        with self.requests.timed("reasons"):
            found = iter(await self._reasons.of(told))
        return [refused.get(at) or next(found) for at in range(len(records))]

    async def preview(self, inquiry: Inquiry) -> ComposedPrompt:
        """Return exactly what ``answer`` would send for this inquiry."""
        inquiry = self._choice.applied(inquiry)
        model = self.models.name(inquiry.role)
        return await self._preparation.compose(inquiry, model)

    @property
    def last_sent(self) -> ComposedPrompt | None:
        """What was sent last, the prompts of prefetches among it."""
        return self._last_sent

    @property
    def choice(self) -> RecordChoice:
        """Which records the user lets go along."""
        return self._choice

    @property
    def excluded(self) -> frozenset[str]:
        """The ids of the records that the user keeps out of all that is sent."""
        return self._choice.excluded

    def exclude(self, record_id: str, *, is_excluded: bool) -> None:
        """Keep a record out of all that is sent, prefetches too, or let it in again."""
        self._choice.exclude(record_id, is_excluded=is_excluded)
        if is_excluded:
            # It was composed before, and may wait for its turn.
            self._prefetcher.stop()

    def restore(self, command: str) -> str:
        """Return a command with the secrets that its placeholders stand for.

        A placeholder stays where its value could change how a shell reads the line.
        """
        return self._restore(command)

    # -- what happens in the terminal --------------------------------------------

    def command_started(self) -> None:
        """The user goes on: stop what was asked for the last failure unasked."""
        self._prefetcher.stop()

    def thinks_ahead_of(self, record: CommandRecord) -> bool:
        """Tell whether a failure is prefetched as soon as it has been examined."""
        return self._prefetcher.wants(record)

    def failure_examined(self, record: CommandRecord, advice: Advice | None) -> None:
        """A command has failed, and the offline advisor has had its say: prefetch."""
        self._prefetcher.begin(Inquiry.about(record, advice=advice))

    def warm_up(self) -> None:
        """Load the model while the user types, if that is wanted."""
        self._warm_up.begin(self.models.name(ModelRole.HEAVY))

    def watch_prefetch(self, tell: Callable[[str, PrefetchState], None]) -> None:
        """Have the state of each prefetch told, with its record's id."""
        self._prefetcher.tell = tell

    @property
    def figures(self) -> SchedulerFigures:
        """What is asked of the service now, and was so far."""
        return self._scheduler.figures

    @property
    def prefetches(self) -> PrefetchFigures:
        """What asking ahead was good for until now."""
        return self._prefetcher.figures

    @property
    def cache_figures(self) -> tuple[TierFigures, ...]:
        """What each tier of the cache did so far, the fastest first."""
        return self._cache.figures

    async def command_finished(self, record: CommandRecord) -> None:
        """Forget what was said about a command that works now."""
        if not record.has_failed:
            await self._cache.forget(record)

    # -- models ------------------------------------------------------------------

    async def status(self) -> ModelStatus:
        """Tell what can be done now. Never raises a ``ProviderError``."""
        return await self.models.status()

    def model_name(self, role: ModelRole) -> str:
        """Return the name of the model that plays a role."""
        return self.models.name(role)

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Download a model; the last step says ``success``."""
        async with contextlib.aclosing(self.models.pull(model)) as steps:
            async for step in steps:
                yield step

    async def close(self) -> None:
        """Stop all requests, and give files and connections back."""
        await self._prefetcher.close()
        await self._warm_up.close()
        await self._reasons.close()
        await self._scheduler.close()
        await self._cache.close()
        self._context.close()
        await self._provider.close()

    def _span(self, name: str, inquiry: Inquiry) -> AbstractContextManager[Span]:
        """Return the span of one request, a part of its failure's trace."""
        about, tags = inquiry.record, {"kind": str(inquiry.kind)}
        failure = self._tracer.bound(about.id) if about is not None else None
        return self._tracer.span(name, tags, parent=failure, is_current=False)

    async def _answer(
        self, inquiry: Inquiry, span: Span
    ) -> AsyncGenerator[AnswerUpdate, None]:
        self.models.require_enabled()
        yield AnswerUpdate(AnswerPhase.CONNECTING)
        prepared = await self._prepare(inquiry, self.models.name(inquiry.role), span)
        updates = self._ask(inquiry, prepared, Priority.INTERACTIVE, span)
        async with contextlib.aclosing(updates):
            async for update in updates:
                yield update

    async def _ask(
        self, inquiry: Inquiry, prepared: Prepared, priority: Priority, span: Span
    ) -> AsyncGenerator[AnswerUpdate, None]:
        """Look for the answer in the cache, then among the flights, then ask."""
        question = prepared.question
        is_users = priority is Priority.INTERACTIVE
        is_prepared = is_users and self._prefetcher.note_question(question.key)
        if is_users and self._cache.was_just_answered(question):
            inquiry = structs.replace(inquiry, is_another=True)

        waits_since = self._clock()

        def work() -> AsyncGenerator[AnswerUpdate, None]:
            return self._generate(inquiry, prepared, span)

        async def look_up() -> AnswerUpdate | None:
            nonlocal waits_since
            with self._tracer.span(LOOK_UP, parent=span) as look:
                cached = None if inquiry.is_another else await self._cache.get(question)
                look.tag("hit", cached is not None)
            waits_since = self._clock()
            if cached is None and not is_users:
                self._prefetcher.note_request(question.key)
            if cached is None:
                return None
            if is_prepared:
                cached = replace(cached, is_prepared=True)
            return last_update(cached)

        key = f"{question.key} another" if inquiry.is_another else question.key
        updates = self._scheduler.run(key, priority, work, look_up=look_up)
        try:
            async with contextlib.aclosing(updates):
                async for update in updates:
                    if update.answer is not None:
                        span.tag("origin", update.answer.origin)
                        if is_users:
                            self._cache.note_answered(question)
                    yield update
        finally:
            # For its turn, and for the model.
            span.waited(self._clock() - waits_since)

    async def _think_ahead(self, inquiry: Inquiry) -> bool:
        """Answer what nobody has asked yet; tell whether the answer was kept."""
        with self.requests.timed("prefetch"), self._span(PREFETCH, inquiry) as span:
            inquiry = self._choice.applied(inquiry)
            model = self.models.name(inquiry.role)
            prepared = await self._prepare(inquiry, model, span)
            updates = self._ask(inquiry, prepared, Priority.PREFETCH, span)
            async with contextlib.aclosing(updates):
                async for _update in updates:
                    pass
        return await self._cache.get(prepared.question) is not None

    async def _prepare(self, inquiry: Inquiry, model: str, span: Span) -> Prepared:
        with self._tracer.span(PREPARE, parent=span):
            return await self._preparation.prepare(inquiry, model)

    async def _generate(
        self, inquiry: Inquiry, prepared: Prepared, span: Span
    ) -> AsyncGenerator[AnswerUpdate, None]:
        """Ask the model once, and keep what it says if it may be said again."""
        began = self._clock() - prepared.seconds
        for tries_left in (1, 0):
            composed = prepared.composed
            prompt = self._prompt(inquiry, prepared)
            self._last_sent = composed
            self._context.note_sent(inquiry, composed)
            reading = AnswerReading(
                prompt.model, composed.command_line, notices=composed.notices
            )
            try:
                events = traced_request(
                    self._tracer,
                    self._asking.stream(prompt),
                    role=inquiry.role,
                    parent=span,
                )
                stream = paced(events, UPDATE_INTERVAL_SECONDS)
                async with contextlib.aclosing(stream):
                    async for batch in stream:
                        if (update := reading.take(batch)) is not None:
                            yield update
                break
            except PromptTooLongError as error:
                if not tries_left:
                    raise
                # The estimate was too low for this model: learn its own measure.
                self._context.learn_refusal(prompt.model, composed, error)
                # What is cut more is another question: an answer to it is none to this.
                prepared = await self._prepare(inquiry, prompt.model, span)
        answer = reading.finish()
        wall_seconds = self._clock() - began
        figures = replace(answer.figures, wall_seconds=wall_seconds)
        answer = replace(answer, figures=figures)
        self.models.note_answer(answer)
        self._context.learn(prompt.model, composed, answer.figures.prompt_tokens)
        if reading.is_keepable:
            await self._cache.put(prepared.question, answer)
        yield last_update(answer)

    def _prompt(self, inquiry: Inquiry, prepared: Prepared) -> Prompt:
        temperature = self._settings.temperature
        if inquiry.is_another:
            temperature = max(temperature, ANOTHER_ANSWER_TEMPERATURE)
        return Prompt(
            model=prepared.model,
            messages=prepared.composed.messages,
            schema=REPLY_SCHEMA,
            answer_tokens=prepared.composed.answer_tokens,
            temperature=temperature,
        )


def _refusal_of_private() -> Answer:
    text = _("This command is private: nothing about it is sent to a model.")
    return Answer(explanation=text, suggestion=None, model="")
