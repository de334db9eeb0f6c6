"""The page that is made of the figures."""

import builtins
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import bench
import pytest
from benchmarks import document
from benchmarks.figures import Row
from benchmarks.running import Circumstances, Taken, as_json, merged

GAIN = Row("flood", 1.0, 2.0, "tmux", "s", "lower", 0.4, 0.6)
LOSS = Row("start", 3.0, 2.0, "tmux", "s", "lower", 1.4, 1.6)
TAKEN = [
    Taken("cat", [GAIN]),
    Taken("ab:gc", [LOSS]),
    Taken("ab:parser", [Row("a|b", 1_234.5, None, "", "")]),
    Taken("broken", [], "ValueError: no"),
]
GROWTH = [
    Row("RSS at 1 MB of output", 80.0, 80.0, "1", "MiB"),
    Row("RSS at 10 MB of output", 90.0, 80.0, "1", "MiB"),
]


def test_the_page_has_every_row_and_says_what_chance_cannot_explain() -> None:
    text = document.page(TAKEN, ["a machine"], has_plot=False)
    lines = text.splitlines()
    (flood,) = [line for line in lines if line.startswith("| flood")]
    assert "| 0.4 to 0.6 | **gain** |" in flood
    assert "*loss*" in next(line for line in lines if line.startswith("| start"))
    assert "| a\\|b | 1,234 |  |" in text
    assert lines.count("## ab") == 1
    assert "## broken" not in text
    assert "- a machine" in lines


@pytest.mark.parametrize(
    ("quick", "told"),
    [((), ""), (("a",), "`--quick` (a):"), (("a", "b"), "`--quick`:")],
)
def test_what_was_taken_quickly_is_told(quick: tuple[str, ...], told: str) -> None:
    taken = [
        Taken(kind, [GAIN], under=Circumstances(is_quick=kind in quick))
        for kind in ("a", "b")
    ]
    text = document.page(taken, [], has_plot=False)
    assert told in text
    assert ("--quick" in text) is bool(quick)


def test_a_limit_is_held_or_broken_and_never_gained() -> None:
    rows = [
        Row("speed-up", 4.0, 3.0, "least", "x", "higher", 1.2, 1.4),
        Row("lag", 4.0, 3.0, "limit", "ms", "lower", 1.2, 1.4),
        Row("either", 4.0, 3.0, "limit", "ms", "lower", 0.9, 1.4),
        Row("count", 1.0, 2.0, "owner's figure, most", "", "lower"),
    ]
    text = document.page([Taken("x", rows)], [], has_plot=False)
    ends = {line.split(" | ")[0][2:]: line for line in text.splitlines()}
    assert ends["speed-up"].endswith("| held |")
    assert ends["lag"].endswith("| *broken* |")
    assert ends["either"].endswith("|  |")
    assert ends["count"].endswith("| held |")


def test_every_row_says_its_unit_and_which_direction_is_better() -> None:
    rows = [
        Row("cat", 20.0, 10.0, "tmux", "MB/s", "higher"),
        Row("lag", 2.0, 1.0, "bare", "ms"),
    ]
    lines = document.page([Taken("x", rows)], [], has_plot=False).splitlines()
    head, bar, cat, lag = lines[-4:]
    assert "| unit | better | ratio |" in head
    assert len({line.count("|") for line in (head, bar, cat, lag)}) == 1
    assert "| MB/s | higher | 2 |" in cat
    assert "| ms | lower | 2 |" in lag


def test_a_small_ratio_keeps_the_digits_of_its_interval() -> None:
    row = Row("hit", 0.004, 100.0, "the model", "ms", "lower", 0.000038, 0.000043)
    text = document.page([Taken("x", [row])], [], has_plot=False)
    assert "| 0.00004 | 0.000038 to 0.000043 | **gain** |" in text


def test_the_page_says_of_which_commits_and_under_which_load_it_was_taken() -> None:
    taken = [
        Taken("a", [GAIN], under=Circumstances(90.0, 0.4, "abc1234")),
        Taken("b", [LOSS], under=Circumstances(30.0, 2.1, "def5678+")),
    ]
    text = "\n".join(document.notes(taken))
    assert "measured in 2 minutes, under a load of 0.4 to 2.1" in text
    assert "commit abc1234, def5678+" in text


def test_the_machine_is_not_named() -> None:
    text = "\n".join(document.notes())
    assert "cores" in text
    assert "Python" in text
    assert Path("/etc/hostname").read_text().strip() not in text


def test_without_matplotlib_the_page_is_written_and_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = builtins.__import__

    def refuse(
        name: str,
        globals_: Mapping[str, object] | None = None,
        locals_: Mapping[str, object] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> object:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return usual(name, globals_, locals_, fromlist, level)

    monkeypatch.setattr(builtins, "__import__", refuse)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    told = document.write(tmp_path / "page.md", [Taken("growth", GROWTH)])
    assert "pip install matplotlib" in told
    assert "RSS at 10 MB of output" in (tmp_path / "page.md").read_text()


def test_figures_of_another_run_fill_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier, page = tmp_path / "earlier.json", tmp_path / "page.md"
    earlier.write_text(as_json(TAKEN))
    monkeypatch.setattr(bench, "KINDS", {"cat": lambda _bench, _extent: [LOSS]})
    assert bench.main(["--earlier", str(earlier), "--write", str(page)]) == 0
    text = page.read_text()
    assert "| flood" not in text
    assert "a\\|b" in text


def test_a_kind_that_failed_keeps_its_earlier_figures() -> None:
    failed = [Taken("cat", [], "OSError: no")]
    (cat, *_) = merged(TAKEN, failed)
    assert cat.rows == [GAIN]


def test_kinds_stand_in_their_order_whenever_they_were_taken() -> None:
    late = [Taken("key", [GAIN]), Taken("start", [LOSS])]
    found = merged(TAKEN, late, ["start", "cat", "key"])
    assert [one.kind for one in found[:3]] == ["start", "cat", "key"]
    assert len(found) == len(TAKEN) + 2
