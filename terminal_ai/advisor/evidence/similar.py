"""Which of many names was meant: edit distance with what people usually mistype."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

CANDIDATES_LIMIT = 20_000
NAME_LENGTH_LIMIT = 256
DEFAULT_CUTOFF = 0.6
FAMILIARITY_BONUS = 0.18
FAMILIARITY_SIMILARITY = 0.5
# A match inside a longer name ("extenson" in "prepare_extension") counts a bit less.
SEGMENT_WEIGHT = 0.85
SEGMENT_LENGTH_MINIMUM = 4
CONTAINED_MINIMUM = 3

_SEGMENT = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Match:
    """A name and how likely it was meant, 0.0 to 1.0."""

    name: str
    score: float


def closest(
    wrong: str,
    names: Iterable[str],
    *,
    limit: int = 3,
    cutoff: float = DEFAULT_CUTOFF,
    familiarity: Mapping[str, float] | None = None,
) -> tuple[Match, ...]:
    """Return the names nearest to ``wrong``, best first, never ``wrong`` itself.

    ``familiarity`` (0.0 to 1.0 per name) settles near ties: ``gti`` is one edit away
    from ``git`` and from ``gtk``, and everybody means ``git``.
    """
    if not wrong or len(wrong) > NAME_LENGTH_LIMIT:
        return ()
    pool = _pool(wrong, names)
    folded = wrong.casefold()
    known = familiarity or {}
    found: dict[str, float] = {}
    for name, similarity in _nearest(folded, pool, cutoff, limit):
        found[name] = similarity + _shape_bonus(folded, name.casefold())
        if similarity >= FAMILIARITY_SIMILARITY:
            found[name] += FAMILIARITY_BONUS * known.get(name, 0.0)
    order = {name: position for position, name in enumerate(pool)}
    ranked = sorted(
        (name for name, score in found.items() if score >= cutoff),
        key=lambda name: (-found[name], len(name), order[name]),
    )
    return tuple(Match(name, min(found[name], 1.0)) for name in ranked[:limit])


def in_other_order(wrong: str, names: Iterable[str]) -> tuple[Match, ...]:
    """Return the name of the same parts: ``daemon-reload`` for ``reload-daemon``."""
    parts = sorted(wrong.split("-"))
    if len(parts) == 1 or len(wrong) > NAME_LENGTH_LIMIT:
        return ()
    found = [
        name for name in names if name != wrong and sorted(name.split("-")) == parts
    ]
    return (Match(found[0], 1.0),) if len(found) == 1 else ()


def _pool(wrong: str, names: Iterable[str]) -> list[str]:
    pool: dict[str, None] = {}
    for name in names:
        if name and name != wrong and len(name) <= NAME_LENGTH_LIMIT:
            pool[name] = None
            if len(pool) >= CANDIDATES_LIMIT:
                break
    return list(pool)


def _nearest(
    folded: str, pool: list[str], cutoff: float, limit: int
) -> list[tuple[str, float]]:
    """Return (name, similarity), by whole names and by segments of names."""
    # Below the cutoff by the largest bonus, so that a bonus can still lift a name.
    floor = max(cutoff - 0.3, 0.25)
    keep = max(limit * 8, 24)
    near = [
        (pool[index], similarity)
        for _, similarity, index in process.extract(
            folded,
            [name.casefold() for name in pool],
            scorer=OSA.normalized_similarity,
            score_cutoff=floor,
            limit=keep,
        )
    ]
    if len(folded) < SEGMENT_LENGTH_MINIMUM:
        return near
    segments = [
        (segment, name)
        for name in pool
        for segment in _SEGMENT.split(name.casefold())
        if len(segment) >= SEGMENT_LENGTH_MINIMUM and len(segment) < len(name)
    ]
    best = dict(near)
    for _, similarity, index in process.extract(
        folded,
        [segment for segment, _ in segments],
        scorer=OSA.normalized_similarity,
        score_cutoff=0.75,
        limit=keep,
    ):
        name = segments[index][1]
        best[name] = max(best.get(name, 0.0), similarity * SEGMENT_WEIGHT)
    return list(best.items())


def _shape_bonus(wrong: str, name: str) -> float:
    """Reward the mistakes of hands: same letters, same start, a word cut short."""
    if wrong == name:
        return 0.3
    bonus = 0.0
    if wrong[:1] == name[:1]:
        bonus += 0.08
    if sorted(wrong) == sorted(name):
        bonus += 0.12
    shorter = min(len(wrong), len(name))
    if shorter >= CONTAINED_MINIMUM and (wrong in name or name in wrong):
        bonus += 0.12
    return bonus
