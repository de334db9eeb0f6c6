"""``python -m terminal_ai``."""

import contextlib
import sys
from pathlib import Path


def run() -> None:
    """Start the command line without the user's directory among the imports.

    ``python -m`` puts the working directory first, so a ``click.py`` or ``queue.py``
    of the user's own project would be imported, and run, in place of the real one.
    """
    checkout = Path(__file__).resolve().parent.parent
    with contextlib.suppress(OSError):  # the directory may have been deleted
        working_directory = Path.cwd()
        if sys.path[0] == str(working_directory) and working_directory != checkout:
            del sys.path[0]
    from terminal_ai.cli import main

    main()


if __name__ == "__main__":
    run()
