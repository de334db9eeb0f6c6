"""The answers of earlier sessions and of other windows, read beside the event loop."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from terminal_ai.assistant.caching.answer_file import AnswerFile, FileLimits
from terminal_ai.errors import ForeignFileError
from terminal_ai.messages import gettext as _
from terminal_ai.records import AnswerOrigin
from utils.async_optimizer import BackgroundThreads

RETRY_SECONDS = 60.0
"""A file that cannot be opened is left alone this long."""

_REFUSED_BY_THE_DISK = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
)

Result = TypeVar("Result")


class DiskTier:
    """Calls the file in a thread, one call after the other, in the order they came.

    ``tell`` hears, on the event loop, what went wrong.
    """

    name = AnswerOrigin.DISK

    def __init__(
        self,
        path: Path,
        limits: FileLimits,
        *,
        tell: Callable[[str], object] = lambda _text: None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = AnswerFile(path, limits, clock=clock)
        # Its own: in the shared ones a call would wait behind others' work, which the
        # tier's time limit would take for a disk that hangs. More than one would only
        # wait for the file's lock.
        self._threads = BackgroundThreads("answers", thread_limit=1)
        self._tell = tell
        self._monotonic = monotonic
        self._retry_at = 0.0
        self._told = ""

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None if there is none or it is too old."""
        return await self._call(self._file.get, key)

    async def put(self, key: str, value: bytes, *, tags: Sequence[str]) -> None:
        """Keep a value, forgetting the least recently used beyond the bounds."""
        await self._call(self._file.put, key, value, tuple(tags))

    async def drop(self, tags: Sequence[str]) -> None:
        """Forget every value that has one of these tags."""
        await self._call(self._file.drop, tuple(tags))

    async def clear(self) -> None:
        """Forget everything."""
        await self._call(self._file.clear)

    async def close(self) -> None:
        """Close the file once the call that runs has ended."""
        try:
            await self._threads.run(self._file.close)
        finally:
            self._threads.close()

    async def _call(
        self, function: Callable[..., Result], *arguments: object
    ) -> Result | None:
        if self._monotonic() < self._retry_at:
            return None
        try:
            return await self._threads.run(function, *arguments)
        except ForeignFileError as error:
            self._pause()
            self._tell_once(error.told)
            raise
        except OSError as error:
            self._pause()
            self._tell_not_kept(error.strerror or str(error))
            raise
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in _REFUSED_BY_THE_DISK:
                # What is there already can still be read.
                self._tell_not_kept(str(error))
            raise
        finally:
            for notice in self._file.notices:
                self._tell(notice)
            self._file.notices.clear()

    def _pause(self) -> None:
        self._retry_at = self._monotonic() + RETRY_SECONDS

    def _tell_not_kept(self, reason: str) -> None:
        text = _("Answers are not kept on the disk: {reason}")
        self._tell_once(text.format(reason=reason))

    def _tell_once(self, text: str) -> None:
        if text != self._told:
            self._tell(text)
        self._told = text
