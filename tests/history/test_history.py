"""What a history remembers, finds and forgets."""

from pathlib import Path

import pytest
from blockbuster import BlockingError, blockbuster_ctx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from terminal_ai.config import HistorySettings
from terminal_ai.history import History, HistoryQuery
from terminal_ai.history import history as history_module
from terminal_ai.history.program import first_program
from terminal_ai.records import CapturedOutput
from terminal_ai.safety.redact import redact
from tests.history.conftest import OpenHistory, make_record, wait_until
from tests.safety.fake_secrets import fake_secrets


@pytest.fixture(params=["disk", "memory"])
def history(request: pytest.FixtureRequest, open_history: OpenHistory) -> History:
    return open_history(in_memory=request.param == "memory")


def _commands(records: tuple[object, ...]) -> list[str]:
    return [str(getattr(record, "command_line", "")) for record in records]


def test_the_newest_record_comes_first(history: History) -> None:
    for number in range(5):
        history.add(make_record(number))

    assert _commands(history.records(3)) == ["command 4", "command 3", "command 2"]
    assert len(history.records(100)) == 5
    assert history.records(0) == ()


def test_search_finds_words_in_commands_and_outputs(history: History) -> None:
    history.add(make_record(1, "git push origin", output="rejected by remote"))
    history.add(make_record(2, "make test", output="All TESTS passed\n100%"))
    history.add(make_record(3, "ls", output="Makefile\n안녕하세요.txt"))
    history.flush()

    assert _commands(history.search(HistoryQuery("push", limit=9))) == [
        "git push origin"
    ]
    assert _commands(history.search(HistoryQuery("make", limit=9))) == [
        "ls",
        "make test",
    ]
    assert _commands(history.search(HistoryQuery("make", limit=1))) == ["ls"]
    assert _commands(history.search(HistoryQuery("REMOTE git", limit=9))) == [
        "git push origin"
    ]
    assert _commands(history.search(HistoryQuery("ejecte", limit=9))) == [
        "git push origin"
    ]
    assert _commands(history.search(HistoryQuery("안녕하", limit=9))) == ["ls"]
    assert _commands(history.search(HistoryQuery("git make", limit=9))) == []
    assert _commands(history.search(HistoryQuery("ls", limit=9))) == ["ls"]
    assert _commands(history.search(HistoryQuery("", limit=2))) == ["ls", "make test"]
    assert history.search(HistoryQuery("push", limit=0)) == ()


@pytest.mark.parametrize(
    "text", ['"', "'", "*", "(", "%", "_", "\\", 'x"y', "AND:", "-"]
)
def test_search_takes_every_character_literally(history: History, text: str) -> None:
    history.add(make_record(1, "plain words"))
    history.add(make_record(2, f"echo {text}{text}{text}"))
    history.flush()

    assert _commands(history.search(HistoryQuery(text, limit=9))) == [
        f"echo {text}{text}{text}"
    ]
    assert history.search(HistoryQuery("\ud800\0", limit=9)) == ()


def test_search_can_ask_for_failures_only(history: History) -> None:
    history.add(make_record(1, "job one", exit_code=0))
    history.add(make_record(2, "job two", exit_code=2))
    history.add(make_record(3, "job three", exit_code=None))
    history.flush()

    assert _commands(history.search(HistoryQuery("job", failed=True, limit=9))) == [
        "job two"
    ]
    not_failed = history.search(HistoryQuery("job", failed=False, limit=9))
    assert _commands(not_failed) == ["job three", "job one"]


def test_known_commands_worked_and_come_once(history: History) -> None:
    history.add(make_record(1, "first"))
    history.add(make_record(2, "broken", exit_code=1))
    history.add(make_record(3, "second"))
    history.add(make_record(4, "first"))
    history.add(make_record(5, "secret", is_private=True))
    history.add(make_record(6, "mysql -u root -p" + "q7s8d9f0x app"))

    assert history.known_commands(9) == ("first", "second")
    assert history.known_commands(1) == ("first",)
    assert history.known_commands(0) == ()


def test_private_records_stay_in_memory(
    open_history: OpenHistory, history_path: Path
) -> None:
    history = open_history()
    history.add(make_record(1, "whispered thing", output="hush", is_private=True))
    history.add(make_record(2, "public"))
    history.flush()

    assert _commands(history.search(HistoryQuery("whispered", limit=9))) == [
        "whispered thing"
    ]
    assert len(history.records(9)) == 2

    history.close()
    again = open_history()
    assert _commands(again.records(9)) == ["public"]
    for file in history_path.parent.iterdir():
        assert b"whispered" not in file.read_bytes()
        assert b"hush" not in file.read_bytes()


def test_no_secret_reaches_the_disk(
    open_history: OpenHistory, history_path: Path
) -> None:
    history = open_history()
    cases = fake_secrets()
    for number, case in enumerate(cases):
        elided = CapturedOutput(
            head=case.text.encode(), tail=case.text.encode(), elided_bytes=7
        )
        history.add(make_record(3 * number, case.text))
        history.add(make_record(3 * number + 1, "cat", output=case.text))
        history.add(make_record(3 * number + 2, "cat", output=elided))
    history.flush()

    data = b"".join(file.read_bytes() for file in history_path.parent.iterdir())
    assert b"[redacted:" in data
    for case in cases:
        for line in case.secret.splitlines():
            assert line.encode() not in data, case.kind


def test_a_record_comes_back_as_it_was(open_history: OpenHistory) -> None:
    record = make_record(1, "ls -la", output="a.txt\nb.txt", exit_code=3)
    elided = make_record(
        2, output=CapturedOutput(head=b"first\r\n", tail=b"\x1b[1mlast", elided_bytes=9)
    )
    unknown = make_record(3, "x\udcff\0y", exit_code=None, output="\udcff")
    history = open_history()
    for each in (record, elided, unknown):
        history.add(each)
    history.close()

    back = open_history().records(9)

    assert back[2] == record
    assert back[1].output.text == elided.output.text
    assert back[1].output.elided_bytes == 9
    assert back[0].exit_code is None
    assert back[0].command_line == "x?\u2400y"


def test_earlier_sessions_are_there_without_duplicates(
    open_history: OpenHistory,
) -> None:
    first = open_history()
    for number in range(300):
        first.add(make_record(number))
    first.close()

    second = open_history()
    for number in range(300, 320):
        second.add(make_record(number))
    second.flush()

    everything = second.records(1000)
    assert len(everything) == 320
    assert len({record.id for record in everything}) == 320
    assert everything[0].id == "s-319"
    assert everything[-1].id == "s-0"
    assert _commands(second.search(HistoryQuery("command", limit=1000))) == _commands(
        everything
    )
    assert second.known_commands(2) == ("command 319", "command 318")
    assert len(second.known_commands(999)) == 320


def test_two_histories_in_one_file_see_each_other(open_history: OpenHistory) -> None:
    one, two = open_history(), open_history()
    one.add(make_record(1, "from one", session="a"))
    two.add(make_record(2, "from two", session="b"))
    one.flush()
    two.flush()

    assert _commands(one.records(9)) == ["from two", "from one"]
    assert _commands(two.search(HistoryQuery("from", limit=9))) == [
        "from two",
        "from one",
    ]


def test_memory_is_bounded_by_count_and_bytes(open_history: OpenHistory) -> None:
    few = open_history(HistorySettings(memory_records=3), in_memory=True)
    small = open_history(HistorySettings(memory_limit_bytes=50_000), in_memory=True)
    for number in range(100):
        few.add(make_record(number))
        small.add(make_record(number, output="x" * 10_000))

    assert _commands(few.records(99)) == ["command 99", "command 98", "command 97"]
    assert 3 <= len(small.records(99)) <= 5


def test_known_commands_are_bounded(
    open_history: OpenHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_module, "KNOWN_COMMANDS_LIMIT", 3)
    history = open_history(in_memory=True)
    for number in range(9):
        history.add(make_record(number))

    assert history.known_commands(9) == ("command 8", "command 7", "command 6")


def test_the_oldest_records_are_deleted_from_disk(open_history: OpenHistory) -> None:
    settings_ = HistorySettings(retention_records=50, memory_records=10)
    history = open_history(settings_)
    for number in range(400):
        history.add(make_record(number, output=f"output of {number}"))
    history.close()
    again = open_history(settings_)
    again.add(make_record(400))
    again.flush()

    wait_until(lambda: len(again.records(1000)) <= 51)

    kept = again.records(1000)
    assert len(kept) >= 50
    assert kept[0].id == "s-400"
    assert again.search(HistoryQuery("output of 7", limit=99)) == tuple(
        record for record in kept if "7" in record.output.text
    )


def test_a_known_id_is_stored_once(open_history: OpenHistory) -> None:
    history = open_history()
    history.add(make_record(1, "first"))
    history.flush()
    history.add(make_record(1, "second"))
    history.close()

    assert _commands(open_history().records(9)) == ["first"]


def test_closing_twice_and_adding_after_is_harmless(open_history: OpenHistory) -> None:
    history = open_history()
    history.add(make_record(1))
    history.close()
    history.close()
    history.add(make_record(2))

    assert _commands(history.records(2)) == ["command 2", "command 1"]
    assert history.search(HistoryQuery("command", limit=0)) == ()


TEXT = st.text(st.characters(codec="utf-8"), max_size=20)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5), st.data())
def test_what_was_added_is_found_by_any_part_of_it(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[tuple[str, str]],
    data: st.DataObject,
) -> None:
    path = tmp_path_factory.mktemp("history") / "history.sqlite3"
    history = History(HistorySettings(), path, redact=redact)
    for number, (command, output) in enumerate(texts):
        history.add(make_record(number, command, output=output))
    history.close()
    history = History(HistorySettings(), path, redact=redact)
    record = data.draw(st.sampled_from(history.records(99)))
    words = record.command_line.split() or [""]
    word = data.draw(st.sampled_from(words))
    start = data.draw(st.integers(0, len(word)))

    found = history.search(HistoryQuery(word[start:], limit=99))
    history.close()

    assert record.id in {each.id for each in found}


async def test_the_event_loop_never_waits_for_the_disk(
    open_history: OpenHistory,
) -> None:
    open_history().add(make_record(0))
    history = open_history()

    with blockbuster_ctx():
        for number in range(1, 30):
            history.add(make_record(number, output="x" * 10_000))
        assert len(history.records(20)) == 20
        assert history.notice == ""
        # The guard would notice: a search does read the disk.
        with pytest.raises(BlockingError):
            history.search(HistoryQuery("command", limit=1))


@pytest.mark.parametrize(
    ("command_line", "program"),
    [
        ("git push", "git"),
        ("/usr/bin/git push", "git"),
        ("sudo -u bob env -i A=b git push", "git"),
        ("A=1 B='x y' nice -n 5 make", "make"),
        ("timeout 5 curl x", "curl"),
        ("env -S 'ls -l'", "ls"),
        ("env -S ''", "env"),
        ("sudo", "sudo"),
        ("A=1", ""),
        ("", ""),
        ("# a note", ""),
        ("if true; then ls; fi", "true"),
        ("(cd /; ls)", "cd"),
        ("xargs rm", "xargs"),
        ("ls | grep x", "ls"),
    ],
)
def test_the_first_program_of_a_command_line(command_line: str, program: str) -> None:
    assert first_program(command_line) == program
