"""Localised messages back to English, so that rules read one language.

The translations come from the message catalogues of the C library and of the shells
that are installed on this machine; nothing is shipped.
"""

import gettext
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

# Only what some rule asks for; the C library has three thousand messages.
_LIBC_MESSAGES = (
    "No such file or directory",
    "Permission denied",
    "Is a directory",
    "Not a directory",
    "File exists",
    "Directory not empty",
    "No space left on device",
    "Read-only file system",
    "Operation not permitted",
    "Address already in use",
    "Connection refused",
    "Connection timed out",
    "Connection reset by peer",
    "Network is unreachable",
    "No route to host",
    "Too many open files",
    "Argument list too long",
    "Exec format error",
    "Cannot allocate memory",
    "Text file busy",
    "Device or resource busy",
    "Invalid cross-device link",
    "Too many levels of symbolic links",
    "File name too long",
    "Disk quota exceeded",
    "Name or service not known",
    "Temporary failure in name resolution",
)
_BASH_MESSAGES = ("%s: command not found", "%s: is a directory")
_DOMAINS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("libc", _LIBC_MESSAGES),
    ("bash", _BASH_MESSAGES),
    ("bash", tuple(message + "\n" for message in _BASH_MESSAGES)),
)
# Where systems keep the catalogues of their own programs; not where Python looks.
_DIRECTORIES = (
    "/usr/share/locale",
    "/usr/local/share/locale",
    "/opt/homebrew/share/locale",
    "/run/current-system/sw/share/locale",
)
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@dataclass(frozen=True, slots=True)
class Dialect:
    """Pairs of a localised message (with ``%s`` as it is) and its English."""

    messages: tuple[tuple[str, str], ...] = ()

    def to_english(self, text: str) -> str:
        """Return ``text`` with every known localised message put back to English."""
        for local, english in self.messages:
            head, hole, tail = local.partition("%s")
            if not hole:
                text = text.replace(local, english)
            elif head.strip() in text and tail.strip() in text:
                pattern = f"{re.escape(head)}(.+?){re.escape(tail)}$"
                text = re.sub(
                    pattern,
                    lambda match, english=english: english.replace("%s", match[1]),  # type: ignore[misc]
                    text,
                    flags=re.MULTILINE,
                )
        return text


def languages(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the languages a program started with ``environ`` may speak."""
    for variable in _VARIABLES:
        if value := environ.get(variable, ""):
            return tuple(code for code in value.split(":") if code)
    return ()


def load_dialect(
    codes: Iterable[str], directories: Iterable[str] = _DIRECTORIES
) -> Dialect:
    """Read the catalogues for ``codes``; a missing or damaged one is left out."""
    spoken = [code for code in codes if code.partition(".")[0] not in ("C", "POSIX")]
    found: dict[str, str] = {}
    for directory in directories if spoken else ():
        for domain, messages in _DOMAINS:
            found.update(_read(domain, directory, spoken, messages))
    # Longer first: one message may contain another.
    ordered = sorted(found.items(), key=lambda pair: -len(pair[0]))
    return Dialect(tuple(ordered))


def _read(
    domain: str, directory: str, spoken: list[str], messages: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield (localised, English) for the messages that a catalogue translates."""
    try:
        catalogue = gettext.translation(domain, directory, languages=spoken)
    except (OSError, UnicodeError, ValueError, struct.error):
        return
    for english in messages:
        local = catalogue.gettext(english)
        if local != english:
            yield local.strip(), english.strip()
