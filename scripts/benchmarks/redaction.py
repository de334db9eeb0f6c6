"""Redaction beside a plain scan: every rule on every line, without the prefilter."""

import base64
import functools
import random
import subprocess
import sysconfig
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Row, compared, held_to, paired
from benchmarks.hosts import Bench
from benchmarks.redaction_peer import beside_detect_secrets
from benchmarks.running import Extent
from terminal_ai.safety.redact import find_secrets, merged, redact
from tests.safety.secret_corpus import ShownSecret, secret_corpus

ROOT = Path(__file__).resolve().parents[2]
SIZE = 262_144
BENIGN_BYTES = 3_000_000
SHORT_LINE, SHORT_LINES = "bash: gti: command not found\n", 1_000
FOUND_SHARE = 24 / 25
FALSE_HITS_LIMIT = 2.0
"""In a megabyte of harmless text."""
TIME_LIMIT_MILLISECONDS = 150.0


def measure(_bench: Bench, extent: Extent) -> list[Row]:
    """Return what is found, what is found in vain, and what it costs."""
    corpus = secret_corpus()
    benign = _benign()
    dense = "\n".join(shown.text for shown in corpus)
    texts = {
        "benign": benign[:SIZE],
        "dense": (dense * (SIZE // len(dense) + 1))[:SIZE],
        "hostile": ("--token-password=a://b:eyJ-" * SIZE)[:SIZE],
    }
    # Compiles what is measured below.
    rows = [_found(corpus), _found_in_vain(benign)]
    rounds = extent.rounds
    for name, text in texts.items():
        ours, plain = _both(text, 1, rounds)
        row = f"redaction: 256 KiB, {name}"
        rows.append(compared(row, ours, plain, "no prefilter", "ms"))
        if name == "benign":
            limit = TIME_LIMIT_MILLISECONDS
            rows.append(held_to(f"{row}, beside its limit", ours, limit, "ms"))
    ours, plain = _both(SHORT_LINE, SHORT_LINES, rounds)
    return [
        *rows,
        compared("redaction: 1,000 short lines", ours, plain, "no prefilter", "ms"),
        *beside_detect_secrets(corpus, benign, SIZE, extent.few),
    ]


def _found(corpus: Sequence[ShownSecret]) -> Row:
    """Return how many of the kinds are found in each of their places."""
    kinds = {shown.kind for shown in corpus}
    missed = {shown.kind for shown in corpus if shown.is_left_in(redact(shown.text))}
    return Row(
        f"redaction: kinds found of {len(kinds)}, {len(corpus)} places",
        len(kinds - missed),
        FOUND_SHARE * len(kinds),
        "24 of 25, least",
        "kinds",
        "higher",
    )


def _found_in_vain(benign: str) -> Row:
    megabytes = len(benign) / 1e6
    hits = len(list(merged(find_secrets(benign)))) / megabytes
    name = f"redaction: false hits in {megabytes:.1f} MB"
    return Row(name, hits, FALSE_HITS_LIMIT, "limit", "per MB")


def _both(text: str, times: int, rounds: int) -> tuple[list[float], list[float]]:
    """Return the processor time with the prefilter and without it, in turn."""

    def taken(*, prefilter: bool) -> float:
        began = time.process_time()
        for _ in range(times):
            list(find_secrets(text, prefilter=prefilter))
        return (time.process_time() - began) * 1_000

    ours = functools.partial(taken, prefilter=True)
    plain = functools.partial(taken, prefilter=False)
    return paired(ours, plain, rounds)


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
