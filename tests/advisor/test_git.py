"""git's messages against the names of a repository, and git's own words."""

from collections.abc import Mapping

import pytest

from terminal_ai.advisor import Advisor
from terminal_ai.records import NameKind

from .conftest import make_record, make_surroundings

REPOSITORY = {
    NameKind.GIT_BRANCH: ("main",),
    NameKind.GIT_BRANCHES: ("develop", "feature/login", "hotfix", "main"),
    NameKind.GIT_REMOTE_BRANCHES: (
        *("origin/develop", "origin/main", "origin/only-there", "upstream/next"),
    ),
    NameKind.GIT_REMOTES: ("origin", "upstream"),
    NameKind.GIT_TAGS: ("v1.0", "v1.1"),
}
LISTINGS = {".": ("README.md", "notes.txt", "src/"), "src": ("app.py",)}
PATHSPEC = "error: pathspec '{}' did not match any file(s) known to git"
AMBIGUOUS = (
    "fatal: ambiguous argument '{}': unknown revision or path not in the working tree."
)
NO_REMOTE = "fatal: '{}' does not appear to be a git repository"


def suggested(
    advisor: Advisor,
    command_line: str,
    output: str,
    project: Mapping[NameKind, tuple[str, ...]] | None = None,
) -> list[str]:
    advice = advisor.diagnose(
        make_record(command_line, output, 128),
        make_surroundings(LISTINGS, project=REPOSITORY if project is None else project),
    )
    return [one.command for one in advice.suggestions] if advice else []


@pytest.mark.parametrize(
    ("line", "output", "first"),
    [
        ("git checkout devlop", PATHSPEC, "git checkout develop"),
        ("git checkout login", PATHSPEC, "git checkout feature/login"),
        ("git checkout master", PATHSPEC, "git checkout main"),
        ("git checkout only-tehre", PATHSPEC, "git checkout only-there"),
        ("git checkout notse.txt", PATHSPEC, "git checkout notes.txt"),
        ("git add src/ap.py", PATHSPEC, "git add src/app.py"),
        ("git diff main..devlop", AMBIGUOUS, "git diff main..develop"),
        ("git diff devlop~2...main", AMBIGUOUS, "git diff develop~2...main"),
        ("git log HAED^", AMBIGUOUS, "git log HEAD^"),
        ("git show v1.00", AMBIGUOUS, "git show v1.0"),
        ("git log src/ap.py", AMBIGUOUS, "git log src/app.py"),
        ("git push upstrem main", NO_REMOTE, "git push upstream main"),
        ("git push develop", NO_REMOTE, "git push origin develop"),
        ("git pull origin/main", NO_REMOTE, "git pull origin main"),
        ("git fetch orgin/main", NO_REMOTE, "git fetch origin main"),
    ],
)
def test_the_name_that_was_meant(
    advisor: Advisor, line: str, output: str, first: str
) -> None:
    assert suggested(advisor, line, output.format(line.split()[2]))[0] == first


@pytest.mark.parametrize(
    ("line", "output", "first"),
    [
        (
            "git push origin devlop",
            "error: src refspec devlop does not match any",
            "git push origin develop",
        ),
        (
            "git pull upstream nxt",
            "fatal: couldn't find remote ref nxt",
            "git pull upstream next",
        ),
        (
            "git branch -d origin/develop",
            "error: branch 'origin/develop' not found.",
            "git branch -d -r origin/develop",
        ),
        (
            "git merge origin develop",
            "merge: origin - not something we can merge",
            "git merge origin/develop",
        ),
        (
            "git stash push notse.txt",
            "error: pathspec ':(,prefix:0)notse.txt' did not match any file(s)",
            "git stash push notes.txt",
        ),
        (
            "git restore --source=devlop notes.txt",
            "fatal: could not resolve devlop",
            "git restore --source=develop notes.txt",
        ),
        (
            "cd src && git checkout -q devlop",
            PATHSPEC.format("devlop"),
            "cd src && git checkout -q develop",
        ),
        (
            "git branch -u origin/devlop",
            "fatal: the requested upstream branch 'origin/devlop' does not exist",
            "git branch -u origin/develop",
        ),
        (
            "git remote rm upstrem",
            "error: No such remote: 'upstrem'",
            "git remote rm upstream",
        ),
        ("git tag -d v1.00", "error: tag 'v1.00' not found.", "git tag -d v1.0"),
        (
            "git remote delete upstream",
            "error: unknown subcommand: `delete'\nusage: git remote",
            "git remote remove upstream",
        ),
        (
            "git worktree lst",
            "error: unknown subcommand: `lst'\nusage: git worktree",
            "git worktree list",
        ),
        (
            "git submodule udpate --init",
            "usage: git submodule [--quiet] [--cached]",
            "git submodule update --init",
        ),
        (
            "git diff -cached",
            "error: invalid option: -cached",
            "git diff --cached",
        ),
        (
            "git log --auhtor=Ada",
            "fatal: unrecognized argument: --auhtor=Ada",
            "git log --author=Ada",
        ),
        (
            "git push --forec-with-lease",
            "error: unknown option `forec-with-lease'",
            "git push --force-with-lease",
        ),
    ],
)
def test_other_messages(advisor: Advisor, line: str, output: str, first: str) -> None:
    assert suggested(advisor, line, output)[0] == first


@pytest.mark.parametrize(
    ("line", "output"),
    [
        ("git diff abcdef1", AMBIGUOUS.format("abcdef1")),
        ("git log HEAD~99", AMBIGUOUS.format("HEAD~99")),
        ("git show something-else-entirely", AMBIGUOUS.format("something-else")),
        ("git rm nowhere.css", PATHSPEC.format("nowhere.css")),
    ],
)
def test_nothing_is_made_up(advisor: Advisor, line: str, output: str) -> None:
    assert suggested(advisor, line, output) == []


def test_a_repository_that_is_known_has_no_other_branches(advisor: Advisor) -> None:
    output = PATHSPEC.format("mastre")
    only = {NameKind.GIT_BRANCH: ("trunk",), NameKind.GIT_BRANCHES: ("trunk",)}
    assert suggested(advisor, "git checkout mastre", output, only) == [
        "git checkout -b mastre"
    ]
    assert suggested(advisor, "git checkout mastre", output, {})[0] == (
        "git checkout master"
    )


def test_a_name_with_a_shell_meaning_is_quoted(advisor: Advisor) -> None:
    odd = {
        NameKind.GIT_BRANCH: ("main",),
        NameKind.GIT_BRANCHES: ("main", "topic#1"),
    }
    found = suggested(advisor, "git checkout topc#1", PATHSPEC.format("topc#1"), odd)
    assert found[0] == "git checkout 'topic#1'"


def test_what_was_quoted_stays_quoted(advisor: Advisor) -> None:
    found = suggested(advisor, "git log 'HAED^'", AMBIGUOUS.format("HAED^"))
    assert found[0] == "git log 'HEAD^'"


def test_the_explanation_names_what_is_missing(advisor: Advisor) -> None:
    output = NO_REMOTE.format("develop")
    advice = advisor.diagnose(
        make_record("git push develop", output, 128),
        make_surroundings(project=REPOSITORY),
    )
    assert advice
    assert advice.rule == "git-name"
    assert advice.evidence == output


@pytest.mark.parametrize(
    ("line", "output", "first"),
    [
        (
            "git checkout master",
            "error: pathspec 'master' did not match any file(s) known to git.",
            "git checkout main",
        ),
        (
            "git rebase main",
            "fatal: invalid upstream 'main'",
            "git rebase master",
        ),
        (
            "git branch -d topic",
            "error: Cannot delete branch 'topic' checked out at '/r'",
            "git checkout master && git branch -d topic",
        ),
    ],
)
def test_a_repository_of_which_nothing_is_known(
    advisor: Advisor, line: str, output: str, first: str
) -> None:
    advice = advisor.diagnose(make_record(line, output, 1), make_surroundings())
    assert advice
    assert advice.suggestions[0].command == first
