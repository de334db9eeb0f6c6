from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.shell.capture import BoundedCapture

SECRET = b"0123456789abcdef0123456789abcdef"


@given(
    pieces=st.lists(st.binary(max_size=40), max_size=30),
    head_bytes=st.integers(0, 50),
    tail_bytes=st.integers(0, 50),
)
def test_head_and_tail_of_any_stream(
    pieces: list[bytes], head_bytes: int, tail_bytes: int
) -> None:
    capture = BoundedCapture(head_bytes, tail_bytes)
    for piece in pieces:
        capture.append(piece)
    whole = b"".join(pieces)
    frozen = capture.freeze()
    rest = whole[head_bytes:]
    assert frozen.head == whole[:head_bytes]
    assert frozen.tail == (rest[-tail_bytes:] if tail_bytes else b"")
    assert frozen.elided_bytes == len(whole) - len(frozen.head) - len(frozen.tail)


@given(
    before=st.binary(max_size=60),
    after=st.binary(max_size=60),
    cut=st.integers(0, 150),
    head_bytes=st.integers(0, 80),
    tail_bytes=st.integers(0, 80),
)
def test_no_piece_of_a_secret_stays(
    before: bytes, after: bytes, cut: int, head_bytes: int, tail_bytes: int
) -> None:
    whole = before + SECRET + after
    capture = BoundedCapture(head_bytes, tail_bytes)
    capture.append(whole[:cut])
    capture.append(whole[cut:])
    frozen = capture.freeze(secret=SECRET)
    assert len(frozen.head) + len(frozen.tail) + frozen.elided_bytes == len(whole)
    # The strategies cannot draw a piece this long by chance.
    for start in range(0, len(SECRET) - 9, 8):
        for kept in (frozen.head, frozen.tail):
            assert SECRET[start : start + 10] not in kept
