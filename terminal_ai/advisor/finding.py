"""What a rule concludes: an explanation with its evidence, and commands to try."""

from dataclasses import dataclass

# A finding that names the cause outranks one that only reads the exit code.
GENERIC_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class Fix:
    """A command to try instead; ``needs_privilege_evidence`` guards an added sudo."""

    command: str
    confidence: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's conclusion. ``what`` and ``why`` are translated and filled in."""

    rule: str
    what: str
    why: str
    evidence: str = ""
    weight: float = 0.5
    fixes: tuple[Fix, ...] = ()
