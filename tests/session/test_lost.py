"""Shells that stop telling their commands: noticed, shown, and followed."""

from pathlib import Path

import pytest

from terminal_ai.records import CommandSource
from terminal_ai.session import IntegrationState
from terminal_ai.shell import integration_watch, watch
from tests.session.driver import Driver, driving, require_shell

pytestmark = pytest.mark.shells

ACTIVE, LOST, LIMITED = (
    IntegrationState.ACTIVE,
    IntegrationState.LOST,
    IntegrationState.LIMITED,
)
PROMISED_SECONDS = 5.0


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the looks follow each other closely; how many there are stays."""
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(watch.ShellWatch.start, "__defaults__", (0.1, 0.1))
    monkeypatch.setattr(integration_watch, "UNMARKED_LOOK_SECONDS", 0.05)


def test_the_looks_keep_the_promise() -> None:
    looks = watch.LOOKS_TO_BE_SURE
    assert watch.FIRST_LOOK_SECONDS + looks * watch.LOOK_SECONDS < PROMISED_SECONDS
    assert integration_watch.FIRST_MARK_TIMEOUT_SECONDS <= PROMISED_SECONDS
    assert watch.STARTUP_SECONDS + watch.LOOK_SECONDS <= PROMISED_SECONDS


async def lost(drive: Driver) -> None:
    await drive.until(lambda: drive.session.integration is LOST)
    await drive.quiet()


async def unmarked(drive: Driver, line: str) -> None:
    """Run a line in a shell that tells nothing."""
    seen = len(drive.told.records)
    drive.type(f"{line}\r")
    await drive.until(lambda: len(drive.told.records) > seen)
    await drive.quiet()


@pytest.mark.parametrize("program", ["bash --norc", "zsh -f", "fish --no-config", "sh"])
async def test_another_shell_in_its_place(drive: Driver, program: str) -> None:
    require_shell(program.split()[0])
    drive.type(f"exec {program}\r")
    await lost(drive)
    (replaced,) = drive.told.records
    assert (replaced.command_line, replaced.exit_code) == (f"exec {program}", None)
    assert replaced.source is CommandSource.SHELL
    assert not drive.session.is_at_prompt
    await unmarked(drive, "echo one; echo two")
    await unmarked(drive, "cd /usr")
    await unmarked(drive, "pwd")
    await unmarked(drive, " echo hidden")
    _, two, _, pwd, hidden = drive.told.records
    assert (two.command_line, two.output.text) == ("echo one; echo two", "one\ntwo")
    assert (two.source, two.exit_code) == (CommandSource.SCREEN, None)
    assert not two.is_private
    assert (pwd.output.text, pwd.cwd) == ("/usr", "/usr")
    assert hidden.is_private
    assert drive.told.states == [ACTIVE, LOST]


@pytest.mark.parametrize("shell", ["bash"])
async def test_program_in_a_shell_that_tells_nothing(drive: Driver) -> None:
    drive.type("exec bash --norc\r")
    await lost(drive)
    drive.type("cat\r")
    await drive.until(lambda: drive.session.running)
    await drive.until_child_is("cat")
    # Not lines of the shell's, whatever they look like.
    drive.type("rm -rf x\r")
    await drive.shows("rm -rf x\nrm -rf x")
    drive.type("\x04")
    await drive.until(lambda: len(drive.told.records) == 2)
    assert drive.commands == ["exec bash --norc", "cat"]
    assert drive.told.records[1].output.text == "rm -rf x\nrm -rf x"


REMOVED = {
    "bash": (r"PROMPT_COMMAND=(); PS0=; PS1='\$ '", ""),
    "zsh": ("precmd_functions=()", "precmd_functions=(__terminal_ai_precmd)"),
    "fish": ("functions -e (functions -a | string match '__terminal_ai_*')", ""),
}


@pytest.mark.usefixtures("quick")
async def test_hooks_that_were_removed(drive: Driver) -> None:
    removal, return_ = REMOVED[drive.shell]
    drive.type(f"{removal}\r")
    await lost(drive)
    # It could still be a question of that command's own: the next line tells.
    assert drive.session.running is None
    await unmarked(drive, "echo one")
    await unmarked(drive, "false")
    assert drive.commands == [removal, "echo one", "false"]
    assert [record.exit_code for record in drive.told.records] == [None] * 3
    assert drive.told.records[1].output.text == "one"
    if return_:
        drive.type(f"{return_}\r")
        await drive.until(lambda: drive.session.integration is ACTIVE)
        await drive.quiet()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("shell", ["bash"])
async def test_marks_that_come_back(drive: Driver) -> None:
    await drive.run("true")
    drive.type("shopt -u promptvars\r")
    await lost(drive)
    await unmarked(drive, "echo unseen")
    assert drive.told.records[-1].output.text == "unseen"
    await drive.enter("shopt -s promptvars")
    assert (await drive.run("echo seen; false")).exit_code == 1
    assert drive.session.integration is ACTIVE
    assert drive.told.states == [ACTIVE, LOST, LIMITED, ACTIVE]
    assert drive.commands[-2:] == ["shopt -s promptvars", "echo seen; false"]


QUESTIONS = {
    "bash": "read -e answer",
    "zsh": "vared -c answer",
    "fish": "read answer",
}


@pytest.mark.usefixtures("quick")
async def test_line_editor_of_a_command(drive: Driver) -> None:
    """A question asked with the shell's own line editor looks like its prompt."""
    line = f"echo first; {QUESTIONS[drive.shell]}; echo got $answer; sh -c 'exit 3'"
    drive.type(f"{line}\r")
    await lost(drive)
    drive.type("yes\r")
    await drive.until(lambda: drive.session.integration is ACTIVE)
    await drive.at_prompt()
    (record,) = drive.told.records
    assert (record.command_line, record.exit_code) == (line, 3)
    assert record.output.text.startswith("first\n")
    assert record.output.text.endswith("got yes")
    assert (await drive.run("echo $answer")).output.text == "yes"


@pytest.mark.usefixtures("quick")
async def test_question_of_a_command_is_none(drive: Driver) -> None:
    if drive.shell == "fish":
        pytest.skip("fish asks with its line editor")
    drive.type("read answer\r")
    await drive.until(lambda: drive.session.running)
    for _ in range(watch.LOOKS_TO_BE_SURE + 1):
        await drive.quiet()
    drive.type("yes\r")
    await drive.until(lambda: drive.told.records)
    assert drive.told.states == [ACTIVE]


STARTUPS = {
    "promptvars": ("bash", "shopt -u promptvars\n"),
    "readonly hooks": ("bash", "readonly PROMPT_COMMAND PS0\n"),
    "readonly prompts": ("bash", "PS1='$ '; readonly PROMPT_COMMAND PS0 PS1\n"),
    "readonly PS0": ("bash", "readonly PS0\n"),
    "bash: exec fish": ("bash", "exec fish --no-config\n"),
    "bash: exec zsh": ("bash", "exec zsh -f\n"),
    "zsh: exec zsh": ("zsh", "exec zsh -f\n"),
    "zsh: exec dash": ("zsh", "exec dash\n"),
    "no prompt": ("bash", "PS1=; readonly PS0\n"),
    "no output": ("bash", "exec cat\n"),
    "deaf": ("bash", "exec sleep 60\n"),
}


@pytest.mark.parametrize("name", STARTUPS)
async def test_lost_from_the_start(name: str, tmp_path: Path) -> None:
    shell, startup = STARTUPS[name]
    require_shell(shell)
    async with driving(shell, tmp_path, startup=startup, waits=False) as drive:
        await drive.until(lambda: drive.told.states == [LOST])


async def test_shells_inside(drive: Driver) -> None:
    require_shell("dash")
    drive.type("dash\r")
    await drive.until(lambda: drive.session.inside == "dash")
    drive.type("exit\r")
    await drive.until(lambda: drive.told.records)
    await drive.until(lambda: not drive.session.inside)
    assert drive.told.insides == ["dash", ""]
    assert drive.told.states == [ACTIVE]


async def test_inside_a_remote_shell(drive: Driver) -> None:
    """A stand-in: what matters is the name, and that it has the terminal."""
    program = drive.home / "ssh"
    program.symlink_to("/bin/cat")
    # cat would read the host as a file: "-" is its own name for the terminal.
    drive.type(f"{program} -u -\r")
    await drive.until(lambda: drive.session.inside == "ssh")
    drive.type("\x04")
    await drive.until(lambda: not drive.session.inside)


async def test_inside_ends_with_the_session(drive: Driver) -> None:
    drive.type("sh\r")
    await drive.until(lambda: drive.session.inside)
    await drive.session.close()
    assert drive.told.insides[-1] == ""
    (record,) = drive.told.records
    assert record.command_line == "sh"


async def test_programs_are_not_inside(drive: Driver) -> None:
    await drive.run("bash -c 'sleep 0.5; :'")
    await drive.run("echo 'sleep 0.5' | sh")
    assert drive.told.insides == []
