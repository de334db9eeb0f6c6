"""What bash quotes is read back exactly, whatever it holds."""

import os
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal_ai.shell.quoted import history_fields, unquoted

BASH = shutil.which("bash") or "bash"
SCRIPT = """
semicolon="'\\\\073'"
for text; do
    printf -v bare %q "$text"
    for quoted in "${text@Q}" "$bare"; do
        printf '%s\\0' "${quoted//;/$semicolon}"
    done
done
"""
ODD = st.sampled_from([b"'", b";", b"\\", b"$'", b"'\\073'", b"\\073'", b"\n", b"\xff"])
TEXTS = st.lists(
    st.lists(ODD | st.binary(max_size=4) | st.text(max_size=4).map(str.encode)).map(
        lambda parts: b"".join(parts).replace(b"\0", b"")
    ),
    min_size=20,
    max_size=60,
)


def quoted(texts: list[bytes], locale: str) -> list[bytes]:
    """Let bash itself quote, as our script does."""
    run = subprocess.run(
        [BASH, "--norc", "-c", SCRIPT, "bash", *texts],
        env={**os.environ, "LC_ALL": locale},
        capture_output=True,
        check=True,
    )
    return run.stdout.split(b"\0")[:-1]


@pytest.mark.shells
@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
@given(texts=TEXTS)
@settings(max_examples=15)
def test_quoted_text_is_read_back(locale: str, texts: list[bytes]) -> None:
    values = quoted(texts, locale)
    assert not any(b";" in value for value in values)
    assert [unquoted(value) for value in values[::2]] == texts
    assert [unquoted(value) for value in values[1::2]] == texts


@given(st.binary())
def test_anything_is_survived(value: bytes) -> None:
    unquoted(value)
    fields = history_fields(value, 10)
    assert fields["private"] in ("0", "1")


def test_what_is_cut_is_told() -> None:
    for value in (b"", b"'", b"'abc", b"$'abc"):
        assert unquoted(value) is None


def test_history_entries() -> None:
    assert history_fields(b"'0   12* echo one'", 100) == {
        "private": "0",
        "hn": "12",
        "cu": "echo%20one",
    }
    assert history_fields(b"$'012\\t  hidden\\ntwo'", 100)["cu"] == "%20hidden%0Atwo"
    assert history_fields(b"'1    7  abcdef'", 3)["cu"] == "abc"
    for nothing in (b"'0'", b"'1'", b"'", b"'x'"):
        fields = history_fields(nothing, 100)
        assert (fields["hn"], fields["cu"]) == ("", "")
    assert history_fields(b"'cut", 100)["private"] == "1"
