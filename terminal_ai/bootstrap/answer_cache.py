"""The cache of answers with the tiers that the settings ask for."""

from collections.abc import Callable
from pathlib import Path

from terminal_ai.assistant.caching.answer_file import FILE_NAME, FileLimits
from terminal_ai.assistant.caching.answers import ANOTHER_ANSWER_SECONDS, AnswerCache
from terminal_ai.assistant.caching.disk_tier import DiskTier
from terminal_ai.assistant.caching.memory_tier import MemoryTier
from terminal_ai.assistant.caching.tiers import Tier
from terminal_ai.config import PerformanceSettings
from utils.memory_optimizer import MemoryManager


def make_answer_cache(
    settings: PerformanceSettings,
    directory: Path | None,
    *,
    tell: Callable[[str], object],
    memory: MemoryManager | None = None,
    team: Tier | None = None,
    team_seconds: float = 0.0,
    team_timeout_seconds: float = 0.0,
    another_seconds: float = ANOTHER_ANSWER_SECONDS,
) -> AnswerCache:
    """Build the tiers, the fastest first; without a directory nothing is on disk.

    ``team`` comes last, and only where answers are kept at all: a comparison without
    a cache compares nothing with what others have asked.
    ``memory`` may have answers in memory forgotten that are too old, or where it is
    short. ``tell`` hears, on the event loop, what the user should know of a tier.
    """
    tiers: list[Tier] = []
    if settings.answer_cache_entries:
        kept = MemoryTier(
            settings.answer_cache_entries,
            settings.answer_cache_limit_bytes,
            settings.answer_cache_seconds,
        )
        tiers.append(kept)
        if memory is not None:
            memory.register("answers", kept)
    if settings.disk_cache_entries and directory is not None:
        limits = FileLimits(
            settings.disk_cache_entries,
            settings.disk_cache_limit_bytes,
            settings.disk_cache_seconds,
        )
        tiers.append(DiskTier(directory / FILE_NAME, limits, tell=tell))
    longest = max(settings.answer_cache_seconds, settings.disk_cache_seconds)
    if team is not None and tiers:
        tiers.append(team)
        longest = max(longest, team_seconds)
    return AnswerCache(
        tiers,
        age_limit_seconds=longest,
        another_seconds=another_seconds,
        team_timeout_seconds=team_timeout_seconds,
    )
