"""What a rule concludes: an explanation with its evidence, and commands to try."""

from dataclasses import dataclass

# A finding that names the cause outranks one that only reads the exit code.
GENERIC_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class Fix:
    """A command to try instead.

    ``is_spelling`` says that a program's name was only spelled right: what it then
    turns out to be, ``sudo`` too, is what the user asked for. ``is_proven`` says that
    the user ran it after the same failure, and that it worked.
    """

    command: str
    confidence: float
    why: str = ""
    is_spelling: bool = False
    is_proven: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's conclusion. ``what`` and ``why`` are translated and filled in.

    ``see`` are references as in a rule: ``git-push(1)``, ``npm install --help``;
    ``looks`` are commands that show more of what is wrong and repair nothing.
    """

    rule: str
    what: str
    why: str
    evidence: str = ""
    weight: float = 0.5
    fixes: tuple[Fix, ...] = ()
    see: tuple[str, ...] = ()
    looks: tuple[Fix, ...] = ()
