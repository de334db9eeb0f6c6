"""What one request of the assistant costs as an object, a run, and by the thousand.

Ours is an ``Inquiry``: the value that one conversation with the model is until it is
composed. An agent of agno carries more behaviour in each object; in ours that belongs
to the one ``Assistant``, which in turn redacts, fits into the model's window, queues,
checks and keeps each answer, so a run of ours does far more. Both are measured in
processor time, agno in an interpreter of its own.
"""

import asyncio
import contextlib
import gc
import json
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import structs

from benchmarks.figures import MIB, Row, compared, interleaved
from benchmarks.hosts import ROOT, Bench
from benchmarks.running import Extent
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.caching.answers import AnswerCache
from terminal_ai.assistant.caching.memory_tier import MemoryTier
from terminal_ai.assistant.inquiry import Exchange, Inquiry
from terminal_ai.assistant.providers.base import Completion, Piece
from terminal_ai.assistant.providers.scripted import ScriptedProvider, Step
from terminal_ai.config import AiSettings
from terminal_ai.records import (
    Answer,
    AnswerFigures,
    CapturedOutput,
    CommandRecord,
    Risk,
    Suggestion,
)
from terminal_ai.safety.redact import redact
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.panels.threads import followed

CREATED = 100_000
KEPT = 2_000
RUNS = 60
THREADS = (1, 2, 4)
CONVERSATIONS, EXCHANGES = 5_000, 5
QUESTIONS = 20
"""Different ones, asked in turn."""
TERMINALS = 100
AT_ONCE = 100
PEER = ROOT / "scripts" / "peers" / "agno_objects.py"
PEER_SECONDS = 120.0
REPLY = '{"explanation": "do this", "command": ""}'
OWNERS = "owner's figure"


def measure(bench: Bench, extent: Extent) -> list[Row]:
    """Take our figures beside the owner's, and beside agno's if that is asked for."""
    rows = [*_objects(extent), *_scenarios(extent)]
    if extent.compare:
        rows += _beside_agno(extent)
    del bench
    return rows


def _objects(extent: Extent) -> list[Row]:
    seconds = [_seconds(_inquiry) for _ in range(extent.rounds)]
    size, blocks = _size(_inquiry)
    per_thread = {
        count: min(_in_threads(count) for _ in range(extent.rounds)) * 1e9
        for count in THREADS
    }
    remembered = 1 / min(_seconds(_remember) for _ in range(extent.rounds)) / 1e6
    return [
        Row("inquiry, best", min(seconds) * 1e9, 1_000, f"{OWNERS}, most", "ns"),
        Row("inquiry, memory", size, 1_229, f"{OWNERS}, most", "B"),
        Row("inquiry, blocks of memory", blocks, 8, "most", ""),
        *(
            Row(f"inquiry in {count} threads", each, per_thread[1], "1 thread", "ns")
            for count, each in list(per_thread.items())[1:]
        ),
        Row("exchange added", remembered, 1.0, OWNERS, "M/s", "higher"),
    ]  # fmt: skip


def _scenarios(extent: Extent) -> list[Row]:
    thousand_ms = min(_thousand() for _ in range(extent.rounds)) * 1e3
    conversations = _retained(
        lambda: [_conversation(number) for number in range(CONVERSATIONS)]
    )
    # What the first one loads is no other's.
    Terminal(80, 24)
    terminals = _retained(lambda: [Terminal(80, 24) for _ in range(TERMINALS)])
    requests = 2_000 if extent.rounds > 2 else 500
    routed = max(
        asyncio.run(_routed(requests, _question)) for _ in range(extent.rounds)
    )
    anew = max(
        asyncio.run(_routed(requests // 10, _failure)) for _ in range(extent.rounds)
    )
    workflow = asyncio.run(_workflow())
    return [
        Row("1,000 inquiries", thousand_ms, 0.18, f"{OWNERS}, Go", "ms"),
        Row("answers from the cache", routed, 10_000, f"{OWNERS}, Go", "/s", "higher"),
        Row("the same for failures that are new each time", anew, None, "", "/s"),
        Row(f"{AT_ONCE} runs at once", workflow * 1e3, None, "", "ms"),
        Row(
            f"{CONVERSATIONS:,} conversations of {EXCHANGES}", conversations / MIB,
            200, "most", "MiB",
        ),
        Row(
            f"{CONVERSATIONS:,} terminals, told of {TERMINALS}",
            terminals / TERMINALS * CONVERSATIONS / MIB, 200, "most", "MiB",
        ),
    ]  # fmt: skip


def _beside_agno(extent: Extent) -> list[Row]:
    found: list[Mapping[str, float]] = []
    python = _python_with_agno(extent.compare)

    def theirs() -> float:
        found.append(_agno(python))
        return found[-1]["tool_seconds"]

    runs: list[float] = []

    def ours() -> float:
        runs.append(asyncio.run(_run_seconds()))
        return _seconds(_inquiry)

    taken = interleaved({"ours": ours, "agno": theirs}, extent.rounds)
    name = f"agno {found[0]['version']}"
    size, _blocks = _size(_inquiry)
    return [
        compared(
            "inquiry", [value * 1e9 for value in taken["ours"]],
            [value * 1e9 for value in taken["agno"]], f"{name} agent, tool", "ns",
        ),
        Row("inquiry, memory", size, found[0]["tool_bytes"], f"{name} agent", "B"),
        compared(
            "run, no model", [value * 1e6 for value in runs],
            [each["run_seconds"] * 1e6 for each in found], name, "µs",
        ),
    ]  # fmt: skip


def _python_with_agno(asked: str) -> str:
    """Return the interpreter: ``agno`` is ours, ``agno=PYTHON`` another."""
    library, _, python = asked.partition("=")
    if library != "agno":
        raise SystemExit(f"nothing is known of {library!r}; --compare takes agno")
    python = python or sys.executable
    probe = subprocess.run(
        [python, "-c", "import agno"], capture_output=True, check=False
    )
    if probe.returncode:
        raise SystemExit(
            f"{python} has no agno: python3 -m venv /tmp/agno && /tmp/agno/bin/pip "
            "install agno, then --compare agno=/tmp/agno/bin/python"
        )
    return python


def _agno(python: str) -> Mapping[str, float]:
    run = subprocess.run(
        [python, str(PEER)],
        capture_output=True,
        text=True,
        check=True,
        timeout=PEER_SECONDS,
        cwd=Path(PEER).parent,
    )
    found: Mapping[str, float] = json.loads(run.stdout.splitlines()[-1])
    return found


def _inquiry() -> Inquiry:
    return Inquiry.about(_RECORD)


def _remember() -> Inquiry:
    return followed(_WITH_THREAD, _ANSWER, "and now?")


def _conversation(number: int) -> Inquiry:
    thread = tuple(
        Exchange(f"what is {number}.{at}?", f"it is {at} of {number}")
        for at in range(EXCHANGES)
    )
    return structs.replace(_inquiry(), thread=thread)


def _seconds(make: Callable[[], object]) -> float:
    """Return the processor seconds of one call."""
    begun = time.process_time()
    for _ in range(CREATED):
        make()
    return (time.process_time() - begun) / CREATED


def _thousand() -> float:
    begun = time.process_time()
    kept = [_inquiry() for _ in range(1_000)]
    taken = time.process_time() - begun
    del kept
    return taken


def _in_threads(count: int) -> float:
    """Return the processor seconds of one object, made in so many threads at once."""

    def work() -> None:
        for _ in range(CREATED // count):
            _inquiry()

    threads = [threading.Thread(target=work) for _ in range(count)]
    begun = time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.process_time() - begun) / CREATED


def _size(make: Callable[[], object]) -> tuple[float, float]:
    """Return bytes and blocks of memory that one object keeps."""
    make()
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.take_snapshot()
        kept = [make() for _ in range(KEPT)]
        after = tracemalloc.take_snapshot()
        changes = after.compare_to(before, "filename")
        ours = [each for each in changes if "tracemalloc" not in str(each.traceback)]
        size = sum(each.size_diff for each in ours)
        blocks = sum(each.count_diff for each in ours)
        return size / len(kept), blocks / len(kept)
    finally:
        tracemalloc.stop()


def _retained(make: Callable[[], list[object]]) -> float:
    gc.collect()
    tracemalloc.start()
    try:
        kept = make()
        return float(tracemalloc.get_traced_memory()[0]) * bool(kept)
    finally:
        tracemalloc.stop()


def _assistant(cache: AnswerCache | None = None) -> Assistant:
    figures = AnswerFigures()
    script: list[Step] = [Piece(REPLY), Completion(was_cut=False, figures=figures)]
    settings = AiSettings(
        model="tiny",
        throttle_requests=1_000_000,
        waiting_limit=10_000,
        requests_at_once=8,
    )
    provider = ScriptedProvider([script], installed=["tiny"])
    return Assistant(
        settings, provider=provider, redact=redact, language="en", cache=cache
    )


async def _run_seconds() -> float:
    """Return the processor seconds of one request and its answer."""
    assistant = _assistant()
    await _ask(assistant, "first")
    begun = time.process_time()
    for number in range(RUNS):
        await _ask(assistant, f"question {number}")
    taken = (time.process_time() - begun) / RUNS
    await assistant.close()
    return taken


async def _workflow() -> float:
    assistant = _assistant()
    await _ask(assistant, "first")
    begun = time.process_time()
    await asyncio.gather(*(_ask(assistant, f"part {n}") for n in range(AT_ONCE)))
    taken = time.process_time() - begun
    await assistant.close()
    return taken


async def _routed(requests: int, ask: Callable[[int], Inquiry]) -> float:
    """Return whole answers a second out of the cache in memory."""
    cache = AnswerCache([MemoryTier(256, 4_194_304, 3_600.0)], another_seconds=0.0)
    assistant = _assistant(cache)
    for number in range(QUESTIONS):
        await _read(assistant, ask(number))
    begun = time.process_time()
    for number in range(QUESTIONS, QUESTIONS + requests):
        await _read(assistant, ask(number))
    taken = time.process_time() - begun
    (figures,) = assistant.cache_figures
    await assistant.close()
    if figures.hits != requests:
        raise SystemExit(f"{requests - figures.hits} answers were not in the cache")
    return requests / taken


def _question(number: int) -> Inquiry:
    letter = chr(ord("a") + number % QUESTIONS)
    return Inquiry.open(f"how do I use {letter}?", recent=[])


def _failure(number: int) -> Inquiry:
    """Return one of a few failures, at its own time: what it printed is new, too."""
    word = f"gt{chr(ord('a') + number % QUESTIONS)}"
    record = CommandRecord(
        id=f"bench-{number}",
        command_line=f"{word} status",
        cwd="/srv",
        exit_code=127,
        started_at=float(number),
        duration_seconds=0.1,
        output=CapturedOutput(f"bash: {word}: command not found\n".encode()),
    )
    return Inquiry.about(record)


async def _ask(assistant: Assistant, question: str) -> None:
    await _read(assistant, Inquiry.open(question, recent=[]))


async def _read(assistant: Assistant, inquiry: Inquiry) -> None:
    async with contextlib.aclosing(assistant.answer(inquiry)) as updates:
        async for _update in updates:
            pass


_RECORD = CommandRecord(
    id="bench",
    command_line="gti status",
    cwd="/srv",
    exit_code=127,
    started_at=1.0,
    duration_seconds=0.1,
    output=CapturedOutput(b"bash: gti: command not found\n"),
)
_ANSWER = Answer("because", Suggestion("git status", Risk.SAFE, "a typo", 0.9), "tiny")
_WITH_THREAD = structs.replace(
    Inquiry.about(_RECORD), thread=(Exchange("why?", "because"),) * EXCHANGES
)
