"""Records of every kind, for property tests."""

from hypothesis import strategies as st

from terminal_ai.records import CapturedOutput, CommandRecord, ResourceUsage
from tests.terminal.streams import byte_streams

STARTED_AT = 1_700_000_000.0


def make_record(
    number: int = 1,
    command_line: str = "make all",
    output: bytes | CapturedOutput = b"",
    *,
    exit_code: int | None = 0,
    started_at: float | None = None,
    duration_seconds: float = 1.0,
    is_private: bool = False,
    used_alternate_screen: bool = False,
    columns: int = 80,
    rows: int = 24,
) -> CommandRecord:
    """Return a record; a higher number is a later one."""
    return CommandRecord(
        id=f"5e55-{number}",
        command_line=command_line,
        cwd="/home/bob",
        exit_code=exit_code,
        started_at=STARTED_AT + 10 * number if started_at is None else started_at,
        duration_seconds=duration_seconds,
        output=CapturedOutput(output) if isinstance(output, bytes) else output,
        shell="bash",
        is_private=is_private,
        resources=ResourceUsage(0.5, 0.25, 4096, 0, 1024),
        used_alternate_screen=used_alternate_screen,
        columns=columns,
        rows=rows,
    )


any_text = st.text(st.characters(), max_size=40)
odd_text = st.one_of(
    any_text,
    st.lists(
        st.sampled_from(["`", "```", "~~~", "\n", "#", " ", "\r", "\x1b", "a"])
    ).map("".join),
)
sizes = st.one_of(st.none(), st.integers(0, 2**50))
times = st.one_of(st.none(), st.floats(0, 1e6))
timelines = st.lists(st.tuples(st.floats(0, 100), st.integers(0, 300)), max_size=6).map(
    lambda steps: tuple(
        zip(
            sorted(seconds for seconds, _ in steps),
            sorted(count for _, count in steps),
            strict=True,
        )
    )
)
outputs = st.builds(
    CapturedOutput,
    head=st.one_of(byte_streams, odd_text.map(lambda x: x.encode("utf-8", "replace"))),
    tail=byte_streams,
    elided_bytes=st.sampled_from([0, 0, 1, 10**9]),
    timeline=timelines,
)
records = st.builds(
    CommandRecord,
    id=st.from_regex(r"[0-9a-f]{8}-[1-9][0-9]{0,3}", fullmatch=True),
    command_line=odd_text,
    cwd=odd_text,
    exit_code=st.one_of(st.none(), st.integers(0, 255)),
    started_at=st.floats(0, 4e9),
    duration_seconds=st.floats(0, 1e6),
    output=outputs,
    shell=st.sampled_from(["bash", "zsh", "fish", "sh", ""]),
    is_private=st.booleans(),
    resources=st.builds(ResourceUsage, times, times, sizes, sizes, sizes),
    used_alternate_screen=st.booleans(),
    columns=st.integers(1, 300),
    rows=st.integers(1, 100),
)
