"""Work that takes turns: in few threads, at a limited rate, or many calls as one."""

from utils.async_cache import AsyncCache, AsyncCacheFigures
from utils.batching import (
    AsyncBatcher,
    BatcherFullError,
    BatchFigures,
    Priority,
    batched,
)
from utils.bounding import AsyncPool, gather_bounded
from utils.pipeline import AsyncPipeline
from utils.threads import BackgroundThreads, in_thread, run_in_thread
from utils.throttling import AsyncThrottler

__all__ = [
    "AsyncBatcher",
    "AsyncCache",
    "AsyncCacheFigures",
    "AsyncPipeline",
    "AsyncPool",
    "AsyncThrottler",
    "BackgroundThreads",
    "BatchFigures",
    "BatcherFullError",
    "Priority",
    "batched",
    "gather_bounded",
    "in_thread",
    "run_in_thread",
]
