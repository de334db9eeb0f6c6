"""What is exported: in order, without what is private, in files of one's own."""

import os
import stat
import time
from pathlib import Path

import pytest

from terminal_ai.errors import ExportError
from terminal_ai.export import ExportForm, export_records, exported, files
from terminal_ai.export.files import write_new
from tests.export.casts import read_cast
from tests.export.making import make_record

PRIVATE = make_record(2, "secret-plan", b"hidden\r\n", is_private=True)


@pytest.mark.parametrize("form", ExportForm)
def test_records_are_written_oldest_first(form: ExportForm) -> None:
    text = exported([make_record(3, "third"), make_record(1, "first")], form).text
    assert text.index("first") < text.rindex("third")


@pytest.mark.parametrize("form", ExportForm)
def test_private_commands_are_left_out_and_counted(form: ExportForm) -> None:
    export = exported([make_record(1), PRIVATE], form)
    assert export.remark == "1 private command was left out."
    assert "secret-plan" not in export.text
    assert "hidden" not in export.text
    if form is ExportForm.ASCIICAST:
        assert read_cast(export.text).comments == [export.remark]
    if form is ExportForm.MARKDOWN:
        assert export.remark in export.text


@pytest.mark.parametrize("form", ExportForm)
def test_private_commands_are_written_when_asked_for_and_warned_about(
    form: ExportForm,
) -> None:
    export = exported([PRIVATE], form, with_private=True)
    assert "secret-plan" in export.text
    assert export.remark == "1 command was private: look before you share this."


def test_nothing_left_is_an_error_that_says_why() -> None:
    with pytest.raises(ExportError, match="1 private command was left out"):
        exported([PRIVATE], ExportForm.JSON)
    with pytest.raises(ExportError, match="no command to export"):
        exported([], ExportForm.JSON)


def test_files_are_new_and_for_their_user_alone(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "exports"
    old = os.umask(0)
    try:
        paths = {
            export_records([make_record()], form, directory)
            for form in ExportForm
            for _ in range(3)
        }
    finally:
        os.umask(old)
    assert len(paths) == 9
    assert {path.suffix for path in paths} == {".md", ".jsonl", ".cast"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_directory_that_cannot_be_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match="file cannot be written"):
        export_records([make_record()], ExportForm.JSON, tmp_path / "file")
    with pytest.raises(ExportError, match="cannot be written"):
        write_new(tmp_path / "none" / "x", "text")


def test_endless_collisions_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "NAMES_LIMIT", 2)
    monkeypatch.setattr(time, "strftime", lambda form: "always")
    for _ in range(2):
        files.write_named(tmp_path, ".md", "x")
    with pytest.raises(ExportError, match="full of exports"):
        files.write_named(tmp_path, ".md", "x")


def test_nothing_is_replaced_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    write_new(path, "first")
    with pytest.raises(ExportError, match="exists"):
        write_new(path, "second")
    assert path.read_text() == "first"
    write_new(path, "third", replaces=True)
    assert path.read_text() == "third"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe", "directory"])
def test_only_regular_files_are_replaced(kind: str, tmp_path: Path) -> None:
    target, path = tmp_path / "target", tmp_path / "path"
    match kind:
        case "link":
            target.write_text("mine")
            path.symlink_to(target)
        case "dangling link":
            path.symlink_to(target)
        case "pipe":
            os.mkfifo(path)
        case _:
            path.mkdir()
    mode = path.lstat().st_mode
    for replaces in (False, True):
        with pytest.raises(ExportError):
            write_new(path, "text", replaces=replaces)
    assert path.lstat().st_mode == mode
    assert not target.exists() or target.read_text() == "mine"
    assert {file.name for file in tmp_path.iterdir()} <= {"target", "path"}


def test_half_a_file_is_not_left_behind(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_new(tmp_path / "x", "a" * 100_000 + "\ud800")
    assert not list(tmp_path.iterdir())
