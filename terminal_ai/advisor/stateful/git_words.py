"""git's own words: a subcommand's subcommand or a long option that is mistyped."""

import re
from collections.abc import Iterable, Iterator, Mapping

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.similar import closest
from terminal_ai.advisor.reading.command_line import SimpleCommand, Word
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.messages import gettext as _

WORD_CUTOFF = 0.7
OPTION_CUTOFF = 0.62
# Before the subcommand, these take the next word.
_VALUED = frozenset(("-C", "-c", "--git-dir", "--work-tree", "--namespace"))
_BAD_WORD = Wording(
    r"unknown subcommand:? [`'\"]?(?P<word>[^`'\"\s]+)"
    r"|^usage: git (?:submodule|notes|stash|worktree|remote|bundle|bisect) "
    r"|unknown command: (?P<command>git \S+ \S+)"
    r"|expected token '(?P<token>[^'\n]+)'",
    re.MULTILINE | re.IGNORECASE,
)
# What these are called in other programs, by what git calls them.
_OTHERWISE: Mapping[str, tuple[str, ...]] = {
    "remove": ("remove", "drop", "deinit", "delete"),
    "rm": ("remove", "drop", "deinit"),
    "delete": ("remove", "drop", "deinit"),
    "del": ("remove", "drop"),
    "unset": ("remove",),
    "create": ("add", "push"),
    "new": ("add", "push", "start"),
    "ls": ("list", "show"),
    "change": ("set-url",),
    "set": ("set-url", "add"),
    "edit": ("set-url",),
    "mv": ("rename", "move"),
    "move": ("rename",),
    "restore": ("pop",),
    "stop": ("reset",),
    "begin": ("start",),
}
_BAD_OPTION = Wording(
    r"(?:unknown|invalid|unrecogni[sz]ed|ambiguous) (?:option|switch|argument):? ?"
    r"[`'\"]?(?P<option>-{0,2}\w[\w-]*)"
    r"|did you mean [`'\"]--(?P<dashes>[\w-]+)"
    r"|^usage: git submodule"
    r"|invalid value for '(?P<value>--?[\w-]+)'"
    r"|(?P<taken>pathspec) '[^'\n]+' did not match",
    re.MULTILINE,
)
_LONG_LETTERS = 3


def git_command(failure: Failure) -> SimpleCommand | None:
    """Return the git command of the line that may have failed."""
    culprit = failure.culprit
    if culprit is not None and culprit.program == "git":
        return culprit
    commands = [one for one in failure.line.commands if one.program == "git"]
    return commands[-1] if commands else None


def subcommand_index(command: SimpleCommand) -> int:
    """Return which word is the subcommand; 0 if there is none."""
    index = 1
    while index < len(command.words) and command.words[index].is_option:
        index += 2 if command.words[index].value in _VALUED else 1
    return index if index < len(command.words) else 0


def subcommand(command: SimpleCommand) -> str:
    """Return the name after ``git`` and git's own options."""
    index = subcommand_index(command)
    return command.words[index].value if index else ""


def correct_git_word(failure: Failure) -> Iterable[Finding]:
    """Put the right subcommand or option in the place of the one git does not know."""
    command = git_command(failure)
    if command is None or not (index := subcommand_index(command)):
        return
    yield from _subcommands(command, index, failure)
    yield from _options(command, index, failure)


def _subcommands(
    command: SimpleCommand, index: int, failure: Failure
) -> Iterator[Finding]:
    match = _BAD_WORD.search(failure.output)
    name = command.words[index].value
    known = failure.knowledge.vocabularies.get(f"git-{name}", ())
    words = command.words[index + 1 :]
    word = next((one for one in words if not one.is_option), None)
    if not match or not known or word is None or word.value in known:
        return
    fixes = tuple(
        Fix(failure.line.replace(word.start, word.end, right), score)
        for right, score in _meant(word.value, known).items()
    )
    if not fixes and word.value in ("list", "ls") and name == "remote":
        fixes = (Fix(failure.line.replace(word.start, word.end, "-v"), 0.95),)
    if fixes:
        yield Finding(
            "git-word",
            _("git {command} has no command named {word}.").format(
                command=name, word=word.value
            ),
            _("It has one with a similar name or meaning."),
            failure.evidence(match[0]),
            0.92,
            fixes,
            see=(f"git-{name}(1)",),
        )


def _meant(wrong: str, known: Iterable[str]) -> dict[str, float]:
    names = tuple(known)
    found = {one: 0.95 for one in _OTHERWISE.get(wrong, ()) if one in names}
    found = dict(list(found.items())[:1])
    for match in closest(wrong, names, limit=2, cutoff=WORD_CUTOFF):
        found.setdefault(match.name, match.score)
    return found


def _options(command: SimpleCommand, index: int, failure: Failure) -> Iterator[Finding]:
    match = _BAD_OPTION.search(failure.output)
    name = command.words[index].value
    known = failure.knowledge.vocabularies.get(f"git-{name}-options", ())
    if not match or not known:
        return
    for word in command.words[index + 1 :]:
        fixes = tuple(_right_options(word, known, failure, is_sure=not match["taken"]))
        if fixes:
            yield Finding(
                "git-option",
                _("git {command} has no option {option}.").format(
                    command=name, option=word.value.partition("=")[0]
                ),
                _("Long options begin with two dashes."),
                failure.evidence(match[0]),
                0.9,
                fixes,
                see=(f"git-{name}(1)",),
            )
            return


def _right_options(
    word: Word, known: tuple[str, ...], failure: Failure, *, is_sure: bool
) -> Iterator[Fix]:
    """Yield the line with an option that exists; ``is_sure`` that one does not."""
    option, _equals, _value = word.value.partition("=")
    dashes = len(option) - len(option.lstrip("-"))
    name = option[dashes:]
    is_long = dashes == 2 or (dashes == 1 and len(name) > _LONG_LETTERS)
    if not is_long or (dashes == 2 and name in known) or not name:
        return
    if not is_sure and (dashes == 2 or name not in known):
        return
    if any(one.startswith(name) for one in known) and dashes == 2:
        near = {one: 0.9 for one in known if one.startswith(name)}
        names = sorted(near, key=len)
    else:
        names = [one for one in known if one == name]
        names += [one.name for one in closest(name, known, cutoff=OPTION_CUTOFF)]
    end = word.start + len(option)
    if word.text[: len(option)] != option:
        return
    for number, right in enumerate(names[:2]):
        line = failure.line.replace(word.start, end, f"--{right}")
        yield Fix(line, 0.95 - 0.1 * number)
