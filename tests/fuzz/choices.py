"""Where a generator's decisions come from: a random number or a fuzzer's bytes."""

import random
from collections.abc import Sequence
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Choices(Protocol):
    """A source of decisions."""

    def below(self, limit: int) -> int:
        """Return a number from 0 up to, not including, ``limit``."""


class RandomChoices:
    """Decisions of a seeded generator: the same seed gives the same stream."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random

    def below(self, limit: int) -> int:
        """Return any number with the same likelihood."""
        return int(self._random() * limit)


class ByteChoices:
    """Decisions read from bytes, which a fuzzer mutates; zero when they run out."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def below(self, limit: int) -> int:
        """Consume as many bytes as the limit needs."""
        number, size = 0, 1
        while size < limit:
            byte = self._data[self._at] if self._at < len(self._data) else 0
            number, size = number * 256 + byte, size * 256
            self._at += 1
        return number % limit

    @property
    def is_spent(self) -> bool:
        """True when further decisions would all be zero."""
        return self._at >= len(self._data)


def one_of(choices: Choices, items: Sequence[Item]) -> Item:
    """Return one of the items."""
    return items[choices.below(len(items))]
