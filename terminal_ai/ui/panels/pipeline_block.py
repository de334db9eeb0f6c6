"""What the assistant does with questions, in a few lines of figures."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from terminal_ai.assistant.caching.answers import TierFigures
from terminal_ai.assistant.scheduling.breaker import BreakerState
from terminal_ai.assistant.scheduling.prefetching import PrefetchFigures
from terminal_ai.assistant.scheduling.scheduler import SchedulerFigures
from terminal_ai.messages import gettext as _
from terminal_ai.records import AnswerFigures, AnswerOrigin, ModelState, ModelStatus
from terminal_ai.ui.texts import MUTED, short_time
from terminal_ai.vitals import Vitals

_SEPARATOR = " · "


def pipeline_lines(vitals: Vitals, width: int) -> list[Content]:
    """Return the figures as lines, each broken between its parts where it must be.

    What nothing has happened to takes no line.
    """
    rows = (
        (_("model"), _model(vitals)),
        (_("wait"), _wait(vitals.usage.newest)),
        (_("cache"), _cache(vitals.tiers)),
        (_("queue"), _queue(vitals.queue)),
        (_("ahead"), _ahead(vitals.prefetches)),
    )
    told = [(label, parts) for label, parts in rows if parts]
    label_cells = max((cell_len(label) for label, _parts in told), default=0) + 2
    lines: list[Content] = []
    for label, parts in told:
        heads = [label]
        for text in _broken(parts, max(1, width - label_cells)):
            head = heads.pop() if heads else ""
            padding = " " * (label_cells - cell_len(head))
            shown = Content.assemble((head, MUTED), padding, Content(text))
            lines.append(shown.truncate(max(1, width), ellipsis=True))
    return lines


def _broken(parts: Sequence[str], width: int) -> list[str]:
    """Return the parts joined in as few lines as fit."""
    lines = [parts[0]]
    for part in parts[1:]:
        longer = lines[-1] + _SEPARATOR + part
        if cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _cache(tiers: Sequence[TierFigures]) -> list[str]:
    """Return of each tier how many look-ups it answered."""
    names = {
        AnswerOrigin.MEMORY: _("memory"),
        AnswerOrigin.DISK: _("disk"),
        AnswerOrigin.TEAM: _("team"),
    }
    parts: list[str] = []
    if not any(tier.hits + tier.misses for tier in tiers):
        return parts
    for tier in tiers:
        part = f"{names[tier.name]} {tier.hits}/{tier.hits + tier.misses}"
        if tier.failures:
            part += " " + _("({count} failed)").format(count=tier.failures)
        parts.append(part)
    return parts


def _queue(queue: SchedulerFigures) -> list[str]:
    if not (queue.started or queue.waiting or queue.failed):
        return []
    parts = [
        _("{count} running").format(count=queue.running),
        _("{count} waiting").format(count=queue.waiting),
    ]
    if queue.joined:
        parts.append(_("{count} joined").format(count=queue.joined))
    if queue.failed:
        parts.append(_("{count} failed").format(count=queue.failed))
    breaker = {
        BreakerState.OPEN: _("service left alone"),
        BreakerState.HALF_OPEN: _("service on trial"),
    }.get(BreakerState(queue.breaker))
    return parts if breaker is None else [*parts, breaker]


def _ahead(prefetches: PrefetchFigures) -> list[str]:
    parts: list[str] = []
    if prefetches.started:
        parts = [
            _("{count} asked").format(count=prefetches.started),
            _("{count} used").format(count=prefetches.used),
            _("{count} wasted").format(count=prefetches.wasted),
        ]
    if prefetches.held_back:
        parts.append(_("{count} held back").format(count=prefetches.held_back))
    return parts


def _model(vitals: Vitals) -> list[str]:
    """Return whether there is one, and how fast its newest answer came."""
    parts = [_state(vitals.model)] if vitals.model is not None else []
    newest = vitals.usage.newest
    if newest.first_token_seconds is not None:
        told = _("first {time}")
        parts.append(told.format(time=short_time(newest.first_token_seconds)))
    if newest.tokens_per_second is not None:
        speed = round(newest.tokens_per_second)
        parts.append(_("{speed} tokens/s").format(speed=speed))
    return parts


def _state(model: ModelStatus) -> str:
    return {
        ModelState.DISABLED: _("offline mode"),
        ModelState.UNAVAILABLE: _("no Ollama"),
        ModelState.MODEL_MISSING: _("not installed"),
        ModelState.READY: _("loaded") if model.is_loaded else _("cold"),
    }[model.state]


def _prompt(tokens: int | None) -> str:
    """Return what is told of the prompt: its length, and how long it was read."""
    if tokens is None:
        return _("prompt {time}")
    return _("prompt {tokens} tokens {time}").replace("{tokens}", str(tokens))


def _wait(newest: AnswerFigures) -> list[str]:
    """Part the wait for the newest answer between the model and the app."""
    app_seconds, wall_seconds = newest.app_seconds, newest.wall_seconds
    parts = []
    if app_seconds is not None and wall_seconds:
        share = app_seconds / wall_seconds * 100
        model_seconds = short_time(wall_seconds - app_seconds)
        parts = [
            _("model {percent} % {time}").format(
                percent=100 - round(share), time=model_seconds
            ),
            _("app {percent} % {time}").format(
                percent=round(share), time=short_time(app_seconds)
            ),
        ]
    for told, seconds in (
        (_("load {time}"), newest.load_seconds),
        (_prompt(newest.prompt_tokens), newest.prompt_seconds),
        (_("writing {time}"), newest.answer_seconds),
    ):
        if seconds is not None:
            parts.append(told.format(time=short_time(seconds)))
    return parts
