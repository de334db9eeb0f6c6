"""The files that runs leave: private, few, whole, and chosen as a reader expects."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from terminal_ai import reports
from terminal_ai.errors import ConfigError
from terminal_ai.reports import (
    DIRECTORY,
    FILE_LIMIT_BYTES,
    KEPT_REPORTS,
    RUNNING,
    Report,
    Timing,
    choose,
    read_all,
    write,
)

NOBODY = 2**22 + 1
"""No process has this number: Linux's largest is one less."""


def make_report(
    pid: int = NOBODY, written_at: float = 20.0, ending: str = RUNNING
) -> Report:
    return Report(
        version="1", pid=pid, started_at=10.0, written_at=written_at, ending=ending
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    report = Report(
        version="1",
        pid=7,
        started_at=10.0,
        written_at=20.0,
        functions=(Timing(name="block.ui.paint", calls=3, total_seconds=0.5),),
        lag=Timing(name="lag", p99_seconds=0.002),
    )
    path = write(report, tmp_path)
    assert read_all(tmp_path) == (report,)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_process_has_one_file(tmp_path: Path) -> None:
    for written_at in (20.0, 30.0):
        write(make_report(written_at=written_at), tmp_path)
    (found,) = read_all(tmp_path)
    assert found.written_at == 30.0
    assert len(list((tmp_path / DIRECTORY).iterdir())) == 1


def test_the_newest_runs_are_kept(tmp_path: Path) -> None:
    for number in range(KEPT_REPORTS + 5):
        started = 2.0**number
        report = Report(version="1", pid=1, started_at=started, written_at=started)
        write(report, tmp_path)
    kept = {round(report.started_at) for report in read_all(tmp_path)}
    assert kept == {2**number for number in range(5, KEPT_REPORTS + 5)}


@pytest.mark.parametrize(
    "data",
    [
        b'{"version":"\xff"}',
        b'{"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"version":"1","pid":1,"started_at":1e300,"written_at":1}',
        b'{"version":"1","pid":1,"started_at":1,"written_at":-1e18}',
    ],
    ids=["bytes", "nested", "far", "long ago"],
)
def test_a_broken_file_hides_no_other(tmp_path: Path, data: bytes) -> None:
    path = write(make_report(), tmp_path)
    path.with_name("1-1.json").write_bytes(data)
    assert read_all(tmp_path) == (make_report(),)


def test_what_cannot_be_looked_into_is_told_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / DIRECTORY).write_text("")
    with pytest.raises(ConfigError, match="reports") as caught:
        read_all(tmp_path)
    assert caught.value.hint


def test_files_of_others_are_never_deleted(tmp_path: Path) -> None:
    place = write(make_report(), tmp_path).parent
    others = {place / f"{number:05}.json" for number in range(KEPT_REPORTS + 5)}
    for path in others:
        path.write_text("{}")
    write(make_report(7), tmp_path)
    assert others < set(place.iterdir())
    assert len(read_all(tmp_path)) == 2


def test_a_number_given_to_a_later_process_is_not_the_run() -> None:
    began = reports.process_began(os.getpid())
    alive = structs.replace(make_report(os.getpid()), process_began=began)
    assert alive.is_alive
    if began is not None:
        assert not structs.replace(alive, process_began=began - 1).is_alive


@given(data=st.binary(max_size=200))
def test_what_is_no_report_is_passed_over(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    state = tmp_path_factory.mktemp("state")
    path = write(make_report(), state)
    path.with_name("1-1.json").write_bytes(data)
    path.with_name("2-2.json").mkdir()
    path.with_name("3-3.json").symlink_to(path)
    path.with_name("4-4.json").write_bytes(path.read_bytes() + b" " * FILE_LIMIT_BYTES)
    assert {report.pid for report in read_all(state)} == {NOBODY}
    write(make_report(written_at=30.0), state)


def test_without_a_directory_there_is_none(tmp_path: Path) -> None:
    assert read_all(tmp_path / "absent") == ()
    assert choose(()) is None


def test_a_planted_link_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (tmp_path / DIRECTORY).symlink_to(target)
    with pytest.raises(ConfigError):
        write(make_report(), tmp_path)
    assert not list(target.iterdir())


def test_a_file_that_cannot_be_replaced_leaves_no_other(tmp_path: Path) -> None:
    path = write(make_report(), tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        write(make_report(), tmp_path)
    assert list(path.parent.iterdir()) == [path]


def test_the_app_we_run_in_comes_first_then_one_that_runs_then_the_last() -> None:
    around = make_report(os.getppid(), 1.0)
    alive = make_report(os.getpid(), 2.0)
    ended = make_report(os.getppid(), 3.0, ending="quit")
    killed = make_report(NOBODY, 4.0)
    assert choose((killed, ended, alive, around)) is around
    assert choose((killed, ended, alive)) is alive
    assert choose((killed, ended)) is killed


@pytest.mark.parametrize("pid", [0, -1, 2**70])
def test_a_number_that_is_no_process_is_not_alive(pid: int) -> None:
    assert not make_report(pid).is_alive


def test_ancestors_reach_the_first_process() -> None:
    found = reports._ancestors()
    assert os.getppid() in found
    assert os.getpid() not in found
