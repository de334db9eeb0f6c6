"""The risk label of commands: tables of what people type and of what hides it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal_ai.records import Risk
from terminal_ai.safety.risk import (
    DEPTH_LIMIT,
    LENGTH_LIMIT,
    PROGRAM_LIMIT,
    assess_risk,
)


def _lines(name: str) -> list[str]:
    """One command a line; ⏎ stands for a line feed inside it."""
    table = (Path(__file__).parent / "commands" / f"{name}.txt").read_text()
    return [line.replace("⏎", "\n") for line in table.strip().splitlines()]


DANGER = _lines("danger")
CAUTION = _lines("caution")
SAFE = _lines("safe")


@pytest.mark.parametrize("command", DANGER)
def test_what_destroys_is_danger(command: str) -> None:
    assert assess_risk(command) is Risk.DANGER


@pytest.mark.parametrize("command", CAUTION)
def test_what_changes_something_asks_for_caution(command: str) -> None:
    assert assess_risk(command) is Risk.CAUTION


@pytest.mark.parametrize("command", SAFE)
def test_what_only_looks_is_safe(command: str) -> None:
    assert assess_risk(command) is Risk.SAFE


def test_nothing_is_safe() -> None:
    assert assess_risk("") is Risk.SAFE
    assert assess_risk("  \n ; ") is Risk.SAFE


def test_what_cannot_be_read_is_danger() -> None:
    assert assess_risk("ls " + "x" * LENGTH_LIMIT) is Risk.DANGER
    assert assess_risk("echo " + "$(" * (DEPTH_LIMIT + 2)) is Risk.DANGER
    assert assess_risk("sudo " * 500 + "ls") is Risk.DANGER
    assert assess_risk("ls;" * (PROGRAM_LIMIT + 1)) is Risk.DANGER
    assert assess_risk("ls;" * PROGRAM_LIMIT) is Risk.SAFE


@pytest.mark.timeout(20)  # exponential or quadratic work would need minutes
@pytest.mark.parametrize(
    "unit",
    [
        "find -exec ",
        "$x;",
        "docker exec env ",
        "${a:-",
        "$(",
        "`",
        "a() {",
        "git -c x ",
    ],
)
def test_hostile_lines_are_judged_in_bounded_work(unit: str) -> None:
    assess_risk(unit * (LENGTH_LIMIT // len(unit)))


TOKENS = """rm -rf x / * ls git push --force sudo env X=1 sh -c $( ) ` ' " \\ | || &
    && ; > < >> ( ) { } $x ${x} <( $(( 2>&1 $' find -exec eval xargs # \n"""
PIECES = st.sampled_from(TOKENS.split(" "))


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=25), st.sampled_from(["", " "]))
def test_no_line_raises(pieces: list[str], joint: str) -> None:
    assess_risk(joint.join(pieces))


@given(st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    assess_risk(text)


HARMLESS_PARTS = st.sampled_from(SAFE[:60])
JOINTS = st.sampled_from([" && ", " || ", "; ", "\n", " & ", " | "])


@settings(max_examples=200)
@given(
    st.lists(HARMLESS_PARTS, max_size=3),
    st.sampled_from([line for line in DANGER if "\n" not in line]),
    st.lists(HARMLESS_PARTS, max_size=3),
    JOINTS,
)
def test_harmless_company_hides_no_danger(
    before: list[str], danger: str, after: list[str], joint: str
) -> None:
    assert assess_risk(joint.join([*before, danger, *after])) is Risk.DANGER


WRAPPINGS = st.sampled_from(
    [
        "sudo {}",
        "env A=1 {}",
        "nohup {}",
        "nice -n 5 {}",
        "timeout 3 {}",
        "( {} )",
        "{{ {}; }}",
        "echo $( {} )",
        "if true; then {}; fi",
        "X=2 {}",
        "command {}",
        "time {}",
    ]
)


@settings(max_examples=200)
@given(
    st.sampled_from(["rm -rf x", "dd of=/dev/sda", "git push -f", "kill -9 1"]),
    st.lists(WRAPPINGS, max_size=4),
)
def test_no_wrapping_hides_danger(command: str, wrappings: list[str]) -> None:
    for wrapping in wrappings:
        command = wrapping.format(command)

    assert assess_risk(command) is Risk.DANGER
