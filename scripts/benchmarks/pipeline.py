"""From a failure to its answer: how soon it is asked about, and who waits for whom.

Everything runs against the test server on loopback with known delays, through the real
client. Prefetching is switched on, so that a busy machine does not hold it back.
"""

import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from pathlib import Path

import msgspec
from ollama import AsyncClient

from benchmarks.figures import Row, at_percent, compared, held_to
from benchmarks.hosts import Bench
from benchmarks.running import Extent
from benchmarks.visible import failure_to_visible
from terminal_ai.advisor import Advisor
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.caching.answers import AnswerCache
from terminal_ai.assistant.caching.memory_tier import MemoryTier
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.config import AiSettings, Settings, ShellSettings
from terminal_ai.records import Advice, AnswerUpdate, CapturedOutput, CommandRecord
from terminal_ai.safety.redact import redact
from terminal_ai.session import Session
from tests.ollama_server import OllamaServer
from tests.ollama_server.behaviour import Behaviour
from tests.ollama_server.http import Request

LIMIT_MILLISECONDS = 20.0
ASKERS = 100
PREFILL_SECONDS = 30.0
FIRST_TOKEN_SECONDS = 0.4
PREFILL_LIMIT = 1.2
LEAST_SERVED_PERCENT = 95.0
TERMINALS = 8
ASKS_PER_TERMINAL = 5
ASKED_AFTER_SECONDS = 2.0
WORKING = Behaviour(first_token_seconds=0.25)
ANSWER = Behaviour(first_token_seconds=1.0, token_seconds=0.02)


Answering = Callable[[Inquiry], AsyncGenerator[AnswerUpdate, None]]


class Stamped(list[Request]):
    """Requests, and when each had been read by the server."""

    def __init__(self) -> None:
        super().__init__()
        self.at: list[float] = []
        self.processor_at: list[float] = []

    def append(self, request: Request) -> None:
        """Keep one with its time."""
        if request.path == "/api/chat":
            self.at.append(time.perf_counter())
            self.processor_at.append(time.process_time())
        super().append(request)

    def clear(self) -> None:
        """Forget the times, too."""
        self.at.clear()
        self.processor_at.clear()
        super().clear()

    def since(self, at: float, processor_at: float) -> tuple[float, float]:
        """Return the milliseconds until the first one, by both clocks."""
        return (self.at[0] - at) * 1e3, (self.processor_at[0] - processor_at) * 1e3


def measure(_bench: Bench, extent: Extent) -> list[Row]:
    """Take all figures, one after the other."""
    return [
        *asyncio.run(failure_to_request(extent)),
        *asyncio.run(_failure_to_visible(extent)),
        *asyncio.run(_beside_a_prefill(extent.few)),
        asyncio.run(_askers()),
        asyncio.run(_served_ahead(min(ASKS_PER_TERMINAL, extent.rounds))),
    ]


async def failure_to_request(extent: Extent) -> list[Row]:
    """Fail in a real bash; from its end mark to the whole request at the server.

    Between the two lie the advisor in its thread, the prompt, its redaction, the
    cache's key and the look into the cache. Textual is not there. The peer is the bare
    client, called with a prompt that is ready. On a busy machine the processor time,
    the server's own in it, says more.
    """
    with tempfile.TemporaryDirectory() as home:
        async with _served(Behaviour()) as (assistant, server):
            stamped = server.requests = Stamped()
            ears = _Ears(assistant)
            session = Session(
                Settings(shell=ShellSettings(command="bash")),
                columns=100,
                rows=30,
                listener=ears,
                history=None,
                advisor=Advisor(),
                environ={"HOME": home, "PATH": "/usr/bin:/bin", "TERM": "xterm"},
                files_directory=Path(home),
            )
            client = AsyncClient(host=server.url)
            ours: list[tuple[float, float]] = []
            bare: list[tuple[float, float]] = []
            async with session:
                for number in range(extent.failures + 1):
                    await ears.prompt.wait()
                    ears.prompt.clear()
                    if number % 2:
                        bare.append(await _bare_request(client, stamped))
                    stamped.clear()
                    session.press(f"gti status {number}\r".encode())
                    await _until(lambda: stamped.at)
                    ours.append(stamped.since(ears.ended_at, ears.processor_at))
                    await _until(lambda: assistant.figures.running == 0)
                    await asyncio.sleep(0.05)
                    if number % 2 == 0:
                        bare.append(await _bare_request(client, stamped))
    # The first one loads what the others find.
    (waited, worked), (bare_waited, bare_worked) = (
        zip(*taken[1:], strict=True) for taken in (ours, bare)
    )
    return [
        *_within_limit("failure to request", waited, bare_waited),
        *_within_limit("failure to request, processor", worked, bare_worked),
    ]


async def _bare_request(client: AsyncClient, stamped: Stamped) -> tuple[float, float]:
    """Return the milliseconds, also of processor time, until a request is there."""
    stamped.clear()
    began = time.perf_counter(), time.process_time()
    message = {"role": "user", "content": "Why is there no command gti?"}
    async for _piece in await client.chat("tiny", [message], stream=True):
        pass
    return stamped.since(*began)


async def _failure_to_visible(extent: Extent) -> list[Row]:
    """Fail in the app itself, the model slow enough to be seen working."""
    async with _served(WORKING) as (assistant, _server):
        return await failure_to_visible(assistant, extent.failures)


async def _beside_a_prefill(pairs: int) -> list[Row]:
    """Ask while a prefetch is being read, and while nothing is; in pairs."""
    alone, beside = [], []
    async with _served(Behaviour()) as (assistant, server):
        for number in range(pairs):
            server.behaviour = Behaviour(first_token_seconds=FIRST_TOKEN_SECONDS)
            alone.append(await _first_token(assistant, f"idle {number}"))
            server.behaviour = Behaviour(first_token_seconds=PREFILL_SECONDS)
            chats = len(server.chats)
            assistant.failure_examined(_failure(f"gti status {number}"), None)
            await _until(lambda chats=chats: len(server.chats) > chats)
            server.behaviour = Behaviour(first_token_seconds=FIRST_TOKEN_SECONDS)
            beside.append(await _first_token(assistant, f"busy {number}"))
    name = "first token beside a prefill"
    ratios = [busy / idle for busy, idle in zip(beside, alone, strict=True)]
    return [
        compared(name, beside, alone, "idle", "ms"),
        held_to(f"{name}: ratio", ratios, PREFILL_LIMIT, "x"),
    ]


async def _askers() -> Row:
    """Let many ask the same at once; count the requests."""
    async with _served(ANSWER) as (assistant, server):
        inquiry = Inquiry.about(_failure("gti status"))
        await asyncio.gather(*(_read(assistant, inquiry) for _ in range(ASKERS)))
        requests = len(server.chats)
    return Row(f"requests of {ASKERS} askers", requests, ASKERS, "each its own", "")


async def _served_ahead(asks: int) -> Row:
    """Ask about failures some time after they happened; count who needs no request.

    Each terminal fails, and two seconds later its user asks; every second failure
    follows another one by 0.2 s. An answer takes the model about two seconds.
    """

    async def live(terminal: int) -> list[float]:
        served = []
        async with _served(ANSWER) as (assistant, server):
            for number in range(asks):
                record = _failure(f"tool{terminal} --part {number}")
                if number % 2:
                    assistant.failure_examined(_failure(f"mistyped {number}"), None)
                    await asyncio.sleep(0.2)
                    assistant.command_started()
                assistant.failure_examined(record, None)
                await asyncio.sleep(ASKED_AFTER_SECONDS)
                chats = len(server.chats)
                await _read(assistant, Inquiry.about(record))
                served.append(100.0 * (len(server.chats) == chats))
        return served

    counts = await asyncio.gather(*map(live, range(TERMINALS)))
    percents = [percent for served in counts for percent in served]
    name = f"asked after {ASKED_AFTER_SECONDS:.0f} s: served"
    least = LEAST_SERVED_PERCENT
    return held_to(name, percents, least, "%", "higher", of=statistics.fmean)


class _Ears:
    """Hears a session, and tells the assistant what the app would tell it."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self.prompt = asyncio.Event()
        self.ended_at = self.processor_at = 0.0

    def prompt_ready(self, _cwd: str) -> None:
        """The next command may be typed."""
        self.prompt.set()

    def command_started(self, _command: object) -> None:
        """Tell the assistant."""
        self._assistant.command_started()

    def command_finished(self, _record: CommandRecord) -> None:
        """Keep the time: the end mark has just been read."""
        self.ended_at = time.perf_counter()
        self.processor_at = time.process_time()

    def advice_ready(self, record: CommandRecord, advice: Advice | None) -> None:
        """Tell the assistant."""
        self._assistant.failure_examined(record, advice)

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_arguments: None


@contextlib.asynccontextmanager
async def _served(
    behaviour: Behaviour,
) -> AsyncIterator[tuple[Assistant, OllamaServer]]:
    """Yield an assistant with a cache in memory, and its server, the model loaded."""
    with OllamaServer(behaviour=behaviour, parallel=8) as server:
        values = {
            "host": server.url,
            "model": "tiny",
            "prefetch": "on",
            "prefetch_pause_milliseconds": 0,
            "throttle_requests": 1_000,
        }
        settings = msgspec.convert(values, AiSettings)
        assistant = Assistant(
            settings,
            provider=OllamaProvider(settings),
            redact=redact,
            language="en",
            shell="bash",
            cache=AnswerCache([MemoryTier(256, 4_194_304, 3_600.0)]),
        )
        try:
            await assistant.models.load("tiny")
            yield assistant, server
        finally:
            await assistant.close()


async def _first_token(assistant: Assistant, question: str) -> float:
    """Return the milliseconds until the first word of an answer."""
    begun = time.perf_counter()
    answering = assistant.answer(Inquiry.open(question, recent=[]))
    async with contextlib.aclosing(answering) as updates:
        async for update in updates:
            if update.explanation:
                break
    return (time.perf_counter() - begun) * 1e3


async def _read(assistant: Assistant, inquiry: Inquiry) -> None:
    async with contextlib.aclosing(assistant.answer(inquiry)) as updates:
        async for _update in updates:
            pass


async def _until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - the server is in another thread
            await asyncio.sleep(0.001)


def _failure(command_line: str) -> CommandRecord:
    return CommandRecord(
        id=command_line,
        command_line=command_line,
        cwd="/srv",
        exit_code=127,
        started_at=time.time(),
        duration_seconds=0.1,
        output=CapturedOutput(f"bash: {command_line}: not found\n".encode()),
    )


def _within_limit(
    name: str, milliseconds: Sequence[float], bare: Sequence[float]
) -> list[Row]:
    p50, p95 = at_percent(50), at_percent(95)
    return [
        compared(f"{name}, p50", milliseconds, bare, "bare client", "ms", of=p50),
        compared(f"{name}, p95", milliseconds, bare, "bare client", "ms", of=p95),
        held_to(f"{name}, p95", milliseconds, LIMIT_MILLISECONDS, "ms", of=p95),
    ]
