"""What happens beside the work: floods, resizes, keys."""

import asyncio
import random

from stress.accounting import Ledger
from stress.shells import ShellUser
from stress.work import Command, command_of, flood_of, held

SIZES = tuple((columns, rows) for columns in (20, 47, 80, 133, 200) for rows in (5, 40))
USUAL_SIZE = (120, 40)
RESIZES_IN_A_ROW = 20
RESIZE_SECONDS = 0.01
CALM_SECONDS = 1.0
HOLD_EVERY = 5
"""Every so many rounds of keys a running command is interrupted."""
ERASE, ERASE_LINE = b"\x7f", b"\x15"
_LETTERS = b"abcdefghijklmnopqrstuvwxyz -./"


def flood_command(number: int, megabytes: float, limits: tuple[int, int]) -> Command:
    """Return the flood, of which ``limits`` bytes are kept at both ends."""
    return flood_of(number, megabytes, head_bytes=limits[0], tail_bytes=limits[1])


class Resizing:
    """Makes a terminal small and large while commands run in it."""

    def __init__(self, users: list[ShellUser]) -> None:
        self.count = 0
        self._users = users

    async def run(self) -> None:
        """Storm, rest, and again, until cancelled; the usual size comes back."""
        try:
            while True:
                for user in self._users:
                    for turn in range(RESIZES_IN_A_ROW):
                        user.session.resize(*SIZES[(self.count + turn) % len(SIZES)])
                        await asyncio.sleep(RESIZE_SECONDS)
                    self.count += RESIZES_IN_A_ROW
                await asyncio.sleep(CALM_SECONDS)
        finally:
            for user in self._users:
                user.session.resize(*USUAL_SIZE)


class Keys:
    """Types and thinks better of it, again and again, and then types a command."""

    def __init__(self, user: ShellUser, ledger: Ledger, seed: int) -> None:
        self.count = 0
        self._user = user
        self._ledger = ledger
        self._random = random.Random(seed)

    def commands(self, first_number: int, rounds: int) -> list[Command]:
        """Return what is really run, and expect it."""
        found = []
        for turn in range(rounds):
            number = first_number + turn
            is_held = turn % HOLD_EVERY == HOLD_EVERY - 1
            command = held(number) if is_held else command_of(number)
            self._ledger.add_extra(command)
            found.append(command)
        return found

    async def run(self, commands: list[Command]) -> None:
        """Type, erase, interrupt; each command must be captured as if nothing was."""
        for turn, command in enumerate(commands):
            typed = bytes(self._random.choices(_LETTERS, k=40))
            match turn % 3:
                case 0:
                    keys = typed + ERASE * len(typed)
                case 1:
                    keys = typed + ERASE_LINE
                case _:
                    keys = b""
                    await self._user.abandon(typed)
                    self.count += len(typed) + 1
            await self._user.press(keys)
            self.count += len(keys)
            if command.exit_code == 130:
                await self._user.interrupt(command)
            else:
                await self._user.run(command)
