"""How far a shell can be watched."""

import enum


class IntegrationState(enum.StrEnum):
    """What prompt marks tell us.

    WAITING for the first mark; ACTIVE: every command is captured exactly; LIMITED: the
    shell cannot announce commands, they are read from the screen; LOST: no marks
    arrive (switched off, an unknown shell, or startup files that replace the shell).
    """

    WAITING = "waiting"
    ACTIVE = "active"
    LIMITED = "limited"
    LOST = "lost"
