"""Where translations of the system's messages come from.

Tables for the most frequent messages ship with us, because what failed may have run
elsewhere (in a container, over ssh) and catalogues are often not installed. Those that
are installed add the tools' own messages.
"""

import functools
import gettext
import struct
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources

import msgspec

from terminal_ai.errors import RuleError

# Where systems keep the catalogues of their own programs; not where Python looks.
DIRECTORIES = (
    "/usr/share/locale",
    "/usr/local/share/locale",
    "/opt/homebrew/share/locale",
    "/run/current-system/sw/share/locale",
)
_TABLES = resources.files("terminal_ai.advisor.reading.languages")
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")

# Pairs of an English message and the localised one.
Table = tuple[tuple[str, str], ...]


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """wanted.toml: the messages rules know, by the catalogue that has them."""

    shipped: dict[str, tuple[str, ...]]
    installed: dict[str, tuple[str, ...]]

    def domains(self) -> dict[str, tuple[str, ...]]:
        """Return every catalogue with its messages."""
        return {
            domain: self.shipped.get(domain, ()) + self.installed.get(domain, ())
            for domain in (*self.shipped, *self.installed)
        }


def languages(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the languages a program started with ``environ`` may speak."""
    for variable in _VARIABLES:
        if value := environ.get(variable, ""):
            return tuple(code for code in value.split(":") if code)
    return ()


@functools.cache
def wanted() -> Wanted:
    """Read which messages are of interest."""
    return msgspec.convert(_read_toml("wanted.toml"), Wanted)


def _read_toml(name: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(_TABLES.joinpath(name).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RuleError(f"{name}: {error}") from error


@functools.cache
def shipped_tables() -> Mapping[str, Table]:
    """Read the tables that come with us, by language, with their other wordings."""
    others = msgspec.convert(
        _read_toml("other_wordings.toml"), dict[str, dict[str, str]]
    )
    tables: dict[str, Table] = {}
    for file in sorted(_TABLES.iterdir(), key=lambda file: file.name):
        language, is_table, _ = file.name.partition(".json")
        if is_table:
            more = ((text, local) for local, text in others.get(language, {}).items())
            tables[language] = (*read_table(language).items(), *more)
    return tables


def read_table(language: str) -> dict[str, str]:
    """Return one shipped table, English to local; empty if there is none."""
    file = _TABLES.joinpath(f"{language}.json")
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise RuleError(f"{file.name}: {error}") from error


def installed_table(codes: Iterable[str], directories: Iterable[str]) -> Table:
    """Read the catalogues for ``codes``; a missing or damaged one is left out."""
    spoken = [code for code in codes if code.partition(".")[0] not in ("C", "POSIX")]
    found: dict[str, str] = {}
    for directory in directories if spoken else ():
        for domain, messages in wanted().domains().items():
            found.update(read_catalogue(domain, directory, spoken, messages))
    return tuple(found.items())


def read_catalogue(
    domain: str, directory: str, codes: Iterable[str], messages: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield (English, localised) for the messages that a catalogue translates.

    A message counts as found by its first line: tools print the rest as lines of their
    own, and rules never need it.
    """
    try:
        catalogue = gettext.translation(domain, directory, languages=list(codes))
        translated = _first_lines(catalogue)
    except (OSError, UnicodeError, ValueError, struct.error):
        return
    for message in messages:
        english = _first_line(message)
        local = translated.get(english)
        # With other holes, the first lines of the two do not say the same.
        if local and local != english and local.count("%") == english.count("%"):
            yield english, local


def _first_lines(catalogue: gettext.NullTranslations) -> dict[str, str]:
    # The only way to all messages: the interface of gettext wants each one whole.
    entries: Mapping[object, str] = getattr(catalogue, "_catalog", {})
    found: dict[str, str] = {}
    for key, local in entries.items():
        english = key[0] if isinstance(key, tuple) else key
        if isinstance(english, str) and english:
            found.setdefault(_first_line(english), _first_line(local))
    return found


def _first_line(text: str) -> str:
    return text.strip("\n").partition("\n")[0].strip().strip("*").strip()
