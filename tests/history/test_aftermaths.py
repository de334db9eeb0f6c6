"""What was run after earlier failures, from the disk and from memory."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from terminal_ai.history.aftermaths import remembered_aftermaths
from terminal_ai.history.retention import Limits
from terminal_ai.history.store import RecordStore
from terminal_ai.history.stored import without_secrets
from terminal_ai.records import Aftermath, Attempt, CommandRecord
from terminal_ai.safety.redact import redact
from tests.history.conftest import OpenHistory, make_record

LINES = st.sampled_from(["a", "b", "c"])
RECORDS = st.lists(
    st.tuples(
        LINES,
        st.sampled_from([0, 1, None]),
        st.sampled_from(["s", "t"]),
        st.sampled_from([1.0, 1_000.0]),
        st.booleans(),
    ),
    max_size=30,
)


def attempt(command_line: str, *, has_worked: bool = True) -> Attempt:
    return Attempt(command_line, has_worked)


def test_what_followed_each_failure_newest_failure_first(
    open_history: OpenHistory,
) -> None:
    lines = (("x", 1), ("y", 1), ("z", 0), ("x", 0), ("x", 2), ("w", 0))
    for in_memory in (True, False):
        history = open_history(in_memory=in_memory)
        for number, (line, code) in enumerate(lines, 1):
            history.add(make_record(number, command_line=line, exit_code=code))
        history.flush()
        assert history.aftermaths("x") == (
            Aftermath("/home/bob", (attempt("w"),)),
            Aftermath(
                "/home/bob",
                (
                    attempt("y", has_worked=False),
                    attempt("z"),
                    attempt("x"),
                    attempt("x", has_worked=False),
                    attempt("w"),
                ),
            ),
        )


def test_other_sessions_private_lines_and_secrets_are_left_out(
    open_history: OpenHistory,
) -> None:
    secret = "deploy --token ghp_" + "a1B2c3D4e5F6" * 3
    for in_memory in (True, False):
        history = open_history(in_memory=in_memory)
        for record in (
            make_record(1, command_line="x", exit_code=1),
            make_record(2, command_line="theirs", session="other"),
            make_record(3, command_line="hidden", is_private=True),
            make_record(4, command_line=secret),
            make_record(5, command_line=secret, exit_code=1),
            make_record(6, command_line="ours"),
        ):
            history.add(record)
        history.flush()
        (aftermath,) = history.aftermaths("x")
        assert aftermath.attempts == (attempt("ours"),)
        assert history.aftermaths(secret) == ()


@given(RECORDS, LINES)
@settings(max_examples=30)
def test_disk_and_memory_tell_the_same(
    drawn: list[tuple[str, int | None, str, float, bool]],
    asked: str,
) -> None:
    records: list[CommandRecord] = []
    now = 0.0
    for number, (line, code, session, gap, alternate) in enumerate(drawn):
        now += gap
        record = make_record(number, command_line=line, exit_code=code, session=session)
        records.append(replace(record, started_at=now, used_alternate_screen=alternate))
    with TemporaryDirectory() as directory:
        store = RecordStore(Path(directory, "history.sqlite3"), Limits(100))
        store.write(without_secrets(record, redact) for record in records)
        stored = store.aftermaths(asked)
        store.close()
    assert stored == remembered_aftermaths(records, asked, redact)
