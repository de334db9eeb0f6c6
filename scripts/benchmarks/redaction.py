"""Redaction beside a plain scan: every rule on every line, without the prefilter."""

import base64
import random
import statistics
import subprocess
import sysconfig
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Row
from terminal_ai.safety.redact import find_secrets, merged, redact
from tests.safety.secret_corpus import secret_corpus

ROOT = Path(__file__).resolve().parents[2]
SIZE = 262_144
BENIGN_BYTES = 3_000_000
ROUNDS = 5
FALSE_HITS_LIMIT = 2.0
"""In a megabyte of harmless text."""
TIME_LIMIT_MILLISECONDS = 150.0


def measure() -> list[Row]:
    """Return what is found, what is found in vain, and what it costs."""
    corpus = secret_corpus()
    kinds = {shown.kind for shown in corpus}
    missed = {shown.kind for shown in corpus if shown.is_left_in(redact(shown.text))}
    rows = [
        Row(
            f"redaction: kinds found of {len(kinds)}, {len(corpus)} places",
            len(kinds - missed),
            24 / 25 * len(kinds),
            "24 of 25",
            "kinds",
            "higher",
        )
    ]
    benign = _benign()
    hits = len(list(merged(find_secrets(benign))))
    rows.append(
        Row(
            f"redaction: false hits in {len(benign) / 1e6:.1f} MB",
            hits / (len(benign) / 1e6),
            FALSE_HITS_LIMIT,
            "limit",
            "per MB",
        )
    )
    dense = "\n".join(shown.text for shown in corpus)
    texts = {
        "benign": benign[:SIZE],
        "dense": (dense * (SIZE // len(dense) + 1))[:SIZE],
        "hostile": ("--token-password=a://b:eyJ-" * SIZE)[:SIZE],
    }
    for name, text in texts.items():
        ours = _milliseconds(lambda text=text: list(find_secrets(text)), ROUNDS)
        plain = _milliseconds(
            lambda text=text: list(find_secrets(text, prefilter=False)), 1
        )
        rows.append(
            Row(f"redaction: 256 KiB, {name}", ours, plain, "no prefilter", "ms")
        )
    rows.append(
        Row(
            "redaction: 256 KiB, benign, beside its limit",
            _milliseconds(lambda: redact(texts["benign"]), ROUNDS),
            TIME_LIMIT_MILLISECONDS,
            "limit",
            "ms",
        )
    )
    small = "bash: gti: command not found\n"
    rows.append(
        Row(
            "redaction: one short line",
            _milliseconds(lambda: [redact(small) for _ in range(1_000)], ROUNDS),
            _milliseconds(
                lambda: [list(find_secrets(small, prefilter=False))] * 1_000, 1
            )
            * 1_000,
            "no prefilter",
            "µs",
        )
    )
    return rows


def _milliseconds(work: Callable[[], object], rounds: int) -> float:
    """Return the median processor time; the first run compiles what it needs."""
    work()
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return statistics.median(taken) * 1_000


def _benign() -> str:
    """Return harmless output of this machine: lists, logs, sources, sums, images."""
    dice = random.Random(1)
    pieces = [
        "\n".join(str(uuid.UUID(int=dice.getrandbits(128))) for _ in range(3_000)),
        base64.encodebytes(dice.randbytes(150_000)).decode(),
        *(path.read_text() for path in sorted(ROOT.glob("requirements/*.lock"))),
        _printed("git", "-C", str(ROOT), "log", "--stat", "-200"),
        _printed("man", "bash"),
        _printed("man", "ssh_config"),
        _printed("dpkg", "-l"),
        _printed("pip", "list"),
    ]
    for directory in (sysconfig.get_path("purelib"), sysconfig.get_path("stdlib")):
        for path in sorted(Path(directory).rglob("*.[pj][ys]"))[:400]:
            pieces.append(path.read_text("utf-8", "replace")[:60_000])
            if sum(map(len, pieces)) > BENIGN_BYTES:
                break
    return "\n".join(pieces)


def _printed(*command: str) -> str:
    try:
        run = subprocess.run(command, capture_output=True, check=False, timeout=30)
    except OSError:
        return ""
    return run.stdout.decode("utf-8", "replace")
