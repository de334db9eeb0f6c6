"""Answers and failures in the forms that people and programs read."""

from collections.abc import Iterator
from dataclasses import asdict

from terminal_ai.assistant.context.parts import ComposedPrompt
from terminal_ai.config import AiSettings
from terminal_ai.errors import TerminalAIError
from terminal_ai.messages import gettext as _
from terminal_ai.messages import ngettext
from terminal_ai.quantities import duration
from terminal_ai.records import Answer, AnswerFigures, AnswerPhase
from terminal_ai.safety.labels import risk_label
from terminal_ai.safety.sanitize import sanitize_text

JsonObject = dict[str, object]


def answer_json(answer: Answer) -> JsonObject:
    """Return an answer for programs; ``command`` is None where there is none."""
    suggestion = answer.suggestion
    return {
        "answer": answer.explanation,
        "command": suggestion.command if suggestion else None,
        "risk": suggestion.risk.value if suggestion else None,
        "model": answer.model,
        "origin": answer.origin.value,
        "age_seconds": answer.age_seconds,
        "figures": asdict(answer.figures),
        "notice": answer.notice,
    }


def error_json(error: TerminalAIError) -> JsonObject:
    """Return a failure for programs."""
    return {"error": error.message, "hint": error.hint}


def context_json(composed: ComposedPrompt, settings: AiSettings) -> JsonObject:
    """Return what would be sent, and where to, for programs."""
    return {
        "host": settings.host,
        "model": settings.model,
        "tokens": composed.estimated_tokens,
        "window_tokens": composed.window_tokens,
        "answer_tokens": composed.answer_tokens,
        "was_cut": composed.was_cut,
        "messages": [
            {"role": message.role.value, "content": message.content}
            for message in composed.messages
        ],
    }


def context_text(composed: ComposedPrompt) -> str:
    """Return the messages that would be sent, each below its role."""
    return "".join(
        f"--- {message.role}\n{message.content}\n" for message in composed.messages
    )


def answer_text(answer: Answer) -> str:
    """Return an answer for people, without what it cost."""
    return f"{sanitize_text(answer.explanation)}\n{command_text(answer)}"


def command_text(answer: Answer) -> str:
    """Return the suggested command as a line for people, or nothing."""
    if answer.suggestion is None:
        return ""
    command = sanitize_text(answer.suggestion.command)
    return f"\n  {command}  [{risk_label(answer.suggestion.risk)}]\n"


def phase_label(phase: AnswerPhase) -> str:
    """Return where an unfinished answer stands; nothing for a finished one."""
    return {
        AnswerPhase.WAITING: _("waiting"),
        AnswerPhase.CONNECTING: _("connecting"),
        AnswerPhase.LOADING: _("loading the model"),
        AnswerPhase.READING: _("reading"),
        AnswerPhase.THINKING: _("thinking"),
        AnswerPhase.WRITING: _("writing"),
        AnswerPhase.DONE: "",
    }[phase]


def figures_text(answer: Answer) -> str:
    """Return in one line where an answer came from and what it cost."""
    return " · ".join(_figures(answer))


def _figures(answer: Answer) -> Iterator[str]:
    if answer.model:
        yield sanitize_text(answer.model)
    if answer.age_seconds is not None:
        yield _("answered {time} ago").format(time=duration(answer.age_seconds))
        return
    figures = answer.figures
    if figures.prompt_tokens is not None:
        yield _("{count} tokens read").format(count=f"{figures.prompt_tokens:,}")
    if figures.answer_tokens is not None:
        yield _("{count} tokens written").format(count=f"{figures.answer_tokens:,}")
    if figures.total_seconds is not None:
        yield duration(figures.total_seconds)


class Tally:
    """What a stream of questions has come to."""

    def __init__(self) -> None:
        self.answered = 0
        self.failed = 0
        self._cached = 0
        self._tokens = 0

    def add(self, answer: Answer) -> None:
        """Count one answer."""
        self.answered += 1
        if answer.age_seconds is not None:
            self._cached += 1
        else:
            self._tokens += _tokens(answer.figures)

    def text(self, seconds: float) -> str:
        """Return the figures as one line for people."""
        answered = ngettext("{count} answer", "{count} answers", self.answered)
        return " · ".join(
            (
                answered.format(count=self.answered),
                _("{count} failed").format(count=self.failed),
                _("{count} from the cache").format(count=self._cached),
                _("{count} tokens").format(count=f"{self._tokens:,}"),
                duration(seconds),
            )
        )


def _tokens(figures: AnswerFigures) -> int:
    return (figures.prompt_tokens or 0) + (figures.answer_tokens or 0)
