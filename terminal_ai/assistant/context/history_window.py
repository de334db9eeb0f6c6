"""Which earlier commands go along with a question.

The next prompt should mostly begin like the last one. Dropping the oldest record each
time would change its start with every question, and make the service read all of it
again. So the history grows to its limits, and then loses its older half at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HistoryStart:
    """Where a prompt's history began: the ids of two records.

    ``permitted`` is the first that the limit of records let in, ``told`` the first
    that fitted, too.
    """

    permitted: str = ""
    told: str = ""


FROM_THE_BEGINNING = HistoryStart()


def first_permitted(ids: Sequence[str], start: HistoryStart, limit_records: int) -> int:
    """Return from which record on, oldest first, as many are left as may be told."""
    first = _find(ids, start.permitted)
    if len(ids) - first <= limit_records:
        return first
    has_begun = start.permitted in ids
    kept = limit_records - limit_records // 2 if has_begun else limit_records
    return len(ids) - kept


def first_fitting(
    ids: Sequence[str], costs: Sequence[int], start: HistoryStart, limit_tokens: int
) -> int:
    """Return from which of the permitted records on their costs in tokens fit."""
    first = _find(ids, start.told)
    if sum(costs[first:]) <= limit_tokens:
        return first
    target = limit_tokens // 2 if start.told in ids else limit_tokens
    for at in range(len(costs) - 1, first - 1, -1):
        target -= costs[at]
        if target < 0:
            # A single long one may take more than half.
            is_alone = at == len(costs) - 1 and costs[at] <= limit_tokens
            return at if is_alone else at + 1
    return first


def _find(ids: Sequence[str], wanted: str) -> int:
    return ids.index(wanted) if wanted in ids else 0
