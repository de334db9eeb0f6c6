"""Inputs that have misled other integrations of bash, and what we record of them."""

import re
from pathlib import Path

import pytest

from tests.session.tricky import (
    ANY_CODE,
    ANY_OUTPUT,
    CASES_AT_LEAST,
    Case,
    Expected,
    Keys,
    Resized,
    Shown,
    Wait,
    check,
    one,
    says,
    startups,
    stays,
)

pytestmark = pytest.mark.shells

CTRL_C, CTRL_D, CTRL_L, CTRL_O = "\x03", "\x04", "\x0c", "\x0f"
CTRL_R, CTRL_V, CTRL_X_CTRL_E, CTRL_Z = "\x12", "\x16", "\x18\x05", "\x1a"
UP, TAB, ESC = "\x1b[A", "\t", "\x1b"
PASTE, PASTED = "\x1b[200~", "\x1b[201~"
LONG_WORD = "y" * 9_000
KEPT_CHARACTERS = 8_192


def _private(line: str, output: str = "", *, startup: str) -> Case:
    """Return the case of a command that must stay private."""
    return Case(line, (line,), (Expected(line, 0, output, is_private=True),), startup)


WORDS = (
    says("""echo 'a  b' "c'd" \\"e\\" $'f\\tg'""", 'a  b c\'d "e" f  g'),
    says("cat <<< 'one; two'", "one; two"),
    one(
        "here-doc with tabs",
        "cat <<-'E' | tr a b\r\x16\taa;\\x\rE",
        line="cat <<-'E' | tr a b\n\taa;\\x\nE",
        output="bb;\\x",
    ),
    one(
        "two here-docs",
        "cat <<A - <<B\ra\rA\rb\rB",
        line="cat <<A - <<B\na\nA\nb\nB",
        output="b",
    ),
    one(
        "pipeline over lines",
        "printf 'b\\na\\n' |\rsort |\rhead -n 1",
        line="printf 'b\\na\\n' | sort | head -n 1",
        output="a",
    ),
    one("continued line", "echo one\\\rtwo", line="echo onetwo", output="onetwo"),
    one(
        "string over lines",
        "echo 'one\rtwo'",
        line="echo 'one\ntwo'",
        output="one\ntwo",
    ),
    stays("comment", "# only a comment"),
    Case(
        "comment after a failure",
        ("(exit 3)", "# no command", "(exit 2)", "# nor this"),
        (Expected("(exit 3)", 3), Expected("(exit 2)", 2)),
    ),
    Case(
        "syntax error after a failure",
        ("(exit 2)", "fi"),
        (
            Expected("(exit 2)", 2),
            Expected("fi", 2, re.compile("(?s).*syntax error near.*fi.*")),
        ),
    ),
    says("echo one # two", "one"),
    Case(
        "history expansion",
        ("echo hx", "!!", "!!:s/hx/hy/"),
        (
            Expected("echo hx", 0, "hx"),
            Expected("echo hx", 0, "hx"),
            Expected("echo hy", 0, "hy"),
        ),
    ),
    stays(
        "no such history",
        Keys("!nosuchthing\r"),
        Shown("event not found"),
        Wait.QUIET,
    ),
    stays(
        "unfinished quote",
        Keys("echo 'half\rmore"),
        Shown("> more"),
        Wait.QUIET,
        Keys(CTRL_C),
        Wait.PROMPT,
    ),
    says("printf '%s ' 'ü漢字 🙂 👩‍👩‍👧 שלום' $'\\u00e9'", "ü漢字 🙂 👩‍👩‍👧 שלום é"),
    one(
        "control bytes",
        f"printf %q '{CTRL_V}\x1b]133;D;0{CTRL_V}\x07{CTRL_V}\x01;'",
        line="printf %q '\x1b]133;D;0\x07\x01;'",
        output="$'\\E]133;D;0\\a\\001;'",
    ),
    one("tab", f"echo 'a{CTRL_V}\tb'", line="echo 'a\tb'", output="a       b"),
    one(
        "longer than is kept",
        f": {LONG_WORD}; echo end",
        line=f": {LONG_WORD}"[:KEPT_CHARACTERS] + "…",
        output="end",
    ),
    says("echo '    12* x'; echo \"\\\\073';\"", "    12* x\n\\073';"),
    says("if true; then echo one; else echo two; fi; false", "one", 1),
    says("foo() { echo in $1; return 4; }; foo x", "in x", 4),
    says("f=1 g='2 3' env | grep -c '^[fg]='", "2"),
    says("echo ${x:=5} $((x + 1)) `echo 7` {a,b}{1,2}", "5 6 7 a1 a2 b1 b2"),
    says("[[ 'a;b' == a* ]] && echo yes || echo no", "yes"),
    says("case x in (y) echo 1;; x) echo 2;; esac", "2"),
)

JOBS = (
    Case(
        "background job and wait",
        ("sh -c 'sleep .1; exit 6' & wait $!",),
        (
            Expected(
                "sh -c 'sleep .1; exit 6' & wait $!",
                6,
                re.compile(r"(?s)\[1\] \d+.*"),
            ),
        ),
    ),
    says("(cd /; exit 9)", "", 9),
    says("(exit 4); echo $?", "4"),
    says("time :", re.compile(r"(?s)real.*user.*sys.*")),
    says(
        "coproc { cat; }; echo 1 >&${COPROC[1]}; read y <&${COPROC[0]}; kill $!; wait",
        ANY_OUTPUT,
        ANY_CODE,
    ),
    says("diff <(echo a) <(echo b) | tail -n 1", "> b"),
    says("echo a | tee >(cat >/dev/null)", "a"),
    one(
        "read takes a line",
        Keys("read -r x; echo got $x\r"),
        Wait.STARTED,
        Wait.QUIET,
        Keys("b o b\r"),
        Wait.PROMPT,
        line="read -r x; echo got $x",
        output="b o b\ngot b o b",
    ),
    Case(
        "no echo",
        ("stty -echo", "echo quiet", "stty echo"),
        (
            Expected("stty -echo", 0),
            Expected("echo quiet", 0, "quiet"),
            Expected("stty echo", 0),
        ),
    ),
    one(
        "interrupted, with a trap for it",
        Keys("trap 'echo no' INT; echo on; read x; trap - INT\r"),
        Shown("\non"),
        Wait.QUIET,
        Keys(CTRL_C),
        Shown("\n^Cno"),
        Wait.QUIET,
        Keys("\r"),
        Wait.PROMPT,
        line="trap 'echo no' INT; echo on; read x; trap - INT",
        output="on\n^Cno",
        code=ANY_CODE,
    ),
    one(
        "interrupted loop",
        Keys("while :; do sleep 30; done\r"),
        Wait.STARTED,
        Wait.QUIET,
        Keys(CTRL_C),
        Wait.PROMPT,
        line="while :; do sleep 30; done",
        output="^C",
        code=130,
    ),
    Case(
        "suspended twice",
        (
            Keys("cat\r"),
            Wait.STARTED,
            Wait.QUIET,
            Keys(CTRL_Z),
            Wait.PROMPT,
            "bg; kill %1; wait %1",
        ),
        (
            Expected("cat", 148, re.compile(r"(?s)\^Z.*Stopped.*")),
            Expected("bg; kill %1; wait %1", 143, ANY_OUTPUT),
        ),
    ),
    says("exec 3>&1 2>&1; echo x >&3; exec 3>&-", "x"),
    says("set -- a b; shift; echo $1; false | true; echo ${PIPESTATUS[*]}", "b\n1 0"),
    one(
        "end of file in a nested shell",
        Keys("bash --norc\r"),
        Shown("bash-"),
        Keys("false\r"),
        Wait.QUIET,
        Keys(CTRL_D),
        Wait.PROMPT,
        line="bash --norc",
        output=ANY_OUTPUT,
        code=1,
    ),
    says("sleep 5 & disown; kill $!", re.compile(r"\[\d\] \d+")),
)

SCREEN = (
    says("printf 'a\\rb\\n'; tput cuu1 >/dev/null", "b"),
    says("printf 'gone\\n'; clear; echo one", ANY_OUTPUT),
    says("printf '\\e[?1049hx'; printf '\\e[?1049l'; echo y", "y"),
    says("printf '\\ec'; echo after", "after"),
    says("printf '\\e]0;Über\\a'; printf '\\e]133;A\\a\\e]133;D;0\\a'; false", "", 1),
    one(
        "cleared screen",
        Keys("echo o"),
        Keys(CTRL_L),
        "ne",
        line="echo one",
        output="one",
    ),
    one(
        "resized while typing",
        Keys("echo resized " + "b" * 60),
        Shown("bbb"),
        Resized(40, 20),
        Resized(120, 30),
        Resized(100, 30),
        Wait.QUIET,
        "c",
        line="echo resized " + "b" * 60 + "c",
        output="resized " + "b" * 60 + "c",
    ),
    Case(
        "pasted lines",
        (Keys(f"{PASTE}sh -c 'exit 7'\necho p2{PASTED}"), Shown("p2"), ""),
        (Expected("sh -c 'exit 7'", 7), Expected("echo p2", 0, "p2")),
    ),
    Case(
        "found again",
        (
            "echo findme",
            Keys(f"{CTRL_R}findm"),
            Shown("reverse-i-search"),
            Wait.QUIET,
            "",
        ),
        (Expected("echo findme", 0, "findme"), Expected("echo findme", 0, "findme")),
    ),
    Case(
        "operate and get next",
        ("echo o1", "echo o2", Keys(f"{UP}{UP}{CTRL_O}"), Wait.PROMPT, Wait.QUIET, ""),
        (
            Expected("echo o1", 0, "o1"),
            Expected("echo o2", 0, "o2"),
            Expected("echo o1", 0, "o1"),
            Expected("echo o2", 0, "o2"),
        ),
    ),
    Case(
        "last word again",
        ("echo lastword", f"echo {ESC}."),
        (Expected("echo lastword", 0, "lastword"),) * 2,
    ),
    one(
        "listed completions",
        "mkdir tab; touch tab/one1 tab/one2",
        line="mkdir tab; touch tab/one1 tab/one2",
    ),
    one(
        "completions before Enter",
        Keys(f"echo tab/on{TAB}{TAB}{TAB}"),
        Shown("one1"),
        Wait.QUIET,
        "1",
        line="echo tab/one1",
        output="tab/one1",
    ),
)

KEPT_OUT = "HISTCONTROL=ignorespace:erasedups\nHISTIGNORE='secret*'\n"
TIMES = "shopt -s histappend cmdhist lithist\nHISTTIMEFORMAT='%F %T '\n"
HISTORY = (
    Case(
        "repeated under erasedups",
        ("echo same", "echo other", "echo same", "echo same", UP),
        tuple(
            Expected(f"echo {word}", 0, word)
            for word in ("same", "other", "same", "same", "same")
        ),
        KEPT_OUT,
    ),
    _private(" echo hidden", "hidden", startup=KEPT_OUT),
    _private("secret=1", startup=KEPT_OUT),
    Case(
        "history cleared and cut",
        ("history -c", "echo one", "history -d -1", " echo hidden", "echo two"),
        (
            Expected("history -c"),
            Expected("echo one", 0, "one"),
            Expected("history -d -1"),
            Expected(" echo hidden", 0, "hidden", is_private=True),
            Expected("echo two", 0, "two"),
        ),
        KEPT_OUT,
    ),
    Case(
        "history switched off and on",
        ("set +o history", "echo unkept", "set -o history", "echo kept"),
        (
            Expected("set +o history"),
            Expected("echo unkept", 0, "unkept", is_private=True),
            Expected("set -o history", is_private=True),
            Expected("echo kept", 0, "kept"),
        ),
        KEPT_OUT,
    ),
    Case(
        "history off the disk and back",
        ("old=$HISTFILE; unset HISTFILE", "echo unkept", "HISTFILE=$old", "echo kept"),
        (
            Expected("old=$HISTFILE; unset HISTFILE", is_private=True),
            Expected("echo unkept", 0, "unkept", is_private=True),
            Expected("HISTFILE=$old", is_private=True),
            Expected("echo kept", 0, "kept"),
        ),
        KEPT_OUT,
    ),
    *(
        _private("echo one; echo two", "one\ntwo", startup=f"{setting}\n")
        for setting in ("HISTFILE=/dev/null", "HISTSIZE=0", "HISTFILESIZE=0")
    ),
    one(
        "loop over lines as typed",
        "for i in 1 2; do\r  echo $i # one\rdone",
        line="for i in 1 2; do\n  echo $i # one\ndone",
        output="1\n2",
        startup=TIMES,
    ),
    one(
        "here-doc as typed",
        "cat <<E\ra;b\rE",
        line="cat <<E\na;b\nE",
        output="a;b",
        startup=TIMES,
    ),
)

NAMESAKES = """
printf() { :; }; history() { :; }; local() { :; }; set() { :; }; shopt() { :; }
trap() { :; }; return() { :; }; fc() { :; }; eval() { :; }; declare() { :; }
alias shopt=false set=false '[['=false trap=false
"""
EDITOR = """
printf '%s\\n' '#!/bin/sh' 'sed -i -e "s/one/two/; /fails/q7" "$1"' > ~/editor
chmod +x ~/editor
EDITOR=~/editor
"""
BOUND_KEY = """
bind -x '"\\C-g": echo bound'
"""
SETTINGS = (
    says("echo 'a;b'; false", "a;b", 1, startup=NAMESAKES),
    Case(
        "posix mode",
        ("set -o posix", "echo 'p!;'; false", "", "set +o posix"),
        (
            Expected("set -o posix"),
            Expected("echo 'p!;'; false", 1, "p!;"),
            Expected("set +o posix"),
        ),
    ),
    Case(
        "bytes for letters",
        ("LC_ALL=C", "echo 'ü漢;'", "unset LC_ALL"),
        (
            Expected("LC_ALL=C"),
            Expected("echo 'ü漢;'", 0, "ü漢;"),
            Expected("unset LC_ALL"),
        ),
    ),
    Case(
        "odd separators",
        ("IFS='1;n='", "echo 'x;1'; false", "unset IFS"),
        (
            Expected("IFS='1;n='"),
            Expected("echo 'x;1'; false", 1, "x;1"),
            Expected("unset IFS"),
        ),
    ),
    Case(
        "patterns taken otherwise",
        ("shopt -s extglob nocasematch failglob nullglob", "echo X; echo no*such"),
        (
            Expected("shopt -s extglob nocasematch failglob nullglob"),
            Expected("echo X; echo no*such", 1, re.compile("X\n.*no match.*")),
        ),
        "shopt -s compat42\n",
    ),
    Case(
        "traps set and taken back",
        (
            "trap 'echo dbg' DEBUG",
            "echo one",
            "shopt -s extdebug; trap 'echo dbg; true' DEBUG",
            "echo two",
            "shopt -u extdebug; trap - DEBUG",
            "trap 'echo err' ERR; set -E",
            "false",
        ),
        (
            Expected("trap 'echo dbg' DEBUG"),
            Expected("echo one", 0, "dbg\none"),
            Expected("shopt -s extdebug; trap 'echo dbg; true' DEBUG", 0, "dbg\ndbg"),
            Expected("echo two", 0, "dbg\ntwo"),
            Expected("shopt -u extdebug; trap - DEBUG", 0, "dbg\ndbg"),
            Expected("trap 'echo err' ERR; set -E"),
            Expected("false", 1, "err"),
        ),
        "PS1='. '\n",
    ),
    Case(
        "prompts and hooks set anew",
        (
            "PS0='zz '",
            "echo one",
            'PS1="$PS1 more> "',
            Keys("PROMPT_COMMAND='echo hooked'\r"),
            Wait.STARTED,
            Shown("\nzz hooked"),
            Wait.QUIET,
            "echo two; false",
            "echo three; false",
            'PROMPT_COMMAND="true; $PROMPT_COMMAND"',
            "(exit 3)",
            'PROMPT_COMMAND="$PROMPT_COMMAND; true"',
            "(exit 4)",
            "fi",
        ),
        (
            Expected("PS0='zz '"),
            Expected("echo one", 0, "one"),
            Expected('PS1="$PS1 more> "'),
            Expected("PROMPT_COMMAND='echo hooked'", 0, "hooked"),
            Expected("echo two; false", 1, "two"),
            Expected("echo three; false", 1, "three"),
            Expected('PROMPT_COMMAND="true; $PROMPT_COMMAND"'),
            Expected("(exit 3)", 3),
            Expected('PROMPT_COMMAND="$PROMPT_COMMAND; true"'),
            Expected("(exit 4)", 4),
            Expected("fi", 2, ANY_OUTPUT),
        ),
        "PS1='> '\n",
    ),
    one(
        "key that runs a command",
        Keys("echo \x07one"),
        Shown("bound"),
        Wait.QUIET,
        "",
        line="echo one",
        output="one",
        startup=BOUND_KEY,
    ),
    one(
        "edited and run",
        Keys(f"echo one{CTRL_X_CTRL_E}"),
        Wait.PROMPT,
        line="echo two",
        output="two",
        startup=EDITOR,
    ),
    stays(
        "editor that fails",
        Keys(f"echo fails{CTRL_X_CTRL_E}"),
        Wait.PROMPT,
        startup=EDITOR,
    ),
    one(
        "line that was not edited",
        f"{UP}{UP}",
        line="echo fails",
        output="fails",
        startup=EDITOR,
    ),
    one(
        "edited from vi",
        Keys("echo one"),
        Shown("echo one"),
        Wait.QUIET,
        Keys(ESC),
        Wait.QUIET,
        Wait.QUIET,
        Wait.QUIET,
        Wait.QUIET,
        Keys("v"),
        Wait.PROMPT,
        line="echo two",
        output="two",
        startup=f"set -o vi\n{EDITOR}",
    ),
)

TABLES = {
    "words": WORDS, "jobs": JOBS, "screen": SCREEN,
    "history": HISTORY, "settings": SETTINGS,
}  # fmt: skip
SHELLS = [
    pytest.param(name, startup, id=f"{name}-{number}")
    for name, cases in TABLES.items()
    for number, startup in enumerate(startups(cases))
]


@pytest.mark.parametrize(("table", "startup"), SHELLS)
async def test_tricky_inputs(table: str, startup: str, tmp_path: Path) -> None:
    await check("bash", tmp_path, TABLES[table], startup=startup)


def test_the_list_is_long() -> None:
    assert sum(map(len, TABLES.values())) >= CASES_AT_LEAST
