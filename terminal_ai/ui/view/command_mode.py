"""Going from command to command with the keyboard, and doing something with one."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from terminal_ai.shell.blocks import Block, Blocks


class CommandAction(enum.StrEnum):
    """What can be done with a command."""

    PLACE = "place"
    COPY_COMMAND = "copy_command"
    COPY_OUTPUT = "copy_output"
    COPY_BOTH = "copy_both"
    FOLD = "fold"
    FOLD_ALL = "fold_all"
    EXPORT = "export"
    ASK = "ask"


class Outcome(enum.Enum):
    """What a key did, when it was no action."""

    IGNORED = enum.auto()
    MOVED = enum.auto()
    SELECT = enum.auto()
    LEAVE = enum.auto()


@dataclass(frozen=True, slots=True)
class _Step:
    is_up: bool
    failed: bool = False


_STEPS: Mapping[str, _Step] = {
    "up": _Step(is_up=True),
    "k": _Step(is_up=True),
    "down": _Step(is_up=False),
    "j": _Step(is_up=False),
    "K": _Step(is_up=True, failed=True),
    "[": _Step(is_up=True, failed=True),
    "J": _Step(is_up=False, failed=True),
    "]": _Step(is_up=False, failed=True),
}
_ACTIONS: Mapping[str, CommandAction] = {
    "enter": CommandAction.PLACE,
    "c": CommandAction.COPY_COMMAND,
    "o": CommandAction.COPY_OUTPUT,
    "m": CommandAction.COPY_BOTH,
    "y": CommandAction.COPY_BOTH,
    " ": CommandAction.FOLD,
    "z": CommandAction.FOLD,
    "Z": CommandAction.FOLD_ALL,
    "e": CommandAction.EXPORT,
    "a": CommandAction.ASK,
}
_OUTCOMES: Mapping[str, Outcome] = {
    "s": Outcome.SELECT,
    "q": Outcome.LEAVE,
    "escape": Outcome.LEAVE,
    "ctrl+c": Outcome.LEAVE,
}
LEAVING = frozenset({CommandAction.PLACE, CommandAction.ASK})
"""After these the keys belong to others again."""
KEYS = frozenset({*_STEPS, *_ACTIONS, *_OUTCOMES})
"""Every key that does something in the mode."""


@dataclass(slots=True)
class CommandMode:
    """The chosen command; it stays chosen while output goes on and rows get new ids."""

    blocks: Blocks
    number: int

    @property
    def block(self) -> Block | None:
        """The chosen command; None when its rows are gone."""
        return self.blocks.numbered(self.number)

    def press(self, key: str) -> CommandAction | Outcome:
        """Do what a key means here; a printable one is given as its character."""
        if (step := _STEPS.get(key)) is not None:
            return self._go(step)
        return _ACTIONS.get(key) or _OUTCOMES.get(key, Outcome.IGNORED)

    def _go(self, step: _Step) -> Outcome:
        block = self.block
        if block is None:
            return Outcome.IGNORED
        go = self.blocks.before if step.is_up else self.blocks.after
        row_id = block.prompt_row_id or block.output_row_id
        found = go(row_id, failed=step.failed)
        if found is None:
            return Outcome.IGNORED
        self.number = found.number
        return Outcome.MOVED
