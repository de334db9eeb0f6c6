"""Files stay small, finished, and free of what belongs to one machine."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINES_LIMIT = 700
CODE = (".py", ".bash", ".fish", ".sh", ".tcss")
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")


def committed_files() -> list[Path]:
    """Return what git knows, or every file where there is no repository."""
    run = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if run.returncode == 0 and run.stdout:
        names = run.stdout.splitlines()
        return [path for name in names if (path := ROOT / name).is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file()]


CODE_FILES = [path for path in committed_files() if path.suffix in CODE]


def test_there_is_code_to_look_at() -> None:
    assert len(CODE_FILES) > 50


def test_no_file_is_too_long() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in CODE_FILES}
    assert not {str(path): n for path, n in lengths.items() if n > LINES_LIMIT}


def test_nothing_is_left_unfinished() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in CODE_FILES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert not found


def test_lock_files_name_no_host_and_hash_everything() -> None:
    for path in (ROOT / "requirements").glob("*.lock"):
        text = path.read_text()
        assert "://" not in text
        entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
        assert len(entries) > 20
        assert all("--hash=sha256:" in entry for entry in entries)


def test_both_locks_agree() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / "requirements" / name).read_text()
        return dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", text, re.MULTILINE))

    runtime, test = pins("runtime.lock"), pins("test.lock")
    assert runtime.items() <= test.items()


def test_the_tests_that_the_acceptance_table_names_exist() -> None:
    table = (ROOT / "docs" / "acceptance.md").read_text()
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", table)
    assert len(named) > 20
    assert not [
        f"{path}::{name}"
        for path, name in named
        if f"def {name}(" not in (ROOT / path).read_text()
    ]
