"""No secret leaves in a file, however the bytes that made it were cut and coloured."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.export import ExportForm, exported
from terminal_ai.records import CapturedOutput
from terminal_ai.safety.redact import Redactor, redact
from tests.export.casts import read_cast
from tests.export.making import make_record
from tests.safety.fake_secrets import FakeSecret, fake_secrets

NOISE = (
    b"\x1b[31m",
    b"\x1b[0m",
    b"\x1b[1;38;5;9m",
    b"\x07",
    b"\x1b[m",
    b"\x1b]0;t\x07",
)
_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")

cases = st.sampled_from(
    [
        case
        for case in fake_secrets(7)
        # What a bare shell may print, in one reading of it, is found at all.
        if case.secret.split("\n")[0] not in redact(case.text)
    ]
)


def leaked(case: FakeSecret, text: str) -> bool:
    """Tell whether a reader of a file could find the secret in it."""
    readings = [text, text.replace("\\n", "\n"), _SEQUENCE.sub("", text)]
    first = case.secret.split("\n")[0].split("\\n")[0]
    return any(first in reading for reading in readings)


def read(form: ExportForm, text: str) -> str:
    if form is ExportForm.ASCIICAST:
        output = read_cast(text).output()
        return f"{text}\n{_SEQUENCE.sub('', output)}\n{output}"
    return text


def noisy(text: str, chance: float, seed: int) -> bytes:
    """Return the text as a program prints it, colour changes between its letters."""
    source = random.Random(seed)
    pieces = []
    for character in text.replace("\n", "\r\n"):
        if source.random() < chance:
            pieces.append(source.choice(NOISE))
        pieces.append(character.encode())
    return b"".join(pieces)


@pytest.mark.parametrize("form", ExportForm)
@given(
    case=cases,
    chance=st.sampled_from([0.0, 0.1, 0.5]),
    seed=st.integers(0, 99),
    step_bytes=st.integers(1, 40),
    before=st.sampled_from([b"", b"plain text\r\n", b"\x1b[32mok\x1b[0m\r\n"]),
)
def test_no_output_leaks(
    form: ExportForm,
    case: FakeSecret,
    chance: float,
    seed: int,
    step_bytes: int,
    before: bytes,
) -> None:
    data = before + noisy(case.text, chance, seed) + b"\r\n"
    timeline = tuple(
        (at / 100, at) for at in range(step_bytes, len(data) + step_bytes, step_bytes)
    )
    output = CapturedOutput(data[:20], data[20:], timeline=timeline)
    text = exported([make_record(output=output)], form).text
    assert not leaked(case, read(form, text))


@pytest.mark.parametrize("form", ExportForm)
@given(case=cases)
def test_no_command_line_and_no_directory_leaks(
    form: ExportForm, case: FakeSecret
) -> None:
    record = make_record(1, f"echo; {case.text}")
    text = exported([record], form).text
    assert leaked(case, redact(record.command_line)) or not leaked(
        case, read(form, text)
    )


@pytest.mark.parametrize(
    "hidden",
    [
        b"export TOKEN=@@\rdone                                       \r\n",
        b"\x1b]0;token=@@\x07fine\r\n",
        b"\x1b]8;;https://x.example/?token=@@\x07here\x1b]8;;\x07\r\n",
        b"token=@@\x1b[2K\rfine\r\n",
        b"token=q7f\xc2\x9b31mhj38@@\r\n",
        b"x\r@\x1b[31m@\rdone                                                \r\n",
        b"key @ \r@\r\n",
        b"@\x1b[31m@\x1b[2K\rdone\r\n",
    ],
)
def test_what_is_on_no_screen_at_the_end_does_not_leave_either(hidden: bytes) -> None:
    secret = "gh" + "p_" + "q7" + "a8K2m" * 7
    first, second = secret[:20].encode(), secret[20:].encode()
    data = hidden.replace(b"@@", secret.encode())
    data = data.replace(b"@", first, 1).replace(b"@", second)
    for form in ExportForm:
        text = exported([make_record(output=data)], form).text
        assert secret not in text
        assert secret[:20] not in text


def test_the_values_of_secret_variables_are_known_to_the_callers_redactor() -> None:
    redactor = Redactor({"DB_PASSWORD": "swordfish-17"})
    record = make_record(output=b"it is sword\x1b[1mfish\x1b[0m-17\r\n")
    text = exported(
        [record], ExportForm.ASCIICAST, redact=lambda text: redactor.redact(text).text
    ).text
    assert "fish" not in text
    assert "[redacted:environment]" in text


def test_harmless_output_keeps_its_colours_and_its_timing() -> None:
    output = CapturedOutput(
        b"\x1b[31mred\x1b[0m\r\nend\r\n", timeline=((0.1, 14), (0.4, 19))
    )
    cast = read_cast(exported([make_record(output=output)], ExportForm.ASCIICAST).text)
    assert [data for _, code, data in cast.events if code == "o"][1:] == [
        "\x1b[31mred\x1b[0m\r\n", "end\r\n",
    ]  # fmt: skip


def test_without_a_redactor_the_values_of_our_own_secret_variables_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "swordfish-17")
    record = make_record(output=b"it is swordfish-17\r\n")
    for form in ExportForm:
        assert "swordfish" not in exported([record], form).text
