"""A query finds the same on disk, by SQL and indexes, as by looking at each record."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from terminal_ai.config import HistorySettings
from terminal_ai.history import History, HistoryQuery, RecordOrder, search
from terminal_ai.records import CapturedOutput, CommandRecord, ResourceUsage
from tests.history.conftest import STARTED_AT, OpenHistory, make_record

DIRECTORIES = ("/", "/a", "/a/b", "/a-b", "/ab", "/a/b/c", "")
WORDS = ("git", "push", "ls", "오류", "error", "e", "7", "Error:", "it's", 'x"y', "%_")
FIGURE = st.none() | st.integers(0, 3)


@st.composite
def _records(draw: st.DrawFn) -> list[CommandRecord]:
    texts = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
    records = []
    for number in range(draw(st.integers(1, 12))):
        figures = draw(st.tuples(FIGURE, FIGURE, FIGURE, FIGURE))
        cpu = None if figures[0] is None else float(figures[0])
        usage = ResourceUsage(cpu, None if cpu is None else 0.5, *figures[1:])
        record = replace(
            make_record(number, draw(texts), output=draw(texts)),
            id=f"{draw(st.sampled_from('ab'))}-{number}",
            cwd=draw(st.sampled_from(DIRECTORIES)),
            shell=draw(st.sampled_from(("bash", "zsh"))),
            exit_code=draw(st.sampled_from((None, 0, 1))),
            duration_seconds=draw(st.sampled_from((0.0, 0.25, 0.5))),
            resources=usage,
        )
        records.append(record)
    return records


@st.composite
def _queries(draw: st.DrawFn, ids: Sequence[str]) -> HistoryQuery:
    known = st.sampled_from(["", *ids])
    return HistoryQuery(
        text=" ".join(
            draw(st.lists(st.sampled_from((*WORDS, "gi", "rr")), max_size=2))
        ),
        failed=draw(st.sampled_from((None, True, False))),
        cwd=draw(st.sampled_from(("", *DIRECTORIES, "/a/"))),
        shell=draw(st.sampled_from(("", "zsh"))),
        program=draw(st.sampled_from(("", "", "git", "ls"))),
        longer_than_seconds=draw(st.sampled_from((0.0, 0.5))),
        session_id=draw(st.sampled_from(("", "", "a"))),
        first_id=draw(known),
        last_id=draw(known),
        order=draw(st.sampled_from(RecordOrder)),
        limit=draw(st.integers(1, 12)),
    )


@pytest.fixture(params=[0, search.RARE_RECORDS])
def _rarity(request: pytest.FixtureRequest) -> Iterator[None]:
    """Take every text for a common one, and for a rare one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "RARE_RECORDS", request.param)
        yield


@pytest.mark.usefixtures("_rarity")
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(_records(), st.data())
def test_disk_and_memory_answer_alike(
    records: list[CommandRecord], data: st.DataObject
) -> None:
    memory = History(HistorySettings(), None, redact=str)
    with TemporaryDirectory() as directory:
        disk = History(HistorySettings(), Path(directory, "history"), redact=str)
        for record in records:
            memory.add(record)
            disk.add(record)
        disk.flush()
        for _ in range(8):
            query = data.draw(_queries([record.id for record in records]))
            expected = [record.id for record in memory.search(query)]
            assert [record.id for record in disk.search(query)] == expected, query
        disk.close()


@pytest.fixture(params=["disk", "memory"])
def history(request: pytest.FixtureRequest, open_history: OpenHistory) -> History:
    return open_history(in_memory=request.param == "memory")


def _ids(records: Sequence[CommandRecord]) -> list[str]:
    return [record.id for record in records]


def test_a_directory_holds_what_is_below_it(history: History) -> None:
    for number, cwd in enumerate(("/srv", "/srv/a", "/srv-b", "/srv0", "/")):
        history.add(replace(make_record(number), cwd=cwd))
    history.flush()

    assert _ids(history.search(HistoryQuery(cwd="/srv"))) == ["s-1", "s-0"]
    assert _ids(history.search(HistoryQuery(cwd="/srv/"))) == ["s-1", "s-0"]
    assert len(history.search(HistoryQuery(cwd="/"))) == 5


def test_a_range_takes_both_its_ends(history: History) -> None:
    for number in range(6):
        history.add(make_record(number))
    history.flush()

    ranged = HistoryQuery(first_id="s-2", last_id="s-4")
    assert _ids(history.search(ranged)) == ["s-4", "s-3", "s-2"]
    assert _ids(history.search(HistoryQuery(last_id="s-0"))) == ["s-0"]
    assert history.search(HistoryQuery(first_id="none-1")) == ()


def test_the_largest_figure_comes_first_and_the_unknown_last(history: History) -> None:
    figures = (5, None, 9, 5)
    for number, figure in enumerate(figures):
        usage = ResourceUsage(None, None, figure, figure, figure)
        history.add(replace(make_record(number), resources=usage))
    history.flush()

    for order in (RecordOrder.MEMORY, RecordOrder.READ, RecordOrder.WRITTEN):
        found = history.search(HistoryQuery(order=order))
        assert _ids(found) == ["s-2", "s-3", "s-0", "s-1"]


def test_each_order_goes_by_a_figure_of_its_own(history: History) -> None:
    small = ResourceUsage(1.0, 0.0, 1, 1, 1)
    figures: dict[RecordOrder, dict[str, object]] = {
        RecordOrder.SLOWEST: {"duration_seconds": 0.5},
        RecordOrder.CPU: {"resources": replace(small, cpu_system_seconds=1.0)},
        RecordOrder.MEMORY: {"resources": replace(small, peak_rss_bytes=2)},
        RecordOrder.READ: {"resources": replace(small, read_bytes=2)},
        RecordOrder.WRITTEN: {"resources": replace(small, written_bytes=2)},
        RecordOrder.NEWEST: {},
    }
    for number, figure in enumerate(figures.values()):
        # mypy does not know that these are its fields.
        record = replace(make_record(number), resources=small)
        history.add(replace(record, **figure))  # type: ignore[arg-type]
    history.flush()

    for number, order in enumerate(figures):
        found = history.search(HistoryQuery(order=order, limit=1))
        assert _ids(found) == [f"s-{number}"], order


def test_a_record_and_a_session_are_found_by_id(history: History) -> None:
    for number in range(3):
        history.add(make_record(number, session="one-two"))
    history.add(make_record(3, session="one"))
    history.flush()

    record = history.record("one-two-1")
    assert record is not None
    assert record.session_id == "one-two"
    assert _ids(history.session("one-two")) == ["one-two-0", "one-two-1", "one-two-2"]
    assert _ids(history.session("one")) == ["one-3"]
    assert history.record("nobody-1") is None
    assert history.session("nobody") == ()
    assert history.remembered("one-3") is not None


def test_a_preview_says_what_it_leaves_out(open_history: OpenHistory) -> None:
    history = open_history()
    output = CapturedOutput("한글".encode() * 10, b"tail", elided_bytes=3)
    history.add(make_record(1, output=output))
    history.flush()

    (cut,) = history.search(HistoryQuery(output_limit_bytes=7))
    assert cut.output.head.decode() == "한글"
    assert cut.output.tail == b""
    assert cut.output.elided_bytes == 3 + 60 + 4 - 6
    (whole,) = history.search(HistoryQuery())
    assert (whole.output.head, whole.output.tail) == (output.head, b"tail")
    history.close()
    again = open_history(HistorySettings(memory_records=1))
    found = again.record("s-1")
    assert found is not None
    assert found.output.elided_bytes == 3


def test_what_a_command_used_comes_back(open_history: OpenHistory) -> None:
    usage = ResourceUsage(1.5, 0.25, 4096, 512, 1024)
    record = replace(make_record(1), resources=usage, columns=132, rows=50)
    history = open_history()
    history.add(record)
    history.close()

    back = open_history().record("s-1")

    assert back is not None
    assert (back.resources, back.columns, back.rows) == (usage, 132, 50)
    assert back.started_at == STARTED_AT + 1


@pytest.mark.parametrize("text", ["zq", "z", "오류", "Ö"])
def test_short_words_are_found_in_outputs_on_disk(
    open_history: OpenHistory, text: str
) -> None:
    history = open_history(HistorySettings(memory_records=1))
    history.add(make_record(1, "ls", output=f"first\n{text}"))
    history.add(make_record(2, f"echo {text.lower()}"))
    history.add(make_record(3, "neither"))
    history.flush()

    assert _ids(history.search(HistoryQuery(text))) == ["s-2", "s-1"]
