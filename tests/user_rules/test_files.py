"""The directory of rules: whatever stands in it, and however it changes."""

import os
from pathlib import Path

import pytest

from terminal_ai import user_rules
from tests.user_rules.conftest import Directory, rule


def test_no_directory_is_no_rules_and_nothing_to_tell(directory: Directory) -> None:
    assert directory.ids() == []
    assert directory.told == []


def test_a_file_is_read_once(directory: Directory, reads: list[str]) -> None:
    directory.write("a.toml", rule())
    assert directory.ids() == directory.ids() == ["mine"]
    assert reads == ["a.toml"]


def test_only_what_changed_is_read_again(
    directory: Directory, reads: list[str]
) -> None:
    directory.write("a.toml", rule("a"))
    directory.write("b.toml", rule("b"))
    directory.ids()
    directory.write("b.toml", rule("c"))
    assert directory.ids() == ["a", "c"]
    assert reads == ["a.toml", "b.toml", "b.toml"]


def test_what_was_taken_away_is_gone(directory: Directory) -> None:
    directory.write("a.toml", rule("a"))
    directory.write("b.toml", rule("b"))
    directory.ids()
    (directory.path / "a.toml").unlink()
    assert directory.ids() == ["b"]


def test_a_mistake_costs_its_own_file_only(directory: Directory) -> None:
    directory.write("a.toml", rule("a"))
    directory.write("b.toml", "[[rule")
    assert directory.ids() == ["a"]
    (told,) = directory.told
    assert "b.toml:1: " in told


def test_what_a_file_said_before_its_mistake_stays(directory: Directory) -> None:
    directory.write("a.toml", rule("a"))
    directory.ids()
    directory.write("a.toml", rule("a") + "patterns = 3")
    assert directory.ids() == ["a"]
    assert len(directory.told) == 1
    directory.write("a.toml", rule("b"))
    assert directory.ids() == ["b"]


def test_a_mistake_is_told_once_a_change(directory: Directory) -> None:
    directory.write("a.toml", "off = 3")
    directory.ids()
    directory.ids()
    assert len(directory.told) == 1
    directory.write("a.toml", "off = 4")
    directory.ids()
    assert len(directory.told) == 2


def test_a_file_that_is_being_written_is_not_told_of(
    directory: Directory, reads: list[str]
) -> None:
    directory.write("a.toml", "[[ru", is_fresh=True)
    directory.ids()
    assert directory.told == []
    directory.write("a.toml", rule("a"), is_fresh=True)
    assert directory.ids() == ["a"]
    # The clock of a file system is coarse: a fresh file is read at each look.
    directory.ids()
    assert reads == ["a.toml"] * 3
    assert directory.told == []


def test_an_id_belongs_to_the_first_file(directory: Directory) -> None:
    directory.write("a.toml", rule("same"))
    directory.write("b.toml", rule("same") + rule("other"))
    assert directory.ids() == ["same"]
    (told,) = directory.told
    assert "b.toml:1: same: the id is taken by a rule in a.toml" in told
    directory.write("a.toml", rule("new"))
    assert directory.ids() == ["new", "same", "other"]


def test_odd_files_are_told_of_and_never_waited_for(directory: Directory) -> None:
    directory.write("good.toml", rule("good"))
    os.mkfifo(directory.path / "pipe.toml")
    (directory.path / "folder.toml").mkdir()
    for name in ("pipe.toml", "folder.toml"):
        os.utime(directory.path / name, (1, 1))
    (directory.path / "loop.toml").symlink_to("loop.toml")
    (directory.path / "nowhere.toml").symlink_to("/absent/x")
    (directory.path / "endless.toml").symlink_to("/dev/zero")
    directory.write("large.toml", b"#" * (user_rules.FILE_LIMIT_BYTES + 1))
    directory.write("latin.toml", b"\n# caf\xe9")
    directory.write("nul.toml", b"\0")
    directory.write(".hidden.toml", "[[")
    directory.write("notes.txt", "[[")
    assert directory.ids() == ["good"]
    told = {line.partition(".toml")[0].rpartition("/")[2] for line in directory.told}
    assert told == {
        *("pipe", "folder", "loop", "nowhere", "endless", "large", "latin", "nul"),
    }


def test_links_to_the_users_own_files_are_followed(
    directory: Directory, tmp_path: Path
) -> None:
    directory.path.mkdir()
    (tmp_path / "dotfile").write_text(rule("linked"))
    (directory.path / "a.toml").symlink_to(tmp_path / "dotfile")
    assert directory.ids() == ["linked"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_or_directory_without_permission(directory: Directory) -> None:
    path = directory.write("a.toml", rule("a"))
    path.chmod(0)
    assert directory.ids() == []
    path.chmod(0o600)
    assert directory.ids() == ["a"]
    directory.path.chmod(0)
    try:
        assert directory.ids() == []
    finally:
        directory.path.chmod(0o700)
    assert [line.count("Permission denied") for line in directory.told] == [1, 1]


def test_a_file_in_place_of_the_directory(directory: Directory) -> None:
    directory.path.write_text("")
    assert directory.ids() == []
    assert "cannot be read" in directory.told[0]


def test_there_are_only_so_many_files(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_rules, "FILES_LIMIT", 2)
    for name in "abc":
        directory.write(f"{name}.toml", rule(name))
    assert directory.ids() == ["a", "b"]
    assert "only the first 2 files" in directory.told[0]


def test_line_ends_and_marks_of_other_systems(directory: Directory) -> None:
    directory.write(
        "a.toml", b"\xef\xbb\xbf" + rule("a").replace("\n", "\r\n").encode()
    )
    assert directory.ids() == ["a"]


def test_names_are_shown_from_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/bob")
    assert user_rules.shown(Path("/home/bob/x")) == "~/x"
    assert user_rules.shown(Path("/home/bobby/x")) == "/home/bobby/x"
