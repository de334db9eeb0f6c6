"""What prompt frameworks do to bash's hooks, by stand-ins of our own writing.

Each startup text does to PROMPT_COMMAND, PS0, PS1 and the DEBUG trap what one family of
frameworks does, and notes in ``~/seen`` which statuses it was shown.
"""

import re
from pathlib import Path

import pytest

from tests.session.driver import driving
from tests.session.tricky import Case, Expected, Keys, Shown, Wait, check

pytestmark = pytest.mark.shells

NOTE = 'note() { echo "$1" >> ~/seen; }\n'

PREEXEC_BY_TRAP = """
preexec_ready= first_time=1
in_hooks() {
    local each IFS=$'\\n;' && local -a hooks
    read -rd '' -a hooks <<< "${PROMPT_COMMAND[*]}"
    for each in "${hooks[@]}"; do
        each=${each#"${each%%[![:space:]]*}"}
        [[ ${each%"${each##*[![:space:]]}"} == "$1" ]] && return 0
    done
    return 1
}
before_command() {
    [[ ! -t 1 || -z $preexec_ready || -n ${COMP_LINE-} ]] && return
    in_hooks "$BASH_COMMAND" && { preexec_ready=; return; }
    preexec_ready=
    echo "preexec $(HISTTIMEFORMAT= history 1 | sed 's/^ *[0-9]*[* ] //')" >> ~/executed
}
before_prompt() { note $?; }
now_ready() { preexec_ready=1; }
arm() {
    PROMPT_COMMAND=${PROMPT_COMMAND//arm/:}
    PROMPT_COMMAND=$'before_prompt\\n'"$PROMPT_COMMAND"
    PROMPT_COMMAND+=('now_ready')
    trap 'before_command "$_"' DEBUG
    before_prompt; now_ready
}
PROMPT_COMMAND=arm
"""

FRAMEWORKS = {
    "hooks by the DEBUG trap, armed at the first prompt": PREEXEC_BY_TRAP,
    "prompt rebuilt each time, times taken in PS0": """
make_prompt() {
    local status=$?
    note $status
    PS1="($status \\\\W)\\n> "
    unset started
}
PS0='${started:$((started=1, 0)):0}'
PROMPT_COMMAND=make_prompt
""",
    "string of hooks with semicolons": """
theme() {
    local e=$?
    note $e
    PS1="\\[\\e[32m\\]\\u@host:\\w [$e]\\[\\e[0m\\]\\n\\$ "
    return $e
}
PROMPT_COMMAND='theme; history -a; printf "\\e]0;%s\\a" "$PWD"; '
""",
    "hook put first that changes the PATH": """
env_hook() {
    local status=$?
    note $status
    trap -- '' SIGINT
    eval "export PATH=$HOME/bin:${PATH#"$HOME/bin:"}"
    trap - SIGINT
    return $status
}
PROMPT_COMMAND="env_hook${PROMPT_COMMAND:+;$PROMPT_COMMAND}"
""",
    "hook put last that keeps the status": """
jump_hook() { local -r status=$?; note $status; return $status; }
PROMPT_COMMAND="${PROMPT_COMMAND:+${PROMPT_COMMAND};}jump_hook"
""",
    "hook in an array, and another terminal's marks": """
report() {
    note $?
    printf '\\e]777;notify;done\\a\\e]133;D;%s\\a\\e]7;file://host%s\\a' $? "$PWD"
}
PROMPT_COMMAND=(report)
PS0='\\e]133;C\\a'
PS1='\\[\\e]133;A\\a\\]$ \\[\\e]133;B\\a\\]'
""",
    "status and branch computed in the prompt": """
branch() { local e=$?; note $e; printf '(%s)' "$e"; return $e; }
PS1='\\w$(branch)\\$ '
""",
    "PS0 set anew at each prompt": """
renew() { note $?; PS0='\\e[0m'; PS1='renewed> '; PS2='more> '; }
PROMPT_COMMAND=renew
""",
    "hooks that print": """
loud() { note $?; echo "loud"; echo "louder" >&2; }
PROMPT_COMMAND=loud
PS1='\\nnext> '
""",
    "hook that fails, in a strict shell": """
set -u
failing() { note $?; return 7; }
PROMPT_COMMAND='failing'
""",
}

CASES = (
    *(
        Case(line, (line,), (Expected(line, code, output),))
        for line, code, output in (
            ("echo one", 0, "one"),
            ("sh -c 'exit 9'", 9, ""),
            ("printf noeol", 0, "noeol"),
            ("cd /usr; false", 1, ""),
            ("echo 'a;b' | cat", 0, "a;b"),
            ("for i in 1 2; do\recho $i\rdone", 0, "1\n2"),
            ("fi", 2, re.compile("(?s).*syntax error.*")),
        )
    ),
    Case("only Enter", ("", ""), ()),
    Case(
        "abandoned",
        (Keys("echo partial"), Shown("partial"), Wait.QUIET, Keys("\x03"), Wait.PROMPT),
        (),
    ),
)


def _cases(startup: str) -> list[Case]:
    return [
        Case(
            case.name,
            case.steps,
            tuple(
                Expected(
                    # As bash joins what was typed over several lines.
                    expected.command_line.replace("do\r", "do ").replace("\r", "; "),
                    expected.exit_code,
                    expected.output,
                )
                for expected in case.records
            ),
            startup,
        )
        for case in CASES
    ]


@pytest.mark.parametrize("name", FRAMEWORKS)
async def test_boundaries_are_exact_and_statuses_right(
    name: str, tmp_path: Path
) -> None:
    startup = NOTE + FRAMEWORKS[name]
    await check("bash", tmp_path, _cases(startup), startup=startup)
    seen = (tmp_path / "seen").read_text().split()
    # The marker after each case succeeds.
    told = [
        code
        for code, before in zip(seen, [None, *seen], strict=False)
        if code != before
    ]
    assert [code for code in told if code != "0"] == ["9", "1", "2", "130"]


@pytest.mark.parametrize("theme", ["", "now_ready() { preexec_ready=1; PS1='> '; }\n"])
async def test_hooks_by_the_trap_see_each_command_once(
    theme: str, tmp_path: Path
) -> None:
    startup = NOTE + PREEXEC_BY_TRAP + theme
    async with driving("bash", tmp_path, startup=startup) as drive:
        for line in ("echo one", "true | false", "echo two"):
            await drive.run(line)
    executed = (tmp_path / "executed").read_text().splitlines()
    assert executed == [
        "preexec echo one",
        "preexec true | false",
        "preexec echo two",
    ]


async def test_path_changed_by_a_hook_is_known_at_once(tmp_path: Path) -> None:
    startup = """
PROMPT_COMMAND='[[ $PWD != /usr ]] || PATH=/usr/games:/bin:/usr/bin'
"""
    async with driving("bash", tmp_path, startup=startup) as drive:
        await drive.run("cd /usr")
        tracker = drive.session._tracker
        assert tracker is not None
        assert tracker.search_path == "/usr/games:/bin:/usr/bin"


async def test_title_by_trap_never_shows_our_hooks(tmp_path: Path) -> None:
    startup = """
trap 'printf "\\e]0;%s\\a" "$BASH_COMMAND"; echo "$BASH_COMMAND" >> ~/trapped' DEBUG
: > ~/trapped
"""
    async with driving("bash", tmp_path, startup=startup) as drive:
        await drive.run("true one")
        await drive.run("true two")
        assert "__terminal_ai" not in str(drive.told.events)
        assert "true two" in str(drive.told.events)
    trapped = (tmp_path / "trapped").read_text().splitlines()
    # One of our commands for each prompt, and none between it and the next command.
    after_one = trapped.index("true one") + 1
    assert trapped[after_one:] == [
        "__terminal_ai_first_hook",
        "true two",
        "__terminal_ai_first_hook",
    ]


async def test_times_by_trap_begin_with_the_command(tmp_path: Path) -> None:
    """The classic timer: a trap starts it, a hook stops it."""
    startup = """
begin() { started=${started:-$BASH_COMMAND}; }
finish() { echo "$started" >> ~/timed; unset started; }
trap begin DEBUG
PROMPT_COMMAND=finish
"""
    async with driving("bash", tmp_path, startup=startup) as drive:
        await drive.run("true one")
        await drive.run("true two")
        await drive.run("true three")
    timed = (tmp_path / "timed").read_text().splitlines()
    assert timed[-2:] == ["true two", "true three"]
