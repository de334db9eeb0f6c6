"""What the user's shell keeps out of its history file is private with us."""

from pathlib import Path

import pytest

from tests.session.driver import Driver, driving

pytestmark = pytest.mark.shells

SAVING = "HISTFILE=~/.histfile HISTSIZE=100 SAVEHIST=100\n"


async def private_of(drive: Driver, *lines: str) -> list[bool]:
    """Run lines that are one command each; tell which of them are private."""
    for line in lines:
        await drive.run(line)
    assert drive.commands[-len(lines) :] == list(lines)
    return [record.is_private for record in drive.told.records[-len(lines) :]]


HOOKS = {
    "function": "zshaddhistory() {{ {} }}\n",
    "list": "keep() {{ {} }}\nzshaddhistory_functions=(keep)\n",
}
KEEP = 'print -r -- "asked $1" >>~/asked; [[ $1 != *hidden* ]]'


@pytest.mark.parametrize("shell", ["zsh"])
@pytest.mark.parametrize("kind", HOOKS)
async def test_line_refused_by_a_hook(shell: str, kind: str, tmp_path: Path) -> None:
    startup = HOOKS[kind].format(KEEP)
    async with driving(shell, tmp_path, startup=startup) as drive:
        told = await private_of(
            drive, "echo open", "echo hidden", "echo hidden", "echo open", "hidden)"
        )
        listed = (await drive.run("fc -ln 1")).output.text.splitlines()
    assert told == [False, True, True, False, True]
    assert [line for line in listed if line.startswith("echo")] == ["echo open"] * 2
    asked = (tmp_path / "asked").read_text()
    assert asked.count("asked echo open") == 2, "each line is asked for once"
    assert asked.count("asked echo hidden") == 2


@pytest.mark.parametrize("shell", ["zsh"])
async def test_options_that_keep_lines_out(shell: str, tmp_path: Path) -> None:
    startup = (
        "setopt hist_ignore_space hist_no_store hist_no_functions\n"
        "alias spaced=' echo'\n"
    )
    async with driving(shell, tmp_path, startup=startup) as drive:
        told = await private_of(
            drive,
            "echo open",
            " echo hidden",
            "spaced hidden",
            "true; spaced hidden",
            " hidden)",
            "fc -l",
            "f() { true }",
            "echo history",
            "f",
        )
    assert told == [False, True, True, True, True, True, True, False, False]


@pytest.mark.parametrize("shell", ["zsh"])
@pytest.mark.parametrize(
    ("change", "is_private"),
    [
        ("unset HISTFILE", True),
        ("HISTFILE=/dev/null", True),
        ("HISTFILE=", True),
        ("SAVEHIST=0", True),
        ("fc -p", True),
        ("fc -p ~/other 10 10", False),
        ("HISTORY_IGNORE='(^echo kept*)'; setopt extended_glob", True),
        ("HISTORY_IGNORE='(#i)*KEPT*'; setopt extended_glob", True),
        ("HISTORY_IGNORE='(#i)*KEPT*'", False),
        ("HISTORY_IGNORE='[unclosed'", False),
    ],
)
async def test_history_that_is_not_saved(
    shell: str, change: str, is_private: bool, tmp_path: Path
) -> None:
    async with driving(shell, tmp_path, startup=SAVING) as drive:
        assert await private_of(drive, "echo before") == [False]
        await drive.run(change)
        assert await private_of(drive, "print kept") == [is_private]


@pytest.mark.parametrize("shell", ["bash", "zsh"])
@pytest.mark.parametrize(
    "change", ["unset HISTFILE", "HISTFILE=", "HISTFILE=/dev/null"]
)
async def test_a_line_that_switches_the_saving_off(
    shell: str, change: str, tmp_path: Path
) -> None:
    async with driving(shell, tmp_path, startup=SAVING) as drive:
        told = await private_of(drive, "echo before", f"{change}; echo secret", "true")
    assert told == [False, True, True]


@pytest.mark.parametrize("shell", ["zsh"])
@pytest.mark.parametrize(
    ("startup", "is_private"),
    [
        ("", False),
        ("HISTFILE=~/.histfile\n", True),
        ("SAVEHIST=100\n", True),
        ("HISTFILE=/dev/null SAVEHIST=100\n", True),
        (SAVING, False),
    ],
)
async def test_a_history_never_set_up_is_no_wish(
    shell: str, startup: str, is_private: bool, tmp_path: Path
) -> None:
    async with driving(shell, tmp_path, startup=startup) as drive:
        assert await private_of(drive, "echo one") == [is_private]


@pytest.mark.parametrize("shell", ["fish"])
async def test_fish_in_private_mode(drive: Driver) -> None:
    assert await private_of(drive, "echo open", " echo hidden") == [False, True]
    await drive.run("set -g fish_private_mode 1")
    assert await private_of(drive, "echo hidden") == [True]
    await drive.run("set -e fish_private_mode; set -g fish_history ''")
    assert await private_of(drive, "echo hidden") == [True]
    await drive.run("set -e fish_history")
    assert await private_of(drive, "echo open") == [False]


@pytest.mark.parametrize("shell", ["fish"])
async def test_fish_line_that_does_not_parse(drive: Driver) -> None:
    assert await private_of(drive, " if)") == [True]
    await drive.quiet()
    drive.type("\x15\x15")
    assert await private_of(drive, "if)") == [False]


FISH_4_ASKS = """
function fish_should_add_to_history
    echo "asked $argv" >>~/asked
    not string match -q '*hidden*' -- $argv[1]
end
# What fish 4 does at Enter before it runs the line.
function enter
    fish_should_add_to_history (commandline)
    commandline -f execute
end
bind \\r enter
"""


@pytest.mark.parametrize("shell", ["fish"])
async def test_fish_line_refused_by_a_function(shell: str, tmp_path: Path) -> None:
    async with driving(shell, tmp_path, startup=FISH_4_ASKS) as drive:
        told = await private_of(drive, "echo open", "echo hidden", "echo open")
        await drive.run("function fish_should_add_to_history; return 1; end")
        told += await private_of(drive, "echo other")
        await drive.run("functions -e fish_should_add_to_history")
    assert told == [False, True, False, True]
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[:3] == ["asked echo open", "asked echo hidden", "asked echo open"]
