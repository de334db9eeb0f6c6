"""One program with its arguments, and the questions all judges ask about it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from terminal_ai.records import Risk
from terminal_ai.safety.command_line import Word

Judge = Callable[[str | list[Word]], Risk]

_DEVICE = re.compile(
    r"/dev/(?:sd|hd|vd|xvd|nvme|mmcblk|disk|rdisk|mapper|md|dm-|loop|mem|kmem|port)"
)
_SYSTEM_PATH = re.compile(
    r"/(?:|etc|usr|bin|sbin|lib\w*|boot|sys|proc|dev|root|opt|var|System|Library"
    r"|Applications|private/etc)(?:/(?!local/|tmp/|null$|shm/|zero$|stdout$|tty$).*)?"
)
_KEY_FILE = re.compile(
    r".*(?:/|^)(?:authorized_keys|sudoers|sudoers\.d/.*|passwd|shadow|crontab)"
)


@dataclass(frozen=True, slots=True)
class Invocation:
    """One program with its arguments; ``judge`` labels what it would run."""

    name: str
    words: list[Word]
    judge: Judge
    is_piped: bool

    @property
    def arguments(self) -> list[str]:
        """The arguments as text, quotes removed."""
        return [word.text for word in self.words]

    @property
    def operands(self) -> list[str]:
        """The arguments that are no options."""
        return [text for text in self.arguments if not text.startswith("-")]

    def has(self, *options: str) -> bool:
        """True if one of the options is given; ``-x`` is also found in ``-axb``."""
        return has_option(self.arguments, *options)


def worst(risks: Iterable[Risk]) -> Risk:
    """Return the highest of the risks, safe if there is none."""
    return max(risks, key=lambda risk: risk.rank, default=Risk.SAFE)


def has_option(arguments: Iterable[str], *options: str) -> bool:
    """True if one of the options is among the arguments before ``--``."""
    for argument in arguments:
        if argument == "--":
            return "--" in options
        for option in options:
            if argument == option or argument.startswith(f"{option}="):
                return True
            is_letter = len(option) == 2 and option[0] == "-" and option[1] != "-"
            if is_letter and re.fullmatch(r"-[A-Za-z0-9]+", argument):
                if option[1] in argument[1:]:
                    return True
            # GNU programs take any unambiguous beginning of a long option.
            elif len(argument) >= 5 and option.startswith(argument):
                return True
    return False


def is_device(path: str) -> bool:
    """True for a disk or memory device."""
    return _DEVICE.match(path) is not None


def is_system_path(path: str) -> bool:
    """True for the root directory and for what the system itself owns."""
    return _SYSTEM_PATH.fullmatch(re.sub(r"/+(?:\./+)*", "/", path)) is not None


def is_key_file(path: str) -> bool:
    """True for a file that decides who may enter or what runs by itself."""
    return _KEY_FILE.fullmatch(path) is not None


def many_operands(words: list[Word], judge: Judge) -> Risk:
    """Judge a command that will be given more operands than the line shows."""
    risk = judge(words)
    name = words[0].text.rpartition("/")[2]
    if name in ("rm", "unlink", "kill", "mv", "git"):
        return Risk.DANGER if name != "git" else worst([risk, Risk.CAUTION])
    return risk
