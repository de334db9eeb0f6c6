"""``python -m terminal_ai``."""

import sys
from pathlib import Path


def run() -> None:
    """Start the command line without the user's directory among the imports.

    ``python -m`` puts the working directory first, so a ``click.py`` or ``queue.py``
    of the user's own project would be imported, and run, in place of the real one.
    """
    checkout = str(Path(__file__).resolve().parent.parent)
    working_directory = str(Path.cwd())
    if sys.path[:1] == [working_directory] and working_directory != checkout:
        del sys.path[0]
    from terminal_ai.cli import main

    main()


if __name__ == "__main__":
    run()
