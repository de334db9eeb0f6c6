"""Inputs that have misled other integrations of fish, and what we record of them."""

import re
from pathlib import Path

import pytest

from tests.session.tricky import (
    ANY_OUTPUT,
    CASES_AT_LEAST,
    Case,
    Expected,
    Keys,
    Shown,
    Wait,
    check,
    one,
    says,
    startups,
    stays,
)

pytestmark = pytest.mark.shells

CTRL_C, CTRL_L, CTRL_U = "\x03", "\x0c", "\x15"
UP = "\x1b[A"
PASTE, PASTED = "\x1b[200~", "\x1b[201~"


WORDS = (
    says("""echo 'a  b' "c'd" \\"e\\" f\\tg""", 'a  b c\'d "e" f  g'),
    says("echo one; and echo two; or echo three", "one\ntwo"),
    says("false; or false", "", 1),
    says("not true", "", 1),
    says("begin; echo in; false; end", "in", 1),
    says("echo a | begin; cat; echo b; end", "a\nb"),
    says("for i in 1 2; echo -n $i; end", "12"),
    says("if true; echo yes; else; echo no; end", "yes"),
    says("while true; break; end; echo done", "done"),
    says("echo (echo in; echo out | string upper)", "in OUT"),
    says("cat (echo in a file | psub)", "in a file"),
    says("printf '%s' $status", "0"),
    says("echo {a,b}{1,2}", "a1 b1 a2 b2"),
    says("set x (seq 3); echo $x[-1] $x[2..3]", "3 2 3"),
    says("VAR=value sh -c 'echo $VAR'", "value"),
    says("echo ü 漢 😀; echo 'a;b\\\\c%41'", "ü 漢 😀\na;b\\c%41"),
    says("echo one # two", "one"),
    says("echo 'q\"'\\;\\ \\#", 'q"; #'),
    says("no_such_program_here", re.compile("(?s)fish: Unknown command.*"), 127),
    says("echo *.nothing", re.compile("(?s)fish: No matches for wildcard.*"), 124),
    says("/etc/passwd", re.compile("(?s)fish: .*"), 126),
    says("sh -c 'kill -TERM $$'", re.compile("(?s)fish: .*SIGTERM.*"), 143),
    says("false | true; echo $pipestatus", "1 0"),
    says("function f; echo in $argv; return 3; end; f x", "in x", 3),
    says("fish --no-config -c 'echo in; exit 4'", "in", 4),
    says("eval 'echo evaluated; false'", "evaluated", 1),
    says("echo told >&2", "told"),
    says("echo into > file; cat file", "into"),
    says("printf '\\033]133;D;9\\007\\033]133;A\\007in'", "in"),
    says(
        "printf '\\033]133;A;special_key=1\\007\\033]133;C;cmdline_url=x\\007in'", "in"
    ),
    says("printf '\\033]0;Über 漢\\007shown'", "shown"),
    says("printf '\\033[2J\\033[Hcleared\\n'", "cleared"),
    says("emit fish_prompt; echo on", "on"),
    says("sleep 0 &; wait", ANY_OUTPUT),
    says("set -e PATH; echo kept", "kept"),
    says("set -gx PATH /usr/local/bin /usr/bin /bin; cat file", "into"),
    says("cd /; pwd; cd - >/dev/null", "/"),
    says(
        "echo (status current-command) (status is-interactive; echo $status)", "echo 0"
    ),
    one(
        "block over lines",
        Keys("begin\recho a\recho b\rend\r"),
        Wait.PROMPT,
        line="begin\necho a\necho b\nend",
        output="a\nb",
    ),
    one(
        "line ended by a backslash",
        Keys("echo one\\\r  two\r"),
        Wait.PROMPT,
        line="echo one\\\n  two",
        output="one two",
    ),
    one(
        "quote over lines",
        Keys("echo 'a\rb'\r"),
        Wait.PROMPT,
        line="echo 'a\nb'",
        output="a\nb",
    ),
    one(
        "pasted lines",
        Keys(f"{PASTE}echo p1\necho p2{PASTED}"),
        Shown("echo p2"),
        "",
        line="echo p1\necho p2",
        output="p1\np2",
    ),
    one(
        "reads a line",
        Keys("read -P 'name? ' x; echo got $x\r"),
        Shown("\nname?"),
        Wait.QUIET,
        Keys("bob\r"),
        Wait.PROMPT,
        line="read -P 'name? ' x; echo got $x",
        output=re.compile("(?s).*got bob"),
    ),
    one(
        "abbreviation defined",
        "abbr -a zz echo abbreviated",
        line="abbr -a zz echo abbreviated",
    ),
    one("abbreviation used", "zz", line="echo abbreviated", output="abbreviated"),
    stays("only blanks", "   "),
    says("# nothing"),
    stays(
        "^C in a block",
        Wait.QUIET,
        Keys("begin\r"),
        Wait.QUIET,
        Keys(CTRL_C),
        Wait.PROMPT,
    ),
    stays("redrawn", Keys(CTRL_L), Wait.QUIET),
    Case(
        "a syntax error is left to be mended",
        (Keys("echo (\x1b[F)))\r"), Wait.RECORD, Wait.QUIET, Keys(CTRL_U)),
        (Expected("echo ()))", 127, re.compile("(?s)fish: Unexpected '\\)'.*")),),
    ),
    one(
        "interrupted",
        Keys("sh -c 'echo on; exec sleep 30'\r"),
        Shown("\non\n"),
        Keys(CTRL_C),
        Wait.PROMPT,
        line="sh -c 'echo on; exec sleep 30'",
        output="on\n^C",
        code=130,
    ),
    Case(
        "typed ahead",
        (Keys("".join(f"echo n{i}\r" for i in range(8))), Wait.QUIET),
        tuple(Expected(f"echo n{i}", 0, f"n{i}") for i in range(8)),
    ),
    one(
        "found again",
        Wait.QUIET,
        Keys(f"echo n3{UP}"),
        Wait.QUIET,
        "",
        line="echo n3",
        output="n3",
    ),
    Case(
        "private",
        (" echo hidden",),
        (Expected(" echo hidden", 0, "hidden", is_private=True),),
    ),
)


def test_the_list_is_long() -> None:
    assert len(WORDS) >= CASES_AT_LEAST


@pytest.mark.parametrize("startup", startups(WORDS))
async def test_tricky_words(startup: str, tmp_path: Path) -> None:
    await check("fish", tmp_path, WORDS, startup=startup)
