"""A bounded copy of a stream: its head and its tail."""

from terminal_ai.records import CapturedOutput

# A secret cut by the elision is blotted out too, unless so little of it is left
# that ordinary text would be hit.
SECRET_PIECE_BYTES = 8


class BoundedCapture:
    """Keeps the first and the last bytes of what it is given, and counts the rest."""

    def __init__(self, head_bytes: int, tail_bytes: int) -> None:
        self._head_limit = head_bytes
        self._tail_limit = tail_bytes
        self._head = bytearray()
        self._tail = bytearray()
        self._total_bytes = 0

    def append(self, data: bytes | bytearray) -> None:
        """Add bytes at the end."""
        self._total_bytes += len(data)
        room = self._head_limit - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        if not data:
            return
        if len(data) >= self._tail_limit:
            self._tail[:] = data[len(data) - self._tail_limit :]
            return
        self._tail += data
        # Cutting only at twice the limit moves each byte once, not at every append.
        if len(self._tail) > 2 * self._tail_limit:
            del self._tail[: len(self._tail) - self._tail_limit]

    def freeze(self, *, secret: bytes = b"") -> CapturedOutput:
        """Return the captured bytes, with every trace of ``secret`` blotted out."""
        tail = bytes(self._tail[max(0, len(self._tail) - self._tail_limit) :])
        head = bytes(self._head)
        elided_bytes = self._total_bytes - len(head) - len(tail)
        if not secret:
            return CapturedOutput(head, tail, elided_bytes)
        blot = b"*" * len(secret)
        if not elided_bytes:
            whole = (head + tail).replace(secret, blot)
            return CapturedOutput(whole[: len(head)], whole[len(head) :])
        head = _blot_cut_end(head.replace(secret, blot), secret)
        tail = _blot_cut_start(tail.replace(secret, blot), secret)
        return CapturedOutput(head, tail, elided_bytes)


def _blot_cut_end(data: bytes, secret: bytes) -> bytes:
    for length in range(len(secret) - 1, SECRET_PIECE_BYTES - 1, -1):
        if data.endswith(secret[:length]):
            return data[:-length] + b"*" * length
    return data


def _blot_cut_start(data: bytes, secret: bytes) -> bytes:
    for length in range(len(secret) - 1, SECRET_PIECE_BYTES - 1, -1):
        if data.startswith(secret[-length:]):
            return b"*" * length + data[length:]
    return data
