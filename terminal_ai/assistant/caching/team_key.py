"""What the members of a team share, and what it proves.

Everything in the Redis is named and signed by an HMAC-SHA256 under the team's secret:
who has only the Redis can neither tell which question was asked nor plant an answer.
"""

import hashlib
import hmac
import struct
from collections.abc import Mapping

SECRET_LEAST_CHARACTERS = 16
_VERSION = b"\x01"
_EXPIRY = struct.Struct(">d")
_SIGNATURE_BYTES = hashlib.sha256().digest_size
HEAD_BYTES = len(_VERSION) + _EXPIRY.size + _SIGNATURE_BYTES
"""What signing adds to a value."""


class TeamKey:
    """Names and signs what the team keeps. The secret is never shown."""

    def __init__(self, secret: str) -> None:
        if len(secret) < SECRET_LEAST_CHARACTERS:
            raise ValueError("a team's secret is longer")
        self._secret = secret.encode("utf-8", "surrogateescape")
        self.prefix = f"terminal-ai:{self._digest(b'team').hex()[:16]}:"
        """What the names of all that this team keeps begin with."""

    def answer_name(self, key: str) -> str:
        """Return what a question's answer is kept under."""
        return f"{self.prefix}a:{self.member(key)}"

    def member(self, key: str) -> str:
        """Return the same without what all answers' names begin with."""
        return self._digest(b"question", key.encode()).hex()

    def tag_name(self, tag: str) -> str:
        """Return what the answers that have a tag are listed under."""
        return f"{self.prefix}t:{self._digest(b'tag', tag.encode()).hex()}"

    def name_of_member(self, member: str) -> str | None:
        """Return the name of a listed answer; None for what we have not listed.

        A list is not signed: whoever can write it must not have us delete other keys.
        """
        is_ours = len(member) == 2 * _SIGNATURE_BYTES and all(
            letter in "0123456789abcdef" for letter in member
        )
        return f"{self.prefix}a:{member}" if is_ours else None

    def sign(self, key: str, value: bytes, *, expires_at: float) -> bytes:
        """Return the value as it is kept; ``expires_at`` in seconds since the epoch."""
        head = _VERSION + _EXPIRY.pack(expires_at)
        return head + self._signature(key, head, value) + value

    def verify(self, key: str, kept: bytes, *, now: float) -> bytes | None:
        """Return the value if a member of the team kept it for this key until now."""
        if len(kept) < HEAD_BYTES or not kept.startswith(_VERSION):
            return None
        end = HEAD_BYTES - _SIGNATURE_BYTES
        head, signature, value = kept[:end], kept[end:HEAD_BYTES], kept[HEAD_BYTES:]
        if not hmac.compare_digest(signature, self._signature(key, head, value)):
            return None
        (expires_at,) = _EXPIRY.unpack(head[len(_VERSION) :])
        return value if now < expires_at else None

    def _signature(self, key: str, head: bytes, value: bytes) -> bytes:
        return self._digest(b"answer", key.encode(), head, value)

    def _digest(self, *parts: bytes) -> bytes:
        """Return the HMAC of parts, none of which can be taken for another's end."""
        framed = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        return hmac.digest(self._secret, framed, "sha256")


def read_team_key(environ: Mapping[str, str], variable: str) -> TeamKey | None:
    """Return the key by the secret in a variable, None if that is missing or short."""
    secret = environ.get(variable, "").strip()
    return TeamKey(secret) if len(secret) >= SECRET_LEAST_CHARACTERS else None
