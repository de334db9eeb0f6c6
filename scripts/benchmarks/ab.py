"""What each value of ``--optimized`` is good for: with it, and with all but it.

Every row runs the program, or the part of it that the value is for, twice in turn: as
it is, and with this one value as ``--no-optimized`` sets it. A value whose row shows
no gain is deleted.
"""

from collections.abc import Mapping

MEASURES: Mapping[str, str] = {
    "terminal.parser": "ab_terminal.parser",
    "ai.prefetch": "ab_assistant.prefetch",
    "ai.warm_up": "ab_assistant.warm_up",
    "performance.answer_cache_entries": "ab_assistant.memory_cache",
    "performance.disk_cache_entries": "ab_assistant.disk_cache",
    "performance.read_chunk_bytes": "ab_terminal.read_chunk",
    "performance.gc_freeze": "collecting.collecting",
    "performance.thread_switch_milliseconds": "ab_threads.thread_switch",
}
"""Where each value is measured: a test holds it to the preset's keys."""
