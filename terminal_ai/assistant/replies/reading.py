"""One answer while it arrives: events in, updates out, an answer at the end."""

from collections.abc import Iterable

from terminal_ai.assistant.providers.base import (
    AnswerEvent,
    Completion,
    PhaseChanged,
    Piece,
)
from terminal_ai.assistant.replies.commands import check_command
from terminal_ai.assistant.replies.reply import ReplyReader
from terminal_ai.errors import IncompleteAnswerError
from terminal_ai.messages import gettext as _
from terminal_ai.records import Answer, AnswerPhase, AnswerUpdate
from terminal_ai.safety.sanitize import sanitize_text


class AnswerReading:
    """Follows one stream. ``finish`` may be called once the stream has ended."""

    def __init__(
        self, model: str, failed_command: str, *, notices: Iterable[str] = ()
    ) -> None:
        self._model = model
        self._failed_command = failed_command
        self._notices = tuple(notices)
        self._reader = ReplyReader()
        self._phase = AnswerPhase.CONNECTING
        self._completion: Completion | None = None
        self._last_update = AnswerUpdate(AnswerPhase.CONNECTING)
        self.is_keepable = False
        """True for a finished answer that may be given again later."""

    def take(self, events: Iterable[AnswerEvent]) -> AnswerUpdate | None:
        """Take in what arrived and return what changed for the reader, if anything."""
        for event in events:
            match event:
                case PhaseChanged(phase):
                    self._phase = phase
                case Piece(content, thinking):
                    self._reader.feed(content, thinking)
                    # Half a tag is neither thought nor answer.
                    if self._reader.is_writing:
                        self._phase = AnswerPhase.WRITING
                    elif self._reader.is_thinking:
                        self._phase = AnswerPhase.THINKING
                case Completion():
                    self._completion = event
        update = AnswerUpdate(
            self._phase,
            explanation=sanitize_text(self._reader.partial_text()),
            thinking=sanitize_text(self._reader.thinking),
        )
        if update == self._last_update:
            return None
        self._last_update = update
        return update

    def finish(self) -> Answer:
        """Judge the whole answer; only here a command becomes a suggestion."""
        if self._completion is None:
            raise IncompleteAnswerError(
                _("The answer broke off before it was complete."), hint=_("ask again")
            )
        reply = self._reader.finish(was_cut=self._completion.was_cut)
        checked = check_command(reply, failed_command=self._failed_command)
        notices = list(checked.warnings)
        if self._completion.was_cut:
            notices.append(_("The answer reached its length limit and was cut."))
        notices += self._notices
        self.is_keepable = reply.is_valid
        return Answer(
            explanation=sanitize_text(reply.text) or _("The model gave no answer."),
            suggestion=checked.suggestion,
            model=self._model,
            thinking=sanitize_text(self._reader.thinking),
            figures=self._completion.figures,
            notice=" ".join(notices),
        )


def last_update(answer: Answer) -> AnswerUpdate:
    """Return the update that ends every stream."""
    return AnswerUpdate(
        AnswerPhase.DONE,
        explanation=answer.explanation,
        thinking=answer.thinking,
        answer=answer,
    )
