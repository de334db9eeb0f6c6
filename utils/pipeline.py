"""Steps one after the other, whatever kind of function each is."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from utils.threads import run_in_thread


@dataclass(frozen=True, slots=True)
class _Stage:
    name: str
    function: Callable[[Any], Any]
    in_thread: bool


class AsyncPipeline:
    """Gives a value from stage to stage.

    A stage is any function of one value. What it returns is awaited if it can be, so
    a lambda that returns a coroutine is as good as a coroutine function. An error
    carries a note that names its stage.
    """

    def __init__(self) -> None:
        self._stages: list[_Stage] = []

    def add_stage(
        self,
        function: Callable[[Any], Any],
        *,
        in_thread: bool = False,
        name: str | None = None,
    ) -> Self:
        """Add a stage at the end; ``in_thread`` is for what blocks."""
        if name is None:
            name = getattr(function, "__qualname__", None) or repr(function)
        self._stages.append(_Stage(name, function, in_thread))
        return self

    async def execute(self, value: Any) -> Any:
        """Return what the last stage makes of the value; cancelling stops there."""
        # Stages added meanwhile are for the next value.
        for number, stage in enumerate(tuple(self._stages), 1):
            try:
                if stage.in_thread:
                    value = await run_in_thread(stage.function, value)
                else:
                    value = stage.function(value)
                if inspect.isawaitable(value):
                    value = await value
            except Exception as error:
                error.add_note(f"in stage {number} of the pipeline, {stage.name}")
                raise
        return value
