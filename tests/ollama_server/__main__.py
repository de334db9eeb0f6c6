"""Run the server by hand: ``python -m tests.ollama_server --port 0``."""

import argparse
import signal
import sys

from tests.ollama_server.behaviour import Behaviour, Fault
from tests.ollama_server.server import OllamaServer
from tests.ollama_server.store import ServedModel

DEFAULT_MODEL = "qwen2.5-coder:3b"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.ollama_server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--model", action="append", default=[])
    parser.add_argument("--no-model", action="store_true", help="start without models")
    parser.add_argument("--delay", type=float, default=0.02, help="seconds per piece")
    parser.add_argument("--first-token-delay", type=float, default=0.3)
    parser.add_argument("--load-delay", type=float, default=0.5)
    parser.add_argument("--pull-delay", type=float, default=0.1)
    parser.add_argument("--thinking", default="", help="what the model thinks aloud")
    parser.add_argument("--fault", choices=[fault.name.lower() for fault in Fault])
    parser.add_argument("--fault-after", type=int, default=0, help="pieces")
    arguments = parser.parse_args()
    names = [] if arguments.no_model else arguments.model or [DEFAULT_MODEL]
    behaviour = Behaviour(
        load_seconds=arguments.load_delay,
        first_token_seconds=arguments.first_token_delay,
        token_seconds=arguments.delay,
        pull_step_seconds=arguments.pull_delay,
        thinking=arguments.thinking,
        thinks_in_content=bool(arguments.thinking),
        fault=Fault[arguments.fault.upper()] if arguments.fault else None,
        fault_after_pieces=arguments.fault_after,
    )
    models = [ServedModel(name) for name in names]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with OllamaServer(models, behaviour=behaviour, port=arguments.port) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main()
