"""What the user does decides between guesses that are as near."""

import pytest

from terminal_ai.advisor import Advisor

from .conftest import make_record, make_surroundings

MISSING = "bash: blurx: command not found"
TWINS = frozenset(("blurc", "blurd"))


def twin(advisor: Advisor, *known: str) -> str:
    """Return what is proposed for a program that is as near to two others."""
    surroundings = make_surroundings(known_commands=known, programs=TWINS)
    advice = advisor.diagnose(make_record("blurx -v", MISSING, 127), surroundings)
    assert advice
    return advice.suggestions[0].command


def docker(advisor: Advisor, word: str, *known: str) -> str:
    output = f"docker: '{word}' is not a docker command.\nSee 'docker --help'"
    record = make_record(f"docker {word} web", output)
    advice = advisor.diagnose(record, make_surroundings(known_commands=known))
    assert advice
    return advice.suggestions[0].command


@pytest.mark.parametrize("used", sorted(TWINS))
def test_of_programs_as_near_the_one_in_use_comes_first(
    advisor: Advisor, used: str
) -> None:
    assert twin(advisor, f"{used} -a", "ls") == f"{used} -v"


@pytest.mark.parametrize(("often", "rarely"), [("blurc", "blurd"), ("blurd", "blurc")])
def test_the_more_frequent_program_comes_first(
    advisor: Advisor, often: str, rarely: str
) -> None:
    known = (f"{rarely} -a", f"{often} -a", f"{often} -b", f"{often} -c")
    assert twin(advisor, *known) == f"{often} -v"


@pytest.mark.parametrize(("worked", "often"), [("blurc", "blurd"), ("blurd", "blurc")])
def test_a_line_that_worked_comes_before_a_more_frequent_program(
    advisor: Advisor, worked: str, often: str
) -> None:
    known = (f"{worked} -v", f"{often} -a", f"{often} -b", f"{often} -c")
    assert twin(advisor, *known) == f"{worked} -v"


@pytest.mark.parametrize("used", ["start", "stats"])
def test_of_subcommands_as_near_the_one_in_use_comes_first(
    advisor: Advisor, used: str
) -> None:
    known = (f"docker {used} db", f"docker {used} cache", "docker ps")
    assert docker(advisor, "stat", *known) == f"docker {used} web"


def test_another_command_that_worked_is_not_what_was_meant(advisor: Advisor) -> None:
    """A look around that is proposed last stays last, however often it was run."""
    output = 'npm error Missing script: "biuld"\n'
    output += 'npm error   npm run build # run the "build" package script'
    record = make_record("npm run biuld", output)
    advice = advisor.diagnose(record, make_surroundings(known_commands=("npm run",)))
    assert advice
    assert advice.suggestions[0].command == "npm run build"
