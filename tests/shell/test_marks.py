from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.shell.marks import MarkVerifier
from terminal_ai.terminal.events import PromptMark
from terminal_ai.terminal.terminal import Terminal

NONCE = "0123456789abcdef0123456789abcdef"
GENUINE = {"n": NONCE, "p": "7"}


def test_nonce_and_pid_must_both_match() -> None:
    verifier = MarkVerifier(NONCE, 7)
    assert verifier.verify(PromptMark("A", (), GENUINE))
    for options in (
        {},
        {"n": NONCE},
        {"p": "7"},
        {"n": NONCE, "p": "8"},
        {"n": NONCE, "p": "07"},
        {"n": NONCE.upper(), "p": "7"},
        {"n": NONCE[:-1], "p": "7"},
        {"n": "ü" * 32, "p": "7"},
    ):
        assert verifier.verify(PromptMark("A", (), options)) is None
    assert verifier.foreign_marks == 8


@given(options=st.dictionaries(st.sampled_from("nptc"), st.text()), kind=st.text())
def test_without_the_nonce_nothing_is_believed(
    options: dict[str, str], kind: str
) -> None:
    verifier = MarkVerifier(NONCE, 7)
    assert verifier.verify(PromptMark(kind, (), options)) is None
    assert verifier.foreign_marks == 1


@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_text_survives_both_encodings_and_the_emulator(text: str) -> None:
    raw = text.encode()
    backslashed = "".join(
        chr(byte)
        if 32 <= byte < 127 and byte not in b"\\;"
        else "\\\\"
        if byte == 0x5C
        else f"\\x{byte:02x}"
        for byte in raw
    )
    percented = "".join(f"%{byte:02X}" for byte in raw)
    for field in (f"c={backslashed}", f"cu={percented}"):
        data = f"\x1b]133;C;n={NONCE};p=7;{field}\x07".encode()
        (event,) = Terminal(80, 24).feed(data)
        assert isinstance(event, PromptMark)
        mark = MarkVerifier(NONCE, 7).verify(event)
        assert mark is not None
        assert mark.text("c") == text


def test_fields_that_are_no_numbers_are_none() -> None:
    verifier = MarkVerifier(NONCE, 7)
    options = {**GENUINE, "hn": "9" * 5000, "t": "1,5", "ms": "x", "private": "1"}
    mark = verifier.verify(PromptMark("D", ("²",), options))
    assert mark is not None
    assert mark.status is None
    assert mark.number("hn") is None
    assert mark.number("ms") is None
    assert mark.time == 1.5
    assert mark.flag("private")
    assert not mark.flag("t")


def test_without_integration_nothing_is_genuine() -> None:
    for options in ({"n": "", "p": "7"}, {"p": "7"}):
        assert MarkVerifier("", 7).verify(PromptMark("A", (), options)) is None
