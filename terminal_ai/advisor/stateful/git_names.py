"""A branch, tag, remote or file that git does not know, and the one that was meant.

The names come from the repository itself; where it is not known which it has, a few
that nearly all have stand for them.
"""

import enum
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.listings import corrections
from terminal_ai.advisor.evidence.similar import Match, closest
from terminal_ai.advisor.reading.command_line import SimpleCommand, quote
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.advisor.rulebook.matching import replace_word
from terminal_ai.advisor.stateful.git_words import git_command, subcommand
from terminal_ai.messages import gettext as _
from terminal_ai.records import NameKind

WEIGHT = 0.9
NAME_CUTOFF = 0.62
GUESS_CUTOFF = 0.7
"""For names that the repository only probably has."""
FIXES_LIMIT = 3
RENAMED_SCORE = 0.9
TAIL_SCORE = 0.93
GUESS_SCORE = 0.75

_HEADS = ("HEAD", "FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD")
_USUAL_BRANCHES = ("main", "master", "develop")
_USUAL_REMOTES = ("origin", "upstream")
_FIRST_BRANCHES = ("main", "master")
# What the first branch of a repository is called, in the order of likelihood.
_RENAMED: Mapping[str, tuple[str, ...]] = {
    "master": ("main", "trunk", "develop"),
    "main": ("master", "trunk", "develop"),
    "trunk": ("main", "master"),
    "develop": ("dev", "development"),
    "dev": ("develop", "development"),
    "development": ("develop", "dev"),
}
_REVISION_PARTS = re.compile(r"(\.{2,3})")
_REVISION = re.compile(r"(\^?)([^~^:@]*)((?:[~^:@].*)?)", re.DOTALL)
_HEX = re.compile(r"[0-9a-f]{4,64}")


class _Role(enum.Enum):
    """What the unknown name stands for."""

    REVISION = enum.auto()
    CHECKOUT = enum.auto()
    LOCAL_BRANCH = enum.auto()
    PUSHED = enum.auto()
    TAG = enum.auto()
    AT_REMOTE = enum.auto()
    UPSTREAM = enum.auto()
    REMOTE = enum.auto()
    PATH = enum.auto()


def _form(pattern: str) -> Wording:
    return Wording(pattern, re.MULTILINE)


_FORMS: tuple[tuple[Wording, _Role], ...] = (
    (
        _form(r"pathspec '(?::\([^)']*\))?(?P<name>[^'\n]+)' did not match any"),
        _Role.CHECKOUT,
    ),
    (_form(r"ambiguous argument '(?P<name>[^'\n]+)': unknown rev"), _Role.REVISION),
    (_form(r"bad revision '(?P<name>[^'\n]+)'"), _Role.REVISION),
    (_form(r"invalid reference: (?P<name>\S+)"), _Role.REVISION),
    (_form(r"'(?P<name>[^'\n]+)' is not a commit and a branch"), _Role.REVISION),
    (_form(r"^merge: (?P<name>\S+) - not something we can"), _Role.REVISION),
    (_form(r"invalid upstream '(?P<name>[^'\n]+)'"), _Role.REVISION),
    (
        _form(r"[Nn]ot a valid (?:object|commit) name:? '?(?P<name>[^'\s]+?)'?\.?$"),
        _Role.REVISION,
    ),
    (_form(r"invalid object name '(?P<name>[^'\n]+)'"), _Role.REVISION),
    (_form(r"not a valid ref: (?P<name>\S+)"), _Role.REVISION),
    (_form(r"not point to a valid commit:? '?(?P<name>[^'\s]+)'?"), _Role.REVISION),
    (_form(r"bad (?:sha1|object) reference (?P<name>\S+)"), _Role.REVISION),
    (_form(r"[Ff]ailed to resolve '(?P<name>[^'\n]+)' as a"), _Role.REVISION),
    (_form(r"could not resolve '?(?P<name>[^'\s:]+)'?$"), _Role.REVISION),
    (_form(r"[Bb]ad rev input: (?P<name>\S+)"), _Role.REVISION),
    (_form(r"unrecogni[sz]ed argument: (?P<name>[^\s-]\S*)$"), _Role.REVISION),
    (_form(r"couldn't find remote ref (?P<name>\S+)"), _Role.AT_REMOTE),
    (_form(r"unable to delete '(?P<name>[^'\n]+)': remote"), _Role.AT_REMOTE),
    (_form(r"Remote branch (?P<name>\S+) not found"), _Role.AT_REMOTE),
    (_form(r"src refspec (?P<name>\S+) does not match"), _Role.PUSHED),
    (_form(r"tag '(?P<name>[^'\n]+)' not found"), _Role.TAG),
    (_form(r"remote-tracking branch '(?P<name>[^'\n]+)' not f"), _Role.UPSTREAM),
    (_form(r"upstream branch '(?P<name>[^'\n]+)' does not"), _Role.UPSTREAM),
    (_form(r"[Bb]ranch '(?P<name>[^'\n]+)' not found"), _Role.LOCAL_BRANCH),
    (_form(r"[Nn]o branch named '(?P<name>[^'\n]+)'"), _Role.LOCAL_BRANCH),
    (_form(r"refname refs/heads/(?P<name>\S+) not found"), _Role.LOCAL_BRANCH),
    (
        _form(r"'(?P<name>[^'\n]+)' does not appear to be a git repos"),
        _Role.REMOTE,
    ),
    (_form(r"[Nn]o such remote:? '?(?P<name>[^'\s]+?)'?$"), _Role.REMOTE),
    (_form(r"no such remote or remote group: (?P<name>\S+)"), _Role.REMOTE),
    (_form(r"path '(?P<name>[^'\n]+)' does not exist in"), _Role.PATH),
    (_form(r"no such path '?(?P<name>[^'\n]+?)'? in"), _Role.PATH),
    (_form(r"bad source, source=(?P<name>[^,\n]+),"), _Role.PATH),
    (_form(r"Unable to mark file (?P<name>\S+)"), _Role.PATH),
)
_IN_USE = _form(
    r"[Cc]annot delete (?:the )?branch '(?P<name>[^'\n]+)' "
    r"(?:checked out|used by worktree) at '(?P<path>[^'\n]+)'"
)


@dataclass(frozen=True)
class _Repository:
    """The names of the repository at hand, or what most have."""

    project: Mapping[NameKind, tuple[str, ...]]

    def _names(self, kind: NameKind) -> tuple[str, ...]:
        return self.project.get(kind, ())

    @property
    def is_known(self) -> bool:
        """True if its files could be read."""
        return bool(
            self._names(NameKind.GIT_BRANCH) or self._names(NameKind.GIT_BRANCHES)
        )

    @property
    def cutoff(self) -> float:
        return NAME_CUTOFF if self.is_known else GUESS_CUTOFF

    @property
    def current(self) -> str:
        return next(iter(self._names(NameKind.GIT_BRANCH)), "")

    @property
    def branches(self) -> tuple[str, ...]:
        known = self._names(NameKind.GIT_BRANCHES)
        return known if self.is_known else _USUAL_BRANCHES

    @property
    def tags(self) -> tuple[str, ...]:
        return self._names(NameKind.GIT_TAGS)

    @property
    def remotes(self) -> tuple[str, ...]:
        known = self._names(NameKind.GIT_REMOTES)
        return known if self.is_known else _USUAL_REMOTES

    @property
    def remote_branches(self) -> tuple[str, ...]:
        if self.is_known:
            return self._names(NameKind.GIT_REMOTE_BRANCHES)
        return tuple(f"origin/{name}" for name in _USUAL_BRANCHES)

    def main_remote(self) -> str:
        """Return the remote that is meant where none is named."""
        if "origin" in self.remotes or not self.remotes:
            return "origin" if self.remotes else ""
        return self.remotes[0] if len(self.remotes) == 1 else ""

    def at_remote(self, remote: str) -> tuple[str, ...]:
        """Return the branches that a remote had when it was last asked."""
        names = [name.partition("/") for name in self.remote_branches]
        if remote not in {name[0] for name in names}:
            remote = ""
        return tuple(branch for owner, _slash, branch in names if remote in ("", owner))


def correct_git_name(failure: Failure) -> Iterable[Finding]:
    """Replace a name that git does not know by the nearest that the repository has."""
    command = git_command(failure)
    if command is None:
        return
    repository = _Repository(failure.surroundings.project)
    for pattern, role in _FORMS:
        match = pattern.search(failure.output)
        if match is None:
            continue
        name = match["name"]
        fixes = tuple(_fixes(name, role, command, failure, repository))[:FIXES_LIMIT]
        if fixes:
            what, why = _texts(name, role, repository)
            yield Finding(
                "git-name",
                what,
                why,
                failure.evidence(match[0]),
                WEIGHT,
                fixes,
                see=(f"git-{subcommand(command)}(1)",),
            )
            return


def leave_branch_first(failure: Failure) -> Iterable[Finding]:
    """``git branch -d topic`` on topic itself: go to the main branch first."""
    command = git_command(failure)
    match = _IN_USE.search(failure.output)
    if command is None or not match or subcommand(command) != "branch":
        return
    name, path = match["name"], match["path"]
    repository = _Repository(failure.surroundings.project)
    if repository.is_known:
        others = [
            one for one in _USUAL_BRANCHES if one in repository.branches and one != name
        ]
    else:
        # Nothing is known of the repository but the age of the git that speaks.
        others = ["main" if "used by" in match[0] else "master"]
    is_elsewhere = repository.is_known and not f"{failure.cwd}/".startswith(f"{path}/")
    if not others or name in ("main", "master") or is_elsewhere:
        return
    yield Finding(
        "git-branch-in-use",
        _("The branch {name} is the one that is checked out here.").format(name=name),
        _("Go to another branch first; then it can be deleted."),
        failure.evidence(match[0]),
        0.97,
        (Fix(f"git checkout {others[0]} && {failure.line.text.strip()}", 0.93),),
        see=("git-branch(1)",),
    )


def _texts(name: str, role: _Role, repository: _Repository) -> tuple[str, str]:
    if role is _Role.PATH:
        return (
            _("git knows no file named {name}.").format(name=name),
            _("A name close to it does exist there."),
        )
    if role is _Role.REMOTE:
        if name in (*repository.branches, *repository.at_remote("")):
            return (
                _("{name} is a branch, not a remote.").format(name=name),
                _("The remote is named first, then the branch."),
            )
        return (
            _("There is no remote named {name}.").format(name=name),
            _("`git remote -v` lists the remotes of this repository."),
        )
    if role is _Role.TAG:
        return (
            _("There is no tag named {name}.").format(name=name),
            _("`git tag --list` lists the tags of this repository."),
        )
    return (
        _("git knows no branch, tag or commit named {name}.").format(name=name),
        _("`git branch -a` lists the branches of this repository and of its remotes."),
    )


def _fixes(
    name: str,
    role: _Role,
    command: SimpleCommand,
    failure: Failure,
    repository: _Repository,
) -> Iterator[Fix]:
    if joined := _joined(name, command, failure, repository):
        yield joined
        return
    found: dict[str, float] = {}
    if role is _Role.REMOTE:
        found.update(_remotes(name, command, repository))
    elif role is not _Role.PATH and not (
        role is _Role.CHECKOUT and subcommand(command) not in ("checkout", "switch")
    ):
        found.update(_revisions(name, role, command, repository))
    if role in (_Role.PATH, _Role.CHECKOUT, _Role.REVISION):
        for match in corrections(name, failure.surroundings):
            path = quote(match.name)
            found[path] = max(match.score, found.get(path, 0.0))
    if role is _Role.PUSHED and not found:
        yield from _pushing(name, command, failure, repository)
    for text, score in sorted(found.items(), key=lambda pair: -pair[1]):
        line = replace_word(command, failure, name, text)
        if line:
            yield Fix(line, score)
    if role is _Role.CHECKOUT and found:
        yield from _creating(command, failure)


def _pushing(
    name: str, command: SimpleCommand, failure: Failure, repository: _Repository
) -> Iterator[Fix]:
    """Nothing is near: perhaps there is no commit yet, or only the current branch."""
    if repository.is_known and not repository.branches:
        yield Fix(
            f"git commit -m 'First commit' && {failure.line.text.strip()}",
            0.7,
            _("Nothing has been committed yet, so there is nothing to push."),
        )
    elif current := repository.current:
        line = replace_word(command, failure, name, quote(current))
        if line:
            yield Fix(line, 0.7, _("This is the branch that is checked out."))


def _joined(
    name: str, command: SimpleCommand, failure: Failure, repository: _Repository
) -> Fix | None:
    """``git merge origin topic``, and ``git branch -d origin/topic`` without -r."""
    remote_branches = repository.remote_branches
    operands = command.operands
    for word, after in itertools.pairwise(operands):
        branch = f"{name}/{after.value}"
        if word.value == name and branch in remote_branches:
            line = failure.line.replace(word.start, after.end, quote(branch))
            return Fix(line, 0.95)
    copy = command.word(name)
    if subcommand(command) == "branch" and copy and name in remote_branches:
        return Fix(
            failure.line.replace(copy.start, copy.start, "-r "),
            0.9,
            _("{name} is the copy of a remote's branch: those need -r.").format(
                name=name
            ),
        )
    return None


def _creating(command: SimpleCommand, failure: Failure) -> Iterator[Fix]:
    """``git checkout topic``: perhaps the branch is a new one."""
    option = {"checkout": "-b", "switch": "-c"}.get(subcommand(command), "")
    if option and len(command.arguments) == 2:
        at = command.arguments[1].start
        yield Fix(
            failure.line.replace(at, at, f"{option} "),
            0.5,
            _("This creates the branch."),
        )


def _revisions(
    expression: str, role: _Role, command: SimpleCommand, repository: _Repository
) -> Iterator[tuple[str, float]]:
    """Yield the expression with the name in it replaced: ``main..devlop~2``."""
    parts = _REVISION_PARTS.split(expression)
    pool = _pool(role, command, repository)
    word = command.word(expression)
    is_quoted = word is not None and word.text != word.value
    for number, part in enumerate(parts):
        match = _REVISION.fullmatch(part) if number % 2 == 0 else None
        if match and not repository.is_known:
            # Most repositories have it, but git has just said that this one has not.
            absent = (match[2], f"origin/{match[2]}")
            pool = tuple(name for name in pool if name not in absent)
        if not match or not match[2] or match[2] in (*pool, *_HEADS):
            continue
        if _HEX.fullmatch(match[2]) and match[2] not in pool:
            continue
        nearest = _nearest(
            match[2],
            pool,
            repository,
            is_for_remote=role in (_Role.PUSHED, _Role.AT_REMOTE),
        )
        for near in nearest:
            name = near.name if is_quoted else quote(near.name)
            text = match[1] + name + match[3]
            text = "".join((*parts[:number], text, *parts[number + 1 :]))
            yield quote(text) if is_quoted else text, near.score
        return


def _pool(
    role: _Role, command: SimpleCommand, repository: _Repository
) -> tuple[str, ...]:
    """Return the names that may have been meant."""
    local, remote = repository.branches, repository.remote_branches
    match role:
        case _Role.LOCAL_BRANCH:
            is_remote = re.search(r"\s(?:-\w*r\w*|--remotes)\b", command.text)
            return remote if is_remote else local
        case _Role.PUSHED:
            return (*local, *repository.tags)
        case _Role.TAG:
            return repository.tags
        case _Role.UPSTREAM:
            return (*remote, *local)
        case _Role.AT_REMOTE:
            operands = [word.value for word in command.operands[1:]]
            owner = next((one for one in operands if one in repository.remotes), "")
            return repository.at_remote(owner)
    # A branch that only the remote has is checked out by its short name.
    is_checkout = role is _Role.CHECKOUT or subcommand(command) == "switch"
    short = repository.at_remote("") if is_checkout else ()
    return (*local, *repository.tags, *_HEADS[:1], *remote, *short)


def _nearest(
    wrong: str, pool: tuple[str, ...], repository: _Repository, *, is_for_remote: bool
) -> Iterator[Match]:
    """Yield names by how likely they were meant, each once."""
    owner, slash, short = wrong.rpartition("/")
    found: dict[str, float] = {}
    if repository.is_known or is_for_remote or short in _FIRST_BRANCHES:
        renamed = (owner + slash + other for other in _RENAMED.get(short, ()))
        if other := next((one for one in renamed if one in pool), ""):
            found[other] = RENAMED_SCORE if repository.is_known else GUESS_SCORE
    for name in pool:
        # "login" for "feature/login".
        if name.endswith(f"/{wrong}"):
            found[name] = TAIL_SCORE
    for match in closest(wrong, pool, cutoff=repository.cutoff):
        found[match.name] = max(match.score, found.get(match.name, 0.0))
    ranked = sorted(found.items(), key=lambda pair: -pair[1])[:FIXES_LIMIT]
    yield from (Match(name, score) for name, score in ranked)


def _remotes(
    wrong: str, command: SimpleCommand, repository: _Repository
) -> Iterator[tuple[str, float]]:
    """Yield remotes, or a remote before what turns out to be a branch."""
    for match in closest(wrong, repository.remotes, cutoff=0.6):
        yield quote(match.name), match.score
    if subcommand(command) not in ("push", "pull", "fetch"):
        return
    if len(command.operands) != 2:
        return
    owner, slash, branch = wrong.partition("/")
    if slash and branch:
        for remote in (owner,) if owner in repository.remotes else ():
            yield f"{quote(remote)} {quote(branch)}", 0.97
        for match in closest(owner, repository.remotes, limit=1, cutoff=GUESS_CUTOFF):
            yield f"{quote(match.name)} {quote(branch)}", match.score
    elif remote := repository.main_remote():
        branches = {*repository.branches, *repository.at_remote("")}
        if wrong in branches:
            yield f"{quote(remote)} {quote(wrong)}", 0.97
        else:
            for match in closest(wrong, branches, limit=1, cutoff=GUESS_CUTOFF):
                yield f"{quote(remote)} {quote(match.name)}", match.score * 0.9
