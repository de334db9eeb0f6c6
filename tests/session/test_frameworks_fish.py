"""Prompt frameworks of fish, by stand-ins that treat its events as they do."""

from pathlib import Path

import pytest

from tests.session.driver import driving
from tests.session.frameworks import work

pytestmark = pytest.mark.shells

NOTE = """
function theme_note --on-event fish_postexec; echo "saw $status" >>~/seen; end
"""

# Asks a program for both prompts, and shows the status.
PROGRAM = """
function fish_prompt
    set -l code $status
    echo "saw $code" >>~/seen
    sh -c 'echo; printf "line\\n%s > " $0' $code
end
function fish_right_prompt; sh -c 'printf right'; end
function fish_mode_prompt; end
"""

# Shrinks the old prompt when a line is entered.
TRANSIENT = (
    NOTE
    + """
function fish_prompt
    if set -q theme_entered
        set -e theme_entered
        echo -n '❯ '
    else
        echo; set_color blue; prompt_pwd; set_color normal; echo -n 'long ❯ '
    end
end
function theme_enter
    set -g theme_entered 1
    commandline -f repaint execute
end
bind \\r theme_enter
"""
)

# Draws the prompt again when a job in the background has told what it found.
ASYNC = (
    NOTE
    + """
set -U theme_answer none
function theme_ask --on-event fish_prompt
    fish --no-config --private -c 'set -U theme_answer (math 1 + 1)' &
    disown
end
function theme_answered --on-variable theme_answer
    commandline -f repaint
end
function fish_prompt; echo -n "$theme_answer> "; end
"""
)

# A prompt that fails, and says so.
FAILING = (
    NOTE
    + """
function fish_prompt; no_such_program_here; echo 'complaint' >&2; false; end
function fish_right_prompt; count; end
function fish_title; false; end
"""
)

VI = (
    NOTE
    + """
fish_vi_key_bindings
set -g fish_cursor_insert line
function fish_mode_prompt; echo -n "[$fish_bind_mode] "; end
"""
)

# fish 4 marks its own prompts, without our nonce.
MARKING = (
    NOTE
    + """
function theme_start --on-event fish_preexec
    printf '\\e]133;C;cmdline_url=x\\a'
end
function theme_prompt --on-event fish_prompt
    printf '\\e]133;A;special_key=1\\a'
end
function fish_prompt; printf '\\e]133;A\\a> \\e]133;B\\a'; end
"""
)

# The user's own versions of what we could call.
OVERRIDING = (
    NOTE
    + """
function printf; builtin echo $argv >>~/called; builtin printf $argv; end
printf ''
function echo; builtin echo $argv; end
function math; builtin printf overridden; end
function functions; builtin printf overridden; end
function count; builtin printf overridden; end
set -g fish_trace 1
set -g status_text x
"""
)

FRAMEWORKS = {
    "program": PROGRAM,
    "transient": TRANSIENT,
    "async": ASYNC,
    "failing": FAILING,
    "vi": VI,
    "marking": MARKING,
}


@pytest.mark.parametrize("shell", ["fish"])
@pytest.mark.parametrize("framework", FRAMEWORKS)
async def test_framework(shell: str, framework: str, tmp_path: Path) -> None:
    async with driving(shell, tmp_path, startup=FRAMEWORKS[framework]) as drive:
        await drive.quiet()
        await work(drive, block=("for i in 1 2", "echo it$i", "end"))
        assert drive.session.cwd == "/usr"
    assert [record.command_line for record in drive.told.records] == [
        "echo one",
        "sh -c 'exit 9'",
        "printf cut",
        "cd /usr",
        "for i in 1 2\necho it$i\nend",
        "echo end",
    ]
    assert [record.exit_code for record in drive.told.records] == [0, 9, 0, 0, 0, 0]
    outputs = [record.output.text for record in drive.told.records]
    assert outputs == ["one", "", "cut", "", "it1\nit2", "end"]
    assert not any(record.is_private for record in drive.told.records)
    assert "saw 9" in (tmp_path / "seen").read_text().splitlines()


@pytest.mark.parametrize("shell", ["fish"])
async def test_overridden_commands_and_traces(shell: str, tmp_path: Path) -> None:
    async with driving(shell, tmp_path, startup=OVERRIDING) as drive:
        record = await drive.run("sh -c 'exit 9'")
        assert record.exit_code == 9
        record = await drive.run("string upper end")
        assert record.output.text.splitlines()[-1] == "END"
        assert "__terminal_ai" not in drive.session.terminal.text()
        assert drive.session.cwd == str(tmp_path)
    assert "saw 9" in (tmp_path / "seen").read_text()
    assert "133;" not in (tmp_path / "called").read_text()


@pytest.mark.parametrize("shell", ["fish"])
async def test_what_bound_functions_print_is_no_command(
    shell: str, tmp_path: Path
) -> None:
    startup = """
function look; echo; echo looked; commandline -f repaint; end
bind \\cg look
bind \\ct 'commandline -r "echo replaced"; commandline -f execute'
"""
    async with driving(shell, tmp_path, startup=startup) as drive:
        await drive.quiet()
        drive.type("echo on\x07")
        await drive.shows("\nlooked\n")
        assert (await drive.run("e")).output.text == "one"
        await drive.quiet()
        drive.type("half\x14")
        await drive.until(lambda: len(drive.told.records) == 2)
    assert drive.commands == ["echo one", "echo replaced"]


@pytest.mark.parametrize("shell", ["fish"])
async def test_snippets_of_the_configuration(shell: str, tmp_path: Path) -> None:
    snippets = tmp_path / ".config" / "fish" / "conf.d"
    snippets.mkdir(parents=True)
    (snippets / "first.fish").write_text("function cd; builtin cd $argv; end\n")
    (snippets / "last.fish").write_text("set -g from snippet\nno_such_program\n")
    async with driving(shell, tmp_path, startup="return 3\n") as drive:
        record = await drive.run("cd /; echo $from")
        assert record.output.text == "snippet"
        assert drive.session.cwd == "/"
