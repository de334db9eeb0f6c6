"""Where the model service is, by Ollama's own conventions for OLLAMA_HOST."""

import ipaddress
import re
import urllib.parse
from dataclasses import dataclass

from terminal_ai.config import AiSettings
from terminal_ai.errors import ProviderError
from terminal_ai.messages import gettext as _

DEFAULT_PORT = 11434
_SCHEME_PORTS = {"http": 80, "https": 443}
# A server listens on these; nobody can portably connect to them.
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 — compared, not bound
# Other letters may look like these ones, or become them on the way to the resolver.
_HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?")


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """A parsed host setting; ``url`` is what a client connects to."""

    url: str
    is_loopback: bool

    @property
    def label(self) -> str:
        """The address as a reader wants it."""
        return self.url.removeprefix("http://")

    @property
    def is_encrypted(self) -> bool:
        """True if what is sent there cannot be read on the way."""
        return self.url.startswith("https://")

    @property
    def machine(self) -> str:
        """The name and port, without the rest of the URL."""
        return urllib.parse.urlsplit(self.url).netloc


def parse_address(host: str) -> ServiceAddress:
    """Read ``host``, ``host:port``, ``:port`` or a URL; raise ProviderError.

    Without a scheme the port defaults to 11434, with one to the scheme's own.
    """
    scheme, separator, rest = host.strip().partition("://")
    scheme = scheme.lower()
    if not separator:
        scheme, rest = "http", host.strip()
    if "@" in rest:
        # Not even quoted: what stands before it is a password more often than not.
        raise ProviderError(
            _("ai.host must not contain a password"),
            hint=_("name a variable that holds a token: ai.token_variable"),
        )
    try:
        parts = urllib.parse.urlsplit(f"{scheme}://{rest}")
        port = parts.port or (_SCHEME_PORTS[scheme] if separator else DEFAULT_PORT)
        name = _checked_name(parts.hostname or "127.0.0.1")
    except (ValueError, KeyError) as error:
        raise ProviderError(
            _("{host} is not an address").format(host=host),
            hint=_("ai.host looks like http://127.0.0.1:{port}").format(
                port=DEFAULT_PORT
            ),
        ) from error
    name = _ANY_ADDRESS.get(name, name)
    shown = f"[{name}]" if ":" in name else name
    path = f"/{trimmed}" if (trimmed := parts.path.strip("/")) else ""
    return ServiceAddress(f"{scheme}://{shown}:{port}{path}", is_loopback_name(name))


def permitted_address(settings: AiSettings) -> ServiceAddress:
    """Return where questions may be sent; raise ProviderError for other machines."""
    address = parse_address(settings.host)
    if not (address.is_loopback or settings.allow_remote_host):
        raise ProviderError(
            _("{address} is not this machine: nothing is sent there").format(
                address=address.label
            ),
            hint=_("set ai.allow_remote_host if you trust it"),
        )
    return address


def is_loopback_name(name: str) -> bool:
    """Tell whether a host's name or number can only mean this machine.

    Not ``x.localhost``: many resolvers ask the network for it. Not ``127.1`` or
    ``0x7f000001`` either, which not everybody reads as an address.
    """
    if name.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def _checked_name(name: str) -> str:
    if ":" in name:
        return str(ipaddress.IPv6Address(name))
    if not _HOST_NAME.fullmatch(name):
        raise ValueError(name)
    return name
