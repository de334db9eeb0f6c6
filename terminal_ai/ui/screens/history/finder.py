"""What is looked for in the history, and what was found so far, page by page."""

import re
from collections.abc import Sequence
from dataclasses import replace

from terminal_ai.history.query import HistoryQuery, RecordOrder
from terminal_ai.records import CommandRecord
from terminal_ai.ui.needs import Records
from terminal_ai.ui.reading.history_query import (
    Filter,
    HistoryPlace,
    filters_of,
    parse,
    without,
)
from utils.async_optimizer import run_in_thread

PAGE_RECORDS = 200
SHOWN_LIMIT_RECORDS = 25_600
"""Who scrolls further than this is better served by one more word."""


class Finder:
    """Asks the history in threads; cancelled, it is as it was before.

    ``errors`` are lines about filters that make no sense, ``pattern`` finds the words
    in a text that is shown.
    """

    def __init__(self, history: Records, place: HistoryPlace) -> None:
        self._history = history
        self._place = place
        self.query = HistoryQuery()
        self.errors: Sequence[str] = ()
        self.pattern: re.Pattern[str] | None = None
        self.found: list[CommandRecord] = []
        self.has_more = False

    async def search(self, text: str) -> None:
        """Find the first page for a search line."""
        parsed = parse(text, self._place)
        # Outputs are read one at a time, when they are looked at.
        query = replace(parsed.query, limit=PAGE_RECORDS, output_limit_bytes=0)
        found = await run_in_thread(self._history.search, query)
        self.query, self.errors = query, parsed.errors
        self.pattern = _pattern_of(query)
        self.found = list(found)
        self.has_more = len(found) == PAGE_RECORDS

    async def search_further(self) -> Sequence[CommandRecord]:
        """Find the next page; what came to be known meanwhile is left out."""
        query = replace(self.query, limit=len(self.found) + PAGE_RECORDS)
        if query.order is RecordOrder.NEWEST:
            # From the oldest one on, itself included: each page costs the same.
            query = replace(query, last_id=self.found[-1].id, limit=PAGE_RECORDS + 1)
        found = await run_in_thread(self._history.search, query)
        known = {record.id for record in self.found}
        more = [record for record in found if record.id not in known]
        self.found += more
        self.has_more = bool(
            more and len(found) >= query.limit and len(self.found) < SHOWN_LIMIT_RECORDS
        )
        return more

    def whole_query(self, limit: int) -> HistoryQuery:
        """Return what finds the same with whole outputs, the newest first."""
        return replace(
            self.query,
            order=RecordOrder.NEWEST,
            limit=limit,
            output_limit_bytes=None,
        )

    async def excluding(self) -> Sequence[Filter]:
        """Return each filter without which something is found, or else all of them.

        None where even the text alone finds nothing.
        """
        filters = filters_of(self.query)
        alone = [
            kind for kind in filters if await self._finds(without(self.query, kind))
        ]
        if alone or not filters:
            return alone
        return filters if await self._finds(HistoryQuery(text=self.query.text)) else ()

    async def _finds(self, query: HistoryQuery) -> bool:
        query = replace(query, limit=1, output_limit_bytes=0)
        return bool(await run_in_thread(self._history.search, query))


def _pattern_of(query: HistoryQuery) -> re.Pattern[str] | None:
    # Of two words that begin alike the longer one is marked.
    words = sorted(set(query.text.split()), key=len, reverse=True)
    if not words:
        return None
    return re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)
