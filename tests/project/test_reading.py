"""Odd files: none of them is followed, waited for, or read without an end."""

import os
import socket
from pathlib import Path

import pytest

from terminal_ai.project import reading
from terminal_ai.project.reading import Looking
from tests.project.making import facts_of


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "id_rsa"
    secret.write_text("3.11")
    project = tmp_path / "project"
    project.mkdir()
    (project / ".python-version").symlink_to(secret)
    (project / "package.json").symlink_to(secret)
    (project / ".git").symlink_to(tmp_path / "elsewhere")
    assert facts_of(project).text == ""
    looking = Looking()
    assert looking.text(str(project / ".python-version")) == ""
    assert not looking.has(str(project / ".python-version"))
    assert looking.names(str(project)) == frozenset()


def test_a_project_reached_by_a_link_is_read(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/go.mod").write_text("go 1.22\n")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert facts_of(tmp_path / "link").kinds == ("go",)


def test_nothing_waits_for_a_pipe_a_socket_or_a_device(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "package.json")
    os.mkfifo(tmp_path / ".git")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "Makefile"))
        assert "package.json:" not in facts_of(tmp_path).text
    pipe = os.open(tmp_path / "package.json", os.O_RDWR | os.O_NONBLOCK)
    os.write(pipe, b"{}")
    looking = Looking()
    assert looking.text(str(tmp_path / "package.json")) == ""
    os.close(pipe)
    assert looking.text("/dev/zero") == ""
    assert looking.text("/dev/tty") == ""
    assert not looking.has(str(tmp_path / ".git"))


def test_a_file_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"\xef\xbb\xbf12345\xff")
    looking = Looking()
    assert looking.text(str(path), 9) == "12345\ufffd"
    assert looking.text(str(path), 8) == ""
    assert looking.text(str(tmp_path / "absent")) == ""
    assert looking.text("nul\x00byte") == ""
    assert looking.names(str(path)) == frozenset()


def test_a_full_directory_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "ENTRIES_LIMIT", 5)
    for number in range(20):
        (tmp_path / str(number)).touch()
    assert len(Looking().names(str(tmp_path))) == 5


def test_after_so_many_looks_everything_is_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LOOKS_LIMIT", 2)
    (tmp_path / "a").write_text("a")
    looking = Looking()
    assert looking.has(str(tmp_path / "a"))
    assert looking.names(str(tmp_path))
    assert looking.text(str(tmp_path / "a")) == "a"
    assert looking.text(str(tmp_path / "b")) == ""
    assert not looking.has("/")


def test_what_was_seen_stays_true_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("1")
    looking = Looking()
    looking.text(str(path))
    looking.has(str(tmp_path / "absent"))
    assert looking.is_still_true()
    (tmp_path / "absent").touch()
    assert not looking.is_still_true()
    (tmp_path / "absent").unlink()
    assert looking.is_still_true()
    path.write_text("22")
    assert not looking.is_still_true()
