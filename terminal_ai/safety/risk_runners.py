"""Programs that run what their arguments say: shells, interpreters, remote shells."""

import re
from collections.abc import Callable

from terminal_ai.records import Risk
from terminal_ai.safety.command_line import Word
from terminal_ai.safety.risk_invocation import Invocation, worst
from terminal_ai.safety.risk_tables import names

_DESTRUCTIVE_CODE = re.compile(
    r"rmtree|unlink|\bremove(?:dirs)?\s*\(|\brmdir|system\s*\(|subprocess|popen|\bexec"
    r"|rmSync|rmdirSync|child_process|\bfork\b|truncate|`|\brename\b|FileUtils\.rm"
)
_NETWORK_READERS = names("curl wget fetch aria2c http https lwp-request nc")


def _remote_shell(call: Invocation) -> Risk:
    arguments = list(call.words)
    floor = Risk.SAFE
    takes_value = names("-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w")
    while arguments and arguments[0].text.startswith("-"):
        option = arguments.pop(0).text
        if option[:2] in ("-o", "-F", "-R", "-L", "-D", "-w"):
            floor = Risk.CAUTION
        if option in takes_value and arguments:
            arguments.pop(0)
    command = " ".join(word.text for word in arguments[1:])
    return worst([floor, Risk.CAUTION, call.judge(command)]) if command else floor


def shell(call: Invocation) -> Risk:
    """A shell: what ``-c`` says, what a pipe or a substitution hands it."""
    arguments = call.words
    for index, word in enumerate(arguments):
        is_command = re.fullmatch(r"-[A-Za-z]*c[A-Za-z]*|--command|/c", word.text)
        if is_command and index + 1 < len(arguments):
            script = arguments[index + 1]
            floor = Risk.DANGER if script.text.startswith(("$(", "`")) else Risk.SAFE
            return worst([floor, call.judge(script.text)])
        if word.text.startswith(("<(", "$(", "`")):
            return Risk.DANGER
    if call.operands:
        return Risk.SAFE if call.has("-n", "--no-execute") else Risk.CAUTION
    return Risk.DANGER if call.is_piped or call.has("-s") else Risk.CAUTION


def interpreter(call: Invocation) -> Risk:
    """A language's interpreter: its code cannot be judged, its -c text can a little."""
    arguments = call.arguments
    if call.is_piped and not call.operands:
        return Risk.DANGER
    if arguments[:1] in (["-V"], ["-v"], ["--version"], ["-h"]):
        return Risk.SAFE
    if arguments[:1] == ["-m"]:
        module = [Word(text) for text in arguments[1:]]
        return call.judge(module) if module else Risk.CAUTION
    for index, text in enumerate(arguments[:-1]):
        if re.fullmatch(r"-[A-Za-z]*[ceEpr][A-Za-z]*|--eval|--print", text):
            code = arguments[index + 1]
            return Risk.DANGER if _DESTRUCTIVE_CODE.search(code) else Risk.CAUTION
    return Risk.CAUTION


def _evaluate(call: Invocation) -> Risk:
    text = " ".join(call.arguments)
    if any(word.text.startswith(("$(", "`", "<(")) for word in call.words):
        fetches = any(re.search(rf"\b{name}\b", text) for name in _NETWORK_READERS)
        return Risk.DANGER if fetches else Risk.CAUTION
    if call.name == "eval":
        has_unknown = any(word.is_dynamic for word in call.words)
        return worst([Risk.CAUTION if has_unknown else Risk.SAFE, call.judge(text)])
    return Risk.CAUTION


def _definition(call: Invocation) -> Risk:
    values = [text.partition("=")[2] for text in call.operands if "=" in text]
    return worst(call.judge(value) for value in values)


def _trap(call: Invocation) -> Risk:
    return call.judge(call.operands[0]) if call.operands else Risk.SAFE


def _su(call: Invocation) -> Risk:
    for index, text in enumerate(call.arguments[:-1]):
        if text in ("-c", "--command"):
            return worst([Risk.CAUTION, call.judge(call.arguments[index + 1])])
    return Risk.CAUTION


RUNNERS: dict[str, Callable[[Invocation], Risk]] = {
    "ssh": _remote_shell,
    "mosh": _remote_shell,
    "eval": _evaluate,
    "source": _evaluate,
    ".": _evaluate,
    "alias": _definition,
    "trap": _trap,
    "su": _su,
    "script": _su,
}
