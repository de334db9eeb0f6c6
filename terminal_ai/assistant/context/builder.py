"""From an inquiry to a prompt: what may be told, what is known, what has room."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from terminal_ai.assistant.context.calibration import TokenCalibration
from terminal_ai.assistant.context.composer import PromptComposer, Window
from terminal_ai.assistant.context.history_window import FROM_THE_BEGINNING
from terminal_ai.assistant.context.parts import ComposedPrompt
from terminal_ai.assistant.context.project.collecting import ProjectCollector
from terminal_ai.assistant.inquiry import Inquiry, InquiryKind
from terminal_ai.config import AiSettings
from terminal_ai.errors import PromptTooLongError
from terminal_ai.messages import gettext as _
from terminal_ai.safety.redact import Redact

ANSWER_WINDOW_SHARE = 0.25
"""An answer gets at most this much of the model's window."""


class ContextBuilder:
    """Chooses and composes what is sent, and learns from what was.

    Composing changes nothing: what it learns, it is told by ``note_sent``, ``learn``
    and ``learn_refusal``.
    """

    def __init__(
        self,
        settings: AiSettings,
        *,
        redact: Redact,
        language: str,
        shell: str,
        environ: Mapping[str, str],
    ) -> None:
        self._settings = settings
        self._composer = PromptComposer(redact=redact, language=language, shell=shell)
        self._projects = ProjectCollector(environ)
        self._calibration = TokenCalibration()
        self._history_start = FROM_THE_BEGINNING
        self._excluded: frozenset[str] = frozenset()

    @property
    def excluded(self) -> frozenset[str]:
        """The ids of records that the user wants told of to no model."""
        return self._excluded

    def exclude(self, record_id: str, *, is_excluded: bool) -> None:
        """Keep a record out of every prompt from now on, or let it in again."""
        others = self._excluded - {record_id}
        self._excluded = others | {record_id} if is_excluded else others

    def refusal(self, inquiry: Inquiry) -> str:
        """Return why nothing can be sent of this, or nothing."""
        record = inquiry.record
        if record is not None and record.is_private:
            return _("This command is private: nothing about it is sent to a model.")
        is_subject = record is not None and inquiry.kind is InquiryKind.EXPLAIN
        if record is not None and is_subject and record.id in self._excluded:
            return _("You left this command out: nothing about it is sent to a model.")
        return ""

    async def compose(
        self, inquiry: Inquiry, *, model: str, window_tokens: int
    ) -> ComposedPrompt:
        """Write the prompt for a model whose window is as told, or smaller.

        Raises PromptTooLongError if nothing would be left, and ValueError for what
        ``refusal`` refuses.
        """
        if reason := self.refusal(inquiry):
            raise ValueError(reason)
        facts = await self._projects.facts_of(inquiry.place)
        tokens = self._calibration.window(model, window_tokens)
        window = Window(
            tokens,
            min(self._settings.answer_tokens, int(tokens * ANSWER_WINDOW_SHARE)),
            self._calibration.meter(model),
        )
        # What the user ticked is told however much it is, and begins where it begins.
        is_ticked = inquiry.kind is InquiryKind.EXPLAIN
        return await asyncio.to_thread(
            self._composer.compose,
            self._permitted(inquiry),
            window,
            facts=facts,
            limit_records=None if is_ticked else self._settings.context_records,
            history_start=FROM_THE_BEGINNING if is_ticked else self._history_start,
        )

    def note_sent(self, inquiry: Inquiry, prompt: ComposedPrompt) -> None:
        """Let the next prompt begin like this one."""
        if inquiry.kind is not InquiryKind.EXPLAIN and prompt.history_start.permitted:
            self._history_start = prompt.history_start

    def learn(
        self, model: str, prompt: ComposedPrompt, prompt_tokens: int | None
    ) -> None:
        """Take in how many tokens a service counted of a prompt, if it told."""
        self._calibration.learn(model, prompt, prompt_tokens or 0)

    def learn_refusal(
        self, model: str, prompt: ComposedPrompt, error: PromptTooLongError
    ) -> None:
        """Take in that a prompt was too long: the next one is shorter."""
        self._calibration.learn_refusal(
            model,
            prompt,
            prompt_tokens=error.prompt_tokens,
            window_tokens=error.window_tokens,
        )

    def close(self) -> None:
        """Look at no more directories."""
        self._projects.close()

    def _permitted(self, inquiry: Inquiry) -> Inquiry:
        """Leave out what is private, and what the user left out."""

        def is_told(record_id: str, *, is_private: bool) -> bool:
            return not is_private and record_id not in self._excluded

        told = tuple(
            record
            for record in inquiry.history
            if is_told(record.id, is_private=record.is_private)
        )
        record = inquiry.record
        if record is not None and record.id in self._excluded:
            return replace(inquiry, history=told, record=None, advice=None)
        return replace(inquiry, history=told)
