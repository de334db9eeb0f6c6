"""The owner's targets, measured: goal, what is still allowed, and what was reached.

A recorded workload of failures is asked about through the assistant as the app builds
it, once as ``--no-optimized`` and once as it is, against the test server with known
delays. The limits of the app itself are measured in its pseudo-terminal. PASS reaches
the goal, WARN what is allowed, which is the owner's figure before; FAIL neither.
"""

import argparse
import asyncio
import contextlib
import dataclasses
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import interactive, pipeline
from benchmarks.ab_assistant import assistant_in
from benchmarks.figures import Better, percentile
from benchmarks.hosts import Bench, environment
from benchmarks.replay_failures import Ask, asks
from benchmarks.running import QUICK, Extent
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.config.settings import build, presets
from tests.ollama_server import OllamaServer
from tests.ollama_server.behaviour import Behaviour

MODEL = Behaviour(first_token_seconds=0.6, token_seconds=0.02)
"""A small model on a machine without a graphics card: about a second an answer."""
READING_SECONDS = 1.5
"""From a failure to the key that asks about it."""
KINDS, QUICK_KINDS = 8, 2
AGENT_STEPS = 10
"""Questions of one piece of work: what an agent asks after another."""


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """What is wanted of a figure, and what is still allowed."""

    name: str
    goal: float
    allowed: float
    unit: str
    better: Better = "lower"

    def judged(self, measured: float) -> str:
        """Return PASS, WARN or FAIL."""
        sign = 1 if self.better == "lower" else -1
        if sign * measured <= sign * self.goal:
            return "PASS"
        return "WARN" if sign * measured <= sign * self.allowed else "FAIL"


TARGETS: Mapping[str, Target] = {
    "qps": Target("asks answered a second", 10, 1, "/s", "higher"),
    "p95": Target("answer p95", 1.0, 5.0, "s"),
    "p95_fifth": Target("answer p95, a fifth less", 1.6, 2.0, "s"),
    "hits": Target("asks served without waiting for the model", 95, 60, "%", "higher"),
    "hits_fifth": Target("cache hits, a third more", 80, 60, "%", "higher"),
    "agent": Target(f"work of {AGENT_STEPS} asks", 24, 30, "s"),
    "model": Target("mean wait for an answer", 2.4, 3.0, "s"),
    "echo": Target("key to echo p95", 25, 50, "ms"),
    "request": Target("failure to request p95", 20, 100, "ms"),
    "rss": Target("memory, full scrollback and history", 120, 200, "MiB"),
    "peak": Target("memory, a fifth less", 410, 512, "MiB"),
    "idle": Target("processor when idle, panel open", 3, 20, "%"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Waits:
    """How long each ask waited for its answer, and how many needed no request."""

    seconds: Sequence[float]
    served: int

    @property
    def figures(self) -> dict[str, float]:
        """The figures that the targets name."""
        mean, p95 = statistics.fmean(self.seconds), percentile(self.seconds, 95)
        hits = 100 * self.served / len(self.seconds)
        return {
            "qps": 1 / mean,
            "p95": p95,
            "p95_fifth": p95,
            "hits": hits,
            "hits_fifth": hits,
            "agent": AGENT_STEPS * mean,
            "model": mean,
        }


def main(arguments: Sequence[str]) -> int:
    """Measure, print a table or JSON, and fail if a figure is not even allowed."""
    parser = argparse.ArgumentParser(prog="bench.py targets", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="a small workload")
    options = parser.parse_args(arguments)
    extent = QUICK if options.quick else Extent(rounds=3)
    with tempfile.TemporaryDirectory(
        prefix="terminal-ai-bench-", ignore_cleanup_errors=True
    ) as directory:
        home = Path(directory)
        bench = Bench(home, environment(home))
        kinds = QUICK_KINDS if options.quick else KINDS
        before = asyncio.run(replayed("base", home, kinds)).figures
        after = asyncio.run(replayed("optimized", home, kinds)).figures
        after |= _app(bench, extent)
    rows = judged(before, after)
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        print_table(rows)
    return 1 if any(row["state"] == "FAIL" for row in rows) else 0


def judged(
    before: Mapping[str, float], after: Mapping[str, float]
) -> list[dict[str, object]]:
    """Return a row for each target; ``before`` is None where it has no meaning."""
    return [
        dataclasses.asdict(target)
        | {
            "before": before.get(key),
            "measured": after[key],
            "state": target.judged(after[key]),
        }
        for key, target in TARGETS.items()
    ]


def print_table(rows: Sequence[Mapping[str, object]]) -> None:
    """Print goal, allowed, before and measured."""
    print(
        f"{'target':<44}{'goal':>8}{'allowed':>9}{'--no-opt.':>11}{'measured':>10}"
        "  unit"
    )
    for row in rows:
        before = "-" if row["before"] is None else f"{row['before']:.2f}"
        print(
            f"{row['name']:<44}{row['goal']:>8g}{row['allowed']:>9g}{before:>11}"
            f"{row['measured']:>10.2f}  {row['unit']:<5}{row['state']}"
        )


async def replayed(preset: str, home: Path, kinds: int) -> Waits:
    """Fail, read the card, and ask, for every failure of the first kinds."""
    workload = [ask for ask in asks() if ask.identity[0] < kinds]
    directory = home / preset
    directory.mkdir()
    with OllamaServer(behaviour=MODEL, parallel=2) as server:
        values = {
            **presets()[preset],
            "ai.host": server.url,
            "ai.model": "tiny",
            "ai.prefetch_pause_milliseconds": 0,
        }
        served = 0
        seconds: list[float] = []
        async with assistant_in(build(values), directory) as assistant:
            await assistant.models.load("tiny")
            for ask in workload:
                _print_progress(preset, len(seconds), len(workload))
                assistant.failure_examined(ask.record, None)
                await asyncio.sleep(READING_SECONDS)
                chats = len(server.chats)
                seconds.append(await _answered(assistant.answer, ask))
                served += len(server.chats) == chats
                assistant.command_started()
    print(file=sys.stderr)
    return Waits(seconds, served)


async def _answered(answer: pipeline.Answering, ask: Ask) -> float:
    begun = time.perf_counter()
    async with contextlib.aclosing(answer(Inquiry.about(ask.record))) as updates:
        async for _update in updates:
            pass
    return time.perf_counter() - begun


def _app(bench: Bench, extent: Extent) -> dict[str, float]:
    """Measure what the app itself is held to; the panel is open."""
    echo = interactive.key_echo(bench, extent)
    request = asyncio.run(pipeline.failure_to_request(extent))
    full = interactive.full(bench, dataclasses.replace(extent, rounds=1))
    idle = interactive.idle_cpu(bench, extent)
    found = {row.name: row.ours for row in (*echo, *request, *full, *idle)}
    rss = max(row.ours for row in full)
    return {
        "echo": found["key echo p95"],
        "request": found["failure to request, p95"],
        "rss": rss,
        "peak": rss,
        "idle": idle[0].ours,
    }


def _print_progress(preset: str, done: int, of: int) -> None:
    print(f"\r{preset}: {done}/{of}", end="", file=sys.stderr, flush=True)
