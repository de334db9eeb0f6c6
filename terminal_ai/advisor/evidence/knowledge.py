"""What everybody knows about programs: names, packages, familiarity. Data, not code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import msgspec

from terminal_ai.errors import RuleError


class _KnowledgeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """knowledge.toml."""

    familiar: tuple[str, ...]
    vocabularies: dict[str, tuple[str, ...]]
    tables: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """``familiar`` programs (1.0 most used), name lists by topic, lookup tables."""

    familiar: Mapping[str, float]
    vocabularies: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, Mapping[str, str]]

    def lookup(self, table: str, key: str) -> str:
        """Return the table's value for ``key``, or ``key`` itself."""
        return self.tables.get(table, {}).get(key, key)


def load_knowledge() -> Knowledge:
    """Read the data that ships with the package."""
    source = resources.files("terminal_ai.advisor").joinpath("knowledge.toml")
    try:
        data = tomllib.loads(source.read_text("utf-8"))
        file = msgspec.convert(data, _KnowledgeFile)
    except (OSError, ValueError) as error:
        raise RuleError(f"knowledge.toml: {error}") from error
    count = len(file.familiar)
    familiar = {name: 1 - rank / count for rank, name in enumerate(file.familiar)}
    return Knowledge(familiar, file.vocabularies, file.tables)
