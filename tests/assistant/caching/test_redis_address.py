"""Where a team's Redis is: what is taken, what is refused, and what is never shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.caching.redis_address import (
    RedisAddress,
    parse_redis_url,
)
from terminal_ai.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://localhost", RedisAddress(host="localhost")),
        ("redis://127.0.0.1:1/3", RedisAddress(host="127.0.0.1", port=1, database=3)),
        ("redis://[::1]:7/", RedisAddress(host="::1", port=7)),
        (
            "rediss://ada:p%40ss@cache.example.com:6380/2",
            RedisAddress(
                host="cache.example.com",
                port=6380,
                database=2,
                is_encrypted=True,
                username="ada",
                password="p@ss",
            ),
        ),
        ("unix:///run/redis/r.sock", RedisAddress(path="/run/redis/r.sock")),
        ("unix://:pw@/run/r.sock", RedisAddress(path="/run/r.sock", password="pw")),
    ],
)
def test_what_is_taken(url: str, address: RedisAddress) -> None:
    assert parse_redis_url(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "redis://cache.example.com",
        "redis://10.0.0.7:6379",
        "redis://localhost.example.com",
        "redis://cache.localhost",
    ],
)
def test_another_machine_is_asked_encrypted_or_not_at_all(url: str) -> None:
    with pytest.raises(ConfigError, match="not this machine") as caught:
        parse_redis_url(url)
    assert "rediss://" in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "rediss://cache.example.com?ssl_cert_reqs=none",
        "rediss://cache.example.com/0?ssl_check_hostname=false",
        "unix:///run/r.sock?db=1",
        "redis://localhost#x",
    ],
)
def test_no_option_switches_anything_off(url: str) -> None:
    with pytest.raises(ConfigError, match="no options"):
        parse_redis_url(url)


@pytest.mark.parametrize(
    "url", ["localhost:6379", "http://x", "redis://", "redis://h:port", "unix://r.sock",
            "redis://localhost/one", "redis://localhost/-1", "redis://[::1", "redis:///"]
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_redis_url(url)
    assert caught.value.hint


@given(
    scheme=st.sampled_from(["redis", "rediss", "unix", "http", ""]),
    user=st.sampled_from(["", "ada"]),
    tail=st.sampled_from(
        ["@localhost", "@h.example.com:port", "@h.example.com", "@/s", "@h/1?a=b", ""]
    ),
    quirk=st.sampled_from(["", "/", "#", "?", ":", "@", "[", "%"]),
)
def test_a_password_is_never_told(
    scheme: str, user: str, tail: str, quirk: str
) -> None:
    url = f"{scheme}://{user}:hunter2hunter2{quirk}{tail}"
    told: list[str] = []
    try:
        address = parse_redis_url(url)
        told += [address.label, repr(address)]
    except ConfigError as error:
        told += [error.told, repr(error.__cause__)]
    assert "hunter2" not in " ".join(told)
