"""The history with as many records as it keeps, beside a plain scan of its texts.

Commands and outputs are invented with the lengths and word frequencies of real ones.
A search is typed letter by letter, each letter being a query, for rare and frequent
words, under every filter and in every order. The peers are what SQLite does without our
text index, ``LIKE`` over the same texts in the same file with the same filters, order
and limit; and ``grep`` over all texts in one plain file. They get some queries of each
kind. Searches are measured in processor time, so that a busy machine does not count.
"""

import functools
import itertools
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.figures import MIB, Row, at_percent, compared, held_to, paired
from benchmarks.hosts import ROOT, Bench
from benchmarks.running import Extent
from terminal_ai.config import HistorySettings
from terminal_ai.config.directories import APPLICATION
from terminal_ai.history import History, HistoryQuery, RecordOrder, text_index
from terminal_ai.history.files import FILE_NAME
from terminal_ai.history.reader import RecordReader
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
NOW = 4_000_000_000.0
PEER_QUERIES = 12
"""Of each kind; a peer takes tenths of a second for one."""
EVER = (0.0, 2 * NOW)
LIMIT_MILLISECONDS = 50.0
BATCH_RECORDS = 2_500
OUTPUT_LIMIT_BYTES = 2_000
LATENCY_RECORDS = 100
ASK_SECONDS = 0.0002
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
        rows = _search_rows(history, path, inventor, extent.some(PEER_QUERIES))
        rows += _latency_rows(history, path, inventor, extent)
    finally:
        history.close()
    size = path.stat().st_size
    rows.append(Row("history file", size / MIB, text_bytes / MIB, "its texts", "MiB"))
    return rows + _open_rows(directory, path, extent.rounds)


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


def _search_rows(
    history: History, path: Path, inventor: _Inventor, count: int
) -> list[Row]:
    rows: list[Row] = []
    plain = RecordReader(sqlite3.connect(path), has_text_index=False)

    def like(query: HistoryQuery) -> float:
        started = time.thread_time()
        plain.search(query, EVER)
        return (time.thread_time() - started) * 1000

    def ours(query: HistoryQuery) -> float:
        return _milliseconds(history, query)

    everything: list[float] = []
    pairs: tuple[list[float], list[float]] = ([], [])
    queries = _queries(inventor)
    for name, asked in queries.items():
        some = asked[:: max(1, len(asked) // count)]
        beside = _in_turn(ours, like, some)
        rows.append(_compared(name, beside, "LIKE"))
        for kept, taken in zip(pairs, beside, strict=True):
            kept += taken
        everything += [ours(query) for query in asked]
    texts = _plain_texts(path)
    typed = queries["of 3 and more"]
    some = typed[:: max(1, len(typed) // count)]
    grep = functools.partial(_grep_milliseconds, texts)
    rows.append(_compared("of 3 and more", _in_turn(ours, grep, some), "grep -iF"))
    return [
        *rows,
        _compared("all of them", pairs, "LIKE"),
        held_to(
            f"search all {len(everything)} of them p95",
            everything,
            LIMIT_MILLISECONDS,
            "ms",
            of=at_percent(95),
        ),
    ]


def _compared(name: str, taken: tuple[list[float], list[float]], base: str) -> Row:
    return compared(f"search {name} p95", *taken, base, "ms", of=at_percent(95))


def _queries(inventor: _Inventor) -> dict[str, list[HistoryQuery]]:
    """Return what is searched for, by what is told of it."""
    texts = [
        text[:end]
        for text in (*TYPED, *inventor.rare_words)
        for end in range(1, len(text) + 1)
    ]
    found = {
        f"of {name}": [HistoryQuery(text) for text in texts if len(text) in lengths]
        for name, lengths in (
            ("1 letter", (1,)),
            ("2 letters", (2,)),
            ("3 and more", range(3, 99)),
        )
    }
    filters: dict[str, HistoryQuery] = {
        "failed": HistoryQuery(failed=True),
        "directory": HistoryQuery(cwd=inventor.directories[-1]),
        "program": HistoryQuery(program="cargo"),
        "duration": HistoryQuery(longer_than_seconds=20.0),
        "no such directory": HistoryQuery(cwd="/nowhere"),
    }
    some = (*TYPED, "", "e", "gi", "er", *inventor.rare_words[:3])
    for name, wanted in filters.items():
        found[name] = [replace(wanted, text=text) for text in some]
    for order in RecordOrder:
        queries = [HistoryQuery(text, order=order) for text in some]
        queries += [replace(f, text="git", order=order) for f in filters.values()]
        found[f"by {order}"] = queries
    limited = {"output_limit_bytes": OUTPUT_LIMIT_BYTES}
    return {
        name: [replace(query, **limited) for query in queries]  # type: ignore[arg-type]
        for name, queries in found.items()
    }


def _in_turn(
    ours: Callable[[HistoryQuery], float],
    base: Callable[[HistoryQuery], float],
    queries: Sequence[HistoryQuery],
) -> tuple[list[float], list[float]]:
    """Return the milliseconds of both for each query, each second one backwards."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number, query in enumerate(queries):
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            taken[side].append((ours, base)[side](query))
    return taken


def _milliseconds(history: History, query: HistoryQuery) -> float:
    started = time.thread_time()
    history.search(query)
    return (time.thread_time() - started) * 1000


def _plain_texts(path: Path) -> Path:
    """Write all texts of a history into one plain file, and return it."""
    plain = path.with_name("texts")
    connection = sqlite3.connect(path)
    with plain.open("w", encoding="utf-8") as file:
        for texts in connection.execute("SELECT command_line, head, tail FROM texts"):
            file.writelines(f"{text}\n" for text in texts)
    connection.close()
    return plain


def _grep_milliseconds(plain: Path, query: HistoryQuery) -> float:
    """Return the processor time of a program that finds the lines."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["grep", "-icF", "-e", query.text, str(plain)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used * 1000


def _latency_rows(
    history: History, path: Path, inventor: _Inventor, extent: Extent
) -> list[Row]:
    """Measure from ``add`` until another process would find the record on disk."""
    numbers = itertools.count(extent.records)
    reader = sqlite3.connect(path, isolation_level=None)
    other = sqlite3.connect(path.with_name("bare.sqlite3"), isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("PRAGMA synchronous = NORMAL")
    other.execute("CREATE TABLE records (id TEXT, command_line TEXT, output TEXT)")

    def added() -> float:
        record = inventor.record(next(numbers))
        history.flush()
        started = time.perf_counter()
        history.add(record)
        while not reader.execute(
            "SELECT 1 FROM records WHERE id = ?", (record.id,)
        ).fetchone():
            # A short rest: who asks without one keeps the writer's thread waiting.
            time.sleep(ASK_SECONDS)
        return (time.perf_counter() - started) * 1000

    def inserted() -> float:
        record = inventor.record(next(numbers))
        started = time.perf_counter()
        values = (record.id, record.command_line, record.output.head)
        other.execute("INSERT INTO records VALUES (?, ?, ?)", values)
        return (time.perf_counter() - started) * 1000

    taken = paired(added, inserted, extent.some(LATENCY_RECORDS))
    reader.close()
    other.close()
    return [
        compared(f"add to disk {name}", *taken, "INSERT", "ms", of=of)
        for name, of in (("median", statistics.median), ("p95", at_percent(95)))
    ]


def _open_rows(directory: Path, full: Path, rounds: int) -> list[Row]:
    """Open both in a process of their own; the first one makes the empty file."""
    empty = directory / "empty" / "history.sqlite3"
    _opened(empty)
    ours, base = paired(lambda: _opened(full), lambda: _opened(empty), rounds)
    return [
        compared(
            name,
            [taken[place] for taken in ours],
            [taken[place] for taken in base],
            "an empty one",
            unit,
        )
        for place, (name, unit) in enumerate(
            (("history open", "ms"), ("history open memory", "MiB"))
        )
    ]


def _opened(path: Path) -> tuple[float, float]:
    """Return milliseconds until a history is open, and the process's MiB then."""
    run = subprocess.run(
        [sys.executable, "-c", OPEN, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, rss = map(float, run.stdout.split())
    return seconds * 1000, rss / MIB
