"""Labels of metrics whose values only the running program knows, bounded in number."""

from dataclasses import dataclass, field

NAMES_LIMIT = 64
"""Functions, and operations, with series of their own; their names are our code's."""
NAME_CHARACTERS = 100
OTHER = "other"


class NameLabels:
    """Gives the first names that come a label each, and all later ones one together.

    A name keeps its label for as long as the process runs, so that a series never
    changes what it counts.
    """

    def __init__(self, limit: int = NAMES_LIMIT) -> None:
        self._limit = limit
        self._labels: dict[str, str] = {}

    def label(self, name: str) -> str:
        """Return what stands for a name."""
        if name not in self._labels and len(self._labels) < self._limit:
            label = name if name.isprintable() else OTHER
            self._labels[name] = label[:NAME_CHARACTERS]
        return self._labels.get(name, OTHER)


@dataclass(frozen=True, slots=True)
class Labels:
    """Which names have a series, for as long as the process runs."""

    functions: NameLabels = field(default_factory=NameLabels)
    operations: NameLabels = field(default_factory=NameLabels)
