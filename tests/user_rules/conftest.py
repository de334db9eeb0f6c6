"""A directory of rules, and what is told about it."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from terminal_ai.user_rules import UserRules

RULE = """\
[[rule]]
id = "{id}"
what = "The deployment failed."
why = "Say it louder."
programs = ["deploy"]
patterns = ['''{pattern}''']
"""
FIX = """\
[[rule.fix]]
template = "deploy --loud"
"""


def rule(
    name: str = "mine", pattern: str = "cannot deploy", *, fixes: str = FIX
) -> str:
    return RULE.format(id=name, pattern=pattern) + fixes


class Directory:
    """Writes files as they would be long after somebody saved them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: list[str] = []
        self.rules = UserRules(path, self.told.append)
        self._age_seconds = 1_000

    def write(self, name: str, text: str | bytes, *, is_fresh: bool = False) -> Path:
        self.path.mkdir(exist_ok=True)
        path = self.path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        if not is_fresh:
            self._age_seconds -= 1
            when = time.time() - self._age_seconds
            os.utime(path, (when, when))
        return path

    def ids(self) -> list[str]:
        """Look, tell, and return the ids of the rules in use."""
        found = [rule.id for rule in self.rules.look().book.rules]
        self.rules.tell_news()
        return found


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    return Directory(tmp_path / "rules")


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read."""
    from terminal_ai import user_rules

    names: list[str] = []
    real: Callable[..., object] = user_rules.read_file

    def read(path: Path, place: str) -> object:
        names.append(path.name)
        return real(path, place)

    monkeypatch.setattr(user_rules, "read_file", read)
    return names
