"""What a suggestion changes of the command that failed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.replies.diff import (
    WORDS_LIMIT,
    DiffKind,
    DiffSpan,
    word_diff,
)

WORDS = st.sampled_from(
    ["git", "gti", "status", "-m", "'a b'", '"x', "&&", "|", "--color=auto", "a=", "\t"]
)
COMMANDS = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=12).map(" ".join))


def told(failed: str, suggestion: str) -> str:
    """Write a diff as people do: [-old-]{+new+}."""
    marks = {
        DiffKind.KEPT: "{}",
        DiffKind.REMOVED: "[-{}-]",
        DiffKind.ADDED: "{{+{}+}}",
    }
    return "".join(
        marks[span.kind].format(span.text) for span in word_diff(failed, suggestion)
    )


@given(failed=COMMANDS, suggestion=COMMANDS)
def test_applying_a_diff_gives_the_suggestion(failed: str, suggestion: str) -> None:
    spans = word_diff(failed, suggestion)
    assert suggestion == "".join(
        span.text for span in spans if span.kind is not DiffKind.REMOVED
    )
    assert failed == "".join(
        span.text for span in spans if span.kind is not DiffKind.ADDED
    )
    assert all(span.text for span in spans)


@given(command=COMMANDS)
def test_the_same_command_is_kept_whole(command: str) -> None:
    expected = (DiffSpan(DiffKind.KEPT, command),) if command else ()
    assert word_diff(command, command) == expected


@pytest.mark.parametrize(
    ("failed", "suggestion", "diff"),
    [
        ("gti status", "git status", "[-gti-]{+git+} status"),
        ("apt install x", "sudo apt install x", "{+sudo +}apt install x"),
        ("git push", "git push -u origin main", "git push{+ -u origin main+}"),
        (
            "ls --color=atuo dir",
            "ls --color=auto dir",
            "ls --color=[-atuo-]{+auto+} dir",
        ),
        (
            "grep 'two words' file",
            "grep 'other words' file",
            "grep [-'two words'-]{+'other words'+} file",
        ),
        # The blank between two changed words belongs to the change.
        ("docker pss -aa", "docker ps -a", "docker [-pss -aa-]{+ps -a+}"),
        ("cat a|grep b", "cat a |grep b", "cat a{+ +}|grep b"),
        ("make", "", "[-make-]"),
    ],
)
def test_it_marks_words_as_a_shell_knows_them(
    failed: str, suggestion: str, diff: str
) -> None:
    assert told(failed, suggestion) == diff


def test_a_command_without_an_end_is_not_compared_word_by_word() -> None:
    long = "x " * WORDS_LIMIT
    assert [span.kind for span in word_diff(long, long + "y")] == [
        DiffKind.REMOVED,
        DiffKind.ADDED,
    ]
