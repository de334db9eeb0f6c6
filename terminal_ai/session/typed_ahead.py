"""What the user types before there is a shell to take it."""

TYPED_AHEAD_LIMIT_BYTES = 4_096
"""As much as the kernel keeps for a program that does not read its terminal."""


class TypedAhead:
    """Keeps keys in order; what goes beyond the limit is dropped."""

    def __init__(self) -> None:
        self._data = bytearray()

    @property
    def data(self) -> bytes:
        """All that was typed."""
        return bytes(self._data)

    def append(self, data: bytes) -> None:
        """Keep these keys, whole or not at all."""
        if len(self._data) + len(data) <= TYPED_AHEAD_LIMIT_BYTES:
            self._data += data
