"""Programs in a pseudo-terminal that the benchmark plays."""

import shutil
import sys
from pathlib import Path

import pytest
from benchmarks.hosts import Bench, Hosted, environment


def test_a_program_is_read_until_what_is_waited_for() -> None:
    hosted = Hosted([sys.executable, "-c", "print('rea' + 'dy'); input()"], {})
    try:
        assert hosted.expect(b"ready") > 0
        hosted.write(b"x\r")
    finally:
        hosted.close()


def test_a_peer_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    bench = Bench(tmp_path, {})
    with pytest.raises(SystemExit, match="tmux is needed"), bench.run("tmux"):
        pass


def test_programs_are_started_in_a_home_of_their_own(tmp_path: Path) -> None:
    environ = environment(tmp_path)
    assert environ["HOME"] == str(tmp_path)
    assert not any(name.startswith("TERMINAL_AI_") for name in environ)
