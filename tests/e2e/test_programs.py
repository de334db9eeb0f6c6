"""Full-screen programs show in the app, cell by cell, what they show in tmux alone."""

import pytest

from .conftest import TwinsOpener, needs

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

SOURCE = '''\
#!/usr/bin/env python3
"""A module with a bit of everything."""
import os

LIMIT = 0x2A  # a number
NAMES = ["one", 'two', f"{LIMIT!r:>10}"]


def show(name: str) -> None:
    """Print the name, or raise."""
    if not name:
        raise ValueError("empty")
    print(os.fsdecode(name), end="\\n")
'''
VIM = "vim -u NONE -N -i NONE -n --cmd 'set t_RV= t_u7= t_RF= t_RB= t_RK='"


@needs("vim")
def test_vim_inserts_colours_splits_and_gives_the_screen_back(
    open_twins: TwinsOpener,
) -> None:
    with open_twins() as twins:
        twins.put("show.py", SOURCE)
        twins.run("echo was here")
        # What is typed before the prompt is there is echoed before it, too.
        twins.wait_for(r"(?m)^was here\s+inner\$")
        twins.run(f"{VIM} -c 'set ruler number background=dark|syntax on' show.py")
        twins.wait_same("(?s)A module.*1,1")
        twins.type("Goadded at the end")
        twins.key("Escape")
        twins.wait_same("added at the end")
        twins.type(":3,6s/e/E/g|set hlsearch cursorline")
        twins.key("Enter")
        twins.wait_same("NAMES.*onE")
        twins.type("gg0")
        twins.key("C-v")
        twins.type("5jlld")
        twins.wait_same("(?m)^ *1 usr/bin")
        twins.type(":split|vsplit")
        twins.key("Enter")
        twins.wait_same("(?s)A module.*A module.*A module")
        twins.key("C-w")
        twins.type("j")
        twins.type(":set nonumber list|normal Go" + "TAB\tand words " * 8)
        twins.key("Enter")
        twins.wait_same("TAB")
        twins.type(":qa!")
        twins.key("Enter")
        twins.wait_same("was here")


@needs("less")
def test_less_searches_pages_and_follows(open_twins: TwinsOpener) -> None:
    with open_twins() as twins:
        twins.put("long.txt", "".join(f"row {n} of needles\n" for n in range(500)))
        twins.run("LESSHISTFILE=- less long.txt")
        twins.wait_same("row 21 ")
        twins.type(" ")
        twins.wait_same("row 43 ")
        twins.type("/1[05]")
        twins.key("Enter")
        twins.wait_same("row 105 ")
        twins.type("b")
        twins.wait_same("row 90 ")
        twins.type("F")
        twins.wait_same("(?s)row 499 .*Waiting")
        for project in twins.projects:
            with (project / "long.txt").open("a") as file:
                file.write("the very last\n")
        twins.wait_same("the very last")
        twins.key("C-c")
        twins.wait_gone("Waiting")
        twins.type("q")
        twins.wait_same(r"inner\$ LESS")


@needs("htop")
def test_htop_draws_takes_function_keys_and_quits(open_twins: TwinsOpener) -> None:
    with open_twins() as twins:
        twins.run("echo was here; htop")
        twins.wait_for(r"(?s)Load average.*PID.*F10")
        # Meters and processes never stand still: the key bar does.
        twins.wait_same("F1Help", rows=[22])
        twins.key("F5")
        twins.wait_same("F5List", rows=[22])
        twins.key("F3")
        twins.wait_same("Search:", rows=[22])
        twins.key("Escape")
        twins.wait_same("F5List", rows=[22])
        twins.key("F10")
        twins.wait_same("was here")


@needs("htop")
def test_in_htop_the_leader_is_ours_and_the_function_keys_are_not(
    open_twins: TwinsOpener,
) -> None:
    with open_twins() as twins:
        twins.run("htop")
        twins.wait_for("F10")
        twins.app.key("C-\\")
        twins.app.type("h")
        twins.app.wait_gone("F10")
        twins.app.key("Escape")
        twins.app.wait_for("F10")
        twins.key("F2")
        twins.wait_for("Setup|Meters")
        twins.key("F10")
        twins.wait_for("F1Help")
        twins.type("q")
        twins.wait_same(r"inner\$ htop")


@needs("tmux")
def test_tmux_runs_inside_and_detaches(open_twins: TwinsOpener) -> None:
    with open_twins() as twins:
        name = f"inside-{id(twins):x}"
        # A server for each: the twins must not attach to each other's session.
        twins.run('tmux() { command tmux -S ~/inner.socket -f /dev/null "$@"; }')
        twins.run(f"clear; tmux new -s {name[:9]} 'bash --rcfile ~/.bashrc'")
        clock = r'"[^"]*" \d\d:\d\d \d\d-\w{3}-\d\d'
        twins.wait_same(r"(?s)inner\$.*\[inside", mask=clock)
        for prefix_key in ('"', "%"):
            twins.key("C-b")
            twins.type(prefix_key)
        twins.wait_same("(?s)─.*│", mask=clock)
        twins.run("printf '\\e[44mblue\\e[K\\n'; echo three panes")
        twins.wait_same("(?m)│three panes", rows=range(22))
        twins.run("tmux list-panes | wc -l")
        twins.key("C-b")
        twins.type("d")
        twins.wait_same(r"detached")
        twins.run("clear; tmux attach")
        twins.wait_same("three panes", mask=clock)
        twins.key("C-b")
        twins.type("&")
        twins.wait_for(r"kill-window")
        twins.type("y")
        twins.wait_same(r"\[exited\]")


@needs("nano")
def test_nano_edits_and_saves(open_twins: TwinsOpener) -> None:
    with open_twins() as twins:
        twins.run("nano --ignorercfiles note.txt")
        twins.wait_same("GNU nano")
        twins.type("first line")
        twins.key("Enter")
        twins.type("second line")
        twins.wait_same("second line")
        twins.key("M-a", "Up", "M-6")
        twins.wait_same("Copied|second")
        twins.key("C-w")
        twins.type("first")
        twins.wait_same("Search")
        twins.key("Enter")
        twins.key("C-k", "C-u", "C-u")
        twins.wait_same("first line\\s+first line")
        twins.key("C-o")
        twins.wait_same("File Name to Write")
        twins.key("Enter")
        twins.wait_same("Wrote 3 lines")
        twins.key("C-x")
        twins.wait_same(r"inner\$ nano")
        for project in twins.projects:
            assert (project / "note.txt").read_text().count("first line") == 2


BOXES = {
    "dialog": "dialog --title Box --menu 'Take one' 12 40 4 a Apple b Bread c Cake",
    "whiptail": "whiptail --title Box --menu 'Take one' 12 40 4 a Apple b Bread c Cake",
}
CHARACTER_SETS = {
    "utf-8": "LC_ALL=C.UTF-8",
    "acs": "NCURSES_NO_UTF8_ACS=1",
    "c": "LC_ALL=C",
}


@needs(*BOXES)
@pytest.mark.parametrize("program", BOXES)
def test_boxes_are_lines_in_every_character_set(
    open_twins: TwinsOpener, program: str
) -> None:
    with open_twins() as twins:
        for environment in CHARACTER_SETS.values():
            twins.run(f"clear; {environment} {BOXES[program]}; clear")
            screen = twins.wait_same("Take one")
            assert "┌──" in screen, screen
            twins.key("Down")
            twins.wait_same("Bread")
            twins.key("Tab")
            twins.wait_same("Bread")
            twins.key("Escape", "Escape")
            twins.wait_gone("Take one")


@needs("mc")
def test_midnight_commander_draws_takes_the_mouse_and_quits(
    open_twins: TwinsOpener,
) -> None:
    with open_twins() as twins:
        for name in ("alpha.txt", "beta.py", "gamma.tar.gz"):
            twins.put(name, "content\n")
        twins.run("clear; mc --nosubshell")
        twins.wait_same("(?s)┌.*alpha.*Help", mask=r"[A-Z][a-z]{2} \d\d \d\d:\d\d")
        twins.wait_same("alpha", rows=[0, 1, 2, 17, 20, 22])
        twins.key("F9")
        twins.wait_same("Left", rows=[0, 22])
        twins.key("Enter")
        twins.wait_same("(?i)file listing", mask=r"[A-Z][a-z]{2} \d\d \d\d:\d\d")
        twins.key("Escape", "Escape")
        twins.wait_gone("(?i)file listing")
        twins.key("F10")
        twins.wait_same(r"inner\$")


@needs("man")
def test_man_shows_bold_and_underlined_words(open_twins: TwinsOpener) -> None:
    with open_twins() as twins:
        head = [".TH DEMO 1", ".SH NAME", "demo \\- try", ".SH USE"]
        body = [".B bold", "and", ".I italic", "words", ""]
        twins.put("demo.1", "\n".join(head + body))
        twins.run("clear; MANPAGER=less LESSHISTFILE=- man ./demo.1")
        twins.wait_same("bold and italic words")
        twins.type("q")
        twins.wait_same(r"inner\$")


@needs("git")
def test_git_draws_its_graph(open_twins: TwinsOpener) -> None:
    steps = (
        "export GIT_AUTHOR_DATE='2020-01-01T00:00Z'",
        "export GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE",
        "git config --global user.email a@b.example; git config --global user.name A",
        "mkdir graph; cd graph; git init -qb main .",
        "git commit -q --allow-empty -m one",
        "git switch -qc side; git commit -q --allow-empty -m two",
        "git switch -q main; git commit -q --allow-empty -m three",
        "git merge -q --no-ff -m four side",
    )
    with open_twins() as twins:
        twins.put("steps.sh", "\n".join(steps))
        twins.run(". ./steps.sh; clear; git --no-pager log --graph --color --oneline")
        twins.wait_same(r"(?s)\*   \w+ .*four.*\|/")


@needs("fzf")
def test_fzf_filters_and_accepts(open_twins: TwinsOpener) -> None:
    with open_twins() as twins:
        twins.run("clear; seq 1 500 | fzf --no-info --height 12")
        twins.wait_same("(?m)^> *$")
        twins.type("49")
        twins.wait_same("499")
        twins.key("Up", "Enter")
        twins.wait_same(r"(?m)^\d*49\d*$")


def test_a_python_prompt_edits_and_completes(open_twins: TwinsOpener) -> None:
    with open_twins() as twins:
        twins.run("clear; python3 -q -E -s")
        twins.wait_same(">>>")
        twins.type("sum([1, 2, 33)")
        twins.key("Left", "Left", "Left")
        twins.type("3, ")
        twins.key("End", "Left")
        twins.type("]")
        twins.key("Enter")
        twins.wait_same("(?m)^39$")
        twins.key("Up", "C-a")
        twins.type("1 + ")
        twins.key("Enter")
        twins.wait_same("(?m)^40$")
        twins.key("C-d")
        twins.wait_same(r"inner\$")
