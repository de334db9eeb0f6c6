"""``terminal-ai export``: the chosen commands, in a new file of one's own."""

import json
import stat
from pathlib import Path

import pytest

from terminal_ai.records import CommandRecord
from tests.export.casts import read_cast
from tests.export.making import make_record
from tests.headless.conftest import Run, keep


def titles(out: str) -> list[str]:
    return [json.loads(line)["command_line"] for line in out.splitlines()]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["ls 한글"]),
        (["--session", "last"], ["ls 한글"]),
        (["--session", "5e55"], ["make all", "gti status", "git status"]),
        (["5e55-3", "5e55-1", "5e55-3"], ["make all", "git status"]),
        (["--from", "5e55-2"], ["gti status", "git status", "ls 한글"]),
        (["--to", "5e55-2"], ["make all", "gti status"]),
        (["--from", "5e55-2", "--to", "5e55-3"], ["gti status", "git status"]),
    ],
)
def test_what_is_chosen(
    run: Run, kept: list[CommandRecord], options: list[str], expected: list[str]
) -> None:
    code, out, err = run("export", "--format", "json", "-o", "-", *options)
    assert (code, err) == (0, "")
    assert titles(out) == expected


def test_without_a_name_a_new_file_is_made_and_its_path_said(
    run: Run, kept: list[CommandRecord], tmp_path: Path
) -> None:
    for _ in range(2):
        code, out, _ = run("export", "--session", "5e55")
        path = Path(out.removesuffix("\n"))
        assert code == 0
        assert path.is_relative_to(tmp_path / "state")
        assert path.suffix == ".md"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "## `gti status`" in path.read_text()
    assert len(list(path.parent.iterdir())) == 2


@pytest.mark.parametrize(
    ("name", "beginning"),
    [("x.md", "# 3 "), ("x.json", '{"com'), ("x.JSONL", '{"com'), ("x.cast", '{"ver')],
)
def test_the_files_name_decides_the_form(
    run: Run, kept: list[CommandRecord], tmp_path: Path, name: str, beginning: str
) -> None:
    file = tmp_path / name
    code, out, _ = run("export", "--session", "5e55", "-o", str(file))
    assert (code, out) == (0, f"{file}\n")
    assert file.read_text().startswith(beginning)


def test_a_recording_of_what_is_on_disk(run: Run, kept: list[CommandRecord]) -> None:
    _, out, _ = run("export", "--format", "asciicast", "--session", "5e55", "-o", "-")
    cast = read_cast(out)
    assert cast.codes() == "moomoomoo"
    assert "$ gti status\r\n" in cast.output()
    assert [round(at, 3) for at, code, _ in cast.events if code == "m"] == [0, 120, 130]


def test_nothing_is_replaced_unless_told(
    run: Run, kept: list[CommandRecord], tmp_path: Path
) -> None:
    file = tmp_path / "x.md"
    file.write_text("mine")
    code, out, err = run("export", "-o", str(file))
    assert (code, out) == (2, "")
    assert "exists" in err
    assert "--force" in err
    assert file.read_text() == "mine"
    assert run("export", "-o", str(file), "--force")[0] == 0
    assert "한글" in file.read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["none-1"], "there is no command none-1"),
        (["--session", "none"], "there is no session none"),
        (["--from", "none-1"], "there is no command none-1"),
        (["--session", "5e55", "5e55-1"], "--session"),
        (["--format", "xml"], "xml"),
        (["-o", "/nowhere/at/all.md"], "cannot be written"),
    ],
)
def test_what_cannot_be_is_one_error(
    run: Run, kept: list[CommandRecord], options: list[str], said: str
) -> None:
    code, out, err = run("export", *options)
    assert (code, out) == (2, "")
    assert said in err


def test_no_history_is_an_error(run: Run) -> None:
    code, _, err = run("export")
    assert code == 2
    assert "there is no history" in err


def test_values_of_secret_variables_are_taken_out(
    run: Run, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "swordfish-17")
    keep(path, make_record(1, "show", b"it is swordfish-17\r\n"))
    _, out, _ = run("export", "-o", "-")
    assert "swordfish" not in out


def test_control_characters_in_an_id_are_shown(run: Run, path: Path) -> None:
    keep(path, make_record())
    _, _, err = run("export", "\x1b]0;x\x07")
    assert "\x1b" not in err
