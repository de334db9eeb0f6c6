"""Which records the user lets go along, until the program ends."""

from collections import OrderedDict

from msgspec.structs import replace

from terminal_ai.assistant.inquiry import Inquiry, InquiryKind
from terminal_ai.errors import ProviderError
from terminal_ai.messages import gettext as _
from terminal_ai.records import CommandRecord

EXPLAINED_LIMIT = 32
"""Commands for which added records are remembered; older choices are forgotten."""


class RecordChoice:
    """Takes records out of every question, and puts some into an explanation.

    An explanation tells of no other command unless the user adds one; a question tells
    of the recent ones unless the user takes one out.
    """

    def __init__(self) -> None:
        self._excluded: set[str] = set()
        self._added: OrderedDict[str, dict[str, CommandRecord]] = OrderedDict()

    @property
    def excluded(self) -> frozenset[str]:
        """The ids of the records that never go along."""
        return frozenset(self._excluded)

    def exclude(self, record_id: str, *, is_excluded: bool) -> None:
        """Keep a record out of all that is sent, or let it in again."""
        if is_excluded:
            self._excluded.add(record_id)
        else:
            self._excluded.discard(record_id)

    def added(self, explained_id: str) -> frozenset[str]:
        """The ids of the records that go along with one command's explanation."""
        return frozenset(self._added.get(explained_id, ()))

    def add(self, explained_id: str, record: CommandRecord, *, is_added: bool) -> None:
        """Let a record go along with one command's explanation, or no longer."""
        chosen = self._added.setdefault(explained_id, {})
        self._added.move_to_end(explained_id)
        if is_added:
            chosen[record.id] = record
        else:
            chosen.pop(record.id, None)
        while len(self._added) > EXPLAINED_LIMIT:
            self._added.popitem(last=False)

    def applied(self, inquiry: Inquiry) -> Inquiry:
        """Return what may be told of an inquiry: no private record is in it.

        Raises ProviderError if that leaves nothing to explain.
        """
        record = inquiry.record
        is_told = record is None or self._is_told(record)
        history = inquiry.history
        if inquiry.kind is InquiryKind.EXPLAIN and record is not None:
            if not is_told:
                raise ProviderError(
                    _("This command is kept out of all that is sent."),
                    hint=_("let it in where the context is shown"),
                )
            known = {each.id for each in (record, *history)}
            more = self._added.get(record.id, {}).values()
            history += tuple(each for each in more if each.id not in known)
        told = sorted(filter(self._is_told, history), key=lambda each: each.started_at)
        return replace(
            inquiry,
            record=record if is_told else None,
            advice=inquiry.advice if is_told else None,
            history=tuple(told),
        )

    def _is_told(self, record: CommandRecord) -> bool:
        return not record.is_private and record.id not in self._excluded
