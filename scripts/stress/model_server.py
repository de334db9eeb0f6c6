"""The model service of a run, in a process of its own, as Ollama is.

Writes its URL, and then a line for each question: when it had been read, on the clock
that all processes share, and the marks of the commands in it. Ends with the one who
holds the other end of its input, however that one ended.
"""

import argparse
import re
import signal
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[at]) for at in (1, 2)]

from stress.work import MIX  # noqa: E402
from tests.ollama_server.behaviour import Behaviour  # noqa: E402
from tests.ollama_server.http import Request  # noqa: E402
from tests.ollama_server.replies import CannedReply  # noqa: E402
from tests.ollama_server.server import OllamaServer  # noqa: E402
from tests.ollama_server.store import ServedModel  # noqa: E402

FIRST_TOKEN_SECONDS = 0.02
_MARK = re.compile(r"\bc\d+\b")


class _Told(list[Request]):
    """Tells of each question and keeps none: a run may have many."""

    def append(self, request: Request) -> None:
        """Take one request."""
        if request.path == "/api/chat" and request.fields.get("messages"):
            marks = dict.fromkeys(_MARK.findall(request.body.decode()))
            sys.stdout.write(f"{time.monotonic()} {' '.join(marks)}\n")
            sys.stdout.flush()


def main() -> None:
    """Serve until the input ends, or told to end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--model", required=True)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # ^C is for the one who started us, who then ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = OllamaServer(
        [ServedModel(options.model)],
        behaviour=Behaviour(first_token_seconds=FIRST_TOKEN_SECONDS),
        replies=[CannedReply(kind.bad, kind.answer, "", "") for kind in MIX],
        port=options.port,
    )
    server.requests = _Told()
    with server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
