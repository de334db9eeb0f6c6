"""Where each command stands in the terminal: its prompt, its output, its end.

The marks say it, and ``Anchor`` keeps it through resizes. What is not certain is not
said: a prompt that was erased or overwritten, or stands on the alternate screen, has no
row; commands that a program moved the cursor back over are forgotten.
"""

import enum
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from terminal_ai.records import CommandRecord, RunningCommand
from terminal_ai.terminal.grid.anchors import Anchor
from terminal_ai.terminal.terminal import Terminal

BLOCK_LIMIT = 1_000
NO_ROW = 0
"""Not the id of any row."""


class BlockState(enum.Enum):
    """How a command ended, if it did; UNKNOWN when the shell never told."""

    RUNNING = enum.auto()
    SUCCEEDED = enum.auto()
    FAILED = enum.auto()
    UNKNOWN = enum.auto()


@dataclass(frozen=True, slots=True)
class Block:
    """One command on the primary screen, by row ids that hold until the next resize.

    ``prompt_row_id`` is the first row of the prompt it was typed at, NO_ROW if that was
    erased or overwritten. ``output_row_id`` is the first row of its output, and
    ``end_row_id`` the first one after it, the next prompt's; None while it runs.
    ``record_id`` is empty while it runs. ``number`` tells it from all others.
    """

    prompt_row_id: int
    output_row_id: int
    end_row_id: int | None
    state: BlockState
    record_id: str
    command_line: str
    number: int = 0


@dataclass(slots=True)
class _Entry:
    """A command, with its places.

    ``prompt_text`` is what the prompt's row shows as long as programs can overwrite it,
    None once it is in the scrollback or gone.
    """

    number: int
    command_line: str
    prompt: Anchor
    output: Anchor
    prompt_text: str | None = None
    end: Anchor | None = None
    state: BlockState = BlockState.RUNNING
    record_id: str = ""
    was_prompt_erased: bool = False
    is_at_rest: bool = False
    """True once none of its places is on the screen any more."""

    @property
    def has_prompt(self) -> bool:
        return not (self.was_prompt_erased or self.prompt.is_lost)

    @property
    def is_settled(self) -> bool:
        """True once the prompt is where nothing can change it any more."""
        return self.has_prompt and self.prompt_text is None

    @property
    def first_row_id(self) -> int:
        return self.prompt.row_id

    @property
    def places(self) -> tuple[Anchor, ...]:
        """Where it begins, prints and ends."""
        ends = () if self.end is None else (self.end,)
        return self.prompt, self.output, *ends


class Blocks:
    """The commands whose rows the terminal still has, oldest first.

    Their rows grow from old to new: what would break that is dropped.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._entries: list[_Entry] = []
        self._prompt: Anchor | None = None
        self._input: Anchor | None = None
        self._is_end_open = False
        self._count = 0
        self.revision = 0

    def __len__(self) -> int:
        """Return how many there are."""
        self._prune()
        return len(self._entries)

    def __iter__(self) -> Iterator[Block]:
        """Go through them, oldest first."""
        self._prune()
        oldest = self._oldest_row_id
        return iter([self._block(at, oldest) for at in range(len(self._entries))])

    def at(self, row_id: int) -> Block | None:
        """Return the command whose prompt or output a row belongs to."""
        self._prune()
        at = bisect_right(self._entries, row_id, key=_first_row_id) - 1
        if at < 0:
            return None
        block = self._block(at, self._oldest_row_id)
        if block.end_row_id is not None and row_id >= block.end_row_id:
            return None
        return block

    @property
    def newest(self) -> Block | None:
        """The newest command whose prompt can be seen."""
        self._prune()
        return self._first(range(len(self._entries) - 1, -1, -1), failed=False)

    def before(self, row_id: int, *, failed: bool = False) -> Block | None:
        """Return the newest command whose prompt is above a row."""
        self._prune()
        end = bisect_left(self._entries, row_id, key=_first_row_id)
        return self._first(range(end - 1, -1, -1), failed=failed)

    def after(self, row_id: int, *, failed: bool = False) -> Block | None:
        """Return the oldest command whose prompt is below a row."""
        self._prune()
        start = bisect_right(self._entries, row_id, key=_first_row_id)
        return self._first(range(start, len(self._entries)), failed=failed)

    def numbered(self, number: int) -> Block | None:
        """Return a command again, with the row ids it has now."""
        self._prune()
        at = bisect_left(self._entries, number, key=lambda entry: entry.number)
        if at == len(self._entries) or self._entries[at].number != number:
            return None
        return self._block(at, self._oldest_row_id)

    def at_prompts(self, row_ids: Collection[int]) -> dict[int, Block]:
        """Return the commands whose prompt begins on one of these rows, by its id."""
        found: dict[int, Block] = {}
        if not row_ids or not self._entries:
            return found
        oldest, least = self._oldest_row_id, min(row_ids)
        self._look_for_prompts()
        self._prune()
        start = bisect_left(self._entries, least, key=_first_row_id)
        end = bisect_right(self._entries, max(row_ids), key=_first_row_id)
        for at in range(start, end):
            block = self._block(at, oldest)
            if block.prompt_row_id in row_ids:
                found[block.prompt_row_id] = block
        return found

    def _first(self, places: range, *, failed: bool) -> Block | None:
        oldest = self._oldest_row_id
        for at in places:
            block = self._block(at, oldest)
            is_wanted = not failed or block.state is BlockState.FAILED
            if block.prompt_row_id != NO_ROW and is_wanted:
                return block
        return None

    def _block(self, at: int, oldest_row_id: int) -> Block:
        entry = self._entries[at]
        prompt_row_id, end_row_id = entry.first_row_id, None
        if entry.end is not None:
            following = self._prompt and self._prompt.row_id
            if at + 1 < len(self._entries):
                following = self._entries[at + 1].first_row_id
            end_row_id = min(entry.end.row_id, following or entry.end.row_id)
        is_there = entry.has_prompt and prompt_row_id >= oldest_row_id
        return Block(
            prompt_row_id=prompt_row_id if is_there else NO_ROW,
            output_row_id=entry.output.row_id,
            end_row_id=end_row_id,
            state=entry.state,
            record_id=entry.record_id,
            command_line=entry.command_line,
            number=entry.number,
        )

    @property
    def input(self) -> Anchor | None:
        """Where the line began that was typed at the newest prompt, if it has told."""
        return self._input

    # What the shell does

    def take_mark(self, kind: str) -> None:
        """Take a genuine mark that was read just now: A and B say where a prompt is."""
        if kind == "A":
            self._input = None
            self._begin_prompt()
        elif kind == "B":
            self._input = self._terminal.anchor()
            if self._prompt is not None:
                # After output that filled its row, the prompt begins on the next one.
                self._terminal.unwrap(self._prompt)

    def _begin_prompt(self) -> None:
        """Take the cursor's row: a new prompt's, or that of one drawn again."""
        self._tidy()
        self._prompt = anchor = self._terminal.anchor()
        if anchor is None:
            return
        self._forget_from(anchor.row_id)
        newest = self._entries[-1] if self._entries else None
        if newest is None or newest.end is None:
            return
        if self._is_end_open or anchor.row_id < newest.end.row_id:
            newest.end = anchor
        self._is_end_open = False
        self.revision += 1

    def command_started(self, command: RunningCommand, *, is_inferred: bool) -> None:
        """A command runs; its output begins at the cursor.

        Of one that was read from the screen it begins below the line that was typed:
        more than that may have been printed since.
        """
        prompt, self._prompt = self._prompt, None
        line = self._input if is_inferred else None
        terminal = self._terminal
        output = terminal.anchor() if line is None else terminal.anchor_below(line)
        if prompt is None or output is None or output.row_id < prompt.row_id:
            return
        self._look_for_prompts()
        self._count += 1
        entry = _Entry(self._count, command.command_line, prompt, output)
        self._read_prompt(entry)
        self._entries.append(entry)
        del self._entries[:-BLOCK_LIMIT]
        self.revision += 1

    def command_finished(self, record: CommandRecord) -> None:
        """The running command has ended at the cursor, or at the prompt seen since."""
        entry = self._entries[-1] if self._entries else None
        if entry is None or entry.end is not None:
            return
        is_provisional = record.exit_code is None and self._prompt is not None
        end = self._prompt if is_provisional else self._terminal.anchor()
        self.revision += 1
        if end is None:
            self._entries.pop()
            return
        if end.row_id < entry.output.row_id:
            # It moved the cursor back, over its own prompt or older ones.
            self._forget_from(end.row_id)
            return
        entry.end, entry.record_id = end, record.id
        entry.state = _state_of(record)
        self._is_end_open = not is_provisional
        if not is_provisional:
            self._prompt = None
        self._look_for_prompts()

    @contextmanager
    def resizing(self) -> Iterator[None]:
        """Go along with another size of the terminal, which changes all row ids."""
        self._look_for_prompts()
        yield
        for entry in self._entries:
            # Rows may have come back from the scrollback.
            entry.is_at_rest = False
        for entry in reversed(self._entries):
            if entry.has_prompt and not self._read_prompt(entry):
                break
        self.revision += 1

    # Where the rows are

    @property
    def _oldest_row_id(self) -> int:
        return self._terminal.oldest_row_id

    def _prune(self) -> None:
        """Drop the commands whose last row is gone."""
        oldest = self._oldest_row_id
        gone = 0
        for entry in self._entries:
            if entry.end is None or entry.end.row_id > oldest:
                break
            gone += 1
        del self._entries[:gone]

    def _tidy(self) -> None:
        """Give back what commands hold whose rows have scrolled away, or are gone.

        Nobody may ever ask for them, and each would keep rows of the screen alive.
        """
        self._prune()
        for entry in reversed(self._entries):
            if entry.is_at_rest:
                # So are all before it.
                break
            if entry.prompt_text is None:
                entry.is_at_rest = self._terminal.let_rest(entry.places)

    def _forget_from(self, row_id: int) -> None:
        """Drop the commands at a row and below it: something else is written there."""
        del self._entries[bisect_left(self._entries, row_id, key=_first_row_id) :]

    def _read_prompt(self, entry: _Entry) -> bool:
        """Remember what a prompt shows; return whether programs can overwrite it."""
        found = self._terminal.find(entry.prompt)
        can_change = found is not None and found[0] >= 0
        entry.prompt_text = found[1].text if found and can_change else None
        return can_change

    def _look_for_prompts(self) -> None:
        """See which prompts have been erased or overwritten since they were read."""
        for entry in reversed(self._entries):
            if entry.is_settled:
                # So are all before it.
                break
            if entry.prompt_text is None:
                continue
            found = self._terminal.find(entry.prompt)
            if found is None or found[1].text != entry.prompt_text:
                entry.was_prompt_erased, entry.prompt_text = True, None
                self.revision += 1
            elif found[0] < 0:
                entry.prompt_text = None


def _first_row_id(entry: _Entry) -> int:
    return entry.first_row_id


def _state_of(record: CommandRecord) -> BlockState:
    if record.exit_code is None:
        return BlockState.UNKNOWN
    return BlockState.FAILED if record.has_failed else BlockState.SUCCEEDED
