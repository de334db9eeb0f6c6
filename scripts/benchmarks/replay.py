"""Some days of failures asked about again and again, answered through the cache.

What a hit says is compared, letter by letter, with what the model would have said: a
deterministic one, whose answers quote what it was sent. The ceiling is every ask whose
failure has been asked about before; where the answer names a literal in part, nobody
but the model can tell it of another, and only the same literal counts. The peers are
the keys that others use: the last five commands, the last command, and the failure
exactly as it was. Hits in memory are measured in processor time, so that a busy
machine does not count.
"""

import asyncio
import enum
import hashlib
import re
import shlex
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.figures import Row, percentile
from benchmarks.hosts import ROOT, Bench
from benchmarks.replay_failures import Ask, asks
from benchmarks.running import Extent
from terminal_ai.assistant.caching.answer_file import FILE_NAME, FileLimits
from terminal_ai.assistant.caching.answers import AnswerCache
from terminal_ai.assistant.caching.disk_tier import DiskTier
from terminal_ai.assistant.caching.memory_tier import MemoryTier
from terminal_ai.assistant.caching.question import question_of
from terminal_ai.assistant.context.composer import PromptComposer
from terminal_ai.assistant.context.parts import ComposedPrompt, PartKind
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.assistant.providers.base import Prompt
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.assistant.replies.commands import check_command
from terminal_ai.assistant.replies.reply import REPLY_SCHEMA, Reply
from terminal_ai.config import AiSettings
from terminal_ai.records import Answer, AnswerOrigin, CommandRecord
from terminal_ai.safety.redact import Redactor
from terminal_ai.safety.vault import SecretVault

PAUSE_SECONDS = 90.0
"""Between two asks: who asks again sooner wants another answer."""
WINDOW_TOKENS, ANSWER_TOKENS = 4_096, 768
MODEL_SAMPLES = 9
MODEL_SECONDS = 0.05
"""Until the test server's first token: a small model on a fast machine."""
KINDS = 24
_CLOCK = re.compile(r"\d\d:\d\d(?=:\d\d)")


@dataclass(slots=True)
class Replay:
    """What came of it."""

    asked: int = 0
    reachable: int = 0
    hits: int = 0
    wrong: int = 0
    peers: dict[str, list[int]] = field(default_factory=dict)
    memory_seconds: list[float] = field(default_factory=list)
    disk_seconds: list[float] = field(default_factory=list)


class Whim(enum.IntEnum):
    """Of 24 kinds of failure two have answers that name a literal in part."""

    DIRECTORY = 8
    TIME = 20


class _Clock:
    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


def measure(bench: Bench, _extent: Extent) -> list[Row]:
    """Replay the asks and return what they are worth."""
    replay = asyncio.run(_replayed(asks(), bench.home))
    model = asyncio.run(_model_seconds())
    hits, ceiling = _percent(replay.hits, replay), _percent(replay.reachable, replay)
    rows = [
        Row("replay: asks", replay.asked, None, "-", "", "higher"),
        Row("replay: hits", hits, ceiling, "the ceiling", "%", "higher"),
    ]
    for name, (found, wrong) in replay.peers.items():
        right = _percent(found - wrong, replay)
        rows.append(Row("replay: right hits", hits, right, name, "%", "higher"))
        rows.append(Row("replay: wrong hits", replay.wrong, wrong, name, ""))
    for name, seconds in (
        ("memory", replay.memory_seconds),
        ("disk", replay.disk_seconds),
    ):
        for label, value in (
            ("p50", statistics.median(seconds)),
            ("p95", percentile(seconds, 95)),
        ):
            figures = (value * 1e6, model * 1e6)
            rows.append(Row(f"{name} hit {label}", *figures, "the model", "µs"))
    return rows


async def _replayed(workload: Sequence[Ask], directory: Path) -> Replay:
    clock = _Clock()
    limits = FileLimits(5_000, 33_554_432, 604_800.0)
    cache = AnswerCache(
        [
            MemoryTier(256, 4_194_304, 3_600.0, clock=clock),
            DiskTier(directory / FILE_NAME, limits, clock=clock),
        ],
        clock=clock,
        monotonic=clock,
    )
    vault = SecretVault(Redactor({}))
    composer = PromptComposer(redact=vault.clean, language="en", shell="bash")
    replay = Replay()
    seen: set[object] = set()
    kept: dict[str, dict[object, tuple[str, str]]] = {}
    recent: list[str] = []
    for ask in workload:
        clock.now += PAUSE_SECONDS
        inquiry = Inquiry.about(ask.record)
        composed = composer.compose(
            inquiry,
            window_tokens=WINDOW_TOKENS,
            answer_tokens=ANSWER_TOKENS,
            facts=ask.facts,
        )
        question = question_of(
            inquiry, composed, model="tiny", digest="d", home=ask.home, user=ask.user
        )
        expected = _answer(composed, ask)
        replay.asked += 1
        same = (ask.identity, *_parts(ask))
        replay.reachable += same in seen
        seen.add(same)
        started = time.perf_counter(), time.thread_time()
        found = await cache.get(question)
        waited = time.perf_counter() - started[0]
        worked = time.thread_time() - started[1]
        if found is None:
            await cache.put(question, expected)
        else:
            replay.hits += 1
            replay.wrong += _told(found) != _told(expected)
            if found.origin is AnswerOrigin.MEMORY:
                replay.memory_seconds.append(worked)
            else:
                replay.disk_seconds.append(waited)
        recent = [*recent, ask.record.command_line][-5:]
        for name, key in _peer_keys(ask.record, recent):
            counts = replay.peers.setdefault(name, [0, 0])
            known = kept.setdefault(name, {})
            if key in known:
                counts[0] += 1
                counts[1] += known[key] != _told(expected)
            else:
                known[key] = _told(expected)
    await cache.close()
    return replay


def _peer_keys(
    record: CommandRecord, recent: Sequence[str]
) -> tuple[tuple[str, object], ...]:
    exact = (record.command_line, record.exit_code, record.output.text)
    return (
        ("last 5 commands", ":".join(recent)),
        ("last command", record.command_line),
        ("exact failure", exact),
    )


def _told(answer: Answer) -> tuple[str, str]:
    suggestion = answer.suggestion
    return answer.explanation, suggestion.command if suggestion else ""


def _answer(composed: ComposedPrompt, ask: Ask) -> Answer:
    """Return what the model says: most of it quotes what it was sent."""
    sent = next(part.text for part in composed.parts if part.kind is PartKind.COMMAND)
    head, _, output = sent.partition("\noutput:\n")
    lines = [line for line in output.splitlines()[:-1] if line.strip()]
    whim = _whim(ask)
    words = output.split()
    said = [f"On {ask.facts.branch}, {head}", f"It says {lines[-1]!r}."]
    if whim % 3 == 0:
        said.append(f"It began with {lines[0]!r}.")
    said += [f"Mind {part}." for part in _parts(ask)]
    told = words[whim % len(words)] if words else "it"
    command = f"repair --{'force' if whim % 2 else 'dry-run'} {shlex.quote(told)}"
    reply = Reply(" ".join(said), command, is_valid=True)
    checked = check_command(reply, failed_command=ask.record.command_line)
    return Answer(reply.text, checked.suggestion, "tiny")


def _whim(ask: Ask) -> int:
    """Return what decides how the model answers this kind of failure."""
    return hashlib.sha256(ask.record.command_line.split()[0].encode()).digest()[0]


def _parts(ask: Ask) -> list[str]:
    """Return what the model tells of a literal without telling all of it."""
    match _whim(ask) % KINDS:
        case Whim.DIRECTORY:
            return [Path(ask.record.cwd).name]
        case Whim.TIME:
            return _CLOCK.findall(ask.record.output.text)[:1]
        case _:
            return []


async def _model_seconds() -> float:
    """Return the median time of a whole answer over HTTP, from the test server."""
    sys.path.insert(0, str(ROOT))
    from tests.assistant.making import make_prompt
    from tests.ollama_server import Behaviour, OllamaServer

    behaviour = Behaviour(first_token_seconds=MODEL_SECONDS)
    with OllamaServer(behaviour=behaviour) as server:
        provider = OllamaProvider(AiSettings(host=server.url, model="tiny"))
        prompt: Prompt = replace(make_prompt(), schema=REPLY_SCHEMA)
        taken: list[float] = []
        for _ in range(MODEL_SAMPLES):
            started = time.perf_counter()
            async with aclosing(provider.stream(prompt)) as events:
                async for _event in events:
                    pass
            taken.append(time.perf_counter() - started)
        await provider.close()
    return statistics.median(taken)


def _percent(count: int, replay: Replay) -> float:
    return 100 * count / replay.asked
