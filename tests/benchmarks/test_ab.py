"""Every value of the preset is measured with and without it."""

import ast
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path

import bench
import pytest
from benchmarks import ab, hosts
from benchmarks.hosts import OURS, Bench

from terminal_ai.config.layers import load_settings
from terminal_ai.config.settings import flatten, presets


def test_each_value_of_the_preset_has_its_row_and_nothing_else_has() -> None:
    assert ab.MEASURES.keys() == presets()["optimized"].keys()
    assert ab.MEASURES.keys() == presets()["base"].keys()
    assert {f"ab:{key}" for key in ab.MEASURES} <= bench.KINDS.keys()


@pytest.mark.parametrize("place", ab.MEASURES.values())
def test_what_measures_it_is_there(place: str) -> None:
    module, _, function = place.partition(".")
    found = importlib.util.find_spec(f"benchmarks.{module}")
    assert found is not None
    assert found.origin is not None
    tree = ast.parse(Path(found.origin).read_text())
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert function in names


def test_the_program_is_started_without_the_value_and_without_a_presets_flag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[Sequence[str], Mapping[str, str]]] = []

    class Started:
        def __init__(
            self, argv: Sequence[str], environ: Mapping[str, str], _settle: float
        ) -> None:
            started.append((argv, environ))

        def close(self) -> None:
            pass

    monkeypatch.setattr(hosts, "Hosted", Started)
    runner = Bench(tmp_path, {"HOME": str(tmp_path)})
    with runner.run(OURS), runner.run(OURS, without="terminal.parser"):
        pass
    (usual, _), (changed, environ) = started
    # A flag would win over the environment.
    assert OURS in usual
    assert OURS not in changed
    assert environ["TERMINAL_AI_TERMINAL_PARSER"] == "pyte"


@pytest.mark.parametrize("key", presets()["base"])
def test_only_one_value_is_switched_off(key: str, tmp_path: Path) -> None:
    environ = Bench(tmp_path, {"HOME": str(tmp_path)}).without(key)
    empty = tmp_path / "config.yaml"
    empty.write_text("")
    values = flatten(load_settings(file=empty, environ=environ).settings)
    usual = flatten(load_settings(file=empty, environ={}).settings)
    changed = {name for name, value in values.items() if value != usual[name]}
    assert changed == {key}
    assert values[key] == presets()["base"][key]
