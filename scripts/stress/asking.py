"""A user who asks the model about failures, also while there is none."""

import asyncio
import contextlib
import time
from array import array
from dataclasses import dataclass, field

from stress.accounting import Tally
from stress.measuring import until
from stress.model import ModelProcess
from stress.shells import Failure
from stress.work import kind_of, number_in
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.errors import ProviderError
from terminal_ai.records import Answer, AnswerOrigin

PAUSE_SECONDS = 0.5
"""Between two questions: each is asked twice, and five a second may go out."""
OUTAGE_PAUSE_SECONDS = 0.1
ANSWER_SECONDS = 30.0
"""Longer than this nothing may hang, with a service or without."""
OPENS_SECONDS = 60.0
CLOSES_SECONDS = 60.0


@dataclass(slots=True)
class Asked:
    """What became of the questions."""

    questions: int = 0
    answered: int = 0
    cache_hits: int = 0
    refused: int = 0
    """During the outage: told so instead of hanging."""
    heard: int = 0
    """Answers that came, the wrong ones too: the service is there."""
    unanswered: Tally = field(default_factory=Tally)
    to_request: "array[float]" = field(default_factory=lambda: array("d"))
    """From a failure's end to the whole request at the service, in milliseconds."""
    to_answer: "array[float]" = field(default_factory=lambda: array("d"))
    has_breaker_opened: bool = False
    has_breaker_closed: bool = False


class Asker:
    """Asks about the newest failure of any shell, twice, one question at a time."""

    def __init__(self, assistant: Assistant, model: ModelProcess) -> None:
        self.asked = Asked()
        self._assistant = assistant
        self._model = model
        self._newest: Failure | None = None
        self._is_out = False

    def note(self, failure: Failure) -> None:
        """A command has failed, and the advisor has had its say."""
        self._newest = failure

    @property
    def has_question(self) -> bool:
        """True while there is a failure that is not asked about yet."""
        return self._newest is not None

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            await until(lambda: self._newest)
            failure = self._newest
            assert failure is not None
            if not self._is_out:
                self._newest = None
            await self._ask(failure, is_first=True)
            if not self._is_out:
                await self._ask(failure, is_first=False)
            await asyncio.sleep(OUTAGE_PAUSE_SECONDS if self._is_out else PAUSE_SECONDS)

    async def outage(self) -> None:
        """Take the service away until it is left alone, and give it back."""
        self._is_out = True
        await self._model.kill()
        try:
            await until(
                lambda: self._assistant.figures.breaker == "open", seconds=OPENS_SECONDS
            )
            self.asked.has_breaker_opened = True
        except TimeoutError:
            self.asked.unanswered.add("the breaker did not open in the outage")
        await self._model.start()
        before = self.asked.heard
        try:
            await until(
                lambda: (
                    self.asked.heard > before
                    and self._assistant.figures.breaker == "closed"
                ),
                seconds=CLOSES_SECONDS,
            )
            self.asked.has_breaker_closed = True
        except TimeoutError:
            self.asked.unanswered.add("no answer came after the outage")
        self._is_out = False

    async def _ask(self, failure: Failure, *, is_first: bool) -> None:
        asked, record = self.asked, failure.record
        was_out = self._is_out
        begun = time.monotonic()
        asked.questions += 1
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self._answer(failure)
        except ProviderError as error:
            if was_out or self._is_out:
                asked.refused += 1
            else:
                asked.unanswered.add(f"{record.command_line!r}: {error.told}")
            return
        except TimeoutError:
            asked.unanswered.add(f"{record.command_line!r}: nothing came")
            return
        asked.heard += answer is not None
        number = number_in(record.command_line)
        assert number is not None
        if answer is None or kind_of(number).answer not in answer.explanation:
            said = answer.explanation if answer else "nothing"
            asked.unanswered.add(f"{record.command_line!r} was answered with {said!r}")
            return
        asked.answered += 1
        asked.to_answer.append((time.monotonic() - begun) * 1e3)
        if answer.origin is not AnswerOrigin.MODEL:
            asked.cache_hits += 1
        elif is_first and not (was_out or self._is_out):
            self._note_request(f"c{number}", failure, begun)

    async def _answer(self, failure: Failure) -> Answer | None:
        inquiry = Inquiry.about(failure.record, advice=failure.advice)
        answer = None
        async with contextlib.aclosing(self._assistant.answer(inquiry)) as updates:
            async for update in updates:
                answer = update.answer or answer
        return answer

    def _note_request(self, mark: str, failure: Failure, begun: float) -> None:
        """Keep how long it took, without what the failure waited for its turn here."""
        asked_at = self._model.asked_at(mark, failure.ended_at)
        if asked_at is not None:
            waited = begun - failure.advised_at
            took = asked_at - failure.ended_at - max(0.0, waited)
            self.asked.to_request.append(took * 1e3)
