"""How requests leave for the service: to one origin, checked, and straight.

No proxy: one from the environment would get to read every prompt. No redirect: what
is meant for one machine is not for another. No ``~/.netrc``, and of all tokens only the
one that a setting names.
"""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from terminal_ai.assistant.providers.address import ServiceAddress
from terminal_ai.config import AiSettings
from terminal_ai.errors import ProviderError
from terminal_ai.messages import gettext as _

if TYPE_CHECKING:
    import httpx
    import ollama

TOKEN_LIMIT_CHARACTERS = 8_192


class HostToken:
    """Adds the token to requests for its own origin, and to no others."""

    def __init__(self, token: str, address: ServiceAddress) -> None:
        import httpx

        self._header = f"Bearer {token}"
        self._origin = _origin(httpx.URL(address.url))

    def __call__(self, request: "httpx.Request") -> "httpx.Request":
        """Return the request as it may leave."""
        request.headers.pop("Authorization", None)
        if _origin(request.url) == self._origin:
            request.headers["Authorization"] = self._header
        return request


def make_client(settings: AiSettings, address: ServiceAddress) -> "ollama.AsyncClient":
    """Return a client for one permitted address; raise ProviderError.

    Reads files and loads large modules: not for the event loop.
    """
    import httpx
    import ollama

    token = read_token(settings, address, os.environ)
    client = ollama.AsyncClient(
        host=address.url,
        # Nothing arrives while a model loads or reads: silence has its own deadline.
        timeout=httpx.Timeout(settings.connect_timeout_seconds, read=None, write=None),
        follow_redirects=False,
        trust_env=False,
        verify=_tls_context(settings, address),
        auth=HostToken(token, address) if token else None,
    )
    # The client would send OLLAMA_API_KEY, which is for ollama.com, to any host.
    client._client.headers.pop("authorization", None)
    return client


def read_token(
    settings: AiSettings, address: ServiceAddress, environ: Mapping[str, str]
) -> str:
    """Return the token for the host, nothing if none is named; raise ProviderError."""
    name = settings.token_variable
    if not name:
        return ""
    if not (address.is_loopback or address.is_encrypted):
        raise ProviderError(
            _("A token is not sent over an unencrypted connection"),
            hint=_("use https in ai.host, or no ai.token_variable"),
        )
    token = environ.get(name, "").strip()
    is_sendable = token.isascii() and token.isprintable() and " " not in token
    if not token or not is_sendable or len(token) > TOKEN_LIMIT_CHARACTERS:
        raise ProviderError(
            _("The variable {name} holds no token").format(name=name),
            hint=_("ai.token_variable names it"),
        )
    return token


def _tls_context(settings: AiSettings, address: ServiceAddress) -> ssl.SSLContext:
    if not address.is_encrypted:
        # Reading the known certificates takes long, and nobody will need them: this
        # context trusts none.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    import httpx

    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    if settings.certificate_file:
        path = Path(settings.certificate_file).expanduser()
        try:
            context.load_verify_locations(cafile=path)
        except OSError as error:
            raise ProviderError(
                _("{path} cannot be read as certificates").format(path=path),
                hint=_("ai.certificate_file names a file in PEM format"),
            ) from error
    return context


def _origin(url: "httpx.URL") -> tuple[str, str, int | None]:
    usual = {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.host, url.port or usual
