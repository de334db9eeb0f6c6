"""Files and directories: close names, missing parents, words in the wrong places."""

from collections.abc import Callable

import pytest

from terminal_ai.advisor.evidence.listings import corrections, nearby_directories

from .conftest import make_surroundings

Fixes = Callable[..., list[str]]
TREE = make_surroundings(
    {
        ".": (
            *("README.md", "notes.txt", "run.sh", "main.py", "app.js", ".env"),
            *("src/", "docs/", "tests/", "holiday photo.jpg", "a.tar"),
        ),
        "src": ("components/", "index.ts"),
        "src/components": ("Button.tsx", "Card.tsx"),
    }
)
MISSING = "{program}: {path}: No such file or directory"


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("readme.md", "README.md"),
        ("README.txt", "README.md"),
        ("README", "README.md"),
        ("env", ".env"),
        ("test/", "tests/"),
        ("src/componnts/Button.tsx", "src/components/Button.tsx"),
        ("scr/componnts/Buton.tsx", "src/components/Button.tsx"),
        ("src/components/card.tsx", "src/components/Card.tsx"),
    ],
)
def test_the_closest_path(path: str, right: str) -> None:
    assert corrections(path, TREE)[0].name == right


@pytest.mark.parametrize("path", ["nope.tar", "src/components/Zebra.tsx", "xyz/q"])
def test_nothing_is_near(path: str) -> None:
    assert corrections(path, TREE) == ()


def test_directories_are_followed_step_by_step() -> None:
    line = "cat scr/componnts/Buton.tsx"
    listings: dict[str, tuple[str, ...]] = {".": ("src/", "scripts/"), "scr": ()}
    assert nearby_directories(line, listings) == ("src",)
    listings["src"] = ("components/",)
    assert nearby_directories(line, listings) == ("src/components",)
    listings["src/components"] = ("Button.tsx",)
    assert nearby_directories(line, listings) == ()


@pytest.mark.parametrize(
    ("command", "output", "fix"),
    [
        (
            "cat scr/componnts/Buton.tsx",
            "cat: scr/componnts/Buton.tsx: No such file or directory",
            "cat src/components/Button.tsx",
        ),
        (
            "mv holiday photo.jpg docs/",
            "mv: cannot stat 'holiday': No such file or directory",
            "mv 'holiday photo.jpg' docs/",
        ),
        (
            "cp notes.txt scr/",
            "cp: cannot create regular file 'scr/': Not a directory",
            "cp notes.txt src/",
        ),
        (
            "cp notes.txt backup/",
            "cp: cannot create regular file 'backup/': Not a directory",
            "mkdir -p backup/ && cp notes.txt backup/",
        ),
        (
            "mv gone backup/",
            "No such file or directory",
            "mkdir -p backup/ && mv gone backup/",
        ),
        (
            "tar xf a.tar -C target",
            "tar: target: Cannot open: No such file or directory",
            "mkdir -p target && tar xf a.tar -C target",
        ),
        (
            "tar czf out/b.tgz notes.txt",
            "tar (child): out/b.tgz: Cannot open: No such file or directory",
            "mkdir -p out && tar czf out/b.tgz notes.txt",
        ),
        (
            "sort notes.txt -o out/s.txt",
            "sort: open failed: out/s.txt: No such file or directory",
            "mkdir -p out && sort notes.txt -o out/s.txt",
        ),
        (
            "zip out/x.zip notes.txt",
            "zip I/O error: No such file or directory\n"
            "zip error: Could not create output file (out/x.zip)",
            "mkdir -p out && zip out/x.zip notes.txt",
        ),
        (
            "echo x > out/log",
            "warning: An error occurred while redirecting file 'out/log'\n"
            "warning: Path 'out' does not exist",
            "mkdir -p out && echo x > out/log",
        ),
        (
            "echo x > out/log",
            "dash: 1: cannot create out/log: Directory nonexistent",
            "mkdir -p out && echo x > out/log",
        ),
        (
            "echo x > out/log",
            "sh: can't create out/log: nonexistent directory",
            "mkdir -p out && echo x > out/log",
        ),
        (
            "busybox cat nots.txt",
            "cat: can't open 'nots.txt': No such file or directory",
            "busybox cat notes.txt",
        ),
        (
            "grep notes.txt needle",
            "grep: needle: No such file or directory",
            "grep needle notes.txt",
        ),
        (
            "grep -n src needle",
            "grep: needle: No such file or directory",
            "grep -r -n needle src",
        ),
        (
            "ln -s link notes.txt",
            "ln: failed to create symbolic link 'notes.txt': File exists",
            "ln -s notes.txt link",
        ),
        (
            "chmod run.sh +x",
            "chmod: invalid mode: 'run.sh'",
            "chmod +x run.sh",
        ),
        (
            "chown notes.txt bob",
            "chown: invalid user: 'notes.txt'",
            "chown bob notes.txt",
        ),
        (
            "tar czf src src.tar.gz",
            "tar: src.tar.gz: Cannot stat: No such file or directory",
            "tar czf src.tar.gz src",
        ),
        (
            "zip -r docs docs.zip",
            "zip error: Nothing to do! (try: zip -r docs . -i docs.zip)",
            "zip -r docs.zip docs",
        ),
        (
            "bash main.py",
            "main.py: line 1: syntax error near unexpected token `1'",
            "python main.py",
        ),
        (
            "python3 app.js",
            "NameError: name 'x' is not defined",
            "node app.js",
        ),
        (
            "python run.sh",
            "SyntaxError: invalid syntax",
            "bash run.sh",
        ),
    ],
)
def test_first_fix(fixes: Fixes, command: str, output: str, fix: str) -> None:
    assert fixes(command, output, 1, TREE)[0] == fix


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("grep needle notes.txt", "grep: notes.txt: Permission denied"),
        ("chmod 999 run.sh", "chmod: invalid mode: '999'"),
        ("chown nobody2 notes.txt", "chown: invalid user: 'nobody2'"),
        ("tar xf nope.tar", "tar: nope.tar: Cannot open: No such file or directory"),
        ("bash run.sh", "run.sh: line 3: syntax error near unexpected token `fi'"),
        ("python main.py", "NameError: name 'x' is not defined"),
        ("mv notes.txt run.sh main.py", "mv: target 'main.py': Not a directory"),
    ],
)
def test_nothing_to_suggest(fixes: Fixes, command: str, output: str) -> None:
    assert fixes(command, output, 1, TREE) == []


def test_a_directory_as_a_command(fixes: Fixes) -> None:
    assert fixes("docs", "zsh: command not found: docs", 127, TREE)[0] == "cd docs"
