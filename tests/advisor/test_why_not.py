"""What `rules try` says of a rule that is silent must be what keeps it silent."""

from terminal_ai.advisor import Advisor
from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.reading.command_line import parse
from terminal_ai.advisor.reading.dialect import Dialect
from terminal_ai.advisor.reading.normalise import normalise
from terminal_ai.advisor.rulebook.matching import apply_rule
from terminal_ai.advisor.rulebook.why_not import why_not
from tests.advisor.conftest import make_surroundings


def test_why_not_agrees_with_what_rules_do() -> None:
    advisor = Advisor(dialect=Dialect())
    for one in advisor.rules.rules:
        for example in one.source.example:
            failure = Failure(
                line=parse(example.command),
                exit_code=example.exit_code,
                output=normalise(example.output, Dialect()),
                surroundings=make_surroundings({".": example.files}),
                knowledge=advisor.knowledge,
                shell=example.shell,
            )
            speaks = any(
                one in advisor.rules.about(command.program)
                and apply_rule(one, command, failure)
                for command in failure.line.commands
            )
            assert speaks is not bool(why_not(one, failure)), (one.id, example.command)
