"""Inputs that have misled other integrations of bash, and what we record of them."""

from pathlib import Path

import pytest

from tests.session.tricky import (
    Case,
    Expected,
    Step,
    check,
    says,
    startups,
)

pytestmark = pytest.mark.shells

CTRL_C, CTRL_D, CTRL_L, CTRL_O, CTRL_R = "\x03", "\x04", "\x0c", "\x0f", "\x12"
CTRL_U, CTRL_V, CTRL_X, CTRL_Z, QUIT = "\x15", "\x16", "\x18", "\x1a", "\x1c"
UP, TAB = "\x1b[A", "\t"
LONG_WORD = "y" * 9_000


def _stays(*steps: Step, startup: str = "") -> Case:
    """Return the case of keys that are no command."""
    return Case(repr(steps), steps, (), startup)


def _one(name: str, *steps: Step, line: str, output: str = "", code: int = 0) -> Case:
    """Return the case of keys that make one command."""
    return Case(name, steps, (Expected(line, code, output),))


WORDS = (
    says("""echo 'a  b' "c'd" \\"e\\" $'f\\tg'""", 'a  b c\'d "e" f  g'),
    says("cat <<< 'one; two'", "one; two"),
    _one(
        "here-doc",
        "cat <<-'E' | tr a b\r\taa;\\x\rE",
        line="cat <<-'E' | tr a b\naa;\\x\nE",
        output="bb;\\x",
    ),
    _one(
        "two here-docs",
        "cat <<A - <<B\ra\rA\rb\rB",
        line="cat <<A - <<B\na\nA\nb\nB",
        output="b",
    ),
    _one(
        "pipeline over lines",
        "printf 'b\\na\\n' |\rsort |\rhead -n 1",
        line="printf 'b\\na\\n' | sort | head -n 1",
        output="a",
    ),
    _one("continued line", "echo one\\\rtwo", line="echo onetwo", output="onetwo"),
    _stays("# only a comment"),
    says("echo one # two", "one"),
)


@pytest.mark.parametrize("startup", startups(WORDS))
async def test_tricky_words(startup: str, tmp_path: Path) -> None:
    await check("bash", tmp_path, WORDS, startup=startup)
