"""Where a team's Redis is, and who may be trusted on the way to it."""

import urllib.parse
from dataclasses import dataclass, field

from terminal_ai.assistant.providers.address import is_loopback_name
from terminal_ai.errors import ConfigError
from terminal_ai.messages import gettext as _

DEFAULT_PORT = 6379
DATABASES_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """A parsed ``team_cache.url``. ``path`` is a socket's; else ``host`` is set."""

    host: str = ""
    port: int = DEFAULT_PORT
    path: str = ""
    database: int = 0
    is_encrypted: bool = False
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def label(self) -> str:
        """The address as a reader wants it, without what it is opened with."""
        if self.path:
            return self.path
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"{shown}:{self.port}"


def parse_redis_url(url: str) -> RedisAddress:
    """Read ``redis://``, ``rediss://`` or ``unix://``; raise ConfigError.

    No option of a URL is taken: one of them would switch the check of certificates
    off. Nothing of the URL is quoted in an error, since it may hold a password.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        username = urllib.parse.unquote(parts.username or "")
        password = urllib.parse.unquote(parts.password or "")
        if parts.query or parts.fragment:
            raise _refusal(_("it takes no options"))
        if parts.scheme == "unix":
            if parts.hostname or not parts.path.startswith("/"):
                raise _refusal(_("a socket's path is absolute"))
            path = urllib.parse.unquote(parts.path)
            return RedisAddress(path=path, username=username, password=password)
        if parts.scheme not in ("redis", "rediss") or not parts.hostname:
            raise _refusal(_("it names no Redis"))
        database = int(parts.path.strip("/") or "0")
        if not 0 <= database < DATABASES_LIMIT:
            raise _refusal(_("it names no Redis"))
        address = RedisAddress(
            host=parts.hostname,
            port=parts.port or DEFAULT_PORT,
            database=database,
            is_encrypted=parts.scheme == "rediss",
            username=username,
            password=password,
        )
    except ValueError:
        raise _refusal(_("it names no Redis")) from None
    if not (address.is_encrypted or is_loopback_name(address.host)):
        raise ConfigError(
            _(
                "{address} is not this machine: it is asked encrypted or not at all"
            ).format(address=address.label),
            hint=_("use rediss://, or a tunnel to this machine"),
        )
    return address


def _refusal(reason: str) -> ConfigError:
    return ConfigError(
        _("team_cache.url cannot be used: {reason}").format(reason=reason),
        hint=_("it looks like rediss://cache.example.com:6379/0"),
    )
