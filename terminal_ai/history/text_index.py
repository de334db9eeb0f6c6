"""Two full-text indexes: one for terms of three letters and more, one for shorter.

``text_index`` holds every three letters in a row with their place (about four times
the text), ``short_terms`` every letter and every two without (a tenth of the text).
Both are asked for substrings, in any case; neither keeps the text itself.
"""

import re
import sqlite3
from collections.abc import Sequence
from itertools import pairwise

from terminal_ai.history.program import first_program

TRIGRAM = 3
MERGE_PAGES = 200
"""Index pages rewritten at a time: some tens of milliseconds."""

_CREATE = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS text_index USING fts5(
        command_line, head, tail,
        content='texts', content_rowid='number', tokenize='trigram'
    )""",
    """CREATE VIRTUAL TABLE IF NOT EXISTS short_terms USING fts5(
        terms, content='', detail=none, tokenize='ascii'
    )""",
)
_PROBE = "SELECT rowid FROM text_index LIMIT 0"
_TEXTS = (
    "SELECT number, command_line, head, tail,"
    " number IN (SELECT id FROM text_index_docsize) AS is_in_text_index,"
    " number IN (SELECT id FROM short_terms_docsize) AS is_in_short_terms"
    " FROM texts"
)


def create(connection: sqlite3.Connection) -> bool:
    """Make sure of the indexes; False where this SQLite cannot have them."""
    return _works(connection, *_CREATE, _PROBE)


def is_there(connection: sqlite3.Connection) -> bool:
    """Tell whether somebody has made the indexes, and this SQLite can read them."""
    return _works(connection, _PROBE)


def _works(connection: sqlite3.Connection, *statements: str) -> bool:
    try:
        for statement in statements:
            connection.execute(statement).fetchall()
    except sqlite3.OperationalError as error:
        # No FTS5 module, or one without the trigram tokenizer.
        if "no such" in str(error):
            return False
        raise
    return True


def add(connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
    """Index these records where they are not, and mark them as complete."""
    for row in _rows(connection, numbers):
        number, *texts = row[:4]
        if not row[4]:
            connection.execute(
                "INSERT INTO text_index(rowid, command_line, head, tail)"
                " VALUES (?, ?, ?, ?)",
                (number, *texts),
            )
        if not row[5]:
            connection.execute(
                "INSERT INTO short_terms(rowid, terms) VALUES (?, ?)",
                (number, _short_terms(texts)),
            )
        connection.execute(
            "UPDATE records SET program = coalesce(program, ?), is_complete = 1"
            " WHERE number = ?",
            (first_program(texts[0]), number),
        )


def remove(connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
    """Forget these records; they must still be there themselves."""
    for row in _rows(connection, numbers):
        number, *texts = row[:4]
        if row[4]:
            connection.execute(
                "INSERT INTO text_index(text_index, rowid, command_line, head, tail)"
                " VALUES ('delete', ?, ?, ?, ?)",
                (number, *texts),
            )
        if row[5]:
            connection.execute(
                "INSERT INTO short_terms(short_terms, rowid, terms)"
                " VALUES ('delete', ?, ?)",
                (number, _short_terms(texts)),
            )


def merge(connection: sqlite3.Connection, *, is_first: bool) -> bool:
    """Free some of what deleted records left in the large index; True for more."""
    before = connection.total_changes
    # A negative number begins a merge of everything, a positive one goes on with it.
    connection.execute(
        "INSERT INTO text_index(text_index, rank) VALUES ('merge', ?)",
        (-MERGE_PAGES if is_first else MERGE_PAGES,),
    )
    return connection.total_changes - before > 1


def long_match(terms: Sequence[str]) -> str:
    """Return what ``text_index`` is asked for all terms long enough for it."""
    return " AND ".join(
        '"' + term.replace('"', '""') + '"' for term in terms if len(term) >= TRIGRAM
    )


def short_match(terms: Sequence[str]) -> str:
    """Return what ``short_terms`` is asked for all others."""
    return " AND ".join(
        f'"{_token(term.lower()[:2])}"' for term in terms if len(term) < TRIGRAM
    )


def _rows(
    connection: sqlite3.Connection, numbers: Sequence[int]
) -> list[tuple[int, str, str, str, int, int]]:
    marks = ", ".join("?" * len(numbers))
    return connection.execute(f"{_TEXTS} WHERE number IN ({marks})", numbers).fetchall()


def _short_terms(texts: Sequence[str]) -> str:
    found: set[str] = set()
    for text in texts:
        lowered = text.lower()
        found.update(lowered)
        found.update(map("".join, set(pairwise(lowered))))
    # Terms are words: no blank stands in one.
    return " ".join(_token(term) for term in found if not re.search(r"\s", term))


def _token(letters: str) -> str:
    """Return letters as a word that every tokenizer leaves alone."""
    return "x".join(f"{ord(letter):x}" for letter in letters)
