"""The one form that rules are written for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.advisor.reading.dialect import Dialect
from terminal_ai.advisor.reading.normalise import normalise


@given(st.text(st.characters(max_codepoint=0x2100), max_size=200))
def test_no_control_character_is_left(text: str) -> None:
    found = normalise(text, Dialect()).replace("\n", "").replace("\t", "")
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in found)


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("a\x07b\x1b\x9bc", "a b  c"),
        ("bash: line 3: x: Is a directory", "x: Is a directory"),
        ("zsh:1: file exists: log", "log: File exists"),
        ("zsh: permission denied: ./x", "./x: Permission denied"),
        # No shell, though it counts lines as one does.
        ("yaml: line 4: mapping values are", "yaml: line 4: mapping values are"),
    ],
)
def test_forms(printed: str, read: str) -> None:
    assert normalise(printed, Dialect()) == read
