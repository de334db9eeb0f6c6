"""Words keep their place: a fix may edit one and leave the rest as typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.advisor.reading.command_line import parse, quote

LINES = st.text(
    alphabet=st.sampled_from(list("ab-=/.~$(){}[]<>&|;!#*?\\'\"` \t\n0é가")),
    max_size=60,
)


@given(LINES)
def test_every_word_is_where_it_says(text: str) -> None:
    line = parse(text)
    assert line.text == text
    position = 0
    for word in sorted(line.words, key=lambda word: word.start):
        assert word.text == text[word.start : word.end]
        assert word.text
        assert word.start >= position
        position = word.end


@given(LINES, st.text(max_size=5))
def test_replacing_a_word_touches_nothing_else(text: str, by: str) -> None:
    line = parse(text)
    for word in line.words:
        edited = line.replace(word.start, word.end, by)
        assert edited.startswith(text[: word.start])
        assert edited.endswith(text[word.end :])
        assert len(edited) == len(text) - len(word.text) + len(by)


@given(st.text(max_size=30))
def test_a_quoted_value_is_read_back_as_one_word(value: str) -> None:
    if not value or not value.isprintable():
        return
    words = parse(f"cat {quote(value)}").words
    assert [word.value for word in words[1:]] == [value]


@pytest.mark.parametrize(
    ("text", "programs"),
    [
        ("git status", ["git"]),
        ("a | b && c ; d || e &", ["a", "b", "c", "d", "e"]),
        ("FOO=1 BAR=2 make -j4", ["make"]),
        ("sudo -u bob -E make", ["make"]),
        ("sudo -l", ["sudo"]),
        ("env -u X A=1 nice -n 5 python3 a.py", ["python3"]),
        ("/usr/bin/git log", ["git"]),
        ("cat < in > out 2>&1", ["cat"]),
        ("if true; then echo x; fi", ["true", "echo"]),
        ("echo $(a b) `c d` | grep x", ["echo", "grep"]),
        ("ls # a comment; rm", ["ls"]),
        ("echo 'a | b' \"c && d\"", ["echo"]),
        ("(gti status)", ["gti"]),
        ("", []),
        ("A=1", [""]),
    ],
)
def test_programs(text: str, programs: list[str]) -> None:
    assert [command.program for command in parse(text).commands] == programs


def test_redirections_are_no_words() -> None:
    (command,) = parse("make >'my log' 2>&1 <in all").commands
    assert [word.value for word in command.words] == ["make", "all"]
    targets = [r.target.value if r.target else None for r in command.redirections]
    assert targets == ["my log", None, "in"]


def test_privileges_are_seen() -> None:
    assert parse("sudo -n ls").commands[0].is_privileged
    assert not parse("nice ls").commands[0].is_privileged


@pytest.mark.parametrize("text", ["echo 'a", 'echo "a', "echo `a"])
def test_an_open_quote_is_noticed(text: str) -> None:
    assert parse(text).open_quote == text[5]


def test_values_lose_their_quotes() -> None:
    (command,) = parse(r"""cp a\ b 'c d' "e \"f\" \x" --x='y z'""").commands
    assert [word.value for word in command.arguments] == [
        "a b",
        "c d",
        'e "f" \\x',
        "--x=y z",
    ]


def test_operands_are_not_options() -> None:
    (command,) = parse("cp -r a -- -b").commands
    assert [word.value for word in command.operands] == ["a", "-b"]
