"""An answer fits a question with other literals only where it quotes them whole."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from terminal_ai.assistant.caching import template
from terminal_ai.assistant.caching.noise import Slot, SlotKind
from terminal_ai.assistant.caching.question import Question, question_of
from terminal_ai.assistant.caching.template import Template
from terminal_ai.assistant.context.composer import PromptComposer
from terminal_ai.assistant.inquiry import Inquiry
from tests.assistant.caching.making import make_question
from tests.assistant.caching.noisy import snippets, texts
from tests.assistant.context.making import unchanged
from tests.assistant.making import make_record

composer = PromptComposer(redact=unchanged, language="en", shell="bash")


def ask(
    output: str,
    *,
    cwd: str = "/home/ada/project",
    user: str = "ada",
    command: str = "x y",
) -> Question:
    inquiry = Inquiry.about(make_record(command, output, cwd=cwd))
    composed = composer.compose(inquiry, window_tokens=4_096, answer_tokens=768)
    return question_of(
        inquiry, composed, model="tiny", digest="d", home=f"/home/{user}", user=user
    )


def told(made: Template | None, question: Question) -> str | None:
    assert made is not None
    filled = template.fill(made, question)
    return None if filled is None else filled[0][0]


@given(texts, st.lists(st.one_of(snippets, st.text(max_size=9)), max_size=8), st.text())
def test_the_same_question_gets_the_answer_back(
    output: str, words: list[str], command: str
) -> None:
    question = ask(output)
    quoted = " ".join((*words, *(slot.value for slot in question.slots)))
    made = template.make(question, (quoted, output, ""), command)
    if made is not None:
        assert template.fill(made, question) == ((quoted, output, ""), command)


@given(st.data())
def test_no_literal_of_another_question_is_ever_told(data: st.DataObject) -> None:
    literals = st.sampled_from(
        ["4321", "9977", "8080", "12345", "7", "/home/ada/project", "/home/bob/work",
         "/home/ada/api", "2026-11-21T11:25:33Z", "2025-01-02T10:00:00Z", "0.53s"]
    )  # fmt: skip
    row = st.lists(literals, min_size=3, max_size=3, unique=True)
    kinds = data.draw(st.lists(st.sampled_from(list(SlotKind)), min_size=3, max_size=3))
    ours, theirs = (
        replace(make_question("q"), slots=tuple(map(Slot, kinds, data.draw(row))))
        for _ in range(2)
    )
    words = data.draw(
        st.lists(
            st.one_of(literals, st.sampled_from(["project", "ada", "11:25", "so"]))
        )
    )
    glue = data.draw(st.sampled_from([" ", "/", "", "_", ", "]))
    made = template.make(ours, (glue.join(words),), None)
    assert made is not None
    filled = template.fill(made, theirs)
    assume(filled is not None)
    assert filled is not None
    own = {slot.value for slot in theirs.slots}
    for slot in ours.slots:
        if slot.value not in own and len(slot.value) >= template.PLAIN_LENGTH:
            rest = filled[0][0]
            for value in sorted(own, key=len, reverse=True):
                rest = rest.replace(value, "\0")
            assert slot.value not in rest


def test_quoted_literals_become_those_of_the_question() -> None:
    first = ask("bind: in use by pid 43217, see /home/ada/project/log")
    output = "bind: in use by pid 998, see /home/bob/api/log"
    other = ask(output, cwd="/home/bob/api", user="bob")
    assert first.signature == other.signature
    assert first.key != other.key
    made = template.make(
        first, ("Stop 43217, read /home/ada/project/log.",), "kill 43217"
    )
    assert made is not None
    assert made.pins == {}
    assert template.fill(made, other) == (
        ("Stop 998, read /home/bob/api/log.",),
        "kill 998",
    )


@pytest.mark.parametrize(
    "text",
    [
        "Look into project.",  # part of the directory
        "You are Ada.",  # part of the home
        "The project_dir is missing.",
        "It was 11:25.",  # part of the time
        "See 43217x.",
        "Runs since 2026.",
    ],
)
def test_what_is_quoted_in_part_binds_the_answer(text: str) -> None:
    output = "2026-11-21T11:25:33Z pid 43217"
    first = ask(output)
    other = ask("2025-01-02T10:00:00Z pid 998", cwd="/home/bob/api", user="bob")
    assert first.signature == other.signature
    made = template.make(first, (text,), None)
    assert told(made, first) == text
    if "project_dir" not in text:
        assert told(made, other) is None


def test_a_literal_that_stands_elsewhere_too_binds_the_answer() -> None:
    first = ask("port 43217 in use by pid 43217")
    other = ask("port 43217 in use by pid 998")
    assert first.signature == other.signature
    made = template.make(first, ("Free port 43217.",), None)
    assert told(made, first) == "Free port 43217."
    assert told(made, other) is None
    assert told(template.make(first, ("Free the port.",), None), other) is not None


@pytest.mark.parametrize("number", ["8080", "3000", "2024", "99"])
def test_a_telling_number_may_be_no_quotation(number: str) -> None:
    first, other = ask(f"by pid {number} x"), ask("by pid 43217 x")
    assert first.signature == other.signature
    made = template.make(first, (f"Try {number}.",), None)
    assert told(made, other) is None


def test_what_a_shell_would_read_is_never_filled_into_a_command() -> None:
    first = ask("no such file")
    other = ask("no such file", cwd="/home/ada/x; rm -rf ~")
    assert first.signature == other.signature
    made = template.make(first, ("x",), "cd /home/ada/project")
    assert made is not None
    assert template.fill(made, first) == (("x",), "cd /home/ada/project")
    assert template.fill(made, other) is None
    quoted = template.make(other, ("x",), "cd '/home/ada/x; rm -rf ~'")
    assert quoted is not None
    assert template.fill(quoted, other) == (("x",), "cd '/home/ada/x; rm -rf ~'")
    assert template.fill(quoted, first) is None


def test_a_secret_that_the_question_does_not_hold_is_never_kept() -> None:
    question = ask("token [redacted:token:a1b2c3] refused")
    text = "Use [redacted:token:a1b2c3]."
    made = template.make(question, (text,), "login [redacted:token:a1b2c3]")
    assert "a1b2c3" not in repr(made)
    other = ask("token [redacted:token:00ff00] refused")
    assert made is not None
    assert template.fill(made, other) == (
        ("Use [redacted:token:00ff00].",),
        "login [redacted:token:00ff00]",
    )
    assert template.make(question, ("Use [redacted:token:999999].",), None) is None


@given(
    st.lists(st.one_of(st.text(max_size=3), st.integers(-3, 9)), max_size=5),
    st.dictionaries(st.integers(-3, 9), st.text(max_size=16)),
)
def test_a_forged_template_is_filled_or_refused(
    pieces: list[str | int], pins: dict[int, str]
) -> None:
    made = Template((tuple(pieces),), tuple(pieces), pins)
    question = ask("pid 43217")
    filled = template.fill(made, question)
    if filled is not None:
        assert all(
            0 <= one < len(question.slots) for one in pieces if isinstance(one, int)
        )
