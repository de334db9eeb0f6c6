"""Addresses written as text: where they begin, and what around them is not theirs."""

import re
from collections.abc import Iterator

_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9])https?://[^\s<>\"`{}|\\^\x00-\x20]+", re.IGNORECASE
)
_CLOSING = {
    ")": "(",
    "]": "[",
    "」": "「",
    "』": "『",
    "）": "（",
    "》": "《",
    "】": "【",
}
_TRAILING = ".,;:!?'*_~…。，、！？：；’”›»"
# What Korean puts behind a word without a space.
_PARTICLE = re.compile(
    r"(?<=[!-~」』）》】])(?:으로|에서|에는|에게|부터|까지|이나|입니다|을|를|이|가|은|는|에|로|와|과|의|도|나)$"
)


def addresses_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where addresses begin and end, without what only stands behind them."""
    for match in _ADDRESS.finditer(text):
        address = trimmed(match[0])
        if len(address) > address.index("//") + 2:
            yield match.start(), match.start() + len(address)


def trimmed(address: str) -> str:
    """Return an address without what ends the sentence or bracket around it."""
    while True:
        last = address[-1]
        opening = _CLOSING.get(last)
        is_open = opening is not None and address.count(last) <= address.count(opening)
        particle = _PARTICLE.search(address)
        if last in _TRAILING or (opening is not None and not is_open):
            address = address[:-1]
        elif particle is not None:
            address = address[: particle.start()]
        else:
            return address
