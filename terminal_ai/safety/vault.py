"""Placeholders that this process, and nobody else, can turn back into secrets.

A model sees ``[redacted:KIND:TAG]`` and may copy it into a command; the value returns
only when the command is placed at the user's own prompt.
"""

import hashlib
import hmac
import re
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import NoReturn

from terminal_ai.safety.placeholders import PLACEHOLDER, TAG_DIGITS, placeholder
from terminal_ai.safety.quoting import Place, places_of
from terminal_ai.safety.redact import Redaction, Redactor, plain_placeholder

SECRETS_LIMIT = 1_024
"""Secrets that are kept; the ones longest out of use go first."""
BYTES_LIMIT = 262_144
"""Of all values together."""
VALUE_LIMIT_CHARACTERS = 4_096
"""Longer values could not be placed and are not kept."""

# What no shell reads as anything but itself, wherever it stands in a word.
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_WORD_START = re.compile(r"[A-Za-z0-9]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FITTING = {
    # An option, a path or a list of a file could begin with the rest.
    Place.WORD_START: re.compile(rf"(?={_WORD_START.pattern}){_PLAIN.pattern}"),
    Place.WORD: _PLAIN,
    # fish reads a backslash there.
    Place.SINGLE_QUOTES: re.compile(r"[^'\\]+"),
    # An interactive shell reads the exclamation mark, too.
    Place.DOUBLE_QUOTES: re.compile(r"[^\"$`\\!]+"),
}
_PLAIN_ANYWHERE = re.compile(r"[A-Za-z0-9_]+")
# Programs and options that read an argument as a program of its own.
_READ_TWICE = re.compile(
    r"""(?ax)(?:^|(?<=[\s;&|(/'"=]))(?:
    (?:ba|z|da|k|c|tc|fi|pw)?sh|eval|ssh|su|xargs|watch|parallel|trap|tmux|screen|find
    |[gmn]?awk|g?sed|perl|python[0-9.]*|ruby|node|php|lua|make|jq|at|batch|crontab
    |-[a-zA-Z]*[ce]|--(?:eval|exec|execute|command|expression)
    )(?=$|[\s;&|)'"=])"""
)


@dataclass(frozen=True, slots=True)
class Restored:
    """A command with the secrets back in it.

    ``unknown`` are the placeholders that stayed: they stand for nothing this process
    knows, or for a value that a shell would read as more than a value there.
    """

    text: str
    unknown: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Restored(unknown={self.unknown!r})"


class SecretVault:
    """Redacts with placeholders that can be restored. Safe to use from any thread.

    In memory only: it cannot be pickled or copied, and shows no value.
    """

    def __init__(
        self,
        redactor: Redactor,
        *,
        secrets_limit: int = SECRETS_LIMIT,
        bytes_limit: int = BYTES_LIMIT,
    ) -> None:
        self._redactor = redactor
        self._secrets_limit = secrets_limit
        self._bytes_limit = bytes_limit
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._placeholders: OrderedDict[str, str] = OrderedDict()
        self._values: dict[str, str] = {}
        self._bytes = 0

    def redact(self, text: str, *, command_line: str = "") -> Redaction:
        """Replace every secret by ``[redacted:KIND:TAG]``, equal ones by equal ones."""
        return self._redactor.redact(text, command_line=command_line, name=self._name)

    def clean(self, text: str, /, *, command_line: str = "") -> str:
        """Return the text with placeholders that can be restored."""
        return self.redact(text, command_line=command_line).text

    def restore(self, text: str) -> Restored:
        """Put back the values that cannot change how a shell reads the line."""
        pieces: list[str] = []
        unknown: list[str] = []
        end = 0
        is_read_twice = _READ_TWICE.search(text) is not None
        for match, place in places_of(text, PLACEHOLDER):
            with self._lock:
                value = self._values.get(match[0], "")
            if not _fits(value, place, is_read_twice=is_read_twice):
                unknown.append(match[0])
                value = match[0]
            pieces += (text[end : match.start()], value)
            end = match.end()
        pieces.append(text[end:])
        return Restored("".join(pieces), tuple(dict.fromkeys(unknown)))

    def clear(self) -> None:
        """Forget every secret."""
        with self._lock:
            self._placeholders.clear()
            self._values.clear()
            self._bytes = 0

    def _name(self, secret: str, kind: str) -> str:
        digest = hmac.new(
            self._key, secret.encode("utf-8", "surrogatepass"), hashlib.sha256
        ).hexdigest()
        with self._lock:
            known = self._placeholders.get(digest)
            if known is not None:
                self._placeholders.move_to_end(digest)
                return known
            free = self._free_placeholder(digest, kind)
            if free is None:
                return plain_placeholder(secret, kind)
            self._placeholders[digest] = free
            # Values that no place could take are known by their tag alone.
            is_placeable = len(secret) <= VALUE_LIMIT_CHARACTERS
            self._values[free] = (
                secret if is_placeable and not _CONTROL.search(secret) else ""
            )
            self._bytes += _size(self._values[free])
            self._keep_bounds()
            return free

    def _free_placeholder(self, digest: str, kind: str) -> str | None:
        """Return one that no other secret has: the next digits where two would meet."""
        for at in range(0, len(digest) - TAG_DIGITS + 1, TAG_DIGITS):
            tagged = placeholder(kind, digest[at : at + TAG_DIGITS])
            if tagged not in self._values:
                return tagged
        return None

    def _keep_bounds(self) -> None:
        while (
            len(self._placeholders) > self._secrets_limit
            or self._bytes > self._bytes_limit
        ):
            _digest, oldest = self._placeholders.popitem(last=False)
            self._bytes -= _size(self._values.pop(oldest))

    def __len__(self) -> int:
        return len(self._placeholders)

    def __repr__(self) -> str:
        return f"SecretVault({len(self)} secrets)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a vault stays in its process")


def _fits(value: str, place: Place, *, is_read_twice: bool) -> bool:
    fitting = _FITTING.get(place)
    if fitting is None or not fitting.fullmatch(value):
        return False
    return not is_read_twice or _PLAIN_ANYWHERE.fullmatch(value) is not None


def _size(value: str) -> int:
    return len(value.encode("utf-8", "surrogatepass"))
