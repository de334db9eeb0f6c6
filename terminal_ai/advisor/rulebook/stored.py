"""Our own rules as they were read last: TOML takes twenty times as long to read.

A file is taken only if it was made of the very files that ship, by this version, and
is whole; else it is as if it were not there. It holds data, never code.
"""

import contextlib
import os
import tempfile

# What ``hashlib`` has as well; that loads OpenSSL, 4 MB for one explanation.
from _blake2 import blake2b
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from terminal_ai import __version__
from terminal_ai.advisor.rulebook.rule import Rule, RuleSource, make_rule

FORM = 1
"""Raised when what is written changes its form."""
_DIGEST_BYTES = 32
_Stored = tuple[tuple[str, RuleSource], ...]
_DECODER = msgspec.msgpack.Decoder(_Stored)


def stored_rules(
    path: Path, texts: Mapping[str, bytes], read: Callable[[], tuple[Rule, ...]]
) -> tuple[Rule, ...]:
    """Return the rules of ``path`` if they were made of ``texts``, else ``read`` them.

    Then they are written there for the next time. They come without their examples,
    which only tests run.
    """
    key = _key(texts)
    with contextlib.suppress(OSError, msgspec.MsgspecError, ValueError):
        return _read(path, key)
    rules = tuple(
        make_rule(msgspec.structs.replace(rule.source, example=()), rule.origin)
        for rule in read()
    )
    with contextlib.suppress(OSError):
        _write(path, key, rules)
    return rules


def _key(texts: Mapping[str, bytes]) -> bytes:
    digest = blake2b(digest_size=_DIGEST_BYTES)
    digest.update(repr((FORM, __version__, msgspec.__version__)).encode())
    for origin, text in texts.items():
        digest.update(f"{origin}\0{len(text)}\0".encode())
        digest.update(text)
    return digest.digest()


def _read(path: Path, key: bytes) -> tuple[Rule, ...]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_uid != os.getuid():
            raise ValueError("another user's")
        data = memoryview(file.read())
    head, packed = bytes(data[: 2 * _DIGEST_BYTES]), data[2 * _DIGEST_BYTES :]
    if head != key + _seal(key, packed):
        raise ValueError("of other rules, or damaged")
    return tuple(
        make_rule(source, origin) for origin, source in _DECODER.decode(packed)
    )


def _write(path: Path, key: bytes, rules: tuple[Rule, ...]) -> None:
    packed = msgspec.msgpack.encode([(rule.origin, rule.source) for rule in rules])
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # For the user alone, and never half written.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key + _seal(key, packed) + packed)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _seal(key: bytes, packed: bytes | memoryview) -> bytes:
    return blake2b(packed, key=key, digest_size=_DIGEST_BYTES).digest()
