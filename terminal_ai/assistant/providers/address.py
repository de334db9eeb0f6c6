"""Where the model service is, by Ollama's own conventions for OLLAMA_HOST."""

import ipaddress
import urllib.parse
from dataclasses import dataclass

from terminal_ai.errors import ProviderError
from terminal_ai.messages import gettext as _

DEFAULT_PORT = 11434
_SCHEME_PORTS = {"http": 80, "https": 443}
# A server listens on these; nobody can portably connect to them.
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 — compared, not bound


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """A parsed host setting; ``url`` is what a client connects to."""

    url: str
    is_loopback: bool

    @property
    def label(self) -> str:
        """The address as a reader wants it."""
        return self.url.removeprefix("http://")


def parse_address(host: str) -> ServiceAddress:
    """Read ``host``, ``host:port``, ``:port`` or a URL; raise ProviderError.

    Without a scheme the port defaults to 11434, with one to the scheme's own.
    """
    scheme, separator, rest = host.strip().partition("://")
    if not separator:
        scheme, rest = "http", host.strip()
    try:
        parts = urllib.parse.urlsplit(f"{scheme}://{rest}")
        port = parts.port or (_SCHEME_PORTS[scheme] if separator else DEFAULT_PORT)
        name = parts.hostname or "127.0.0.1"
        name = _ANY_ADDRESS.get(name, name)
    except (ValueError, KeyError) as error:
        raise ProviderError(
            _("{host} is not an address").format(host=host),
            hint=_("ai.host looks like http://127.0.0.1:{port}").format(
                port=DEFAULT_PORT
            ),
        ) from error
    if parts.username or parts.password:
        raise ProviderError(
            _("ai.host must not contain a password"),
            hint=_("it would be shown and logged"),
        )
    shown = f"[{name}]" if ":" in name else name
    path = f"/{trimmed}" if (trimmed := parts.path.strip("/")) else ""
    return ServiceAddress(f"{scheme}://{shown}:{port}{path}", _is_loopback(name))


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
