"""The commands that shells bring themselves: no file on PATH has their names."""

_POSIX = """
    . : [ alias bg break cd command continue echo eval exec exit export false fc fg
    getopts hash jobs kill printf pwd read readonly return set shift test times trap
    true type ulimit umask unalias unset wait
"""
_BASH = """
    bind builtin caller compgen complete compopt declare dirs disown enable help
    history let local logout mapfile popd pushd readarray shopt source suspend typeset
"""
_ZSH = """
    autoload bindkey builtin bye chdir compadd compdef declare dirs disable disown
    echotc echoti emulate enable float functions history integer let limit local log
    logout noglob nocorrect popd print private pushd pushln r rehash sched setopt
    source suspend ttyctl typeset unfunction unhash unlimit unsetopt vared whence where
    which zcompile zformat zle zmodload zparseopts zregexparse zstyle
"""
_FISH = """
    . : [ abbr alias and argparse begin bg bind block break breakpoint builtin case cd
    cdh command commandline complete contains continue count dirh dirs disown echo else
    emit end eval exec exit export false fg fish_add_path for funced funcsave function
    functions help history if jobs math nextd not open or path popd prevd
    printf prompt_pwd psub pushd pwd random read realpath return set set_color source
    status string suspend switch test time trap true type ulimit umask vared wait while
"""
# Words of the grammar; a user may well type them first.
_KEYWORDS = (
    "case do done elif else esac fi for function if in select then time until while"
)

_BY_SHELL = {
    "bash": f"{_POSIX} {_BASH} {_KEYWORDS}",
    "zsh": f"{_POSIX} {_ZSH} {_KEYWORDS} foreach repeat",
    "fish": _FISH,
}


def shell_builtins(shell: str) -> frozenset[str]:
    """Return the builtins and keywords of a shell; of POSIX for an unknown one."""
    return frozenset(_BY_SHELL.get(shell, f"{_POSIX} {_KEYWORDS}").split())
