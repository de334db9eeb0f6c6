"""The texts of the rules that are data, for the message catalogue."""

from collections.abc import Iterable

from terminal_ai.advisor.rulebook.book import load_rule_book


def texts() -> Iterable[str]:
    """Return every text of the rules once; texts in code are found by their ``_()``."""
    found = (text for rule in load_rule_book().rules for text in rule.texts())
    return tuple(dict.fromkeys(found))
