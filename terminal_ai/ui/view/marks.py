"""What stands beside a row of the view: how a command ended, or that it is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from terminal_ai.shell.blocks import Block, Blocks, BlockState

STATE_SYMBOLS: Mapping[BlockState, str] = {
    BlockState.RUNNING: "▶",
    BlockState.SUCCEEDED: "✓",
    BlockState.FAILED: "✗",
    BlockState.UNKNOWN: "·",
}
"""How a command ended, readable without colour."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A command beside the first row of its prompt, or beside its output if chosen."""

    block: Block
    is_prompt: bool
    is_chosen: bool


Marks = tuple[Mark | None, ...]
"""One for each row of the view."""


def marks_of(row_ids: Sequence[int], blocks: Blocks, chosen: Block | None) -> Marks:
    """Return what stands beside rows with these ids."""
    prompts = blocks.at_prompts(frozenset(row_ids))
    marks = list[Mark | None]()
    for row_id in row_ids:
        block = prompts.get(row_id)
        if block is not None:
            is_chosen = chosen is not None and chosen.number == block.number
            marks.append(Mark(block, is_prompt=True, is_chosen=is_chosen))
        elif chosen is not None and _is_of(row_id, chosen):
            marks.append(Mark(chosen, is_prompt=False, is_chosen=True))
        else:
            marks.append(None)
    return tuple(marks)


def _is_of(row_id: int, block: Block) -> bool:
    first = block.prompt_row_id or block.output_row_id
    return first <= row_id and (block.end_row_id is None or row_id < block.end_row_id)
