"""Options, traps and startup files of zsh that our hooks must not trip or show in."""

from pathlib import Path

import pytest

from tests.session.driver import Driver, driving, environment

pytestmark = [pytest.mark.shells, pytest.mark.parametrize("shell", ["zsh"])]

OURS = "__terminal_ai"


async def works(drive: Driver) -> None:
    """Commands are told exactly, and nothing of ours is seen."""
    first = await drive.run("print -r -- 'ü;\\'")
    failed = await drive.run("sh -c 'exit 7'")
    cut = await drive.run("printf cut")
    await drive.enter("cd /usr")
    assert (first.exit_code, first.output.text) == (0, "ü;\\")
    assert first.command_line == "print -r -- 'ü;\\'"
    assert (failed.exit_code, failed.output.text) == (7, "")
    assert cut.output.text == "cut"
    assert drive.session.cwd == "/usr"
    assert OURS not in drive.session.terminal.text()


@pytest.mark.parametrize(
    "option",
    [
        "ksh_arrays",
        "sh_word_split",
        "null_glob",
        "glob_subst",
        "no_nomatch",
        "err_return",
        "warn_create_global",
        "posix_builtins",
        "no_unset",
        "no_function_argzero",
        "no_multibyte",
        "no_prompt_percent prompt_subst",
        "no_prompt_cr",
        "no_prompt_sp",
        "csh_junkie_quotes csh_null_glob",
        "ignore_braces",
        "no_short_loops",
        "c_bases octal_zeroes",
        "interactive_comments extended_glob",
        "typeset_silent no_aliases",
        "hist_reduce_blanks hist_verify no_bang_hist",
        "inc_append_history share_history",
        "no_notify no_hup",
        "multi_func_def no_exec_ignored",
        "single_line_zle",
        "no_zle",
        "privileged",
        "ksh_typeset ksh_glob ksh_option_print",
    ],
)
async def test_option(shell: str, option: str, tmp_path: Path) -> None:
    startup = f"setopt {option} 2>/dev/null\n"
    async with driving(shell, tmp_path, startup=startup) as drive:
        await works(drive)


@pytest.mark.parametrize("option", ["xtrace", "verbose", "err_exit"])
async def test_option_set_later(shell: str, option: str, tmp_path: Path) -> None:
    async with driving(shell, tmp_path) as drive:
        await drive.run(f"setopt {option}")
        assert (await drive.run("print one")).output.text.endswith("one")
        await drive.enter("cd /usr")
        await drive.enter("")
        assert drive.session.cwd == "/usr"
        assert OURS not in drive.session.terminal.text()


@pytest.mark.parametrize("mode", ["sh", "ksh", "csh", "-R zsh"])
async def test_emulation(shell: str, mode: str, tmp_path: Path) -> None:
    async with driving(shell, tmp_path) as drive:
        await drive.run(f"emulate {mode}")
        await works(drive)


TRAPS = {
    "debug": ("TRAPDEBUG() { print -r -- debug >> ~/trap }\n", ""),
    "error": ("TRAPZERR() { print -r -- error >> ~/trap }\n", "error\n"),
    "exit": ("TRAPEXIT() { print -r -- exit >> ~/trap }\n", ""),
    "list": ("trap 'print error >> ~/trap' ZERR\n", "error\n"),
}


@pytest.mark.parametrize("trap", TRAPS)
async def test_traps(shell: str, trap: str, tmp_path: Path) -> None:
    startup, told = TRAPS[trap]
    async with driving(shell, tmp_path, startup=startup) as drive:
        await works(drive)
        if told:
            assert (tmp_path / "trap").read_text() == told


@pytest.mark.parametrize(
    "startup",
    [
        'print() { : }; printf() { command printf "$@" }; zle() { false }\n'
        'print() { builtin print "$@" }\n',
        "alias -g builtin=false local=false emulate=false typeset=false '{=false'\n",
        "alias print=false builtin=false if=false function=false then=false\n"
        "unalias print if then\n",
        "typeset -U precmd_functions preexec_functions\n",
        "typeset -gr status_text=x; typeset -gi REPLY=3; readonly text=x byte=x\n",
        "module_path=(/nonexistent)\n",
        "IFS=:; typeset -x PROMPT_EOL_MARK=; HISTSIZE=0\n",
        "readonly PROMPT_EOL_MARK='%B%S%#%s%b'; setopt no_prompt_sp\n",
        "unset HISTCMD EPOCHREALTIME PWD OLDPWD\n",
        "PS1='%(?..%?)$PWD %'; RPS1='%*'; setopt transient_rprompt\n",
        "bindkey -v; KEYTIMEOUT=1\n",
        "TMOUT=100; REPORTTIME=100\n",
        "precmd() { : }; precmd_functions+=(nosuch)\n",
        "PS1=$'two\\nlines %# '; chpwd() { print -r -- moved >/dev/null }\n",
    ],
)
async def test_startup(shell: str, startup: str, tmp_path: Path) -> None:
    async with driving(shell, tmp_path, startup=startup) as drive:
        await works(drive)


async def test_missing_modules(shell: str, tmp_path: Path) -> None:
    (tmp_path / ".zshenv").write_text("module_path=(/nonexistent)\n")
    async with driving(shell, tmp_path) as drive:
        record = await drive.run("zmodload zsh/datetime")
        if record.exit_code == 0:
            pytest.skip("this shell has its modules built in")
        await drive.run("clear")
        await works(drive)


async def test_exported_end_of_line_mark_tells_children_nothing(
    shell: str, tmp_path: Path
) -> None:
    startup = "export PROMPT_EOL_MARK='%%'\n"
    async with driving(shell, tmp_path, startup=startup) as drive:
        await drive.run("true")
        record = await drive.run("env | grep -c 133")
        assert record.output.text == "0"


@pytest.mark.parametrize("is_login", [False, True])
async def test_startup_files_in_a_directory_with_spaces(
    shell: str, is_login: bool, tmp_path: Path
) -> None:
    directory = tmp_path / "my 'dot' files"
    directory.mkdir()
    for name in ("zshenv", "zprofile", "zshrc", "zlogin"):
        (directory / f".{name}").write_text(f"FILES+=' {name}'\n")
    environ = environment(tmp_path, ZDOTDIR=str(directory))
    async with driving(shell, tmp_path, environ=environ, is_login=is_login) as drive:
        record = await drive.run("print -r -- $ZDOTDIR$FILES")
        files = " zshenv zprofile zshrc zlogin" if is_login else " zshenv zshrc"
        assert record.output.text.replace("\n", "") == f"{directory}{files}"
        await works(drive)


async def test_replaced_by_itself(shell: str, tmp_path: Path) -> None:
    """The new shell has no integration: one command, until it ends."""
    async with driving(shell, tmp_path) as drive:
        drive.type("exec zsh -f\r")
        await drive.until(lambda: drive.told.started)
        await drive.quiet()
        drive.type("exit 6\r")
        await drive.until(lambda: drive.told.exits)
        assert drive.told.exits[0].exit_code == 6
    assert drive.commands == ["exec zsh -f"]
