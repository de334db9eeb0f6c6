"""An entry is JSON of one form, bounded; whatever else comes back is a miss."""

import json
import pickle
import zlib
from dataclasses import replace

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from terminal_ai.assistant.caching import entry
from terminal_ai.assistant.caching.noise import Slot, SlotKind
from terminal_ai.records import Answer, AnswerFigures, Risk, Suggestion
from tests.assistant.caching.making import make_question

QUESTION = replace(
    make_question("q"),
    slots=(
        Slot(SlotKind.PROCESS, "43217"),
        Slot(SlotKind.DIRECTORY, "/home/ada/project"),
    ),
    failed_command="gti status",
)
SUGGESTION = Suggestion("git status", Risk.SAFE, "It was a typo.", 0.5)
ANSWER = Answer(
    "It was a typo in /home/ada/project.", SUGGESTION, "tiny", "Hm.", notice="Odd."
)


def encoded(answer: Answer = ANSWER) -> bytes:
    made = entry.encode(QUESTION, answer, stored_at=1_000.0)
    assert made is not None
    return made.data


def test_an_answer_comes_back_without_what_it_cost() -> None:
    costly = replace(ANSWER, figures=AnswerFigures(total_seconds=9.0, answer_tokens=80))
    assert entry.decode(encoded(costly), QUESTION) == entry.Kept(ANSWER, 1_000.0)


@given(st.text(), st.text(), st.sampled_from(list(Risk)))
def test_any_text_comes_back_as_it_was(text: str, thinking: str, risk: Risk) -> None:
    from terminal_ai.safety.sanitize import sanitize_text

    # A secret that the question does not hold is never kept.
    assume("[redacted:" not in text + thinking)
    answer = Answer(
        sanitize_text(text),
        replace(SUGGESTION, risk=risk),
        "tiny",
        sanitize_text(thinking),
    )
    kept = entry.decode(encoded(answer), QUESTION)
    assert kept is not None
    assert kept.answer == answer


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_nothing(data: bytes) -> None:
    assert entry.decode(data, QUESTION) is None
    assert entry.decode(b"z" + data, QUESTION) is None
    assert entry.decode(b"z" + zlib.compress(data), QUESTION) is None


@given(st.data())
def test_damaged_bytes_never_raise(data: st.DataObject) -> None:
    whole = bytearray(encoded(replace(ANSWER, thinking="thought " * 300)))
    position = data.draw(st.integers(0, len(whole) - 1))
    whole[position] = data.draw(st.integers(0, 255))
    entry.decode(bytes(whole), QUESTION)
    entry.decode(bytes(whole[:position]), QUESTION)


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
        lambda inner: st.one_of(
            st.lists(inner),
            st.dictionaries(st.sampled_from(["v", "texts", "pins"]), inner),
        ),
        max_leaves=20,
    )
)
def test_any_other_json_is_nothing(value: object) -> None:
    assert entry.decode(json.dumps(value).encode(), QUESTION) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"extra": 1},
        {"risk": "harmless"},
        {"confidence": 7},
        {"stored_at": "now"},
        {"texts": [["a"], ["b"], ["c"]]},
        {"texts": [[99], [""], [""], [""]]},
        {"texts": [[-1], [""], [""], [""]]},
        {"texts": [[True], [""], [""], [""]]},
        {"command": ["rm", None]},
        {"pins": {"0": "wrong"}},
        {"pins": {"7": "none"}},
    ],
)
def test_a_field_out_of_its_form_makes_it_a_miss(changes: dict[str, object]) -> None:
    fields = json.loads(encoded())
    assert entry.decode(json.dumps(fields).encode(), QUESTION) is not None
    assert entry.decode(json.dumps(fields | changes).encode(), QUESTION) is None


def test_deep_nesting_is_a_miss() -> None:
    assert entry.decode(b"[" * 200_000, QUESTION) is None
    assert entry.decode(b'{"pins":' * 100_000, QUESTION) is None


def test_a_pickle_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> object:
        raise AssertionError("unpickled")

    monkeypatch.setattr(pickle, "loads", never)
    for data in (pickle.dumps(ANSWER), b"z" + zlib.compress(pickle.dumps(ANSWER))):
        assert entry.decode(data, QUESTION) is None


def test_what_is_long_is_compressed() -> None:
    short, long = encoded(), encoded(replace(ANSWER, thinking="thought " * 300))
    assert short.startswith(b"{")
    assert not long.startswith(b"{")
    assert len(long) < 1_024 < len(zlib.decompress(long[1:]))


def test_what_unpacks_to_too_much_is_a_miss() -> None:
    fields = json.loads(encoded())
    fields["texts"][1] = ["x" * (entry.ENTRY_LIMIT_BYTES + 1)]
    bomb = b"z" + zlib.compress(json.dumps(fields).encode(), 9)
    assert len(bomb) < 4_000
    assert entry.decode(bomb, QUESTION) is None
    fields["texts"][1] = ["x" * 1_000]
    assert entry.decode(b"z" + zlib.compress(json.dumps(fields).encode()), QUESTION)


def test_an_answer_that_is_too_long_is_not_kept() -> None:
    huge = replace(ANSWER, explanation="x" * entry.ENTRY_LIMIT_BYTES)
    assert entry.encode(QUESTION, huge, stored_at=0.0) is None


def test_a_forged_command_is_judged_and_cleaned_anew() -> None:
    fields = json.loads(encoded())
    fields["command"] = ["rm -rf /"]
    kept = entry.decode(json.dumps(fields).encode(), QUESTION)
    assert kept is not None
    assert kept.answer.suggestion is not None
    assert kept.answer.suggestion.risk is Risk.DANGER
    fields["command"] = ["git status\nrm -rf ~\x1b]0;x\x07"]
    fields["texts"][0] = ["\x1b[31mred"]
    kept = entry.decode(json.dumps(fields).encode(), QUESTION)
    assert kept is None or (
        kept.answer.suggestion is not None
        and kept.answer.suggestion.command.isprintable()
        and "\x1b" not in kept.answer.explanation
    )
    fields["command"] = ["Please run the command below."]
    assert entry.decode(json.dumps(fields).encode(), QUESTION) is None


def test_no_literal_is_written() -> None:
    quoting = replace(ANSWER, explanation="Stop 43217 in /home/ada/project.")
    assert b"43217" not in encoded(quoting)
    assert b"/home/ada" not in encoded(quoting)
    whole = msgspec.json.decode(encoded(replace(quoting, thinking="ada")))
    assert "43217" not in repr(whole)
    assert set(whole["pins"]) == {"1"}
