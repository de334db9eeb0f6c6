"""The history with as many records as it keeps, beside a plain scan of its texts.

Commands and outputs are invented with the lengths and word frequencies of real ones.
A search is typed letter by letter, each letter being a query, for rare and frequent
words, under every filter and in every order. The peer is what SQLite does without our
indexes: ``LIKE`` over the same texts in the same file. Searches are measured in
processor time, so that a busy machine does not count.
"""

import itertools
import random
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.figures import MIB, Row, percentile
from benchmarks.hosts import ROOT, Bench
from benchmarks.running import Extent
from terminal_ai.config import HistorySettings
from terminal_ai.config.directories import APPLICATION
from terminal_ai.history import History, HistoryQuery, RecordOrder, text_index
from terminal_ai.history.files import FILE_NAME
from terminal_ai.history.retention import Limits
from terminal_ai.history.schema import transaction
from terminal_ai.history.store import RecordStore
from terminal_ai.history.stored import without_secrets
from terminal_ai.records import CapturedOutput, CommandRecord, ResourceUsage
from terminal_ai.safety.redact import redact

WORDS = tuple(
    "error warning file the to in failed git commit main test passed import line src"  # noqa: SIM905
    " lib usr bin python3 node_modules build ok INFO compiling version package install"
    " total drwxr-xr-x -rw-r--r-- root origin branch 오류 파일 실패".split()
)
PROGRAMS = (
    "git",
    "ls",
    "cd",
    "cat",
    "make",
    "npm",
    "python3",
    "docker",
    "vim",
    "cargo",
)
LETTERS = "etaoinshrdlcumwfgypbvkjxqz"
# Words of output: most commands print little, few print much.
LENGTHS = ((0.3, 0, 1), (0.4, 3, 30), (0.22, 30, 200), (0.075, 200, 1_500))
LONGEST = (1_500, 8_000)
TYPED = ("error", "git", "the", "commit", "오류", "node_modules", "quxzyplugh", "src 7")
PEER_TERMS = ("error", "quxzyplugh")
BATCH_RECORDS = 2_500
OUTPUT_LIMIT_BYTES = 2_000
OPENED = 7
LATENCY_RECORDS = 100
ASK_SECONDS = 0.0002
NOW = 4_000_000_000.0
OPEN = """
import sys, time, psutil
from pathlib import Path
from terminal_ai.config import HistorySettings
from terminal_ai.history import History
started = time.perf_counter()
history = History(HistorySettings(), Path(sys.argv[1]), redact=str)
print(time.perf_counter() - started, psutil.Process().memory_info().rss)
history.close()
"""


class _Inventor:
    def __init__(self) -> None:
        self._random = random.Random(4)
        self._words = [*WORDS, *(self._word() for _ in range(20_000))]
        self._shares = _zipf(len(self._words))
        self._program_shares = _zipf(len(PROGRAMS))
        roots = ["/home/ada", *(f"/home/ada/{self._word()}" for _ in range(30))]
        self._directories = [f"{root}/{self._word()}" for root in roots] + roots

    @property
    def rare_words(self) -> Sequence[str]:
        """Words that are in few records."""
        return self._words[15_000:15_020]

    @property
    def directories(self) -> Sequence[str]:
        return self._directories

    def record(self, number: int) -> CommandRecord:
        pick = self._random
        program = pick.choices(PROGRAMS, cum_weights=self._program_shares)[0]
        command_line = " ".join([program, *self._text(pick.randint(0, 5))])
        seconds = pick.expovariate(0.2)
        return CommandRecord(
            id=f"{number // 500:08x}-{number % 500}",
            command_line=command_line,
            cwd=pick.choice(self._directories),
            exit_code=0 if pick.random() < 0.9 else 1,
            started_at=NOW + 60.0 * number,
            duration_seconds=seconds,
            output=CapturedOutput(self._output().encode()),
            shell=pick.choice(("bash", "bash", "zsh")),
            resources=ResourceUsage(
                seconds * pick.random(), 0.01, pick.randint(1, 999) * 4096, 0, 4096
            ),
        )

    def _output(self) -> str:
        share = self._random.random()
        low, high = LONGEST
        for part, low_, high_ in LENGTHS:
            if share < part:
                low, high = low_, high_
                break
            share -= part
        words = self._text(self._random.randint(low, high))
        lines = (words[at : at + 9] for at in range(0, len(words), 9))
        return "\n".join(
            f"{' '.join(line)}:{self._random.randint(1, 9999)}" for line in lines
        )

    def _text(self, count: int) -> list[str]:
        return self._random.choices(self._words, cum_weights=self._shares, k=count)

    def _word(self) -> str:
        weights = range(len(LETTERS), 0, -1)
        length = self._random.randint(2, 11)
        return "".join(self._random.choices(LETTERS, weights, k=length))


def _zipf(count: int) -> list[float]:
    """Return cumulated weights: the n-th word is n times rarer than the first."""
    return list(itertools.accumulate(1 / (rank + 3) for rank in range(count)))


def measure(bench: Bench, extent: Extent) -> list[Row]:
    """Measure searching, opening, memory and how soon a record is safe."""
    directory = bench.home
    inventor = _Inventor()
    path = directory / "full" / "history.sqlite3"
    path.parent.mkdir()
    text_bytes = _fill(path, inventor, extent.records)
    history = History(HistorySettings(retention_bytes=0), path, redact=redact)
    try:
        rows = _search_rows(history, path, inventor)
        rows += _latency_rows(history, path, inventor, extent.records)
    finally:
        history.close()
    size = path.stat().st_size
    rows.append(Row("history file", size / MIB, text_bytes / MIB, "its texts", "MiB"))
    return rows + _open_rows(directory, path)


def path_in(home: Path) -> Path:
    """Return where an app with this home has its history."""
    return home / ".local" / "state" / APPLICATION / FILE_NAME


def fill(path: Path, count: int) -> int:
    """Write so many records into a new history; return the bytes of their texts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return _fill(path, _Inventor(), count)


def _fill(path: Path, inventor: _Inventor, count: int) -> int:
    store = RecordStore(path, Limits(records=count + LATENCY_RECORDS))
    text_bytes = 0
    for start in range(0, count, BATCH_RECORDS):
        numbers = range(start, min(count, start + BATCH_RECORDS))
        stored = [without_secrets(inventor.record(number), str) for number in numbers]
        text_bytes += sum(len(s.head) + len(s.record.command_line) for s in stored)
        written = store.write(stored)
        # All at once: what is indexed bit by bit is merged again and again.
        with transaction(store._writer):
            text_index.add(store._writer, written)
    store.close()
    return text_bytes


def _search_rows(history: History, path: Path, inventor: _Inventor) -> list[Row]:
    texts = [
        text[:end]
        for text in (*TYPED, *inventor.rare_words)
        for end in range(1, len(text) + 1)
    ]
    peer = _peer_milliseconds(path)
    kinds: list[tuple[str, Iterator[HistoryQuery]]] = [
        (f"of {name}", (HistoryQuery(text) for text in texts if len(text) in lengths))
        for name, lengths in (
            ("1 letter", (1,)),
            ("2 letters", (2,)),
            ("3 and more", range(3, 99)),
        )
    ]
    filters: dict[str, HistoryQuery] = {
        "failed": HistoryQuery(failed=True),
        "directory": HistoryQuery(cwd=inventor.directories[-1]),
        "program": HistoryQuery(program="cargo"),
        "duration": HistoryQuery(longer_than_seconds=20.0),
        "no such directory": HistoryQuery(cwd="/nowhere"),
    }
    some = (*TYPED, "", "e", "gi", "er", *inventor.rare_words[:3])
    for name, wanted in filters.items():
        kinds.append((name, (replace(wanted, text=text) for text in some)))
    for order in RecordOrder:
        queries = [HistoryQuery(text, order=order) for text in some]
        queries += [replace(f, text="git", order=order) for f in filters.values()]
        kinds.append((f"by {order}", iter(queries)))
    rows = []
    everything: list[float] = []
    for name, queries_ in kinds:
        times = [_milliseconds(history, query) for query in queries_]
        everything += times
        rows.append(_search_row(name, times, peer))
    return [*rows, _search_row("all of them", everything, peer)]


def _search_row(name: str, times: Sequence[float], peer: float) -> Row:
    return Row(f"search {name} p95", percentile(times, 95), peer, "LIKE", "ms")


def _milliseconds(history: History, query: HistoryQuery) -> float:
    started = time.thread_time()
    history.search(replace(query, output_limit_bytes=OUTPUT_LIMIT_BYTES))
    return (time.thread_time() - started) * 1000


def _peer_milliseconds(path: Path) -> float:
    connection = sqlite3.connect(path)
    times = []
    for term in PEER_TERMS:
        pattern = f"%{term}%"
        started = time.thread_time()
        connection.execute(
            "SELECT count(*) FROM texts WHERE command_line LIKE ? OR head LIKE ?"
            " OR tail LIKE ?",
            (pattern, pattern, pattern),
        ).fetchall()
        times.append((time.thread_time() - started) * 1000)
    connection.close()
    return statistics.median(times)


def _latency_rows(
    history: History, path: Path, inventor: _Inventor, first: int
) -> list[Row]:
    """Measure from ``add`` until another process would find the record on disk."""
    reader = sqlite3.connect(path, isolation_level=None)
    ours, bare = [], []
    other = sqlite3.connect(path.with_name("bare.sqlite3"), isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("PRAGMA synchronous = NORMAL")
    other.execute("CREATE TABLE records (id TEXT, command_line TEXT, output TEXT)")
    for number in range(first, first + LATENCY_RECORDS):
        record = inventor.record(number)
        history.flush()
        started = time.perf_counter()
        history.add(record)
        while not reader.execute(
            "SELECT 1 FROM records WHERE id = ?", (record.id,)
        ).fetchone():
            # A short rest: who asks without one keeps the writer's thread waiting.
            time.sleep(ASK_SECONDS)
        ours.append((time.perf_counter() - started) * 1000)
        started = time.perf_counter()
        values = (record.id, record.command_line, record.output.head)
        other.execute("INSERT INTO records VALUES (?, ?, ?)", values)
        bare.append((time.perf_counter() - started) * 1000)
    reader.close()
    other.close()
    return [
        Row(f"add to disk {name}", of(ours), of(bare), "INSERT", "ms")
        for name, of in (
            ("median", statistics.median),
            ("p95", lambda times: percentile(times, 95)),
        )
    ]


def _open_rows(directory: Path, full: Path) -> list[Row]:
    empty = directory / "empty" / "history.sqlite3"
    figures: dict[Path, list[tuple[float, float]]] = {full: [], empty: []}
    for path, _ in itertools.product((empty, full), range(OPENED)):
        run = subprocess.run(
            [sys.executable, "-c", OPEN, str(path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        seconds, rss = map(float, run.stdout.split())
        figures[path].append((seconds * 1000, rss / MIB))
    (ours_ms, ours_mib), (base_ms, base_mib) = (
        (
            statistics.median(ms for ms, _ in taken),
            statistics.median(m for _, m in taken),
        )
        for taken in (figures[full], figures[empty])
    )
    return [
        Row("history open", ours_ms, base_ms, "an empty one", "ms"),
        Row("history open memory", ours_mib, base_mib, "an empty one", "MiB"),
    ]
