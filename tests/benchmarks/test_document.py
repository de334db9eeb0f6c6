"""The page that is made of the figures."""

import builtins
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import bench
import pytest
from benchmarks import document
from benchmarks.figures import Row
from benchmarks.running import Taken, as_json, merged

GAIN = Row("flood", 1.0, 2.0, "tmux", "s", "lower", 0.4, 0.6)
LOSS = Row("start", 3.0, 2.0, "tmux", "s", "lower", 1.4, 1.6)
TAKEN = [
    Taken("cat", [GAIN], 1.0),
    Taken("ab:gc", [LOSS], 1.0),
    Taken("ab:parser", [Row("a|b", 1_234.5, None, "", "")], 1.0),
    Taken("broken", [], 1.0, "ValueError: no"),
]
GROWTH = [
    Row("RSS at 1 MB of output", 80.0, 80.0, "1", "MiB"),
    Row("RSS at 10 MB of output", 90.0, 80.0, "1", "MiB"),
]


def test_the_page_has_every_row_and_says_what_chance_cannot_explain() -> None:
    text = document.page(TAKEN, ["a machine"], is_quick=False, has_plot=False)
    lines = text.splitlines()
    (flood,) = [line for line in lines if line.startswith("| flood")]
    assert "| 0.40 to 0.60 | **gain** |" in flood
    assert "*loss*" in next(line for line in lines if line.startswith("| start"))
    assert "| a\\|b | 1,234 |  |" in text
    assert lines.count("## ab") == 1
    assert "## broken" not in text
    assert "- a machine" in lines


def test_what_was_taken_quickly_is_told() -> None:
    assert "--quick" in document.page(TAKEN, [], is_quick=True, has_plot=False)


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
    told = document.write(
        tmp_path / "page.md", [Taken("growth", GROWTH, 1.0)], is_quick=False
    )
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
    failed = [Taken("cat", [], 1.0, "OSError: no")]
    (cat, *_) = merged(TAKEN, failed)
    assert cat.rows == [GAIN]
