"""What helped before stands ahead of every guess."""

from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.advisor import Advisor
from terminal_ai.advisor.reading.dialect import Dialect
from terminal_ai.records import Advice, Aftermath, Attempt, Risk, Suggestion

from .conftest import CWD, make_record, make_surroundings

ADVISOR = Advisor(dialect=Dialect())
COMMANDS = st.sampled_from(
    ["make", "make all", "maek", "npm ci", "ls -l", "git status", "rm -rf x", "vim x"]
)


def worked(command: str) -> Attempt:
    return Attempt(command, has_worked=True)


def failed(command: str) -> Attempt:
    return Attempt(command, has_worked=False)


def advised(
    command: str, *attempts: tuple[Attempt, ...], output: str = "", cwd: str = CWD
) -> Advice | None:
    aftermaths = tuple(Aftermath(cwd, each) for each in attempts)
    return ADVISOR.diagnose(
        make_record(command, output), make_surroundings(aftermaths=aftermaths)
    )


def proven(
    command: str, *attempts: tuple[Attempt, ...], cwd: str = CWD
) -> list[tuple[str, str]]:
    advice = advised(command, *attempts, cwd=cwd)
    return [(s.command, s.why) for s in advice.suggestions] if advice else []


def test_a_variant_that_worked_each_time() -> None:
    tries = ((worked("deploy --env prod"),),) * 2
    assert proven("deploy --envv prod", *tries) == [
        ("deploy --env prod", "worked 2 of 2 times")
    ]


def test_a_remedy_after_which_the_same_line_worked() -> None:
    assert proven("npm test", (worked("npm ci"), worked("npm test"))) == [
        ("npm ci", "worked 1 of 1 time")
    ]


def test_a_line_with_words_before_it_is_a_variant() -> None:
    assert proven("./deploy", (worked("env STAGE=prod ./deploy"),)) == [
        ("env STAGE=prod ./deploy", "worked 1 of 1 time")
    ]


def test_tries_are_counted_until_one_works() -> None:
    tries = (failed("depoly --x"), failed("npm ci"), worked("deploy --xy"))
    later = (worked("deploy --yy"),)
    assert proven("deploy --xx", (*tries, *later)) == [
        ("deploy --xy", "worked 1 of 1 time")
    ]


def test_what_failed_more_often_than_it_worked_is_not_proposed() -> None:
    tries = ((worked("dploy x"),), (failed("dploy x"),), (failed("dploy x"),))
    assert proven("deploy x", *tries) == []
    assert proven("deploy x", *tries[:2]) == [("dploy x", "worked 1 of 2 times")]


def test_looking_around_repairs_nothing() -> None:
    looks = (
        worked("ls -l"),
        worked("git status"),
        Attempt("vim Makefile", has_worked=True, used_alternate_screen=True),
    )
    assert proven("make test", (*looks, worked("make test"))) == []
    assert proven("make test", (*looks, worked("touch x"), worked("make test"))) == [
        ("touch x", "worked 1 of 1 time")
    ]


def test_of_several_commands_in_between_nobody_knows_which_helped() -> None:
    steps = (worked("npm ci"), worked("touch .env"), worked("npm test"))
    assert proven("npm test", steps) == []


def test_only_this_directory_counts_where_it_failed_here_before() -> None:
    there = Aftermath("/elsewhere", (worked("deploy --a"),))
    here = Aftermath(CWD, (worked("deploy --b"),))

    def commands(*aftermaths: Aftermath) -> list[str]:
        advice = ADVISOR.diagnose(
            make_record("deploy --c", ""), make_surroundings(aftermaths=aftermaths)
        )
        return [s.command for s in advice.suggestions] if advice else []

    assert commands(there, here) == ["deploy --b"]
    assert commands(there) == ["deploy --a"]


def test_it_stands_ahead_of_guesses_and_their_explanation_stays() -> None:
    output = "git: 'pshu' is not a git command. See 'git --help'.\n"
    guess = advised("git pshu", output=output)
    known = advised("git pshu", (worked("git push -u origin main"),), output=output)
    assert guess is not None
    assert known is not None
    assert known.what == guess.what
    assert known.suggestions[0].command == "git push -u origin main"
    assert {s.command for s in guess.suggestions[:2]} < {
        s.command for s in known.suggestions
    }


def test_a_guess_that_worked_says_so_and_is_shown_once() -> None:
    output = "bash: gti: command not found\n"
    advice = advised("gti status", (worked("git status"),), output=output)
    assert advice is not None
    (first,) = (s for s in advice.suggestions if s.command == "git status")
    assert first == advice.suggestions[0]
    assert first.why == "worked 1 of 1 time"


def test_rights_that_the_user_took_before_may_be_proposed() -> None:
    assert proven("netset up", (worked("sudo netset up"),)) == [
        ("sudo netset up", "worked 1 of 1 time")
    ]


def test_what_destroys_keeps_its_label_and_is_never_proposed_anew() -> None:
    assert proven("rm -r old", (worked("rm -rf old"),)) == []
    advice = advised("mkfs.ext4 /dev/sbd1", (worked("mkfs.ext4 /dev/sdb1"),))
    assert advice is not None
    assert [s.risk for s in advice.suggestions] == [Risk.DANGER]


@given(
    st.lists(
        st.lists(st.builds(Attempt, COMMANDS, st.booleans(), st.booleans())), max_size=5
    ),
    COMMANDS,
)
def test_whatever_followed_the_figures_add_up(
    aftermaths: list[list[Attempt]], command: str
) -> None:
    advice = advised(command, *map(tuple, aftermaths))
    ran = {attempt.command_line for attempts in aftermaths for attempt in attempts}
    suggestions: tuple[Suggestion, ...] = advice.suggestions if advice else ()
    for suggestion in suggestions:
        if not suggestion.why.startswith("worked "):
            continue
        _, has_worked, _, tried, *_ = suggestion.why.split()
        assert suggestion.command in ran - {command}
        assert 1 <= int(has_worked) <= int(tried) <= len(aftermaths) * 2
        assert 2 * int(has_worked) >= int(tried)
