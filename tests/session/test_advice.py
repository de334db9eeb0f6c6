"""From a failed command to advice, and from advice to a line at the prompt."""

from pathlib import Path

import pytest

from terminal_ai.advisor import Advisor
from terminal_ai.config import HistorySettings
from terminal_ai.errors import PlacementError
from terminal_ai.history import History
from terminal_ai.safety.redact import redact
from tests.session.driver import Driver, driving

pytestmark = pytest.mark.shells


async def test_mistyped_program_is_corrected_and_placed(
    shell: str, tmp_path: Path
) -> None:
    async with driving(shell, tmp_path, advisor=Advisor()) as drive:
        record = await drive.run("mkdri made")
        await drive.until(lambda: drive.told.advice)
        advised, advice = drive.told.advice[0]
        assert advised is record
        assert advice.suggestions[0].command == "mkdir made"
        assert drive.session.last_failure is record
        drive.session.place(advice.suggestions[0].command)
        await drive.shows("mkdir made")
        assert not (tmp_path / "made").exists()
        fixed = await drive.run("")
        assert (fixed.command_line, fixed.exit_code) == ("mkdir made", 0)
        assert (tmp_path / "made").is_dir()
        assert drive.session.last_failure is record


async def test_what_repaired_a_failure_before_stands_first(
    shell: str, tmp_path: Path
) -> None:
    history = History(HistorySettings(), tmp_path / "history", redact=redact)
    async with driving(shell, tmp_path, advisor=Advisor(), history=history) as drive:
        for _ in range(2):
            await drive.run("./deploy --stage prud")
            await drive.run("true ./deploy --stage prod")
        history.flush()
        last = await drive.run("./deploy --stage prud")
        await drive.until(lambda: last in [record for record, _ in drive.told.advice])
        best = drive.told.advice[-1][1].suggestions[0]
        assert best.command == "true ./deploy --stage prod"
        assert best.why == "worked 2 of 2 times"
    history.close()


async def test_program_on_a_path_set_in_the_shell(shell: str, tmp_path: Path) -> None:
    """The advisor knows the PATH of the shell, not ours."""
    programs = tmp_path / "programs"
    programs.mkdir()
    program = programs / "frobnicator"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    async with driving(shell, tmp_path, advisor=Advisor()) as drive:
        await drive.run("export PATH=$HOME/programs:$PATH")
        await drive.run("frobnicatro")
        await drive.until(lambda: drive.told.advice)
        assert drive.told.advice[0][1].suggestions[0].command == "frobnicator"


async def test_success_and_interrupt_get_no_advice(drive: Driver) -> None:
    await drive.run("true")
    await drive.start("sleep 30")
    drive.type("\x03")
    await drive.until(lambda: len(drive.told.records) == 2)
    assert drive.session.last_failure is None


@pytest.mark.parametrize("line_end", ["\n", "\r"])
async def test_placed_lines_are_never_run(drive: Driver, line_end: str) -> None:
    drive.session.place(f"echo one{line_end}echo two > made")
    shown = {"\n": "⏎", "\r": "␍"}[line_end]
    await drive.shows(f"echo one{shown}echo two > made")
    await drive.quiet()
    assert drive.told.started == []
    assert not (drive.home / "made").exists()


@pytest.mark.parametrize(
    "pasted",
    ["x\x1b[201~\rtouch made\r", "\x03touch made\r", "\x9b201~\rtouch made\r"],
)
async def test_hostile_pastes_run_nothing(drive: Driver, pasted: str) -> None:
    await drive.until(lambda: drive.session.terminal.modes.bracketed_paste)
    drive.session.paste(pasted)
    await drive.shows("made")
    await drive.quiet()
    assert drive.told.started == []
    assert not (drive.home / "made").exists()


async def test_nothing_is_placed_into_a_program(drive: Driver) -> None:
    await drive.start("sleep 30")
    with pytest.raises(PlacementError) as caught:
        drive.session.place("ls")
    assert caught.value.hint


async def test_nothing_unprintable_is_placed(drive: Driver) -> None:
    with pytest.raises(PlacementError):
        drive.session.place("")


async def test_a_flood_of_questions_is_survived(drive: Driver) -> None:
    questions = 'yes "$(printf "\\033[c\\033[6n")" | head -c 200000 >/dev/tty'
    read_answers = "sleep .2; dd iflag=nonblock bs=1M 2>/dev/null | wc -c"
    drive.type(f"sh -c 'stty raw -echo; {questions}; {read_answers}'\r")
    await drive.until(lambda: drive.told.records)
    (answered,) = drive.told.records[0].output.text.split()[-1:]
    assert int(answered) > 0
    await drive.at_prompt()


@pytest.mark.parametrize(
    ("command", "fix"),
    [
        ("pyhton3 --version", "python3 --version"),
        ("git sttaus", "git status"),
        ("cat READNE.md", "cat README.md"),
        ("./run.sh", "chmod +x ./run.sh && ./run.sh"),
        ("mkdir a/b/c", "mkdir -p a/b/c"),
    ],
)
async def test_what_the_shell_really_says_is_understood(
    shell: str, tmp_path: Path, command: str, fix: str
) -> None:
    async with driving(shell, tmp_path, advisor=Advisor()) as drive:
        await drive.run("mkdir p && cd p && touch README.md run.sh")
        await drive.run(command)
        await drive.until(lambda: drive.told.advice)
        assert drive.told.advice[0][1].suggestions[0].command == fix


async def test_without_an_advisor_failures_are_told_at_once(drive: Driver) -> None:
    failed = await drive.run("mkdri made")
    await drive.until(lambda: drive.told.unadvised)
    assert drive.told.unadvised == [failed]
