"""The user's own startup files, hooks, options and prompts keep working."""

from pathlib import Path

import pytest
from psutil import Process

from tests.session.driver import Driver, driving, environment

pytestmark = pytest.mark.shells

HOOKS = {
    "bash": """
hook() { echo "[hook $1]" >> ~/hooks; }
PROMPT_COMMAND='hook $?'
trap 'echo debug >> ~/debug' DEBUG
PS0='(ps0)'
alias history=echo printf=false local=false
""",
    "zsh": """
precmd() { print -r -- "[hook $?]" >> ~/hooks }
preexec() { echo debug >> ~/debug }
alias print=false local=false typeset=false
setopt prompt_subst
""",
    "fish": """
function hook --on-event fish_postexec; echo "[hook $status]" >> ~/hooks; end
function debug --on-event fish_preexec; echo debug >> ~/debug; end
function fish_prompt; echo "<$status> "; end
""",
}


async def test_hooks_run_and_see_the_status(shell: str, tmp_path: Path) -> None:
    async with driving(shell, tmp_path, startup=HOOKS[shell]) as drive:
        record = await drive.run("sh -c 'exit 3'")
        assert record.exit_code == 3
        record = await drive.run("echo two")
        assert record.output.text.endswith("two")
        if shell == "fish":
            await drive.run("sh -c 'exit 4'")
            await drive.shows("<4>")
    assert "[hook 3]" in (tmp_path / "hooks").read_text()
    assert "debug" in (tmp_path / "debug").read_text()
    assert drive.commands[:2] == ["sh -c 'exit 3'", "echo two"]


async def test_typed_text_not_the_alias(drive: Driver) -> None:
    await drive.run("alias zz='echo aliased'")
    record = await drive.run("zz")
    assert record.command_line == "zz"
    assert record.output.text == "aliased"


@pytest.mark.parametrize("shell", ["bash", "zsh"])
async def test_strict_options(drive: Driver) -> None:
    await drive.run("set -u; set -o noclobber; IFS=:,")
    if drive.shell == "bash":
        await drive.run("shopt -s failglob nullglob extglob nocasematch")
    else:
        await drive.run("setopt ksharrays shwordsplit nomatch globsubst")
        await drive.run("setopt warncreateglobal extendedglob")
    record = await drive.run("echo 'a:b;c'; false")
    assert record.command_line == "echo 'a:b;c'; false"
    assert record.exit_code == 1
    assert record.output.text == "a:b;c"


@pytest.mark.parametrize("shell", ["bash", "zsh"])
async def test_our_hooks_survive_errexit(drive: Driver) -> None:
    await drive.run("set -e")
    await drive.enter("")
    assert (await drive.run("echo alive")).output.text == "alive"


async def test_changed_prompt(drive: Driver) -> None:
    change = {"fish": "function fish_prompt; echo -n 'new> '; end"}
    await drive.run(change.get(drive.shell, "PS1='new> '"))
    await drive.shows("new>")
    assert (await drive.run("echo one")).exit_code == 0


@pytest.mark.parametrize("shell", ["bash"])
@pytest.mark.parametrize("startup", ["", "readonly PROMPT_COMMAND=true\n"])
async def test_without_hooks_commands_are_told_all_the_same(
    shell: str, startup: str, tmp_path: Path
) -> None:
    lines = ["unset PROMPT_COMMAND", "echo two; false", "cd /usr", "echo four"]
    async with driving(shell, tmp_path, startup=startup) as drive:
        for line in lines:
            started = len(drive.told.started)
            drive.type(f"{line}\r")
            await drive.until(
                lambda seen=started: (  # type: ignore[misc]
                    len(drive.told.started) > seen and drive.session.is_at_prompt
                )
            )
            assert drive.session.running is None
        await drive.until(lambda: len(drive.told.records) == len(lines))
        assert drive.session.cwd == "/usr"
    records = drive.told.records
    assert drive.commands == lines
    is_refused = 1 if startup else 0
    assert [record.exit_code for record in records] == [is_refused, 1, 0, 0]
    assert [record.output.text for record in records[1:]] == ["two", "", "four"]


async def test_startup_variables_are_global(shell: str, tmp_path: Path) -> None:
    declare = {"fish": "set chosen yes\n"}.get(shell, "declare chosen=yes\n")
    async with driving(shell, tmp_path, startup=declare) as drive:
        assert (await drive.run("echo $chosen")).output.text == "yes"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "dash"])
async def test_login_shell(shell: str, tmp_path: Path) -> None:
    (tmp_path / ".bash_profile").write_text("export FROM=profile\n")
    (tmp_path / ".zprofile").write_text("export FROM=profile\n")
    question = {
        "bash": "shopt -q login_shell && echo $FROM $HISTFILE; shopt -o posix",
        "zsh": "[[ -o login ]] && echo $FROM",
        "fish": "status is-login && echo yes",
        "dash": "echo $FROM",
    }
    expected = {
        "bash": f"profile {tmp_path}/.bash_history\nposix          \toff",
        "fish": "yes",
    }
    startup = "export FROM=profile\n"
    async with driving(shell, tmp_path, startup=startup, is_login=True) as drive:
        text = (await drive.run(question[shell])).output.text
        assert text.split() == expected.get(shell, "profile").split()
        assert (await drive.run("env | grep -c ^HISTFILE")).output.text == "0"


@pytest.mark.parametrize("shell", ["zsh"])
async def test_users_zdotdir(shell: str, tmp_path: Path) -> None:
    (tmp_path / ".zshenv").write_text("export ZDOTDIR=$HOME/dots\n")
    (tmp_path / "dots").mkdir()
    (tmp_path / "dots" / ".zshrc").write_text("FROM=dots\n")
    async with driving(shell, tmp_path) as drive:
        record = await drive.run("echo $FROM $ZDOTDIR")
        assert record.output.text == f"dots {tmp_path}/dots"


@pytest.mark.parametrize("shell", ["bash"])
async def test_changed_path_is_known(drive: Driver) -> None:
    tracker = drive.session._tracker
    assert tracker is not None
    await drive.run("export PATH=$HOME/bin:$PATH")
    assert tracker.search_path is not None
    assert tracker.search_path.startswith(f"{drive.home}/bin:")


async def cpu_seconds_of_prompts(drive: Driver) -> float:
    """Return what the shell itself needs for some prompts after one."""
    await drive.run("true")
    process = Process(drive.session.pid)
    before = process.cpu_times()
    for _ in range(5):
        await drive.run("true")
    after = process.cpu_times()
    return after.user + after.system - before.user - before.system


@pytest.mark.parametrize("shell", ["bash", "zsh"])
async def test_a_long_path_does_not_hold_up_prompts(shell: str, tmp_path: Path) -> None:
    environ = environment(tmp_path)
    environ["PATH"] += "".join(f":/store/{number:040}/bin" for number in range(600))
    async with driving(shell, tmp_path, environ=environ) as drive:
        long = await cpu_seconds_of_prompts(drive)
        await drive.run("PATH=/usr/bin:/bin")
        short = await cpu_seconds_of_prompts(drive)
    # Compared in steps that grow with its square, it would take seconds.
    assert long < short + 1.0
