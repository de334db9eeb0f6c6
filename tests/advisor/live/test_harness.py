"""The harness itself: what is skipped and why, what is an error, what is right."""

from pathlib import Path

import pytest

from .failing import ScenarioError, failure, missing
from .scenario import Scenario, read_scenarios, without_marks


def scenario(**given: object) -> Scenario:
    return Scenario(**{"id": "x", "family": "files", "command": "false", **given})  # type: ignore[arg-type]


def test_what_is_not_there_is_named() -> None:
    assert missing(scenario(needs=("no-such-program", "sh"))) == (
        "not installed: no-such-program"
    )
    assert missing(scenario(lacks=("sh",))) == "installed here: sh"
    assert missing(scenario(language="tlh_QO.UTF-8")) == "no locale tlh_QO.UTF-8"
    assert missing(scenario(needs=("sh",))) == ""


def test_a_failure_happens_in_a_directory_and_a_home_of_its_own() -> None:
    made_by = scenario(
        setup="echo here > note\necho there > ~/note",
        command="cat note {home}/note; exit 7",
        accept=("cat {cwd}/note",),
    )
    with failure(made_by) as made:
        assert (made.exit_code, made.output) == (7, b"here\nthere\n")
        assert made.scenario.accepts(f"cat {made.cwd}/note")
        assert Path(made.cwd).is_dir()
    assert not Path(made.cwd).exists()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"command": "true"}, "succeeds"),
        ({"setup": "echo no; false"}, "setup ends with 1: no"),
    ],
)
def test_a_scenario_must_do_what_it_says(given: dict[str, str], complaint: str) -> None:
    with pytest.raises(ScenarioError, match=complaint), failure(scenario(**given)):
        pass


def test_what_is_right() -> None:
    asked = scenario(command="gti log", accept=("git log 'a b'",))
    assert asked.accepts('git log "a b"')
    assert asked.accepts("git log 'a b' && gti log")
    assert not asked.accepts("git log a b")
    assert not asked.accepts("")
    nothing = scenario()
    assert nothing.accepts("")
    assert not nothing.accepts("true")


def test_marks_are_taken_by_name(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    table = '[[scenario]]\nid = "{}"\nfamily = "files"\ncommand = "x"\nmissed = "why"\n'
    file.write_text(table.format("one") + table.format("two"), "utf-8")
    without_marks([tmp_path], {"two"})
    assert [(each.id, each.missed) for each in read_scenarios([file])] == [
        ("one", "why"),
        ("two", ""),
    ]
