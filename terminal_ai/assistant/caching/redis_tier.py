"""Answers that a team shares through a Redis of its own.

The Redis is trusted with nothing but keeping: see ``team_key``. It may be slow, full,
gone or not a Redis at all; then nothing is found, and it is left alone for a while.
"""

import asyncio
import importlib.util
import inspect
import logging
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from terminal_ai.assistant.caching.redis_address import RedisAddress, parse_redis_url
from terminal_ai.assistant.caching.team_key import (
    HEAD_BYTES,
    SECRET_LEAST_CHARACTERS,
    TeamKey,
    read_team_key,
)
from terminal_ai.config import TeamCacheSettings
from terminal_ai.errors import ConfigError
from terminal_ai.messages import gettext as _
from terminal_ai.records import AnswerOrigin
from terminal_ai.safety.sanitize import single_line
from utils.async_optimizer import run_in_thread

if TYPE_CHECKING:
    from redis.asyncio import Redis

CONNECTIONS_LIMIT = 4
VALUE_LIMIT_BYTES = 65_536
"""Larger answers are not shared, and not read either."""
TAG_MEMBERS_LIMIT = 1_000
"""Answers forgotten with one tag at a time."""
CLEAR_STEPS_LIMIT = 1_000
CLEAR_STEP_KEYS = 500
OPENING_SECONDS = 2.0
"""The first lookup waits for so long until the client is loaded."""
REST_SECONDS = 15.0
"""How long a Redis that failed is left alone."""
SLOW_SECONDS = 0.25
"""Who is cancelled after so long was not helped by waiting."""
DETAIL_LIMIT_CHARACTERS = 200

_logger = logging.getLogger(__name__)

Result = TypeVar("Result")


class _Rest:
    """When to leave the Redis alone; one caller at a time finds out how it is."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: float | None = None

    def may_try(self) -> bool:
        """Tell whether to ask it now; who may holds all others back meanwhile."""
        if self._until is None:
            return True
        if self._clock() < self._until:
            return False
        self.begin()
        return True

    def begin(self) -> bool:
        """Leave it alone from now on; True if it was not already."""
        was_resting = self._until is not None
        self._until = self._clock() + REST_SECONDS
        return not was_resting

    def end(self) -> None:
        """It works."""
        self._until = None


class RedisTier:
    """A tier whose medium is another machine. Nothing here raises, nothing waits long.

    Writing rests apart from reading: a full Redis, or a copy of one, still answers.
    """

    name = AnswerOrigin.TEAM

    def __init__(
        self,
        address: RedisAddress,
        key: TeamKey,
        *,
        seconds: float,
        timeout_seconds: float,
        certificate_file: str = "",
        clock: Callable[[], float] = time.time,
        resting_clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = address
        self._key = key
        self._seconds = seconds
        self._timeout_seconds = timeout_seconds
        self._certificate_file = certificate_file
        self._clock = clock
        self._resting_clock = resting_clock
        self._reading = _Rest(resting_clock)
        self._writing = _Rest(resting_clock)
        self._opening: asyncio.Task[Redis] | None = None
        self._is_closed = False

    @property
    def label(self) -> str:
        """The address as a reader wants it."""
        return self._address.label

    async def get(self, key: str) -> bytes | None:
        """Return what a member of the team kept for this key, unless it is too old."""
        name = self._key.answer_name(key)
        limit = HEAD_BYTES + VALUE_LIMIT_BYTES

        async def read(client: "Redis") -> Any:
            # Not GET: anybody may have put half a gigabyte there.
            return await client.getrange(name, 0, limit)

        kept = await self._ask(self._reading, read)
        if not isinstance(kept, bytes) or len(kept) > limit:
            return None
        return self._key.verify(key, kept, now=self._clock())

    async def put(self, key: str, value: bytes, *, tags: Sequence[str]) -> None:
        """Share a value, and list it under its tags."""
        if len(value) > VALUE_LIMIT_BYTES:
            return
        milliseconds = max(1, int(self._seconds * 1000))
        expires_at = self._clock() + self._seconds
        signed = self._key.sign(key, value, expires_at=expires_at)

        async def write(client: "Redis") -> None:
            async with client.pipeline(transaction=False) as pipeline:
                pipeline.set(self._key.answer_name(key), signed, px=milliseconds)
                for tag in tags:
                    listed = self._key.tag_name(tag)
                    pipeline.sadd(listed, self._key.member(key))
                    pipeline.pexpire(listed, milliseconds)
                done = await pipeline.execute(raise_on_error=False)
            # A list under another tag's name may be anything; the answer counts.
            if isinstance(done[0], Exception):
                raise done[0]

        await self._ask(self._writing, write)

    async def drop(self, tags: Sequence[str]) -> None:
        """Forget the answers that are listed under one of these tags."""

        async def forget(client: "Redis") -> None:
            async with client.pipeline(transaction=False) as pipeline:
                for tag in tags:
                    pipeline.spop(self._key.tag_name(tag), TAG_MEMBERS_LIMIT)
                lists = await pipeline.execute(raise_on_error=False)
            for listed in lists:
                if isinstance(listed, Exception):
                    raise listed
            names = {
                name
                for listed in lists
                for member in listed
                if (name := self._key.name_of_member(member.decode("latin-1")))
            }
            if names:
                await client.unlink(*names)

        if tags:
            await self._ask(self._writing, forget)

    async def clear(self) -> None:
        """Forget all that the team has kept, and nothing else that is there."""
        cursor = 0
        for _step in range(CLEAR_STEPS_LIMIT):

            async def sweep(client: "Redis", cursor: int = cursor) -> int:
                following, names = await client.scan(
                    cursor, match=f"{self._key.prefix}*", count=CLEAR_STEP_KEYS
                )
                if names:
                    await client.unlink(*names)
                return int(following)

            cursor = await self._ask(self._writing, sweep) or 0
            if not cursor:
                return

    async def trouble(self) -> str:
        """Return what keeps the team's answers away, nothing if they can be had."""

        try:
            client = await self._opened()
            async with asyncio.timeout(self._timeout_seconds):
                # Not PING, which a member without permissions may do, too.
                await client.getrange(self._key.answer_name(""), 0, 0)
        except TimeoutError:
            return _("no answer from {address}").format(address=self._address.label)
        except Exception as error:  # noqa: BLE001 — whatever it is, it is the finding
            return single_line(str(error), DETAIL_LIMIT_CHARACTERS)
        return ""

    async def close(self) -> None:
        """Give all connections back."""
        self._is_closed = True
        opening, self._opening = self._opening, None
        if opening is None:
            return
        opening.cancel()
        done, _pending = await asyncio.wait([opening])
        for task in done:
            if not task.cancelled() and task.exception() is None:
                await task.result().aclose()

    async def _ask(
        self, rest: _Rest, work: Callable[["Redis"], Awaitable[Result]]
    ) -> Result | None:
        """Return what the Redis says, None where it must be left alone or fails."""
        if self._is_closed or not rest.may_try():
            return None
        asked_at: float | None = None
        try:
            client = await self._opened()
            asked_at = self._resting_clock()
            async with asyncio.timeout(self._timeout_seconds):
                result = await work(client)
        except asyncio.CancelledError:
            # Who asks may have less patience than the setting, and ask again soon.
            if asked_at is not None and self._resting_clock() > asked_at + SLOW_SECONDS:
                self._leave_alone(rest, TimeoutError())
            raise
        except Exception as error:  # noqa: BLE001 — not even a bug may cost an answer
            if not _is_about_one_key(error):
                self._leave_alone(rest, error)
                return None
            result = None
        rest.end()
        return result

    def _leave_alone(self, rest: _Rest, error: Exception) -> None:
        rests = {rest}
        if not _is_about_writing(error):
            rests |= {self._reading, self._writing}
        begun = [each.begin() for each in rests]
        if any(begun):
            # Not the error's own words: they are another machine's.
            _logger.warning(
                "the team's answers at %s are left alone: %s",
                self._address.label,
                type(error).__name__,
            )

    async def _opened(self) -> "Redis":
        """Return the client. Made once; who is cancelled leaves that to the others."""
        opening = self._opening
        has_failed = opening is not None and opening.done() and opening.exception()
        if opening is None or has_failed:
            self._opening = opening = asyncio.create_task(self._open())
        if opening.done():
            return opening.result()
        async with asyncio.timeout(OPENING_SECONDS):
            return await asyncio.shield(opening)

    async def _open(self) -> "Redis":
        client: Redis = await run_in_thread(
            _make_client, self._address, self._timeout_seconds, self._certificate_file
        )
        return client


def open_redis_tier(
    settings: TeamCacheSettings, environ: Mapping[str, str]
) -> RedisTier | None:
    """Return the tier that the settings ask for, None for none; raise ConfigError."""
    if not settings.url:
        return None
    address = parse_redis_url(settings.url)
    if importlib.util.find_spec("redis") is None:
        raise ConfigError(
            _("Sharing answers needs a package that is not installed"),
            hint=_("install it with: pip install 'terminal-ai[redis]'"),
        )
    key = read_team_key(environ, settings.key_variable)
    if key is None:
        raise ConfigError(
            _("No answers are shared: {name} holds no secret of the team").format(
                name=settings.key_variable
            ),
            hint=_("it takes at least {count} characters").format(
                count=SECRET_LEAST_CHARACTERS
            ),
        )
    return RedisTier(
        address,
        key,
        seconds=settings.seconds,
        timeout_seconds=settings.timeout_seconds,
        certificate_file=settings.certificate_file,
    )


def _make_client(
    address: RedisAddress, timeout_seconds: float, certificate_file: str
) -> "Redis":
    from redis.asyncio import (
        BlockingConnectionPool,
        Connection,
        Redis,
        SSLConnection,
        UnixDomainSocketConnection,
    )
    from redis.asyncio.connection import AbstractConnection
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    known = inspect.signature(AbstractConnection.__init__).parameters
    options: dict[str, Any] = {
        "username": address.username or None,
        "password": address.password or None,
        "db": address.database,
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": timeout_seconds,
        # The first command after a restart finds the old connection closed.
        "retry": Retry(NoBackoff(), 1),
        "protocol": 2,
        # Else every connection reads the package's own files to tell its version.
        **({"driver_info": None} if "driver_info" in known else {}),
    }
    kind: type[Any] = Connection
    if address.path:
        kind = UnixDomainSocketConnection
        options["path"] = address.path
    else:
        options |= {"host": address.host, "port": address.port}
    if address.is_encrypted:
        context = ssl.create_default_context()
        if certificate_file:
            context.load_verify_locations(Path(certificate_file).expanduser())

        class CheckedConnection(SSLConnection):
            """Takes the certificates that were read already."""

            def __init__(self, **options: Any) -> None:
                super().__init__(**options)
                self.ssl_context.context = context

        kind = CheckedConnection
    pool = BlockingConnectionPool(
        max_connections=CONNECTIONS_LIMIT,
        timeout=timeout_seconds,
        connection_class=kind,
        **options,
    )
    return Redis.from_pool(pool)


def _is_about_one_key(error: Exception) -> bool:
    """Tell whether somebody keeps something of another type under our name."""
    return str(error).startswith("WRONGTYPE")


def _is_about_writing(error: Exception) -> bool:
    """Tell whether reading may work all the same."""
    from redis.exceptions import NoPermissionError, OutOfMemoryError, ReadOnlyError

    full = (NoPermissionError, OutOfMemoryError, ReadOnlyError)
    return isinstance(error, full) or str(error).startswith(("MISCONF", "NOREPLICAS"))
