"""What everybody knows about programs: names, packages, familiarity. Data, not code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec

from terminal_ai.errors import RuleError


class _KnowledgeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of ``knowledge/``."""

    familiar: tuple[str, ...] = ()
    vocabularies: dict[str, tuple[str, ...]] = {}
    synonyms: dict[str, dict[str, str]] = {}
    options: dict[str, tuple[str, ...]] = {}
    tables: dict[str, dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Knowledge:
    """``familiar`` programs (1.0 most used), name lists by topic, lookup tables.

    The subcommands of a program are the vocabulary of its name, those of its subcommand
    of both names (``docker-image``). ``synonyms`` are words that other tools have for
    them, ``options`` the long options, named in the same way.
    """

    familiar: Mapping[str, float]
    vocabularies: Mapping[str, tuple[str, ...]]
    synonyms: Mapping[str, Mapping[str, str]]
    options: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, Mapping[str, str]]

    def lookup(self, table: str, key: str) -> str:
        """Return the table's value for ``key``, or ``key`` itself."""
        return self.tables.get(table, {}).get(key, key)

    def find(self, table: str, key: str) -> str:
        """Return the value for ``key`` or for a directory it lies in, else "".

        ``boost/`` speaks for ``boost/filesystem/path.hpp``.
        """
        values = self.tables.get(table, {})
        while key not in values:
            key = key.rstrip("/").rpartition("/")[0]
            if not key:
                return ""
            key += "/"
        return values[key]

    def subcommands(self, *path: str) -> tuple[str, ...]:
        """Return what may follow a program, or a program and its subcommand."""
        known = " ".join(path)
        if path:
            same = self.lookup("same_commands", path[0])
            known = " ".join((same, *path[1:]))
        names = (
            *self.vocabularies.get("-".join(path), ()),
            *self.vocabularies.get(known.replace(" ", "-"), ()),
            *self.vocabularies.get(f"{known} ?", ()),
        )
        return tuple(dict.fromkeys(names))

    def options_of(self, *path: str) -> tuple[str, ...]:
        """Return the options, with their dashes, that a (sub)command takes.

        Those written with one dash stand under its name and a dash: ``find -``.
        """
        first = self.lookup("same_commands", path[0]) if path else ""
        known = "-".join((first, *path[1:]))
        return (
            *(f"--{name}" for name in self.options.get(known, ())),
            *(f"-{name}" for name in self.options.get(f"{known} -", ())),
        )


def load_knowledge() -> Knowledge:
    """Read the data that ships with the package: every file of ``knowledge/``."""
    directory = resources.files("terminal_ai.advisor").joinpath("knowledge")
    familiar: list[str] = []
    vocabularies: dict[str, tuple[str, ...]] = {}
    synonyms: dict[str, dict[str, str]] = {}
    options: dict[str, tuple[str, ...]] = {}
    tables: dict[str, dict[str, str]] = {}
    for entry in sorted(directory.iterdir(), key=lambda entry: entry.name):
        file = _read(entry)
        familiar += file.familiar
        if taken := vocabularies.keys() & file.vocabularies.keys():
            raise RuleError(f"{entry.name}: a second {', '.join(sorted(taken))}")
        vocabularies |= file.vocabularies
        options |= file.options
        for kept, added in ((synonyms, file.synonyms), (tables, file.tables)):
            for name, table in added.items():
                kept.setdefault(name, {}).update(table)
    count = len(familiar)
    rank = {name: 1 - number / count for number, name in enumerate(familiar)}
    return Knowledge(rank, vocabularies, synonyms, options, tables)


def _read(entry: Traversable) -> _KnowledgeFile:
    try:
        return msgspec.convert(tomllib.loads(entry.read_text("utf-8")), _KnowledgeFile)
    except (OSError, ValueError) as error:
        raise RuleError(f"{entry.name}: {error}") from error
