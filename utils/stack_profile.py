"""What a sampling profiler saw: hot lines, a tree for a flame view, and two exports.

Every figure is of *busy* time: the thread ran, or held up what it was at by waiting in
a call. Time in the event loop's selector, or of a worker without work, is only summed.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

SPEEDSCOPE_SCHEMA = "https://www.speedscope.app/file-format-schema.json"
SHORT_NAMES_KEPT = 4_096


class Frame(NamedTuple):
    """One call on a stack: the function, and the line of it that ran."""

    function: str
    """The qualified name."""
    file: str
    line: int
    first_line: int
    """Where the function begins; with the file, what tells functions apart."""

    @property
    def place(self) -> str:
        """The file and the line, short enough to read."""
        return f"{short_file(self.file)}:{self.line}"


@dataclass(frozen=True, slots=True)
class SampledStack:
    """One stack, outermost call first, and how often a thread was seen in it."""

    thread: str
    frames: tuple[Frame, ...]
    is_waiting: bool
    """It used no processor: a sleep, a lock, a file, a pipe."""
    samples: int
    seconds: float


@dataclass(frozen=True, slots=True)
class HotSpot:
    """A line or a function: time in itself, and with all it called."""

    function: str
    file: str
    line: int
    """The line that ran; of a function, its first."""
    self_samples: int
    self_seconds: float
    samples: int
    seconds: float
    waiting_seconds: float
    """The part of ``self_seconds`` that went by without the processor."""

    @property
    def place(self) -> str:
        """The file and the line, short enough to read."""
        return f"{short_file(self.file)}:{self.line}"


@dataclass(slots=True)
class FlameNode:
    """A function as one caller called it; ``seconds`` is as wide as it is drawn."""

    name: str
    file: str
    line: int
    """Where the function begins."""
    samples: int = 0
    seconds: float = 0.0
    self_seconds: float = 0.0
    children: list["FlameNode"] = field(default_factory=list)
    """The widest first."""

    def walk(self, depth: int = 0) -> Iterator[tuple[int, "FlameNode"]]:
        """Yield each node with its depth, a caller before those it called."""
        waiting = [(depth, self)]
        while waiting:
            depth, node = waiting.pop()
            yield depth, node
            waiting += [(depth + 1, child) for child in reversed(node.children)]


@dataclass(frozen=True, slots=True)
class StackProfile:
    """All that was sampled between two moments."""

    seconds: float
    """How long it was looked at, by the wall's clock."""
    interval_seconds: float
    stacks: tuple[SampledStack, ...]
    idle_samples: int = 0
    idle_seconds: float = 0.0
    """Summed over the threads: nothing to do."""
    lost_samples: int = 0
    """Of stacks beyond the bound, or that changed at each look; in no figure."""
    cpu_seconds: float | None = None
    """What the threads used of the processor, None where that cannot be told."""
    cost_seconds: float = 0.0
    """What looking cost: processor time of the sampler itself."""

    @property
    def samples(self) -> int:
        """How often a thread was seen busy."""
        return sum(stack.samples for stack in self.stacks)

    @property
    def busy_seconds(self) -> float:
        """How long the threads were busy, waiting in a call included."""
        return sum(stack.seconds for stack in self.stacks)

    def hot_lines(self, top: int = 20) -> tuple[HotSpot, ...]:
        """Return the lines where most time was spent, the hottest first."""
        return self._hot_spots(top, lambda frame: frame)

    def hot_functions(self, top: int = 20) -> tuple[HotSpot, ...]:
        """Return the functions where most time was spent, the hottest first."""
        return self._hot_spots(top, _begin)

    def tree(self) -> FlameNode:
        """Return all stacks merged by function, under a root without a name.

        Several threads have a node each below the root.
        """
        root = FlameNode("", "", 0)
        known: dict[tuple[int, Frame], FlameNode] = {}
        has_threads = len({stack.thread for stack in self.stacks}) > 1
        for stack in self.stacks:
            node = root
            _add(node, stack)
            path = [Frame(stack.thread, "", 0, 0)] if has_threads else []
            for frame in (*path, *map(_begin, stack.frames)):
                child = known.get((id(node), frame))
                if child is None:
                    child = FlameNode(frame.function, frame.file, frame.first_line)
                    known[id(node), frame] = child
                    node.children.append(child)
                node = child
                _add(node, stack)
            node.self_seconds += stack.seconds
        for _depth, node in root.walk():
            node.children.sort(key=lambda child: (-child.seconds, child.name))
        return root

    def folded(self) -> str:
        """Return a line a stack, ``thread;outer;inner SAMPLES``, for flamegraph.pl."""
        counts: Counter[str] = Counter()
        for stack in self.stacks:
            names = (
                f"{each.function} ({short_file(each.file)})" for each in stack.frames
            )
            line = ";".join(name.replace(";", ",") for name in (stack.thread, *names))
            counts[line] += stack.samples
        return "".join(f"{line} {count}\n" for line, count in sorted(counts.items()))

    def speedscope(self, name: str) -> str:
        """Return JSON for https://www.speedscope.app, one profile a thread."""
        indices: dict[Frame, int] = {}
        profiles = []
        for thread in dict.fromkeys(stack.thread for stack in self.stacks):
            stacks = [stack for stack in self.stacks if stack.thread == thread]
            profiles.append(
                {
                    "type": "sampled",
                    "name": thread,
                    "unit": "seconds",
                    "startValue": 0,
                    "endValue": sum(stack.seconds for stack in stacks),
                    "samples": [
                        [
                            indices.setdefault(_begin(frame), len(indices))
                            for frame in stack.frames
                        ]
                        for stack in stacks
                    ],
                    "weights": [stack.seconds for stack in stacks],
                }
            )
        frames = [
            {"name": each.function, "file": each.file, "line": each.first_line}
            for each in indices
        ]
        document = {
            "$schema": SPEEDSCOPE_SCHEMA,
            "name": name,
            "exporter": "terminal-ai",
            "activeProfileIndex": 0,
            "shared": {"frames": frames},
            "profiles": profiles,
        }
        return json.dumps(document, ensure_ascii=False)

    def report(self, top: int = 20) -> str:
        """Return the hot lines as text, a row each."""
        busy = self.busy_seconds
        lines = [
            f"{self.samples} samples in {self.seconds:.1f} s, "
            f"busy {busy:.2f} s, idle {self.idle_seconds:.2f} s",
            "   self   self+called  line",
        ]
        lines += (
            f"{_share(spot.self_seconds, busy)}  {_share(spot.seconds, busy)}"
            f"       {spot.place} {spot.function}"
            for spot in self.hot_lines(top)
        )
        return "\n".join(lines) + "\n"

    def _hot_spots(
        self, top: int, key: Callable[[Frame], Frame]
    ) -> tuple[HotSpot, ...]:
        spots: dict[Frame, _Sums] = {}
        for stack in self.stacks:
            # Recursion: a line counts once a stack.
            for frame in {key(frame) for frame in stack.frames}:
                spots.setdefault(frame, _Sums()).take_called(stack)
            if stack.frames:
                spots[key(stack.frames[-1])].take_self(stack)
        ordered = sorted(
            spots.items(),
            key=lambda each: (-each[1].self_seconds, -each[1].seconds, each[0]),
        )
        return tuple(sums.spot(frame) for frame, sums in ordered[:top])


@dataclass(slots=True)
class _Sums:
    """What becomes a hot spot."""

    self_samples: int = 0
    self_seconds: float = 0.0
    samples: int = 0
    seconds: float = 0.0
    waiting_seconds: float = 0.0

    def take_called(self, stack: SampledStack) -> None:
        self.samples += stack.samples
        self.seconds += stack.seconds

    def take_self(self, stack: SampledStack) -> None:
        self.self_samples += stack.samples
        self.self_seconds += stack.seconds
        if stack.is_waiting:
            self.waiting_seconds += stack.seconds

    def spot(self, frame: Frame) -> HotSpot:
        return HotSpot(
            function=frame.function,
            file=frame.file,
            line=frame.line,
            self_samples=self.self_samples,
            self_seconds=self.self_seconds,
            samples=self.samples,
            seconds=self.seconds,
            waiting_seconds=self.waiting_seconds,
        )


@lru_cache(SHORT_NAMES_KEPT)
def short_file(file: str) -> str:
    """Return a file's path without the directory Python imported it from."""
    roots = [path for path in sys.path if path and file.startswith(path + os.sep)]
    return file[len(max(roots, key=len)) + 1 :] if roots else file


def _begin(frame: Frame) -> Frame:
    """Return the function of a frame: its first line, whichever ran."""
    return frame._replace(line=frame.first_line)


def _add(node: FlameNode, stack: SampledStack) -> None:
    node.samples += stack.samples
    node.seconds += stack.seconds


def _share(seconds: float, whole: float) -> str:
    return f"{seconds / whole * 100 if whole else 0.0:6.1f} %"
