"""detect-secrets beside our redaction, where it is installed.

It looks for secrets in the files of repositories, and scans a file of what a terminal
shows, as it does by default but without asking vendors whether a token works. The
corpus is ours: what it misses says what a terminal needs, not that it is bad at what
it is for.
"""

import contextlib
import functools
import importlib
import importlib.util
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.figures import Row, compared, paired
from terminal_ai.safety.redact import find_secrets, merged, redact
from tests.safety.secret_corpus import ShownSecret

VERIFICATION = "detect_secrets.filters.common.is_ignored_due_to_verification_policies"

Finder = Callable[[str], list[str]]


def beside_detect_secrets(
    corpus: Sequence[ShownSecret], benign: str, size: int, pairs: int
) -> list[Row]:
    """Return what both find, find in vain and take; nothing where it is absent."""
    if importlib.util.find_spec("detect_secrets") is None:
        return []
    name = f"detect-secrets {version('detect-secrets')}"
    with _detect_secrets() as find:
        text = _mixed(benign, size)
        ours, theirs = (
            len({shown.kind for shown in corpus} - missed)
            for missed in (
                {one.kind for one in corpus if one.is_left_in(redact(one.text))},
                {one.kind for one in corpus if one.is_left_in(_without(one, find))},
            )
        )
        hits = len(list(merged(find_secrets(text)))), len(find(text))
        taken = paired(
            functools.partial(_milliseconds, lambda: list(find_secrets(text))),
            functools.partial(_milliseconds, lambda: find(text)),
            pairs,
        )
    mixed = f"redaction: {size // 1024} KiB of mixed harmless lines"
    return [
        Row("redaction: kinds found", ours, theirs, name, "kinds", "higher"),
        Row(f"{mixed}, false hits", *hits, name, ""),
        compared(mixed, *taken, name, "ms"),
    ]


@contextlib.contextmanager
def _detect_secrets() -> Iterator[Finder]:
    """Yield what returns the secrets in a text."""
    scan = importlib.import_module("detect_secrets.core.scan")
    settings = importlib.import_module("detect_secrets.settings")
    with (
        tempfile.TemporaryDirectory() as directory,
        settings.default_settings() as usual,
    ):
        usual.disable_filters(VERIFICATION)
        file = Path(directory) / "output.txt"

        def find(text: str) -> list[str]:
            file.write_text(text, encoding="utf-8")
            found = scan.scan_file(str(file))
            return [one.secret_value for one in found if one.secret_value]

        yield find


def _without(shown: ShownSecret, find: Finder) -> str:
    text = shown.text
    for secret in find(text):
        text = text.replace(secret, "*")
    return text


def _mixed(text: str, size: int) -> str:
    """Return some lines of all parts of a text."""
    lines = text.splitlines()
    return "\n".join(lines[:: max(1, len(text) // size)])[:size]


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1_000
