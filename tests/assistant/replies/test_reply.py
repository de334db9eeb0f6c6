"""Reading replies: growing text, thoughts, fences, lies about the schema."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.replies.reply import (
    REPLY_LIMIT_CHARACTERS,
    REPLY_SCHEMA,
    Reply,
    ReplyReader,
)
from terminal_ai.records import Risk

WHOLE = {
    "analysis": 'Two letters are swapped: "gti".',
    "command": "git status",
    "explanation": "It shows what changed – 변경된 파일.",
    "risk": "safe",
}


def read(text: str, *, thinking: str = "", was_cut: bool = False) -> Reply:
    reader = ReplyReader()
    reader.feed(text, thinking)
    return reader.finish(was_cut=was_cut)


def thinks(reader: ReplyReader) -> bool:
    return reader.is_thinking


def test_the_schema_names_are_alphabetical() -> None:
    properties = REPLY_SCHEMA["properties"]
    assert isinstance(properties, dict)
    assert list(properties) == sorted(properties) == REPLY_SCHEMA["required"]


@given(cuts=st.lists(st.integers(0, 300), max_size=8), is_ascii=st.booleans())
def test_shown_text_only_grows_and_ends_as_the_whole(
    cuts: list[int], is_ascii: bool
) -> None:
    text = json.dumps(WHOLE, ensure_ascii=is_ascii, indent=1)
    reader = ReplyReader()
    shown = ""
    edges = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    for start, end in itertools.pairwise(edges):
        reader.feed(text[start:end])
        now = reader.partial_text()
        assert now.startswith(shown)
        shown = now
    reply = reader.finish(was_cut=False)
    assert shown == reply.text == f"{WHOLE['analysis']}\n\n{WHOLE['explanation']}"
    assert (reply.command, reply.risk) == ("git status", Risk.SAFE)
    assert reply.is_valid


@given(text=st.text(max_size=200), cut=st.integers(0, 200))
def test_any_text_is_read_without_an_error(text: str, cut: int) -> None:
    reader = ReplyReader()
    for part in (text[:cut], text[cut:]):
        reader.feed(part)
        reader.partial_text()
        assert isinstance(reader.thinking, str)
    reader.finish(was_cut=False)


@given(end=st.integers(0, len(json.dumps(WHOLE)) - 1))
def test_an_unfinished_object_never_carries_a_command(end: int) -> None:
    text = json.dumps(WHOLE)[:end]
    for was_cut in (True, False):
        reply = read(text, was_cut=was_cut)
        assert reply.command == ""
        assert not reply.is_valid
    assert read(json.dumps(WHOLE), was_cut=True).command == ""


@pytest.mark.parametrize(
    "wrapped",
    [
        "```json\n{}\n```",
        "```\n{}\n```",
        "Sure! Here it is:\n```json\n{}\n```\nI hope it helps.",
        "Here is the object: {}",
        "\n\n  {}\n",
        "<think>Hm, {{maybe}}?</think>{}",
        "<think>\n</think>\n\n```json\n{}```",
        "no opening tag, but thoughts</think>{}",
    ],
)
def test_wrappings_come_off(wrapped: str) -> None:
    reply = read(wrapped.replace("{}", json.dumps(WHOLE)))
    assert reply.command == "git status"
    assert reply.is_valid


def test_thoughts_are_apart_from_the_answer() -> None:
    reader = ReplyReader()
    for part in ("<thi", "nk>The user ", "wants"):
        reader.feed(part)
        assert reader.partial_text() == ""
    assert thinks(reader)
    assert reader.thinking == "The user wants"
    reader.feed(" x.</think>It is done.")
    assert not thinks(reader)
    assert reader.thinking == "The user wants x."
    assert reader.partial_text() == "It is done."


def test_a_field_of_its_own_for_thoughts_works_too() -> None:
    reader = ReplyReader()
    reader.feed("", "Hm.")
    assert thinks(reader)
    reader.feed("Yes.")
    assert not thinks(reader)
    assert (reader.thinking, reader.partial_text()) == ("Hm.", "Yes.")


def test_plain_text_is_an_answer_without_a_command() -> None:
    text = "The file is missing. Use `ls` to look for it, then run cat again."
    reply = read(text)
    assert reply == Reply(text)


def test_the_only_shell_block_of_a_text_is_its_command() -> None:
    assert read("Try:\n```bash\ngit status\n```\nDone.").command == "git status"
    two = "```sh\nls\n```\nor\n```sh\npwd\n```"
    assert read(two).command == ""
    assert read("```sh\nls\npwd\n```").command == ""
    assert read("```python\nprint(1)\n```").command == ""


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"command": "ls"},
        {"command": 5, "explanation": "x"},
        {"command": ["ls"], "explanation": "x"},
        {"explanation": "only this"},
    ],
)
def test_objects_of_another_shape(fields: dict[str, object]) -> None:
    reply = read(json.dumps(fields))
    expected = fields.get("command")
    assert reply.is_valid == isinstance(expected, str)
    if not reply.is_valid:
        assert reply.command == ""


@pytest.mark.parametrize(
    ("word", "risk"),
    [
        ("danger", Risk.DANGER),
        ("Caution ", Risk.CAUTION),
        ("high", Risk.CAUTION),
        (3, None),
        (None, None),
    ],
)
def test_the_models_risk(word: object, risk: Risk | None) -> None:
    assert read(json.dumps({**WHOLE, "risk": word})).risk is risk


def test_a_reply_without_an_end_does_not_fill_the_memory() -> None:
    reader = ReplyReader()
    for _ in range(400):
        reader.feed("x" * 1_000, "y" * 1_000)
    assert len(reader.partial_text()) + len(reader.thinking) <= 262_144 + 1


@pytest.mark.parametrize(
    "text",
    [
        "```{",
        "```{}",
        "```json    ",
        "```sh\n\t",
        "</think>",
        "{ ",
        '{"a":',
        "}    ```{",
    ],
)
@pytest.mark.timeout(20)  # a quadratic reader would need minutes
def test_no_reply_keeps_the_reader_long(text: str) -> None:
    repeated = text * (REPLY_LIMIT_CHARACTERS // len(text))
    long_end = text + text[-1] * (REPLY_LIMIT_CHARACTERS - len(text))
    blanks = text + " " * (REPLY_LIMIT_CHARACTERS - len(text))
    for content in (repeated, long_end, blanks):
        reader = ReplyReader()
        reader.feed(content)
        reader.partial_text()
        assert not reader.finish(was_cut=False).is_valid
