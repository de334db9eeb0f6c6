"""What a shell and its programs expect of the terminal itself."""

import re
import signal

import pytest

from .cells import cells
from .conftest import Opener, TwinsOpener, needs
from .tmux import app_process
from .twins import Twins

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

VIM = "vim -u NONE -N -i NONE -n --cmd 'set t_RV= t_u7= t_RF= t_RB= t_RK='"
SMALL, LARGE = (80, 23), (120, 39)
TEXTS = {
    "ASCII": "plain text",
    "Chinese": "终端 模拟器",
    "Japanese": "ターミナル かな",
    "Korean": "터미널 에뮬레이터",
    "combining": "e\u0301 a\u0308 n\u0303 o\u0302",
    "emoji": "😀 🚀 🎉",
    "wide punctuation": "「引用」、。",
    "halfwidth": "ｶﾀｶﾅ",
    "fullwidth": "ＡＢＣ１２３",
    "accents": "crème brûlée Ångström",
    "Greek and Cyrillic": "αβγ жук",
    "arrows": "←↑→↓ ░▒▓█",
    "family": "👨‍👩‍👧‍👦",
    "flag": "🇰🇷",
    "jamo": "\u1112\u1161\u11ab",
    "many marks": "z" + "\u0335\u0336\u0337\u0338",
}
BORDER_COLUMN = 40


def bordered(texts: dict[str, str]) -> str:
    """Lines that put their border where the terminal says column 41 is."""
    return "".join(
        f"{text}\x1b[{BORDER_COLUMN + 1}G|{name}\n" for name, text in texts.items()
    )


def test_text_of_many_scripts_does_not_shear(open_twins: TwinsOpener) -> None:
    with open_twins() as twins:
        twins.put("texts", bordered(TEXTS))
        twins.run("clear; cat texts")
        twins.wait_same(r"(?s)\|ASCII.*\|arrows")
        grid = cells(twins.app.colored_screen(), *SMALL)
        for row in grid[: list(TEXTS).index("family")]:
            assert row[BORDER_COLUMN].text == "|"


@needs("vim", "less", "htop")
def test_programs_follow_the_size_back_and_forth(open_twins: TwinsOpener) -> None:
    lines = "".join(f"line {n} {'abcdefghij ' * 12}\n" for n in range(200))
    with open_twins(*LARGE) as twins:
        twins.put("long.txt", lines)
        for start, shown, leave in (
            (f"{VIM} -c 'set ruler' long.txt", "line 5 ", ":q\r"),
            ("LESSHISTFILE=- less long.txt", "line 5 ", "q"),
        ):
            twins.run(f"clear; {start}")
            twins.wait_same(shown)
            for size in (SMALL, LARGE, SMALL, LARGE):
                twins.resize(*size)
                twins.wait_same(shown)
            twins.type(leave)
            twins.wait_for(r"inner\$")
        twins.run("clear; htop")
        twins.wait_for("F10")
        for columns, rows in (SMALL, LARGE, SMALL, LARGE):
            twins.resize(columns, rows)
            twins.wait_same("F1Help", rows=[rows - 1])
        twins.type("q")
        twins.wait_same(r"inner\$")


def test_the_screen_comes_back_after_the_host_lost_it(open_app: Opener) -> None:
    with open_app(columns=80, rows=24) as tmux:
        tmux.run("clear; echo still here")
        tmux.wait_for("(?m)^still here")
        tmux.forget_screen()
        tmux.wait_gone("still here")
        # A size that changed and changed back: only a signal tells of it.
        app_process(tmux).send_signal(signal.SIGWINCH)
        tmux.wait_for("(?m)^still here")
        tmux.wait_for("F1 help")


def test_long_lines_wrap_and_unwrap_with_the_width(open_twins: TwinsOpener) -> None:
    with open_twins(*LARGE) as twins:
        twins.put(
            "wide.txt", "".join(f"{n} " + "0123456789" * 11 + "\n" for n in range(6))
        )
        twins.run("clear; cat wide.txt")
        twins.wait_same("(?m)^5 (0123456789){11}$")
        before = twins.app.screen()
        for size in (SMALL, LARGE, (60, 23), LARGE):
            twins.resize(*size)
            columns = size[0]
            twins.app.wait_for(r"(?m)^5 0123456789")
            wrapped = ("5 " + "0123456789" * 11)[:columns]
            twins.app.wait_for(rf"(?m)^{re.escape(wrapped)}\s*$")
        assert (
            twins.app.wait_for(r"inner\$").splitlines()[:7] == before.splitlines()[:7]
        )


def test_pasted_lines_wait_at_the_prompt_of_bash(open_twins: TwinsOpener) -> None:
    with open_twins() as twins:
        twins.paste("echo one\necho two\necho three")
        twins.wait_for("(?s)echo one.*echo two.*echo three")
        assert not re.search("(?m)^one", twins.app.screen())
        twins.key("Enter")
        twins.wait_for("(?m)^one[^\n]*\ntwo[^\n]*\nthree")
        twins.wait_same("three", looks=False)


@needs("vim")
def test_vim_pastes_lines_as_they_are(open_twins: TwinsOpener) -> None:
    pasted = "def f():\n    if True:\n        return 1\n"
    with open_twins() as twins:
        twins.run(f"{VIM} -c 'set autoindent' pasted.py")
        twins.wait_same("pasted.py")
        twins.type("i")
        twins.wait_same("INSERT")
        twins.paste(pasted)
        twins.wait_same("(?m)^        return 1")
        twins.key("Escape")
        twins.type(":wq")
        twins.key("Enter")
        twins.wait_same(r"inner\$ vim")
        for project in twins.projects:
            assert (project / "pasted.py").read_text() == pasted + "\n"


@needs("vim")
def test_clicks_and_the_wheel_reach_vim_where_they_happened(
    open_twins: TwinsOpener,
) -> None:
    with open_twins() as twins:
        twins.put("grid.txt", "".join(f"{n:03} {'.' * 70}\n" for n in range(100)))
        twins.run(f"{VIM} -c 'set mouse=a ttymouse=sgr ruler' grid.txt")
        twins.wait_same("1,1 ")
        for column, row in ((10, 5), (0, 0), (73, 21), (40, 12)):
            click(twins, column, row)
            twins.wait_same(rf"(?m) {row + 1},{column + 1} ")
        drag(twins, (4, 2), (12, 6))
        twins.wait_same("VISUAL")
        twins.key("Escape")
        twins.wait_gone("VISUAL")
        wheel_down(twins, 10, 10)
        twins.wait_same("\\A003")
        twins.type(":q!")
        twins.key("Enter")
        twins.wait_same(r"inner\$ vim")


def click(twins: Twins, column: int, row: int) -> None:
    for tmux in (twins.app, twins.bare):
        tmux.mouse(0, column, row)
        tmux.mouse(0, column, row, is_release=True)


def drag(twins: Twins, start: tuple[int, int], end: tuple[int, int]) -> None:
    for tmux in (twins.app, twins.bare):
        tmux.mouse(0, *start)
        tmux.mouse(32, *end)
        tmux.mouse(0, *end, is_release=True)


def wheel_down(twins: Twins, column: int, row: int) -> None:
    for tmux in (twins.app, twins.bare):
        tmux.mouse(65, column, row)


def test_jobs_stop_continue_and_end(open_twins: TwinsOpener) -> None:
    with open_twins() as twins:
        twins.run("clear; echo begins; sleep 600")
        twins.wait_same("begins")
        twins.key("C-z")
        twins.wait_same(r"Stopped\s+sleep 600")
        twins.run("bg; jobs")
        twins.wait_same(r"Running\s+sleep 600 &")
        twins.run("kill %1; wait; clear; echo none left; jobs")
        twins.wait_same(r"none left")
        twins.run("clear; echo begins; sleep 600 | cat")
        twins.wait_same("begins")
        twins.key("C-c")
        twins.wait_same(r"\^C\ninner\$")


def test_a_child_sees_the_size_and_its_changes(open_twins: TwinsOpener) -> None:
    program = (
        "import os, signal, time\n"
        "def tell(*_: object) -> None:\n"
        "    print('now', *os.get_terminal_size(), flush=True)\n"
        "signal.signal(signal.SIGWINCH, tell)\n"
        "tell()\n"
        "while True: time.sleep(600)\n"
    )
    with open_twins() as twins:
        twins.put("size.py", program)
        twins.run("clear; stty -a | grep -o 'rows.*columns [0-9]*'; python3 size.py")
        twins.wait_same("(?s)rows 23; columns 80.*now 80 23")
        twins.resize(*LARGE)
        twins.wait_for("now 120 39")
        twins.resize(*SMALL)
        twins.wait_for("(?s)now 120 39.*now 80 23")
        twins.key("C-c")
        twins.wait_for(r"(?m)^inner\$")


def test_reset_and_clear_repair_a_spoilt_screen(open_twins: TwinsOpener) -> None:
    spoil = r"printf '\e(0\e[?6h\e[4h\e[3;9r\e[31;44;7m\e[?25l\e[?7lspoilt'"
    with open_twins() as twins:
        twins.run(f"clear; {spoil}")
        twins.run("reset; echo was reset")
        # It throws away what was typed meanwhile.
        twins.wait_for(r"(?m)^was reset\s+inner\$")
        twins.run("clear; echo as new; tput cup 5 10; echo here")
        twins.wait_same("(?s)as new.* {10}here")
