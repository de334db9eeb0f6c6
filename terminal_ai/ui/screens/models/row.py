"""One model in the list, fitted to the list's width when drawn, and all about it."""

import math
from collections.abc import Collection
from dataclasses import dataclass

from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from terminal_ai.messages import gettext as _
from terminal_ai.messages import ngettext
from terminal_ai.records import ModelInfo, ModelRole, ModelUsage
from terminal_ai.ui.texts import MUTED, duration, elapsed, line, size

NAME_LIMIT = 120
FACT_LIMIT = 40
_MARK_CELLS, _PARAMETERS_CELLS, _QUANTIZATION_CELLS, _SIZE_CELLS = 2, 8, 9, 9
_STATE_CELLS = 14
_NAME_CELLS = 16
"""Columns beside the name are left out before it has less than this."""
_GAP = " "


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A model, and what we know of it that its service does not.

    ``refusal`` tells why it may not be asked. ``doing`` is what happens to it now.
    """

    model: ModelInfo
    roles: frozenset[ModelRole] = frozenset()
    refusal: str = ""
    doing: str = ""
    used: ModelUsage | None = None


class ModelRow(Visual):
    """Mark of its roles, name, parameters, quantization, size, and state."""

    def __init__(self, facts: ModelFacts, now: float) -> None:
        self.facts = facts
        self._now = now

    def content(self, width: int) -> Content:
        """Return the row in exactly so many cells."""
        model = self.facts.model
        style = MUTED if self.facts.refusal else ""
        right = Content("")
        for column in (
            _right(state(self.facts, self._now), _STATE_CELLS),
            _right(line(model.parameters, MUTED, _PARAMETERS_CELLS), _PARAMETERS_CELLS),
            _right(Content.styled(_size(model), MUTED), _SIZE_CELLS),
            _right(
                line(model.quantization, MUTED, _QUANTIZATION_CELLS),
                _QUANTIZATION_CELLS,
            ),
        ):
            wider = Content.assemble(_GAP, column, right) if right else column
            if width - wider.cell_length < _MARK_CELLS + _NAME_CELLS:
                break
            right = wider
        mark = Content.styled(_mark(self.facts.roles), "$text-accent")
        name = Content.assemble(
            mark.truncate(_MARK_CELLS, pad=True),
            line(model.name, style or _name_style(self.facts.roles), NAME_LIMIT),
        )
        room = max(0, width - right.cell_length - len(_GAP))
        shown = Content.assemble(
            name.truncate(room, ellipsis=True, pad=True), _GAP, right
        )
        return shown.truncate(width, pad=True)

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        """Return the one strip of the row."""
        return self.content(width).render_strips(width, height, style, options)

    def get_optimal_width(self, _rules: RulesMap, container_width: int) -> int:
        """Return all there is."""
        return container_width

    def get_height(self, _rules: RulesMap, _width: int) -> int:
        """Return 1: a model takes one row."""
        return 1


def state(facts: ModelFacts, now: float) -> Content:
    """Return whether the model is loaded, and how long it stays so."""
    if facts.doing:
        return Content.styled(facts.doing, "$text-accent")
    if facts.refusal:
        return Content.styled(_("cloud"), "$text-warning")
    if not facts.model.is_loaded:
        return Content.styled(_("cold"), MUTED)
    left = seconds_left(facts.model, now)
    if left is None:
        return Content.styled(_("loaded"), "$text-success")
    text = _("loaded {time}").format(time=elapsed(left))
    return Content.styled(text, "$text-success")


def seconds_left(model: ModelInfo, now: float) -> float | None:
    """Return how long the model stays loaded; None for ever, or where nobody tells."""
    if model.expires_at is None or math.isinf(model.expires_at):
        return None
    return max(model.expires_at - now, 0.0)


def details(facts: ModelFacts) -> Content:
    """Return all that is known of a model, line by line."""
    model = facts.model
    lines = [
        Content.assemble(line(model.name, "bold", NAME_LIMIT), _used_for(facts.roles))
    ]
    if facts.refusal:
        lines.append(line(facts.refusal, "$text-warning"))
    known = (model.family, model.parameters, model.quantization)
    told = [line(fact, "", FACT_LIMIT) for fact in known if fact]
    if model.size_bytes:
        told.append(Content(_size(model)))
    lines.append(Content(" · ").join(told))
    lines.append(line(_window(model), MUTED))
    if model.capabilities:
        can = _("can: {capabilities}").format(
            capabilities=", ".join(model.capabilities)
        )
        lines.append(line(can, MUTED))
    if facts.used is not None:
        lines.append(line(_usage(facts.used), MUTED))
    return Content("\n").join(one for one in lines if one)


def _mark(roles: Collection[ModelRole]) -> str:
    if ModelRole.HEAVY in roles:
        return "●"
    return "○" if ModelRole.LIGHT in roles else ""


def _name_style(roles: Collection[ModelRole]) -> str:
    return "bold" if roles else ""


def _used_for(roles: Collection[ModelRole]) -> Content:
    names = {
        ModelRole.HEAVY: _("fixes and questions"),
        ModelRole.LIGHT: _("short answers"),
    }
    uses = [name for role, name in names.items() if role in roles]
    return (
        Content.styled(f"  ● {', '.join(uses)}", "$text-accent")
        if uses
        else Content("")
    )


def _window(model: ModelInfo) -> str:
    if model.is_loaded and model.loaded_context_length:
        return _("window: {loaded:,} tokens loaded, trained for {trained:,}").format(
            loaded=model.loaded_context_length,
            trained=model.context_length or model.loaded_context_length,
        )
    if model.context_length:
        return _("window: trained for {trained:,} tokens").format(
            trained=model.context_length
        )
    return ""


def _usage(used: ModelUsage) -> str:
    answers = ngettext("{count} answer", "{count} answers", used.answers)
    text = _("so far: {answers} in {time}, {read} tokens read, {written} written")
    return text.format(
        answers=answers.format(count=used.answers),
        time=duration(used.seconds),
        read=f"{used.prompt_tokens:,}",
        written=f"{used.answer_tokens:,}",
    )


def _size(model: ModelInfo) -> str:
    return size(model.size_bytes) if model.size_bytes else ""


def _right(content: Content, cells: int) -> Content:
    content = content.truncate(cells, ellipsis=True)
    return content.pad_left(max(0, cells - content.cell_length))
