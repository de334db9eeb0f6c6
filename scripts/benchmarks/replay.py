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
import sys
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean

from benchmarks.figures import Row, at_percent, compared
from benchmarks.hosts import ROOT, Bench
from benchmarks.replay_failures import Ask, asks
from benchmarks.running import Extent
from terminal_ai.assistant.caching.answer_file import FILE_NAME, FileLimits
from terminal_ai.assistant.caching.answers import AnswerCache
from terminal_ai.assistant.caching.disk_tier import DiskTier
from terminal_ai.assistant.caching.memory_tier import MemoryTier
from terminal_ai.assistant.caching.question import Question, question_of
from terminal_ai.assistant.context.composer import PromptComposer
from terminal_ai.assistant.context.parts import ComposedPrompt, PartKind
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.assistant.providers.base import Prompt
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.assistant.replies.commands import check_command
from terminal_ai.assistant.replies.reply import REPLY_SCHEMA, Reply
from terminal_ai.config import AiSettings
from terminal_ai.records import Answer, CommandRecord
from terminal_ai.safety.redact import Redactor
from terminal_ai.safety.vault import SecretVault

PAUSE_SECONDS = 90.0
"""Between two asks: who asks again sooner wants another answer."""
WINDOW_TOKENS, ANSWER_TOKENS = 4_096, 768
ROUNDS = 40
"""Hits of each tier, and answers of the model."""
LEAST_OF_CEILING = 0.95
FILE_LIMITS = FileLimits(5_000, 33_554_432, 604_800.0)
MODEL_SECONDS = 0.05
"""Until the test server's first token: a small model on a fast machine."""
KINDS = 24
_CLOCK = re.compile(r"\d\d:\d\d(?=:\d\d)")


@dataclass(slots=True)
class Replay:
    """What came of it, ask by ask: 1 where it was so, and 0 where it was not."""

    reachable: list[float] = field(default_factory=list)
    hits: list[float] = field(default_factory=list)
    wrong: list[float] = field(default_factory=list)
    peers: dict[str, "Replay"] = field(default_factory=dict)
    kept: list[Question] = field(default_factory=list)
    """What was asked first, and is in the file."""

    @property
    def right(self) -> list[float]:
        """Hits that say what the model would have said, in percent."""
        pairs = zip(self.hits, self.wrong, strict=True)
        return [100 * (hit - wrong) for hit, wrong in pairs]


class Whim(enum.IntEnum):
    """Of 24 kinds of failure two have answers that name a literal in part."""

    DIRECTORY = 8
    TIME = 20


class _Clock:
    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


def measure(bench: Bench, extent: Extent) -> list[Row]:
    """Replay the asks and return what they are worth."""
    clock = _Clock()
    replay = asyncio.run(_replayed(asks(), bench.home, clock))
    hits, ceiling = (100 * fmean(of) for of in (replay.hits, replay.reachable))
    least = LEAST_OF_CEILING * ceiling
    rows = [
        Row("replay: asks", len(replay.hits), None, "", "", "higher"),
        Row("replay: hits", hits, least, "95 % of the ceiling, least", "%", "higher"),
    ]
    for name, peer in replay.peers.items():
        rows.append(
            compared(
                "replay: right hits",
                replay.right,
                peer.right,
                name,
                "%",
                "higher",
                of=fmean,
            )
        )
        rows.append(
            compared("replay: wrong hits", replay.wrong, peer.wrong, name, "", of=sum)
        )
    rounds = extent.some(ROUNDS)
    taken = asyncio.run(_tiers(replay.kept[-rounds:], bench.home, clock))
    return rows + [
        compared(
            f"{name} hit p{percent}",
            taken[name],
            taken["the model"],
            "the model",
            "µs",
            of=at_percent(percent),
        )
        for name in ("memory", "disk")
        for percent in (50, 95)
    ]


def _cache(directory: Path, clock: _Clock, *, has_memory: bool) -> AnswerCache:
    disk = DiskTier(directory / FILE_NAME, FILE_LIMITS, clock=clock)
    memory = [MemoryTier(256, 4_194_304, 3_600.0, clock=clock)] * has_memory
    return AnswerCache([*memory, disk], clock=clock, monotonic=clock)


async def _replayed(workload: Sequence[Ask], directory: Path, clock: _Clock) -> Replay:
    cache = _cache(directory, clock, has_memory=True)
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
        same = (ask.identity, *_parts(ask))
        replay.reachable.append(same in seen)
        seen.add(same)
        found = await cache.get(question)
        if found is None:
            await cache.put(question, expected)
            replay.kept.append(question)
        replay.hits.append(found is not None)
        replay.wrong.append(found is not None and _told(found) != _told(expected))
        recent = [*recent, ask.record.command_line][-5:]
        for name, key in _peer_keys(ask.record, recent):
            peer = replay.peers.setdefault(name, Replay())
            known = kept.setdefault(name, {})
            peer.hits.append(key in known)
            told = known.setdefault(key, _told(expected))
            peer.wrong.append(told != _told(expected))
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


async def _tiers(
    kept: Sequence[Question], directory: Path, clock: _Clock
) -> dict[str, list[float]]:
    """Return the microseconds of a hit in each tier, and of the model, in turn.

    A hit in memory is measured in processor time, for nobody else has a part in it; the
    model is a whole answer over HTTP, from the test server.
    """
    sys.path.insert(0, str(ROOT))
    from tests.assistant.making import make_prompt
    from tests.ollama_server import Behaviour, OllamaServer

    prompt: Prompt = replace(make_prompt(), schema=REPLY_SCHEMA)
    memory = _cache(directory, clock, has_memory=True)
    disk = _cache(directory, clock, has_memory=False)
    taken: dict[str, list[float]] = {"memory": [], "disk": [], "the model": []}

    async def hit(cache: AnswerCache, question: Question) -> tuple[float, float]:
        clock.now += PAUSE_SECONDS
        waited, worked = time.perf_counter(), time.thread_time()
        if await cache.get(question) is None:
            raise RuntimeError("an answer that was kept is gone")
        return time.perf_counter() - waited, time.thread_time() - worked

    behaviour = Behaviour(first_token_seconds=MODEL_SECONDS)
    with OllamaServer(behaviour=behaviour) as server:
        provider = OllamaProvider(AiSettings(host=server.url, model="tiny"))
        for question in kept:
            # The first one puts it into memory.
            await hit(memory, question)
            taken["memory"].append((await hit(memory, question))[1] * 1e6)
            taken["disk"].append((await hit(disk, question))[0] * 1e6)
            started = time.perf_counter()
            async with aclosing(provider.stream(prompt)) as events:
                async for _event in events:
                    pass
            taken["the model"].append((time.perf_counter() - started) * 1e6)
        await provider.close()
    for cache in (memory, disk):
        await cache.close()
    return taken
