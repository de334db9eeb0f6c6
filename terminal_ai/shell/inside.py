"""Which programs take commands themselves: ours are not told of those.

Shells at a prompt of their own, remote shells, and what carries one. An interpreter of
some language (python, psql) takes no commands.
"""

import os
import re
from collections.abc import Mapping, Sequence

from terminal_ai.safety.command_line import Link, parse_command_line

SHELLS = frozenset(
    {
        "ash", "bash", "busybox", "csh", "dash", "elvish", "fish", "ksh", "ksh93",
        "mksh", "nu", "oksh", "osh", "pwsh", "rbash", "sh", "tcsh", "xonsh", "yash",
        "zsh",
    }
)  # fmt: skip
# Programs that run another one in their place, and their options with a value.
WRAPPERS: Mapping[str, str] = {
    "builtin": "",
    "chroot": "",
    "command": "",
    "doas": "Cu",
    "env": "uCS",
    "exec": "a",
    "ionice": "cn",
    "nice": "n",
    "nohup": "",
    "nsenter": "tSG",
    "setsid": "",
    "stdbuf": "ioe",
    "sudo": "CDghpRrTtUu",
    "time": "fo",
    "timeout": "ks",
    "unshare": "SG",
}
_BECOMES_SOMEONE = frozenset({"doas", "sudo"})
_ALWAYS = frozenset(
    {
        "abduco", "byobu", "dtach", "mosh", "mosh-client", "rlogin", "screen", "su",
        "telnet", "tmux", "zellij",
    }
)  # fmt: skip
_SHOWN_AS = {"mosh-client": "mosh", "autossh": "ssh", "slogin": "ssh"}
_SSH_VALUES = "BbcDEeFIiJLlmOoPpQRSWw"
# Program, words that open a session, whether it asks for a terminal by -t.
_CONTAINERS: Mapping[str, tuple[frozenset[str], bool]] = {
    "docker": (frozenset({"exec", "run", "attach", "start"}), True),
    "podman": (frozenset({"exec", "run", "attach", "start"}), True),
    "nerdctl": (frozenset({"exec", "run", "attach"}), True),
    "kubectl": (frozenset({"exec", "attach", "run", "debug"}), True),
    "oc": (frozenset({"exec", "attach", "rsh", "debug"}), True),
    "docker-compose": (frozenset({"exec", "run"}), False),
    "lxc": (frozenset({"exec", "shell", "console"}), False),
    "incus": (frozenset({"exec", "shell", "console"}), False),
    "machinectl": (frozenset({"shell", "login"}), False),
    "toolbox": (frozenset({"enter"}), False),
    "distrobox": (frozenset({"enter"}), False),
    "vagrant": (frozenset({"ssh"}), False),
    "adb": (frozenset({"shell"}), False),
}
_SHELL_VALUES: Mapping[str, frozenset[str]] = {
    "bash": frozenset({"--rcfile", "--init-file", "-o", "+o", "-O", "+O"}),
    "zsh": frozenset({"-o", "+o"}),
    "fish": frozenset({"-C", "--init-command", "-d", "-o", "-f"}),
}
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=.*", re.DOTALL)
_TERMINAL_FLAG = re.compile(r"-[a-zA-Z]*t[a-zA-Z]*|--tty(=true)?")
# A script's name, a command line, or a question about the shell itself.
_ENDS_PROMPTING = re.compile(r"[^-+].*|-[^-]*c.*|--(command|version|help).*", re.DOTALL)
READ_LIMIT_CHARACTERS = 2_000


def taker_of_line(command_line: str) -> str:
    """Return the program in a command line that takes commands, or nothing."""
    for command in parse_command_line(command_line[:READ_LIMIT_CHARACTERS]).commands:
        # What reads from a pipe does not read from the user.
        if command.link is Link.PIPE:
            continue
        if taker := taker_of_commands([word.text for word in command.words]):
            return taker
    return ""


def taker_of_commands(argv: Sequence[str]) -> str:
    """Return the name of the program that takes commands from the user, or nothing.

    ``argv`` are a program's own arguments, or the words of a command line.
    """
    words = [*argv]
    someone = ""
    while words:
        if _ASSIGNMENT.fullmatch(words[0]):
            words.pop(0)
            continue
        name = _name(words[0])
        if name not in WRAPPERS:
            break
        options, words = _operands(words[1:], WRAPPERS[name])
        if name in _BECOMES_SOMEONE:
            someone = someone or name
            if {"-i", "-s", "--login", "--shell"} & set(options) and not words:
                return someone
        elif name in ("chroot", "timeout"):
            words = words[1:]
            if name == "chroot" and not words:
                return name
        elif name in ("nsenter", "unshare") and not words:
            return name
    if not words:
        return ""
    taker = _taker(_name(words[0]), words[1:])
    return (someone if taker in SHELLS or taker == "su" else "") or taker


def _taker(name: str, arguments: list[str]) -> str:
    if name in _ALWAYS:
        is_one_shot = name == "su" and any(
            a in ("-c", "--command") or a.startswith("--command=") for a in arguments
        )
        return "" if is_one_shot else _SHOWN_AS.get(name, name)
    if name in ("ssh", "autossh", "slogin"):
        options, operands = _operands(arguments, _SSH_VALUES)
        flags = "".join(o[1:] for o in options if o[1:2] not in _SSH_VALUES)
        is_session = len(operands) == 1 or (len(operands) > 1 and "t" in flags)
        return "ssh" if is_session and not set("NTfV") & set(flags) else ""
    if name in _CONTAINERS:
        openers, needs_flag = _CONTAINERS[name]
        if "compose" in arguments[:1]:
            needs_flag = False
        opened = openers & set(arguments)
        asks = any(map(_TERMINAL_FLAG.fullmatch, arguments)) or opened & {
            "attach",
            "rsh",
        }
        return name if opened and (asks or not needs_flag) else ""
    if name in SHELLS:
        return name if _is_prompting(name, arguments) else ""
    if name in ("nix-shell", "poetry", "pipenv", "nix", "guix"):
        is_nested = name == "nix-shell" or arguments[:1] in (["shell"], ["develop"])
        runs_one = {"-c", "--command", "--run"} & set(arguments)
        return name if is_nested and not runs_one else ""
    return ""


def _is_prompting(name: str, arguments: list[str]) -> bool:
    """Tell a shell at a prompt from one that runs a script or one command line."""
    values = _SHELL_VALUES.get(name, frozenset({"-o", "+o"}))
    if name == "busybox":
        return bool(arguments) and _name(arguments[0]) in SHELLS
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if word in values:
            waiting = waiting[1:]
        elif word in ("--", "-"):
            return not waiting
        elif _ENDS_PROMPTING.fullmatch(word):
            return False
    return True


def _operands(
    arguments: Sequence[str], with_values: str
) -> tuple[list[str], list[str]]:
    """Split options from what follows them; short options in ``with_values`` eat one.

    The values of options are dropped.
    """
    options: list[str] = []
    rest = list(arguments)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        option = rest.pop(0)
        if option == "--":
            break
        options.append(option)
        if not option.startswith("--"):
            flags = option[1:]
            eats = next((i for i, f in enumerate(flags) if f in with_values), None)
            # The value may be glued to its letter.
            if eats is not None:
                options[-1] = option[: eats + 2]
                if eats == len(flags) - 1:
                    rest = rest[1:]
    return options, rest


def _name(word: str) -> str:
    # A login shell's name starts with a hyphen.
    return os.path.basename(word).removeprefix("-")  # noqa: PTH119
