"""What the assistant does with questions, in a few lines of figures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from rich.cells import cell_len
from textual.content import Content

from terminal_ai.assistant.caching.answers import TierFigures
from terminal_ai.assistant.scheduling.breaker import BreakerState
from terminal_ai.assistant.scheduling.prefetching import PrefetchFigures
from terminal_ai.assistant.scheduling.scheduler import SchedulerFigures
from terminal_ai.messages import gettext as _
from terminal_ai.records import AnswerOrigin, ModelUsage
from terminal_ai.ui.texts import MUTED, short_time
from terminal_ai.vitals import Vitals

_SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class PipelineFigures:
    """The assistant's figures at one moment."""

    tiers: tuple[TierFigures, ...] = ()
    queue: SchedulerFigures = field(default_factory=SchedulerFigures)
    prefetches: PrefetchFigures = field(default_factory=PrefetchFigures)
    usage: ModelUsage = field(default_factory=ModelUsage)
    is_loaded: bool = False

    @classmethod
    def of(cls, vitals: Vitals) -> Self:
        """Return those of all figures that are the assistant's."""
        return cls(
            vitals.tiers,
            vitals.queue,
            vitals.prefetches,
            vitals.usage,
            is_loaded=vitals.is_model_loaded,
        )

    @property
    def has_any(self) -> bool:
        """True once anything was asked, or held back."""
        asked = any(tier.hits + tier.misses for tier in self.tiers)
        queue, held_back = self.queue, self.prefetches.held_back
        return bool(asked or queue.started or queue.waiting or held_back)


def pipeline_block(figures: PipelineFigures, width: int) -> Content:
    """Return the figures as lines, each broken between its parts where it must be."""
    rows = (
        (_("cache"), _cache(figures.tiers)),
        (_("queue"), _queue(figures.queue)),
        (_("ahead"), _ahead(figures.prefetches)),
        (_("model"), _model(figures.usage, is_loaded=figures.is_loaded)),
    )
    told = [(label, parts) for label, parts in rows if parts]
    label_cells = max(cell_len(label) for label, _parts in told) + 2
    lines: list[Content] = []
    for label, parts in told:
        heads = [label]
        for text in _broken(parts, max(1, width - label_cells)):
            head = heads.pop() if heads else ""
            padding = " " * (label_cells - cell_len(head))
            shown = Content.assemble((head, MUTED), padding, Content(text))
            lines.append(shown.truncate(max(1, width), ellipsis=True))
    return Content("\n").join(lines)


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
    parts = []
    for tier in tiers:
        part = f"{names[tier.name]} {tier.hits}/{tier.hits + tier.misses}"
        if tier.failures:
            part += " " + _("({count} failed)").format(count=tier.failures)
        parts.append(part)
    return parts


def _queue(queue: SchedulerFigures) -> list[str]:
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
    parts = [
        _("{count} asked").format(count=prefetches.started),
        _("{count} used").format(count=prefetches.used),
        _("{count} wasted").format(count=prefetches.wasted),
    ]
    if prefetches.held_back:
        parts.append(_("{count} held back").format(count=prefetches.held_back))
    return parts


def _model(usage: ModelUsage, *, is_loaded: bool) -> list[str]:
    parts = [_("loaded") if is_loaded else _("cold")]
    newest = usage.newest
    if newest.first_token_seconds is not None:
        told = _("first {time}")
        parts.append(told.format(time=short_time(newest.first_token_seconds)))
    if newest.tokens_per_second is not None:
        speed = round(newest.tokens_per_second)
        parts.append(_("{speed} tokens/s").format(speed=speed))
    return parts
