"""Where a link really leads: what is shown before it is opened, and what is opened.

Programs choose both the text and the target of a link. Only http and https are let
through, the host is taken apart as a browser would, and what could mislead is said.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from terminal_ai.messages import gettext as _
from terminal_ai.safety.sanitize import sanitize_text

TARGET_LIMIT_CHARACTERS = 2_083
HOST_LIMIT_CHARACTERS = 253
_SCHEMES = frozenset({"http", "https"})
_UNFIT = re.compile(r"[\s\\<>\x00-\x20\x7f]")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\]")
# Quotes, "$" and "`" mean something to the scripts that some openers are.
_KEPT = "/?#[]@!&()*+,;=:%~-._"
_NAMES_A_SITE = re.compile(
    r"(?:https?://)?(?:[^\s/@]*@)?((?:[\w-]+\.)+[\w-]{2,})(?::\d+)?(?:[/?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
_PUNYCODE = "xn--"


@dataclass(frozen=True, slots=True)
class WebAddress:
    """A target that may be opened: ``url`` is ASCII and exactly what is opened."""

    url: str
    host: str
    """The host as a DNS name; letters beyond ASCII are in punycode."""
    readable_host: str
    """The host in the letters it stands for; the same unless it has others."""
    warnings: tuple[str, ...] = ()

    @property
    def is_suspicious(self) -> bool:
        """True when there is something to look at twice."""
        return bool(self.warnings)


def web_address(target: str, label: str = "") -> WebAddress | None:
    """Return where a target leads, None if it must not be opened.

    ``label`` is the text that carries the link, which may pretend another target.
    """
    target = target.strip()
    if len(target) > TARGET_LIMIT_CHARACTERS or _UNFIT.search(target):
        return None
    if sanitize_text(target) != target:
        return None
    try:
        parts = urlsplit(target)
        host, port = parts.hostname or "", parts.port
        ascii_host = _in_ascii(host)
    except ValueError:
        return None
    if parts.scheme not in _SCHEMES or not _HOST.fullmatch(ascii_host):
        return None
    readable = _in_letters(ascii_host)
    warnings = []
    if "@" in parts.netloc:
        warnings.append(_("What stands before the @ is not the site."))
    if readable != ascii_host:
        warnings.append(_("The site's name has letters that may look like others."))
    if (named := _named_site(label)) and not _is_same_site(named, ascii_host):
        warnings.append(
            _("Its text names another site: {site}").format(site=_in_letters(named))
        )
    place = ascii_host if port is None else f"{ascii_host}:{port}"
    rest = target[target.index("//") + 2 + len(parts.netloc) :]
    url = f"{parts.scheme}://{place}{quote(rest, safe=_KEPT)}"
    return WebAddress(url, ascii_host, readable, tuple(warnings))


def _in_ascii(host: str) -> str:
    """Return the host as DNS knows it; raise ValueError if there is no such name."""
    if len(host) > HOST_LIMIT_CHARACTERS:
        raise ValueError(host)
    if ":" in host:
        return f"[{host.lower()}]"
    return host.lower() if host.isascii() else host.encode("idna").decode().lower()


def _in_letters(host: str) -> str:
    if _PUNYCODE not in host:
        return host
    try:
        return sanitize_text(host.encode().decode("idna"))
    except ValueError:
        return host


def _named_site(label: str) -> str:
    """Return the host that a text names, in ASCII; empty if it names none."""
    match = _NAMES_A_SITE.fullmatch(label.strip())
    if match is None:
        return ""
    try:
        return _in_ascii(match[1])
    except ValueError:
        return ""


def _is_same_site(named: str, host: str) -> bool:
    return named.removeprefix("www.") == host.removeprefix("www.")
