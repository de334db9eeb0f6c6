"""The offline advisor: a failed command in, ranked advice out, in milliseconds."""

from terminal_ai.advisor.advisor import Advisor, Examination
from terminal_ai.advisor.evidence.listings import (
    listing_directories,
    nearby_directories,
)
from terminal_ai.advisor.evidence.wanted import wanted_names
from terminal_ai.advisor.rulebook.own import OwnRules
from terminal_ai.advisor.texts import texts

__all__ = [
    "Advisor",
    "Examination",
    "OwnRules",
    "listing_directories",
    "nearby_directories",
    "texts",
    "wanted_names",
]
