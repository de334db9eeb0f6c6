"""Which directories to list, and what their names correct."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.advisor.evidence.listings import (
    corrections,
    exists,
    is_directory,
    listing_directories,
)

from .conftest import make_surroundings

TREE = make_surroundings(
    {
        ".": ("README.md", "src/", "docs/", "my file.txt", "-x"),
        "src": ("main.py", "utils/"),
        "src/utils": ("helper.py",),
        "/": ("etc/", "home/"),
        "/etc": ("hosts", "passwd"),
    }
)


@pytest.mark.parametrize(
    ("line", "directories"),
    [
        ("ls", (".",)),
        ("cat a.txt", (".",)),
        ("cat src/a.txt", (".", "src")),
        ("cat src/utils/a.txt > out/b", (".", "src", "src/utils", "out")),
        ("cat /etc/hosst", (".", "/", "/etc")),
        ("cd ~/projects/x", (".", "~", "~/projects")),
        ("curl https://example.test/a/b", (".",)),
        ("tar --file=dist/a.tar", (".", "dist")),
        ("cat 'my dir/a'", (".", "my dir")),
        ("cat ../a/b", (".", "..", "../a")),
        ("python3 -m app.cli.mian", (".", "app", "app/cli")),
        ("uvicorn app.mian:app", (".", "app")),
        ("cat app.cli.mian", (".",)),
        ("git show HEAD:docs/giude.md", (".", "HEAD:docs", "docs")),
    ],
)
def test_directories(line: str, directories: tuple[str, ...]) -> None:
    assert listing_directories(line) == directories


@given(st.text(max_size=80))
def test_directories_are_few_and_printable(line: str) -> None:
    found = listing_directories(line)
    assert found[0] == "."
    assert len(found) <= 8
    assert all(directory.isprintable() for directory in found)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("README.md", True),
        ("src", True),
        ("src/", True),
        ("src/main.py", True),
        ("nothing", False),
        ("unlisted/x", None),
        ("/etc/hosts", True),
        (".", True),
        ("", None),
    ],
)
def test_exists(path: str, answer: bool | None) -> None:
    assert exists(path, TREE) is answer


def test_directories_are_marked() -> None:
    assert is_directory("src", TREE) is True
    assert is_directory("README.md", TREE) is False
    assert is_directory("unlisted/x", TREE) is None


@pytest.mark.parametrize(
    ("path", "best"),
    [
        ("readme.md", "README.md"),
        ("scr/main.py", "src/main.py"),
        ("src/utlis/helper.py", "src/utils/helper.py"),
        ("src/mian.py", "src/main.py"),
        ("/etc/hosst", "/etc/hosts"),
        ("doc/", "docs/"),
    ],
)
def test_corrections(path: str, best: str) -> None:
    assert corrections(path, TREE)[0].name == best


def test_only_directories_for_cd(fixes: Callable[..., list[str]]) -> None:
    tree = make_surroundings({".": ("docs/", "docz.txt")})
    output = "bash: cd: docz: No such file or directory"
    assert fixes("cd docz", output, 1, tree)[0] == "cd docs"


def test_names_are_quoted_where_needed(fixes: Callable[..., list[str]]) -> None:
    output = "cat: my-file.txt: No such file or directory"
    assert fixes("cat my-file.txt | wc", output, 1, TREE) == ["cat 'my file.txt' | wc"]
    output = "cat: x: No such file or directory"
    dashed = make_surroundings({".": ("-xx.txt",)})
    assert fixes("cat xx.txt", "cat: xx.txt: No such file or directory", 1, dashed) == [
        "cat ./-xx.txt"
    ]


def test_a_line_break_in_a_name_is_never_suggested(
    fixes: Callable[..., list[str]],
) -> None:
    tree = make_surroundings({".": ("ab\ncd", "abxcd\x1b")})
    output = "cat: abcd: No such file or directory"
    assert fixes("cat abcd", output, 1, tree) == []
