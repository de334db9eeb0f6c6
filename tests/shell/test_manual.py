import os
from pathlib import Path

import pytest

from terminal_ai.shell import manual as module
from terminal_ai.shell.manual import Manual
from terminal_ai.shell.surroundings import SurroundingsCollector


def add_page(root: Path, name: str, section: str = "1") -> None:
    directory = root / f"man{section[0]}"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_text("")


@pytest.fixture(autouse=True)
def no_pages_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_USUAL_ROOTS", ())


def test_pages_beside_the_programs_of_path(tmp_path: Path) -> None:
    add_page(tmp_path / "share" / "man", "git-push.1.gz")
    add_page(tmp_path / "share" / "man", "mount.8", "8")
    add_page(tmp_path / "share" / "man", "printf.3.gz", "3")
    add_page(tmp_path / "share" / "man", "openssl-x509.1ssl.gz")
    add_page(tmp_path / "man", "old.tool.1")
    assert Manual().pages(f"/nonexistent/bin:{tmp_path}/bin:", "") == {
        "git-push(1)",
        "mount(8)",
        "openssl-x509(1)",
        "old.tool(1)",
    }


def test_pages_of_manpath(tmp_path: Path) -> None:
    add_page(tmp_path, "mine.1")
    assert Manual().pages("", f"{tmp_path}::/nonexistent") == {"mine(1)"}


def test_pages_are_read_again_only_after_a_change(tmp_path: Path) -> None:
    add_page(tmp_path, "one.1")
    manual = Manual()
    before = manual.pages("", str(tmp_path))
    assert manual.pages("", str(tmp_path)) is before
    add_page(tmp_path, "two.1")
    os.utime(tmp_path / "man1", ns=(1, 1))
    assert "two(1)" in manual.pages("", str(tmp_path))


def test_the_index_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGES_LIMIT", 3)
    for number in range(9):
        add_page(tmp_path, f"p{number}.1")
    assert len(Manual().pages("", str(tmp_path))) == 3


def test_surroundings_name_the_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_page(tmp_path, "mine.1")
    monkeypatch.setenv("MANPATH", str(tmp_path))
    collector = SurroundingsCollector(shell="bash", home="/")
    found = collector.gather(search_path="", cwd="/", directories=(".",))
    assert found.manual_pages == {"mine(1)"}
