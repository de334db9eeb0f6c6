"""What a scenario is, and how scenarios are read from TOML."""

import shlex
import tomllib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

SCENARIOS = Path(__file__).with_name("scenarios")


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One failure: how to make it, and what a colleague would type next.

    No ``accept`` means that nothing is to be suggested, only explained.
    """

    id: str
    family: str
    command: str
    accept: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    setup: str = ""
    shell: Literal["bash", "zsh", "fish", "dash"] = "bash"
    language: str = ""
    environment: dict[str, str] = msgspec.field(default_factory=dict)
    worked_before: tuple[str, ...] = ()
    missed: str = ""

    def accepts(self, suggestion: str) -> bool:
        """Tell whether this first suggestion ("" for none) is a right answer."""
        if not self.accept or not suggestion:
            return not self.accept and not suggestion
        words = _words(suggestion)
        return any(
            # The repair alone, or the repair and then the failed line once more.
            words in (_words(right), _words(f"{right} && {self.command}"))
            for right in self.accept
        )


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    scenario: tuple[Scenario, ...]


def _words(command: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command))
    except ValueError:
        return (command.strip(),)


def read_scenarios(paths: Iterable[Path] = (SCENARIOS,)) -> Iterator[Scenario]:
    """Yield all scenarios of these files, and of the TOML files in these folders."""
    for file in _files(paths):
        try:
            content = msgspec.convert(tomllib.loads(file.read_text("utf-8")), _File)
        except ValueError as error:
            raise ValueError(f"{file.name}: {error}") from error
        yield from content.scenario


def without_marks(paths: Iterable[Path], names: Collection[str]) -> None:
    """Rewrite the files without the mark ``missed`` on the scenarios of these names."""
    for file in _files(paths):
        kept: list[str] = []
        name = ""
        text = file.read_text("utf-8")
        for line in text.splitlines(keepends=True):
            if line.startswith("id = "):
                name = tomllib.loads(line)["id"]
            if not (line.startswith("missed = ") and name in names):
                kept.append(line)
        if (changed := "".join(kept)) != text:
            file.write_text(changed, "utf-8")


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.glob("*.toml")) if path.is_dir() else (path,)
