"""Inputs that have misled other integrations of zsh, and what we record of them."""

import re
from pathlib import Path

import pytest

from tests.session.tricky import (
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

CTRL_C, CTRL_R, CTRL_U = "\x03", "\x12", "\x15"
CTRL_V, QUIT = "\x16", "\x1c"
TAB, ESC = "\t", "\x1b"
PASTE, PASTED = "\x1b[200~", "\x1b[201~"


WORDS = (
    says("""echo 'a  b' "c'd" \\"e\\" $'f\\tg'""", 'a  b c\'d "e" f  g'),
    says("cat <<< 'one; two'", "one; two"),
    says("cat =(echo in a file)", "in a file"),
    says("cat <(echo left) <(echo right)", "left\nright"),
    says("() { print -r -- $1; return 3 } anonymous", "anonymous", 3),
    says("repeat 3 print -n x", "xxx"),
    says("nocorrect print -r -- prnt", "prnt"),
    says("noglob print -r -- *nothing*", "*nothing*"),
    says("print one > both > and; cat both and", "one\none"),
    says("{ print a } always { print b }", "a\nb"),
    says("for i (1 2) print -n $i", "12"),
    says("print -rl -- ${(s:,:):-a,b}", "a\nb"),
    says("print -P '%F{red}%%%f'", "%"),
    says("print $'\\x25'; print -n %", "%\n%"),
    says("(exit 9)", "", 9),
    says("-nosuch", re.compile("zsh: command not found: -nosuch"), 127),
    says("print a;; print b", re.compile("zsh: parse error near `;;'"), 1),
    says("print *.nothing", re.compile("zsh: no matches found: .*"), 1),
    says("cat /nonexistent/x", re.compile("cat: .*"), 1),
    says("/etc", re.compile("zsh: permission denied: /etc"), 126),
    says("sleep 0 & wait", re.compile(r"\[1\] \d+\n\[1\]  \+ done +sleep 0"), 0),
    says("sh -c 'kill -TERM $$'", re.compile("zsh: terminated.*"), 143),
    says("printf '\\033]133;D;9\\007\\033]133;A\\007in'", "in"),
    says("printf '\\033]0;Über 漢\\007shown'", "shown"),
    says("printf '\\033[2J\\033[Hcleared\\n'", "cleared"),
    says("print -P $PROMPT_EOL_MARK; printf end", re.compile(r"[%#]\nend")),
    says(
        "TRAPEXIT() { print left }; f() { TRAPEXIT() { print in }; print on }; f",
        "on\nin",
    ),
    says("unfunction TRAPEXIT; print -u2 told", "told"),
    says("integer n=3; print $(( n ** 2 )) ; print -n ü漢😀", "9\nü漢😀"),
    one(
        "here-doc",
        Keys("cat <<-'E' | tr a b\ra;\\x\rE\r"),
        Wait.PROMPT,
        line="cat <<-'E' | tr a b\na;\\x\nE",
        output="b;\\x",
    ),
    one(
        "line ended by a backslash",
        Keys("print one\\\rtwo\r"),
        Wait.PROMPT,
        line="print one\\\ntwo",
        output="onetwo",
    ),
    one(
        "quote over lines",
        Keys("print 'a\rb'\r"),
        Wait.PROMPT,
        line="print 'a\nb'",
        output="a\nb",
    ),
    one(
        "function over lines",
        Keys("f() {\rprint in $1\r}; f x\r"),
        Wait.PROMPT,
        line="f() {\nprint in $1\n}; f x",
        output="in x",
    ),
    one(
        "pasted lines",
        Keys(f"{PASTE}print p1\nprint p2{PASTED}"),
        Shown("print p2"),
        "",
        line="print p1\nprint p2",
        output="p1\np2",
    ),
    one(
        "control characters typed by ^V",
        f"printf '%s' '{CTRL_V}\x1b]133;D;0{CTRL_V}\x07' | cat -v",
        line="printf '%s' '\x1b]133;D;0\x07' | cat -v",
        output="^[]133;D;0^G",
    ),
    Case(
        "typed ahead of a command that reads",
        (Keys("read x; print got $x\rthis\rprint next\r"),),
        (
            Expected("read x; print got $x", 0, re.compile("(this\n)?got this")),
            Expected("print next", 0, "next"),
        ),
    ),
    one(
        "read -q asks for a key",
        Keys("read -q 'x?sure '; print $x\r"),
        Shown("\nsure"),
        Keys("y"),
        Wait.PROMPT,
        line="read -q 'x?sure '; print $x",
        output=re.compile("sure y+"),
    ),
    one(
        "vared edits with the line editor",
        Keys("v=old; vared -p 'edit: ' v; print -r -- $v\r"),
        Shown("\nedit: old"),
        Keys("er\r"),
        Wait.PROMPT,
        line="v=old; vared -p 'edit: ' v; print -r -- $v",
        output=re.compile("(?s).*\nolder"),
    ),
    one(
        "alias defined and used",
        "alias zz='print aliased'; alias -g G='| tr a b'; alias -s txt=echo",
        line="alias zz='print aliased'; alias -g G='| tr a b'; alias -s txt=echo",
    ),
    says("zz", "aliased"),
    says("print aa G", "bb"),
    says("some.txt", "some.txt"),
    says("nested() { zsh -fc 'print in; exit 4' }; nested", "in", 4),
    stays("only blanks", "   ", "\t" + CTRL_U),
    stays(
        "^C at the second prompt",
        Keys("print 'half\r"),
        Shown("quote>"),
        Keys(CTRL_C),
        Wait.PROMPT,
    ),
    stays(
        "^C after a completion",
        Keys(f"pri{TAB}"),
        Wait.QUIET,
        Keys(CTRL_C),
        Wait.PROMPT,
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
    one(
        "quit",
        Keys("sh -c 'echo on2; exec sleep 30'\r"),
        Shown("\non2\n"),
        Keys(QUIT),
        Wait.PROMPT,
        line="sh -c 'echo on2; exec sleep 30'",
        output=re.compile(r"on2\n\^\\?zsh: quit.*"),
        code=131,
    ),
    one(
        "history search",
        Wait.QUIET,
        Keys(f"{CTRL_R}tr a b"),
        Shown("bck-i-search: tr a b_"),
        "",
        line="alias zz='print aliased'; alias -g G='| tr a b'; alias -s txt=echo",
    ),
    Case(
        "pushed line comes back",
        (Wait.QUIET, Keys(f"print pushed{ESC}q"), "print first", ""),
        (
            Expected("print first", 0, "first"),
            Expected("print pushed", 0, "pushed"),
        ),
    ),
)

CORRECTING = "setopt correct interactive_comments hist_ignore_dups\nbindkey -e\n"
CORRECTED = (
    one(
        "a typing error is corrected",
        Keys("prnt one\r"),
        Shown("[nyae]?"),
        Wait.QUIET,
        Keys("y"),
        Wait.PROMPT,
        line="print one",
        output="one",
        startup=CORRECTING,
    ),
    one(
        "and a correction refused",
        Keys("clear\r"),
        Wait.PROMPT,
        line="clear",
        startup=CORRECTING,
    ),
    one(
        "refused",
        Keys("prnt two\r"),
        Shown("[nyae]?"),
        Wait.QUIET,
        Keys("n"),
        Wait.PROMPT,
        line="prnt two",
        output="zsh: command not found: prnt",
        code=127,
        startup=CORRECTING,
    ),
    Case(
        "given up after a failure",
        (
            "clear; false",
            Keys("prnt three\r"),
            Shown("[nyae]?"),
            Wait.QUIET,
            Keys("a"),
            Wait.PROMPT,
        ),
        (Expected("clear; false", 1),),
        CORRECTING,
    ),
    Case(
        "edited instead",
        (
            "clear; false",
            Keys("prnt four\r"),
            Shown("[nyae]?"),
            Wait.QUIET,
            Keys("e"),
            Wait.PROMPT,
            Keys(CTRL_U),
        ),
        (Expected("clear; false", 1),),
        CORRECTING,
    ),
    Case(
        "only a comment after a failure",
        ("false", "# nothing"),
        (Expected("false", 1),),
        CORRECTING,
    ),
    Case(
        "no such event after a failure",
        ("false", "!nosuch"),
        (Expected("false", 1),),
        CORRECTING,
    ),
    Case(
        "the same syntax error twice, then Enter",
        ("if)", "if)", "", ""),
        (Expected("if)", 1, "zsh: parse error near `)'"),) * 2,
        CORRECTING,
    ),
    Case(
        "one word that does not parse",
        ("fi", "fi", ""),
        (Expected("fi", 1, "zsh: parse error near `fi'"),) * 2,
        CORRECTING,
    ),
    Case(
        "a syntax error keeps the status of the command before",
        ("sh -c 'exit 5'", "done"),
        (
            Expected("sh -c 'exit 5'", 5),
            Expected("done", 5, "zsh: parse error near `done'"),
        ),
        CORRECTING,
    ),
)


def test_the_list_is_long() -> None:
    assert len(WORDS) + len(CORRECTED) >= CASES_AT_LEAST


@pytest.mark.parametrize("startup", startups(WORDS))
async def test_tricky_words(startup: str, tmp_path: Path) -> None:
    await check("zsh", tmp_path, WORDS, startup=startup)


@pytest.mark.parametrize("startup", startups(CORRECTED))
async def test_lines_that_do_not_run(startup: str, tmp_path: Path) -> None:
    await check("zsh", tmp_path, CORRECTED, startup=startup)
