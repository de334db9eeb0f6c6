"""The context X-ray: exactly what is sent to the model, and what is left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from terminal_ai.assistant.context.parts import ComposedPrompt, ContextPart, PartKind
from terminal_ai.assistant.inquiry import Inquiry, InquiryKind
from terminal_ai.errors import TerminalAIError
from terminal_ai.messages import gettext as _
from terminal_ai.records import CommandRecord
from terminal_ai.ui.needs import Answerer
from terminal_ai.ui.reading.context_rows import ContextRow, context_rows, sent_rows
from terminal_ai.ui.texts import MUTED, line, literal

REDACTION_STYLE = "bold reverse"
"""Readable without colours, too."""
BAR_CELLS = 10
_KIND_CELLS = 13
_TOKENS_CELLS = 7
_TICK_CELLS = 4
_CELLS_AROUND = 6
_LEAST_TITLE_CELLS = 8
_EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True, slots=True)
class XrayQuestion:
    """A question that may be asked next, and the records that may go along with it.

    ``offered`` are in the order of time, without the one the question is about.
    """

    label: str
    inquiry: Inquiry
    offered: tuple[CommandRecord, ...]
    model: str


@dataclass(frozen=True, slots=True)
class _Shown:
    """One prompt, or why there is none."""

    rows: tuple[ContextRow, ...] = ()
    composed: ComposedPrompt | None = None
    notice: str = ""


class XrayScreen(ModalScreen[None]):
    """Shows the prompts of the questions that may come next, and the last one sent."""

    AUTO_FOCUS = "#xray-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("tab,right", "switch(1)", show=False),
        Binding("shift+tab,left", "switch(-1)", show=False),
        Binding("space", "tick", show=False),
        Binding("pagedown", "scroll_text(1)", show=False, priority=True),
        Binding("pageup", "scroll_text(-1)", show=False, priority=True),
    ]

    def __init__(
        self, answerer: Answerer, questions: Sequence[XrayQuestion], *, place: str
    ) -> None:
        """``place`` names the machine that everything goes to."""
        super().__init__()
        self._answerer = answerer
        self._questions = tuple(questions)
        self._place = place
        self._tab = 0
        self._shown = _Shown()
        self._tabs = Static(id="xray-tabs", markup=False)
        self._totals = Static(id="xray-totals", markup=False)
        self._list = OptionList(id="xray-list", markup=False)
        self._text = Static(id="xray-text", markup=False)
        self._scroll = VerticalScroll(self._text, id="xray-scroll", can_focus=False)

    def compose(self) -> ComposeResult:
        """Lay out the prompts' names, the parts, and the text of one of them."""
        with Vertical(id="xray") as box:
            box.border_title = _("What the model is sent")
            box.border_subtitle = _("Space: in or out · Tab: another · Esc closes")
            yield self._tabs
            yield self._totals
            yield self._list
            yield self._scroll

    def on_mount(self) -> None:
        """Compose the first prompt."""
        self._show_tab()

    def on_resize(self, event: events.Resize) -> None:
        """Cut the titles to the new width."""
        del event
        self._fill()

    # -- which prompt ------------------------------------------------------------

    @property
    def _question(self) -> XrayQuestion | None:
        """The question that is shown; None for the prompt that was sent last."""
        at = self._tab
        return self._questions[at] if at < len(self._questions) else None

    def action_switch(self, step: int) -> None:
        """Go to another prompt."""
        self._tab = (self._tab + step) % (len(self._questions) + 1)
        self._show_tab()

    def _show_tab(self) -> None:
        labels = [*(question.label for question in self._questions), _("sent last")]
        self._tabs.update(
            Content("  ").join(
                line(label, "bold reverse" if at == self._tab else MUTED)
                for at, label in enumerate(labels)
            )
        )
        self._compose_prompt()

    @work(exclusive=True, group="preview", exit_on_error=False)
    async def _compose_prompt(self) -> None:
        question = self._question
        if question is None:
            sent = self._answerer.last_sent
            notice = "" if sent else _("Nothing has been sent yet.")
            rows = sent_rows(sent.parts) if sent else ()
            self._take(_Shown(rows, sent, notice))
            return
        composed, notice = None, ""
        try:
            composed = await self._answerer.preview(question.inquiry)
        except TerminalAIError as error:
            notice = error.told
        rows = context_rows(
            composed.parts if composed else (),
            question.offered,
            question.inquiry.record,
            self._is_ticked,
        )
        self._take(_Shown(rows, composed, notice))

    def _take(self, shown: _Shown) -> None:
        self._shown = shown
        self._totals.update(self._totals_line())
        self._fill()

    # -- choosing records --------------------------------------------------------

    @property
    def _explained(self) -> CommandRecord | None:
        """The command that is explained: others go along only if they are added."""
        inquiry = self._question.inquiry if self._question else None
        is_explained = inquiry is not None and inquiry.kind is InquiryKind.EXPLAIN
        return inquiry.record if inquiry is not None and is_explained else None

    def _is_ticked(self, record: CommandRecord) -> bool:
        choice, explained = self._answerer.choice, self._explained
        if record.id in choice.excluded:
            return False
        is_added = explained is None or record.id in choice.added(explained.id)
        return is_added or record is explained

    def action_tick(self) -> None:
        """Let the record of the chosen part go along, or keep it out."""
        row = self._chosen
        if row is None or row.record is None or row.is_ticked is None:
            return
        choice, explained = self._answerer.choice, self._explained
        if explained is None or row.record is explained:
            choice.exclude(row.record.id, is_excluded=row.is_ticked)
        else:
            choice.exclude(row.record.id, is_excluded=False)
            choice.add(explained.id, row.record, is_added=not row.is_ticked)
        self._compose_prompt()

    # -- what is shown -----------------------------------------------------------

    @property
    def shown_parts(self) -> tuple[ContextPart, ...]:
        """The parts that are shown as sent, in their order."""
        return tuple(row.part for row in self._shown.rows if row.part is not None)

    @property
    def _chosen(self) -> ContextRow | None:
        at = self._list.highlighted
        rows = self._shown.rows
        return rows[at] if at is not None and at < len(rows) else None

    def _totals_line(self) -> Content:
        composed = self._shown.composed
        if composed is None:
            return literal(self._shown.notice, "$text-warning")
        facts = [
            _("{used} of {window} tokens · {kept} for the answer").format(
                used=f"{composed.estimated_tokens:,}",
                window=f"{composed.window_tokens:,}",
                kept=f"{composed.answer_tokens:,}",
            )
        ]
        if self._question is not None:
            facts.append(self._question.model)
        facts.append(self._place)
        totals = line(" · ".join(facts))
        if composed.was_cut:
            totals = Content.assemble(
                totals, (" · " + _("cut to fit"), "$text-warning")
            )
        return totals

    def _fill(self) -> None:
        """List the rows; what was chosen stays chosen."""
        chosen = self._list.highlighted_option
        name = chosen.id if chosen is not None else None
        rows = self._shown.rows
        self._list.clear_options()
        self._list.add_options(
            Option(self._row(row), id=f"{at} {row.name}") for at, row in enumerate(rows)
        )
        if not rows:
            self._text.update("")
            return
        kept = name.partition(" ")[2] if name else ""
        names = [row.name for row in rows]
        self._list.highlighted = names.index(kept) if kept in names else 0
        self._show_text()

    def _row(self, row: ContextRow) -> Content:
        tick = {True: "[x] ", False: "[ ] ", None: " " * _TICK_CELLS}[row.is_ticked]
        composed = self._shown.composed
        window = composed.window_tokens if composed is not None else 0
        cut = _("cut")
        figures = Content.assemble(
            (cut if row.was_cut else " " * cell_len(cut), "$text-warning"),
            f"{row.tokens:>{_TOKENS_CELLS},} ",
            (_bar(row.tokens, window), "$text-accent"),
        )
        room = self._list.scrollable_content_region.width or self.size.width
        room -= _CELLS_AROUND + _TICK_CELLS + _KIND_CELLS + figures.cell_length
        room = max(_LEAST_TITLE_CELLS, room)
        title = line(row.title, limit=room * 2).truncate(room, ellipsis=True, pad=True)
        return Content.assemble(
            tick,
            line(kind_label(row.kind), "bold").truncate(_KIND_CELLS, pad=True),
            title if row.tokens else title.stylize(MUTED),
            " ",
            figures,
        )

    @on(OptionList.OptionHighlighted)
    def show_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the text of the part."""
        event.stop()
        self._show_text()

    def _show_text(self) -> None:
        row = self._chosen
        if row is None:
            return
        if row.part is not None and row.part.text:
            self._text.update(part_text(row.part))
        elif row.is_ticked is False:
            self._text.update(literal(_("Nothing of this command is sent."), MUTED))
        else:
            self._text.update(literal(_("Nothing of it fits."), MUTED))
        self._scroll.scroll_home(animate=False)

    # -- keys and mouse ----------------------------------------------------------

    def action_scroll_text(self, pages: int) -> None:
        """Read on in the text."""
        if pages > 0:
            self._scroll.scroll_page_down(animate=False)
        else:
            self._scroll.scroll_page_up(animate=False)

    def on_click(self, event: events.Click) -> None:
        """Tick on a click at a tick, close on one beside the box."""
        if event.widget is self:
            self.dismiss(None)
        elif event.widget is self._list:
            column = event.screen_x - self._list.content_region.x
            if 0 <= column < _TICK_CELLS:
                self.action_tick()

    def action_close(self) -> None:
        """Go back to the terminal."""
        self.dismiss(None)


def part_text(part: ContextPart) -> Content:
    """Return a part as it is sent, what was taken out of it made to stand out."""
    content = Content(part.text)
    for start, end in part.redactions:
        content = content.stylize(REDACTION_STYLE, start, end)
    return content


def kind_label(kind: PartKind) -> str:
    """Return what a part is, in a word or two."""
    return {
        PartKind.RULES: _("rules"),
        PartKind.FACTS: _("project"),
        PartKind.HISTORY: _("earlier"),
        PartKind.COMMAND: _("the command"),
        PartKind.FINDINGS: _("advice"),
        PartKind.MATERIAL: _("material"),
        PartKind.THREAD: _("thread"),
        PartKind.QUESTION: _("question"),
    }[kind]


def _bar(tokens: int, window: int) -> str:
    """Draw a share of the window in eighths of a cell; what is there is seen."""
    if not (tokens and window):
        return " " * BAR_CELLS
    eighths = max(1, round(min(1.0, tokens / window) * BAR_CELLS * 8))
    whole, rest = divmod(eighths, 8)
    return ("█" * whole + (_EIGHTHS[rest] if rest else "")).ljust(BAR_CELLS)
