"""A package manager that this machine does not have: the one it has does the work."""

from collections.abc import Iterable

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.reading.command_line import SimpleCommand
from terminal_ai.messages import gettext as _

# What each calls the same thing; "" where it has nothing for it.
_VERBS: dict[str, dict[str, str]] = {
    "apt": {
        "install": "install",
        "remove": "remove",
        "search": "search",
        "update": "update",
        "upgrade": "upgrade",
        "info": "show",
        "list": "list --installed",
    },
    "dnf": {
        "install": "install",
        "remove": "remove",
        "search": "search",
        "update": "makecache",
        "upgrade": "upgrade",
        "info": "info",
        "list": "list --installed",
    },
    "pacman": {
        "install": "-S",
        "remove": "-Rs",
        "search": "-Ss",
        "update": "-Sy",
        "upgrade": "-Syu",
        "info": "-Si",
        "list": "-Q",
    },
    "apk": {
        "install": "add",
        "remove": "del",
        "search": "search",
        "update": "update",
        "upgrade": "upgrade",
        "info": "info",
        "list": "list --installed",
    },
    "zypper": {
        "install": "install",
        "remove": "remove",
        "search": "search",
        "update": "refresh",
        "upgrade": "update",
        "info": "info",
        "list": "packages --installed-only",
    },
    "brew": {
        "install": "install",
        "remove": "uninstall",
        "search": "search",
        "update": "update",
        "upgrade": "upgrade",
        "info": "info",
        "list": "list",
    },
}
_SAME = {"apt-get": "apt", "aptitude": "apt", "yum": "dnf", "microdnf": "dnf"}
_READ: dict[str, dict[str, str]] = {
    "yum": {"update": "upgrade"},
    "dnf": {"update": "upgrade"},
    "apt": {"uninstall": "remove", "purge": "remove", "show": "info"},
    "brew": {"uninstall": "remove", "rm": "remove"},
    "apk": {"add": "install", "del": "remove"},
    "zypper": {"in": "install", "rm": "remove", "se": "search"},
    "pacman": {
        "-S": "install",
        "-Sy": "install",
        "-R": "remove",
        "-Rs": "remove",
        "-Rns": "remove",
        "-Ss": "search",
        "-Syu": "upgrade",
        "-Si": "info",
        "-Q": "list",
    },
}
_ASSENT = frozenset(("-y", "--yes", "--assumeyes", "--noconfirm", "--non-interactive"))
_ASSENT_OF = {"apt": "-y", "dnf": "-y", "pacman": "--noconfirm", "zypper": "-n"}
_NAME_TABLES = {"apt": "debian_packages", "dnf": "fedora_packages"}


def use_installed_manager(failure: Failure) -> Iterable[Finding]:
    """Say the same to the package manager of this machine."""
    programs = failure.surroundings.programs
    for command in failure.line.commands:
        program = command.program
        own = _SAME.get(program, program)
        if own not in _VERBS or not programs or program in programs:
            continue
        other = next((name for name in _VERBS if name != own and name in programs), "")
        if own in programs:
            other = own
        if not other or f"{program}: " not in failure.output:
            continue
        if text := _translated(command, own, other, failure):
            yield Finding(
                "other-package-manager",
                _("{program} is not installed here.").format(program=program),
                _("The package manager of this system is {other}.").format(other=other),
                failure.evidence(f"{program}: "),
                0.93,
                (Fix(_replaced(failure, command, text), 0.9),),
            )
            return


def _translated(
    command: SimpleCommand, own: str, other: str, failure: Failure
) -> str | None:
    words = [word for word in command.arguments if word.value not in _ASSENT]
    if not words:
        return None
    typed = words[0].value
    meaning = _READ.get(command.program, {}).get(typed, "")
    meaning = meaning or _READ.get(own, {}).get(typed, typed)
    verb = _VERBS[other].get(meaning)
    names = words[1:]
    if verb is None or any(word.is_option for word in names):
        return None
    table = _NAME_TABLES.get(other, "")
    packages = [failure.knowledge.lookup(table, word.text) for word in names]
    has_assent = len(words) < len(command.arguments)
    assent = [_ASSENT_OF[other]] if has_assent and other in _ASSENT_OF else []
    return " ".join([other, verb, *assent, *packages])


def _replaced(failure: Failure, command: SimpleCommand, text: str) -> str:
    line = failure.line
    return line.replace(command.words[0].start, command.words[-1].end, text)
