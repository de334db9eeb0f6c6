"""The model's part of a card: state, thinking, explanation, command, figures."""

import time
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Collapsible, Static

from terminal_ai.errors import TerminalAIError
from terminal_ai.messages import gettext as _
from terminal_ai.records import Answer, AnswerPhase, AnswerUpdate
from terminal_ai.safety.sanitize import sanitize_text
from terminal_ai.ui.texts import (
    MUTED,
    age_label,
    duration,
    elapsed,
    line,
    literal,
    phase_label,
)
from terminal_ai.ui.view.layout_once import show_text

if TYPE_CHECKING:
    from textual.widgets.markdown import MarkdownStream

THINKING_LIMIT_CHARACTERS = 20_000
CLOCK_SECONDS = 1.0


def prepare_answers() -> None:
    """Load what the first answer needs, a tenth of a second; to be run in a thread."""
    from terminal_ai.ui.panels.explanation import prepare_explanations

    prepare_explanations()


class AnswerSection(Vertical):
    """Shows a streaming answer; each update says everything known so far."""

    def __init__(self) -> None:
        from terminal_ai.ui.panels.explanation import Explanation  # brings Markdown

        super().__init__()
        self._state = Static(markup=False, classes="answer-state")
        self._hint = Static(markup=False, classes="answer-hint")
        self._thinking_text = Static(markup=False, classes="answer-thinking")
        self._thinking = Collapsible(self._thinking_text, title=_("Thinking"))
        self._markdown = Explanation()
        self._figures = Static(markup=False, classes="answer-figures")
        self._stream: MarkdownStream | None = None
        self._written = ""
        self._phase = AnswerPhase.CONNECTING
        self._started_at = time.monotonic()
        self._clock: Timer | None = None
        self.is_live = True
        self.answer: Answer | None = None
        """What was answered, once it is complete."""

    def compose(self) -> ComposeResult:
        """Lay the parts out; empty ones take no room.

        The state stands below the text, where a reader of a long answer looks.
        """
        self._thinking.display = False
        self._markdown.display = False
        self._figures.display = False
        self._hint.update(Content.styled(_("Esc stops"), MUTED))
        yield self._thinking
        yield self._markdown
        with Horizontal(classes="answer-progress"):
            yield self._state
            yield self._hint
        yield self._figures

    def on_mount(self) -> None:
        """Begin to count the seconds of waiting."""
        self._clock = self.set_interval(CLOCK_SECONDS, self._show_phase)
        self._show_phase()

    async def show(self, update: AnswerUpdate) -> None:
        """Show one step of the answer."""
        self._phase = update.phase
        self._show_phase()
        if update.thinking:
            self._show_thinking(update.thinking)
        if update.answer is not None:
            await self._finish(update.answer)
        else:
            await self._write(update.explanation)

    async def _write(self, explanation: str) -> None:
        text = sanitize_text(explanation)
        if text == self._written:
            return
        self._markdown.display = True
        if text.startswith(self._written):
            if self._stream is None:
                self._stream = self._markdown.get_stream(self._markdown)
            await self._stream.write(text[len(self._written) :])
        else:
            await self._stop_stream()
            await self._markdown.update(text)
        self._written = text

    async def _finish(self, answer: Answer) -> None:
        await self._write(answer.explanation)
        await self._stop_stream()
        if answer.thinking:
            self._show_thinking(answer.thinking)
        self._end()
        self.answer = answer
        self._state.display = False
        lines = [_figures(answer)]
        if answer.notice:
            lines.insert(0, literal(answer.notice, "$text-warning"))
        self._figures.update(Content("\n").join(lines))
        self._figures.display = True

    async def fail(self, error: TerminalAIError) -> None:
        """Show why there is no (whole) answer, and what to do."""
        await self._stop_stream()
        self._end()
        pieces = [literal(error.message, "$text-warning")]
        if error.hint:
            pieces.append(literal(f"→ {error.hint}", MUTED))
        self._state.update(Content("\n").join(pieces))

    async def cancel(self) -> None:
        """Show that the user stopped the answer."""
        await self._stop_stream()
        self._end()
        self._state.update(Content.styled(_("stopped"), MUTED))

    async def _stop_stream(self) -> None:
        if self._stream is not None:
            stream, self._stream = self._stream, None
            await stream.stop()

    def _end(self) -> None:
        self.is_live = False
        self._hint.display = False
        if self._clock is not None:
            self._clock.stop()

    def _show_thinking(self, thinking: str) -> None:
        self._thinking.display = True
        self._thinking_text.update(literal(thinking[-THINKING_LIMIT_CHARACTERS:]))

    def _show_phase(self) -> None:
        if not self.is_live:
            return
        waited = time.monotonic() - self._started_at
        so_far = f" {elapsed(waited)}" if waited >= CLOCK_SECONDS else ""
        text = phase_label(self._phase) + "…" + so_far
        show_text(self._state, Content.assemble(("● ", "$text-accent"), text))


def _figures(answer: Answer) -> Content:
    """Return one line: the model, how long it took, how fast, or how old it is."""
    figures = answer.figures
    parts = [answer.model]
    if answer.age_seconds is not None:
        parts.append(
            age_label(answer.origin, answer.age_seconds, is_prepared=answer.is_prepared)
        )
    elif figures.total_seconds is not None:
        parts.append(duration(figures.total_seconds))
    if figures.tokens_per_second is not None and answer.age_seconds is None:
        speed = round(figures.tokens_per_second)
        parts.append(_("{speed} tokens/s").format(speed=speed))
    return line(" · ".join(parts), MUTED)
