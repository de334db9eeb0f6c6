"""The taking of all figures, and what one that fails leaves of the others."""

import json
import signal
from pathlib import Path

import bench
import pytest
from benchmarks.figures import LEAST_PAIRS, Row
from benchmarks.hosts import Bench
from benchmarks.running import (
    QUICK,
    Circumstances,
    Extent,
    Kept,
    Taken,
    UnknownKindError,
    as_json,
    chosen,
    from_json,
    part,
    take_all,
)

ROW = Row("speed", 2.0, 1.0, "tmux", "MB/s", "higher")


def _works(_bench: Bench, _extent: Extent) -> list[Row]:
    return [ROW]


def _breaks(_bench: Bench, _extent: Extent) -> list[Row]:
    raise ZeroDivisionError("no division")


def _gives_up(_bench: Bench, _extent: Extent) -> list[Row]:
    raise SystemExit("tmux is needed to compare with; install it")


def test_a_broken_kind_does_not_lose_the_others_figures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kinds = {"first": _works, "bad": _breaks, "quits": _gives_up, "last": _works}
    monkeypatch.setattr(bench, "KINDS", kinds)
    assert bench.main(["--json"]) == 1
    printed = capsys.readouterr()
    assert [found["kind"] for found in json.loads(printed.out)] == ["first", "last"]
    assert "no figures of bad: ZeroDivisionError: no division" in printed.err
    assert "no figures of quits: SystemExit: tmux is needed" in printed.err


def test_json_is_a_list_of_rows_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "KINDS", {"one": _works})
    assert bench.main(["--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    wanted = {"name", "ours", "base", "base_name", "unit", "ratio", "better"}
    assert wanted <= found.keys()
    assert found["ratio"] == 2.0


def test_the_table_has_every_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "KINDS", {"one": _works})
    assert bench.main([]) == 0
    assert "speed" in capsys.readouterr().out


def test_a_kind_that_needs_what_is_not_there_fails_alone() -> None:
    kinds = {
        "absent": part("no_such_module"),
        "one": _works,
        "two": part("nowhere.at_all"),
    }
    taken = take_all(kinds, QUICK)
    assert [bool(one.error) for one in taken] == [True, False, True]
    assert "no_such_module" in taken[0].error


def test_every_kind_names_something_that_can_be_measured() -> None:
    assert set(bench.KINDS) >= {"start", "echo", "memory", "idle", "cat", "parse"}
    for name in bench.KINDS:
        assert name == name.strip().lower()


def test_patterns_choose_kinds() -> None:
    kinds = {"ab:one": _works, "ab:two": _works, "start": _works}
    assert list(chosen(kinds, [])) == list(kinds)
    assert list(chosen(kinds, ["ab:*"])) == ["ab:one", "ab:two"]
    assert list(chosen(kinds, ["start", "ab:one"])) == ["start", "ab:one"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whatever_ends_it_lets_what_it_has_started_be_ended(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    given_back: list[bool] = []

    def interrupted(_bench: Bench, _extent: Extent) -> list[Row]:
        try:
            signal.raise_signal(number)
            return [ROW]
        finally:
            given_back.append(True)

    monkeypatch.setattr(bench, "KINDS", {"one": interrupted})
    # Whoever started the tests in the background has had SIGINT ignored.
    usual = signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL
    before = signal.signal(number, usual)
    try:
        assert bench.main([]) == 130
        assert given_back
        assert signal.getsignal(number) == usual
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("given", ["--earlier", "--write", "--keep"])
def test_a_file_that_cannot_be_used_is_told_before_anything_is_measured(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    given: str,
) -> None:
    monkeypatch.setattr(bench, "KINDS", {"one": _breaks})
    assert bench.main([given, str(tmp_path / "absent" / "file")]) == 2
    assert "absent" in capsys.readouterr().err


def test_an_unknown_name_is_told_with_what_there_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(UnknownKindError, match="'nothing'; there are start"):
        chosen({"start": _works}, ["nothing"])
    assert bench.main(["--only", "nothing"]) == 2
    assert "'nothing'" in capsys.readouterr().err


def test_sizes_given_by_name_win_over_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Extent] = []

    def look(_bench: Bench, extent: Extent) -> list[Row]:
        seen.append(extent)
        return []

    monkeypatch.setattr(bench, "KINDS", {"look": look})
    bench.main(["--quick", "--rounds", "11"])
    bench.main(["--presses", "5"])
    assert (seen[0].rounds, seen[0].presses) == (11, QUICK.presses)
    assert (seen[1].rounds, seen[1].presses) == (Extent().rounds, 5)


def test_figures_survive_being_written() -> None:
    taken = take_all({"one": _works}, QUICK)
    assert from_json(as_json(taken)) == taken


def test_figures_of_before_the_circumstances_were_kept_are_still_read() -> None:
    old = [{"kind": "one"} | ROW.as_json()]
    assert from_json(json.dumps(old)) == [Taken("one", [ROW])]


def test_what_is_measured_in_smaller_sizes_is_marked_in_each_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "KINDS", {"one": _works})
    marks = []
    for given in ([], ["--quick"], ["--rounds", "3"], ["--rounds", "12"]):
        bench.main(["--json", *given])
        (found,) = json.loads(capsys.readouterr().out)
        marks.append(found["quick"])
    assert marks == [False, True, True, False]


@pytest.mark.parametrize(("usual", "quick"), [(60, 13), (20, LEAST_PAIRS), (4, 4)])
def test_what_has_a_number_of_its_own_is_taken_less_often_but_in_enough_pairs(
    usual: int, quick: int
) -> None:
    assert (Extent().some(usual), QUICK.some(usual)) == (usual, quick)


def test_what_takes_long_is_taken_in_just_enough_pairs() -> None:
    assert (Extent().few, QUICK.few, Extent(rounds=1).few) == (LEAST_PAIRS, 1, 1)


def test_an_interrupted_run_goes_on_with_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    calls: list[str] = []

    def first(_bench: Bench, _extent: Extent) -> list[Row]:
        calls.append("first")
        return [ROW]

    def second(_bench: Bench, _extent: Extent) -> list[Row]:
        calls.append("second")
        if calls.count("second") == 1:
            raise KeyboardInterrupt
        return [ROW]

    monkeypatch.setattr(bench, "KINDS", {"first": first, "second": second})
    asked = ["--json", "--keep", str(tmp_path / "run.json")]
    assert bench.main(asked) == bench.EXIT_INTERRUPTED
    assert bench.main(asked) == 0
    assert calls == ["first", "second", "second"]
    printed = capsys.readouterr()
    assert [found["kind"] for found in json.loads(printed.out)] == ["first", "second"]
    assert "run.json has first" in printed.err


def test_a_kind_that_broke_is_taken_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "run.json", is_quick=True)
    kinds = {"first": _works, "bad": _breaks}
    take_all(kinds, QUICK, on_taken=kept.add)
    again = Kept(tmp_path / "run.json", is_quick=True)
    assert list(again.missing(kinds)) == ["bad"]
    assert [one.rows for one in again.taken] == [[ROW]]


@pytest.mark.parametrize("given", [[], ["--quick"]])
def test_quick_figures_and_others_are_not_kept_in_one_file(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    given: list[str],
) -> None:
    path = tmp_path / "run.json"
    under = Circumstances(is_quick=not given)
    path.write_text(as_json([Taken("one", [ROW], under=under)]))
    monkeypatch.setattr(bench, "KINDS", {"one": _breaks})
    assert bench.main(["--keep", str(path), *given]) == 2
    assert "take another file" in capsys.readouterr().err
