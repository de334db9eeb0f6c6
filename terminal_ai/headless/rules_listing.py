"""``terminal-ai rules list``: the rules that ship, and the user's before them."""

import difflib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import click

from terminal_ai.advisor.rulebook.book import RuleBook, load_rule_book
from terminal_ai.advisor.rulebook.own import OWN_FAMILY
from terminal_ai.advisor.rulebook.rule import Rule
from terminal_ai.headless.printing import say_on_stderr
from terminal_ai.headless.table import Cell, lines
from terminal_ai.messages import gettext as _
from terminal_ai.safety.sanitize import single_line
from terminal_ai.user_rules import UserRules, rules_directory

CELL_LIMIT_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class ListedRule:
    """A rule and what has become of it: ``on``, ``off`` or ``replaced``."""

    rule: Rule
    state: str

    @property
    def origin(self) -> str:
        """``ours``, or the user's file."""
        if self.rule.is_users:
            return self.rule.origin.partition("/")[2]
        return {
            "on": _("ours"),
            "off": _("ours, off"),
            "replaced": _("ours, replaced"),
        }[self.state]


def find(*, families: Sequence[str], program: str) -> list[ListedRule]:
    """Return rules, the user's first; raises click.UsageError for no such family."""
    users = UserRules(rules_directory(), say_on_stderr, fresh_seconds=0)
    own = users.look()
    users.tell_news()
    ours = load_rule_book()
    known = {OWN_FAMILY, *(rule.family for rule in ours.rules)}
    for family in families:
        if family not in known:
            raise click.UsageError(_no_family(family, known))
    listed = [
        *(ListedRule(rule, "on") for rule in _about(own.book, program)),
        *(
            ListedRule(rule, _state(rule, own.book, own.replaced))
            for rule in _about(ours, program)
        ),
    ]
    return [one for one in listed if not families or one.rule.family in families]


def _no_family(family: str, known: Iterable[str]) -> str:
    told = _("no family is called {family}; there are: {known}")
    near = difflib.get_close_matches(family, sorted(known), n=1)
    if near:
        told = _("no family is called {family}; did you mean {known}?")
    shown = ", ".join(near or sorted(known))
    return told.format(family=single_line(family, 40), known=shown)


def _about(book: RuleBook, program: str) -> Iterable[Rule]:
    return book.about(program) if program else book.rules


def _state(rule: Rule, own: RuleBook, replaced: frozenset[str]) -> str:
    if rule.id not in replaced:
        return "on"
    return "replaced" if any(rule.id == one.id for one in own.rules) else "off"


def as_table(
    rules: Sequence[ListedRule], *, width_cells: int | None, has_colors: bool
) -> str:
    """Return the rules for people, one a line: id, family, origin, programs."""
    if not rules:
        return _("No rules.") + "\n"
    rows = [list(_row(listed)) for listed in rules]
    shown = lines(rows, width_cells=width_cells, has_colors=has_colors)
    return "".join(f"{line}\n" for line in shown)


def _row(listed: ListedRule) -> Iterator[Cell]:
    rule = listed.rule
    yield Cell(rule.id, "" if listed.state == "on" else "yellow")
    yield Cell(rule.family)
    yield Cell(single_line(listed.origin, 24), "green" if rule.is_users else "")
    yield Cell(single_line(" ".join(rule.source.programs), CELL_LIMIT_CHARACTERS))


def as_json(rules: Sequence[ListedRule]) -> str:
    """Return the rules as one JSON array, one rule a line."""
    body = ",\n".join(
        json.dumps(
            {
                "id": listed.rule.id,
                "family": listed.rule.family,
                "programs": listed.rule.source.programs,
                "origin": listed.rule.origin,
                "state": listed.state,
                "prior": listed.rule.source.prior,
                "what": listed.rule.source.what,
            },
            ensure_ascii=False,
        )
        for listed in rules
    )
    return f"[\n{body}\n]\n" if rules else "[]\n"
