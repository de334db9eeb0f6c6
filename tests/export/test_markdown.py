"""Nothing a command printed can leave its fence, and every fact is there."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from terminal_ai.export import markdown
from terminal_ai.records import CapturedOutput, CommandRecord
from terminal_ai.safety.sanitize import sanitize_text
from tests.export.making import make_record, odd_text, records

_PARSER = MarkdownIt("commonmark")


def blocks(text: str) -> list[Token]:
    return [token for token in _PARSER.parse(text) if token.level == 0]


def kinds(text: str) -> list[str]:
    return [token.type for token in blocks(text) if not token.type.endswith("_close")]


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@given(kept=st.lists(records, min_size=1, max_size=3), remark=odd_text)
@example(kept=[make_record(1, "a`b", b"```\n````\r\n~~~~\n# x")], remark="")
def test_fences_hold_exactly_what_was_typed_and_printed(
    kept: list[CommandRecord], remark: str
) -> None:
    fences = [token for token in blocks(markdown(kept)) if token.type == "fence"]
    expected = []
    for record in kept:
        expected.append(("sh", sanitize_text(record.command_line)))
        if output := sanitize_text(record.output.text):
            expected.append(("text", output))
    assert [(fence.info, fence.content) for fence in fences] == [
        (info, f"{content}\n") for info, content in expected
    ]


@given(kept=st.lists(records, min_size=1, max_size=3))
def test_the_document_has_the_same_shape_whatever_is_in_it(
    kept: list[CommandRecord],
) -> None:
    shape = [] if len(kept) == 1 else ["heading_open", "inline"]
    for record in kept:
        shape += ["heading_open", "inline", "bullet_list_open", "fence"]
        shape += ["fence"] if sanitize_text(record.output.text) else ["paragraph_open"]
        shape += ["paragraph_open"] if record.used_alternate_screen else []
    wanted = [kind for kind in shape if kind != "inline"]
    assert [kind for kind in kinds(markdown(kept)) if kind != "inline"] == wanted
    headings = [
        token for token in _PARSER.parse(markdown(kept)) if token.type == "inline"
    ]
    assert all(
        child.type in ("text", "code_inline")
        for token in headings
        for child in token.children or ()
    )


@given(kept=records)
def test_no_control_character_is_left(kept: CommandRecord) -> None:
    text = markdown([kept])
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", text
    )


def test_every_fact_is_said() -> None:
    output = CapturedOutput(b"on\x1b[31me\x1b[0m\r\n", b"two\r\n", 7)
    record = make_record(1, "git `x`\nls", output, exit_code=2, is_private=True)
    assert markdown([record]) == (
        "## ``git `x`⏎ls``\n\n"
        "- Directory: `/home/bob`\n"
        "- Started: 2023-11-14 22:13:30+00:00\n"
        "- Exit code: 2\n"
        "- Duration: 1.0 s\n"
        "- CPU time: 750 ms (user 500 ms, system 250 ms)\n"
        "- Peak memory: 4.0 KiB\n"
        "- Read: 0 B\n"
        "- Written: 1.0 KiB\n"
        "- Shell: `bash`\n"
        "- Left out of the output: 7 bytes\n"
        "- Private: yes\n\n"
        "```sh\ngit `x`\nls\n```\n\n"
        "```text\none\n[… 7 bytes elided …]\ntwo\n```\n"
    )


def test_silence_unknown_codes_and_full_screens_are_said() -> None:
    text = markdown([make_record(exit_code=None, used_alternate_screen=True)])
    assert "- Exit code: unknown\n" in text
    assert "\n\nIt printed nothing.\n\nWhat it showed on the full screen" in text


def test_several_commands_get_a_title_and_a_remark() -> None:
    text = markdown([make_record(1), make_record(2, "ls")], remark="One is missing.")
    assert text.startswith("# 2 commands\n\nOne is missing.\n\n## `make all`\n")
    assert "\n\n## `ls`\n" in text
    assert "\n\n\n" not in text


def test_impossible_times_are_no_trouble() -> None:
    assert "- Started: ?" in markdown([make_record(started_at=1e300)])
