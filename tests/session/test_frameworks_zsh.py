"""Prompt frameworks of zsh, by stand-ins that treat the hooks as they do.

Each stand-in notes what status its own hooks saw, and each is driven through the same
commands: their boundaries, statuses and outputs must be exact.
"""

from pathlib import Path

import pytest

from tests.session.driver import Driver, driving
from tests.session.frameworks import work

pytestmark = pytest.mark.shells

# Adds itself last at every prompt, rebuilds the prompt, and shrinks the old one when
# a line is entered.
TRANSIENT = r"""
theme_precmd() {
  print -r -- "saw $?" >> ~/seen
  precmd_functions=(${precmd_functions:#theme_precmd} theme_precmd)
  preexec_functions=(${preexec_functions:#theme_preexec} theme_preexec)
  PROMPT=$'%F{4}%~%f\n%F{2}long%f ❯ '
  RPROMPT='%(?..%? )%*'
}
theme_preexec() { : }
theme_line_finish() {
  PROMPT='❯ ' RPROMPT=
  zle reset-prompt
}
zle -N zle-line-finish theme_line_finish
autoload -Uz add-zsh-hook
add-zsh-hook precmd theme_precmd
"""

# Shows a prompt before the startup files are read, and keeps what they print.
INSTANT = (
    r"""
exec {theme_out}>&1 {theme_err}>&2 1>~/instant 2>&1
print -rn -- $'\e[1mat once\e[m ❯ ' >&$theme_out
theme_first() {
  exec 1>&$theme_out 2>&$theme_err {theme_out}>&- {theme_err}>&-
  print -rn -- $'\r\e[J'
  print -r -- "$(<~/instant)"
  precmd_functions=(${precmd_functions:#theme_first})
}
precmd_functions=(theme_first $precmd_functions)
print printed by a startup file
"""
    + TRANSIENT
)

# Hooks in lists, a prompt with substitutions, and a slow part that is awaited by the
# line editor and drawn when it comes.
ASYNC = r"""
setopt prompt_subst hist_ignore_space share_history
HISTFILE=~/.histfile HISTSIZE=100 SAVEHIST=100
typeset -ga precmd_functions preexec_functions chpwd_functions
theme_title() { print -Pn '\e]0;%~\a' }
theme_note() { print -r -- "saw $?" >> ~/seen }
theme_ask() {
  local fd
  exec {fd}< <(sleep 0.05; print main)
  zle -F $fd theme_answered
}
theme_answered() {
  local answer
  zle -F $1
  IFS= read -r answer <&$1
  exec {1}<&-
  branch="($answer) "
  zle reset-prompt
}
precmd_functions+=(theme_note theme_title theme_ask)
preexec_functions+=(theme_title)
PROMPT='%{$(print -n "\e[36m")%}%c ${branch}%(?..%{$fg[red]%}✗)%# '
"""

# Takes the time and the status, and asks a program for the prompt.
PROGRAM = r"""
zmodload zsh/datetime zsh/parameter
setopt prompt_subst
theme_precmd() {
  theme_status=$? theme_pipe=(${pipestatus[@]})
  print -r -- "saw $theme_status" >> ~/seen
  if (( ${+theme_start} )); then theme_took=$(( EPOCHREALTIME - theme_start )); fi
  unset theme_start
}
theme_preexec() { theme_start=$EPOCHREALTIME }
precmd_functions=(theme_precmd)
preexec_functions+=(theme_preexec)
theme_keymap() { zle reset-prompt }
zle -N zle-keymap-select theme_keymap
PROMPT='$(sh -c "echo; echo line; printf \"%s > \" $theme_status")'
RPROMPT='$(printf right)'
PROMPT2='$(printf "more ")'
"""

# Wraps every widget, colours the line and suggests the rest of it.
WIDGETS = r"""
PROMPT='%m %# '
colour() { region_highlight=("0 $#BUFFER fg=green") }
suggest() {
  POSTDISPLAY=
  [[ -z $BUFFER ]] || POSTDISPLAY=" (suggested)"
  region_highlight+=("$#BUFFER $(( $#BUFFER + $#POSTDISPLAY )) fg=8")
}
wrap() {
  local widget
  for widget in self-insert accept-line backward-delete-char bracketed-paste; do
    zle -A .$widget original-$widget
    eval "wrapped-$widget() {
      zle original-$widget -- \"\$@\"; local code=\$?; colour; suggest; return \$code
    }"
    zle -N $widget wrapped-$widget
  done
}
wrap
wrapped-accept-line() { POSTDISPLAY=; zle original-accept-line }
theme_note() { print -r -- "saw $?" >> ~/seen }
precmd_functions+=(theme_note)
"""

# Another integration, whose marks are not ours, and whose prompt ends in a percent.
MARKING = r"""
setopt prompt_subst
theme_precmd() {
  print -r -- "saw $?" >> ~/seen
  print -rn -- $'\e]133;D;7\a\e]133;A\a'
}
theme_preexec() { print -rn -- $'\e]133;C;cmdline=x\a' }
precmd_functions=(theme_precmd)
preexec_functions=(theme_preexec)
PS1=$'%{\e]133;A\a%}$PWD %%%{\e]133;B\a%}'
"""

# Prints in every hook there is, and has its own idea of a mark for cut lines.
TALKING = r"""
precmd() { print -r -- "saw $?" >> ~/seen; print; print before }
preexec() { print started }
periodic() { print from time to time }
PERIOD=1
chpwd() { : }
PROMPT_EOL_MARK='%F{1}<cut>%f'
PS1='> '
"""

FRAMEWORKS = {
    "transient": TRANSIENT,
    "instant": INSTANT,
    "async": ASYNC,
    "program": PROGRAM,
    "widgets": WIDGETS,
    "marking": MARKING,
    "talking": TALKING,
}


@pytest.mark.parametrize("shell", ["zsh"])
@pytest.mark.parametrize("framework", FRAMEWORKS)
async def test_framework(shell: str, framework: str, tmp_path: Path) -> None:
    async with driving(shell, tmp_path, startup=FRAMEWORKS[framework]) as drive:
        await drive.quiet()
        await work(drive, block=("for i in 1 2; do", "echo it$i", "done"), more=["if)"])
        assert drive.session.cwd == "/usr"
    assert [record.command_line for record in drive.told.records] == [
        "echo one",
        "sh -c 'exit 9'",
        "printf cut",
        "cd /usr",
        "for i in 1 2; do\necho it$i\ndone",
        "if)",
        "echo end",
    ]
    codes = [record.exit_code for record in drive.told.records]
    assert codes == [0, 9, 0, 0, 0, 1, 0]
    outputs = [record.output.text for record in drive.told.records]
    assert outputs[:5] == ["one", "", "cut", "", "it1\nit2"]
    assert outputs[5].startswith("zsh: parse error")
    assert outputs[6] == "end"
    assert not any(record.is_private for record in drive.told.records)
    assert "saw 9" in (tmp_path / "seen").read_text().splitlines()


@pytest.mark.parametrize("shell", ["zsh"])
async def test_prompt_shown_at_once(shell: str, tmp_path: Path) -> None:
    async with driving(shell, tmp_path, startup=INSTANT) as drive:
        assert "printed by a startup file" in drive.session.terminal.text()
        await drive.run("true")


CALLED = r"""
renew() {
  for each in $precmd_functions; do $each; done
  zle reset-prompt
}
zle -N renew
bindkey '^T' renew
theme_precmd() { PROMPT="renewed $(( ++count ))> " }
precmd_functions+=(theme_precmd)
"""


@pytest.mark.parametrize("shell", ["zsh"])
async def test_hooks_that_a_theme_calls_from_the_line_editor(
    shell: str, tmp_path: Path
) -> None:
    async with driving(shell, tmp_path, startup=CALLED) as drive:
        await drive.run("sh -c 'exit 3'")
        prompts = len(drive.told.prompts)
        drive.type("echo\x14 one")
        await drive.shows("renewed 3> echo one")
        await drive.quiet()
        assert len(drive.told.prompts) == prompts
        assert len(drive.told.started) == 1
        record = await drive.run("")
        assert (record.command_line, record.output.text) == ("echo one", "one")


@pytest.mark.parametrize("shell", ["zsh"])
async def test_what_hooks_print_without_a_mark_for_cut_lines(
    shell: str, tmp_path: Path
) -> None:
    startup = """
setopt no_prompt_cr no_prompt_sp
talks() { print hooked; precmd_functions=(talks ${precmd_functions:#talks}) }
starts() { print starting; preexec_functions=(${preexec_functions:#starts} starts) }
precmd_functions=(talks) preexec_functions=(starts)
"""
    async with driving(shell, tmp_path, startup=startup) as drive:
        await drive.run("true")
        assert (await drive.run("printf cut")).output.text == "cut"
        assert (await drive.run("echo two")).output.text == "two"
        assert "hooked" in drive.session.terminal.text()
        assert "starting" in drive.session.terminal.text()


@pytest.mark.parametrize("shell", ["zsh"])
async def test_lists_set_anew(shell: str, tmp_path: Path) -> None:
    """Startup files may replace the lists in which we wait for the first prompt."""
    startup = "mine() { : }\nprecmd_functions=(mine) preexec_functions=(mine)\n"
    async with driving(shell, tmp_path, startup=startup) as drive:
        record = await drive.run("sched; sh -c 'exit 4'")
        assert (record.exit_code, record.output.text) == (4, "")
        assert (await drive.run("echo two")).output.text == "two"


@pytest.mark.parametrize("shell", ["zsh"])
async def test_hooks_removed_by_the_user_fall_silent(drive: Driver) -> None:
    await drive.run("autoload -Uz add-zsh-hook")
    drive.type("add-zsh-hook -d precmd __terminal_ai_precmd; ")
    drive.type("add-zsh-hook -d precmd __terminal_ai_prompt\r")
    await drive.until(lambda: len(drive.told.started) == 2)
    drive.type("echo unseen\r")
    await drive.shows("\nunseen\n")
    await drive.quiet()
    assert len(drive.told.started) == 2
    assert len(drive.told.records) == 1
    assert not drive.session.is_at_prompt


@pytest.mark.parametrize("shell", ["zsh"])
@pytest.mark.parametrize(
    "removal",
    [
        "precmd_functions=(${precmd_functions:#__terminal_ai_precmd})",
        "precmd_functions=(${precmd_functions:#__terminal_ai_prompt})",
        "preexec_functions=()",
    ],
)
async def test_a_list_half_rebuilt_is_mended(drive: Driver, removal: str) -> None:
    drive.type(f"{removal}\r")
    await drive.quiet()
    await drive.enter("")
    assert (await drive.run("sh -c 'echo on; exit 2'")).exit_code == 2
    assert (await drive.run("sh -c 'echo on; exit 3'")).exit_code == 3
    assert (await drive.run("echo two")).output.text == "two"
