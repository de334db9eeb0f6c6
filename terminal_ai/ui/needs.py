"""What the screen needs of the parts it shows; the real ones and the fakes fit."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Protocol

from terminal_ai.assistant.caching.answers import TierFigures
from terminal_ai.assistant.context.choice import RecordChoice
from terminal_ai.assistant.context.parts import ComposedPrompt
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.assistant.scheduling.prefetching import PrefetchFigures
from terminal_ai.assistant.scheduling.scheduler import SchedulerFigures
from terminal_ai.history.query import HistoryQuery
from terminal_ai.records import (
    Advice,
    AnswerUpdate,
    CommandRecord,
    ModelInfo,
    ModelRole,
    ModelStatus,
    ModelUsage,
    PrefetchState,
    PullProgress,
)


class Puller(Protocol):
    """Downloads models."""

    def pull(self, model: str) -> AsyncIterator[PullProgress]:
        """Yield the steps of a download."""


class ModelChooser(Protocol):
    """The service's models, and which of them plays which role."""

    @property
    def usage(self) -> Mapping[str, ModelUsage]:
        """What each model was used for, by its name."""

    def name(self, role: ModelRole) -> str:
        """Return the name of the model that plays a role."""

    def choose(self, role: ModelRole, name: str) -> None:
        """Let a model play a role until the program ends."""

    def refusal(self, model: ModelInfo) -> str:
        """Return why a model may not be asked, or nothing."""

    async def all(self) -> tuple[ModelInfo, ...]:
        """Return every model the service has."""

    async def load(self, name: str) -> None:
        """Load a model before it is asked."""

    async def unload(self, name: str) -> None:
        """Give the memory of a model back."""


class Answerer(Puller, Protocol):
    """Answers about failures and questions; closing a stream stops its generation."""

    def answer(self, inquiry: Inquiry) -> AsyncIterator[AnswerUpdate]:
        """Yield the answer to an inquiry."""

    @property
    def models(self) -> ModelChooser:
        """The models that answer."""

    async def status(self) -> ModelStatus:
        """Return what the model can do now."""

    def warm_up(self) -> None:
        """Load the model, if that is wanted."""

    def command_started(self) -> None:
        """Stop what was asked unasked: the user goes on."""

    def failure_examined(self, record: CommandRecord, advice: Advice | None) -> None:
        """Ask ahead about a failure; the advisor has had its say."""

    async def preview(self, inquiry: Inquiry) -> ComposedPrompt:
        """Return exactly what an answer to this inquiry would send."""

    @property
    def last_sent(self) -> ComposedPrompt | None:
        """What was sent last."""

    @property
    def choice(self) -> RecordChoice:
        """Which records the user lets go along."""

    @property
    def figures(self) -> SchedulerFigures:
        """What is asked of the service now, and was so far."""

    @property
    def prefetches(self) -> PrefetchFigures:
        """What asking ahead was good for until now."""

    @property
    def cache_figures(self) -> tuple[TierFigures, ...]:
        """What each tier of the cache did so far, the fastest first."""

    def model_name(self, role: ModelRole) -> str:
        """Return the name of the model that plays a role."""

    def thinks_ahead_of(self, record: CommandRecord) -> bool:
        """Tell whether the model is going to be asked about a failure unasked."""

    def watch_prefetch(self, tell: Callable[[str, PrefetchState], None]) -> None:
        """Have told, with a record's id, what becomes of what is asked ahead."""

    def restore(self, command: str) -> str:
        """Return a command with the secrets that its placeholders stand for."""

    async def command_finished(self, record: CommandRecord) -> None:
        """Forget what was said about a command that works now."""


class Records(Protocol):
    """Finished commands."""

    @property
    def notice(self) -> str:
        """One line about records that are not kept, or nothing."""

    def records(self, limit: int) -> Sequence[CommandRecord]:
        """Return the newest records first."""

    def search(self, query: HistoryQuery) -> Sequence[CommandRecord]:
        """Return the records that answer a query, in its order."""

    def record(self, record_id: str) -> CommandRecord | None:
        """Return one record, whole."""

    def delete(self, ids: Collection[str]) -> bool:
        """Delete records for good; False where the disk refused."""

    def session(self, session_id: str) -> Sequence[CommandRecord]:
        """Return all records of one session, oldest first."""
