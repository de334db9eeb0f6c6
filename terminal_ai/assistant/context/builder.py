"""From an inquiry to a prompt: what may be told, what is known, what has room."""

from collections.abc import Mapping
from typing import NamedTuple

from terminal_ai.assistant.context.calibration import TokenCalibration
from terminal_ai.assistant.context.composer import PromptComposer
from terminal_ai.assistant.context.history_window import (
    FROM_THE_BEGINNING,
    HistoryStart,
)
from terminal_ai.assistant.context.parts import ComposedPrompt
from terminal_ai.assistant.context.project_facts import ProjectCollector
from terminal_ai.assistant.context.tokens import TokenMeter
from terminal_ai.assistant.inquiry import Inquiry, InquiryKind
from terminal_ai.config import AiSettings
from terminal_ai.errors import PromptTooLongError
from terminal_ai.project.facts import ProjectFacts
from terminal_ai.safety.redact import Redact

ANSWER_WINDOW_SHARE = 0.25
"""An answer gets at most this much of the model's window."""


class Terms(NamedTuple):
    """All that makes a prompt of an inquiry, besides the inquiry.

    Equal terms make equal prompts. Without ``limit_records`` all of the history is told
    that fits.
    """

    window_tokens: int
    answer_tokens: int
    meter: TokenMeter
    facts: ProjectFacts
    limit_records: int | None
    history_start: HistoryStart


class ContextBuilder:
    """Chooses and writes what is sent, and learns from what was.

    Writing changes nothing: what it learns, it is told by ``note_sent``, ``learn`` and
    ``learn_refusal``.
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

    async def terms(self, inquiry: Inquiry, *, model: str, window_tokens: int) -> Terms:
        """Look what a prompt must be like now, for a window as told or smaller."""
        facts = await self._projects.facts_of(inquiry.place)
        tokens = self._calibration.window(model, window_tokens)
        # What the user ticked is told however much it is, and begins where it begins.
        is_ticked = inquiry.kind is InquiryKind.EXPLAIN
        return Terms(
            tokens,
            min(self._settings.answer_tokens, int(tokens * ANSWER_WINDOW_SHARE)),
            self._calibration.meter(model),
            facts,
            None if is_ticked else self._settings.context_records,
            FROM_THE_BEGINNING if is_ticked else self._history_start,
        )

    def write(self, inquiry: Inquiry, terms: Terms) -> ComposedPrompt:
        """Write the prompt. It takes its time, in any thread.

        Every record of the inquiry is told of as far as it fits: what must not be told
        was taken out before. Raises PromptTooLongError if nothing would be left.
        """
        return self._composer.compose(inquiry, **terms._asdict())

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
