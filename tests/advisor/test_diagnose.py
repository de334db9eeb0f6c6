"""What holds for every failure, whatever it is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from terminal_ai.advisor import Advisor
from terminal_ai.advisor.reading.dialect import Dialect
from terminal_ai.advisor.rulebook.book import load_rule_book
from terminal_ai.records import Risk, Surroundings
from terminal_ai.safety.sanitize import single_line

from .conftest import make_record, make_surroundings

ADVISOR = Advisor(dialect=Dialect())
EXAMPLES = [
    (example.command, example.output)
    for rule in load_rule_book().rules
    for example in rule.source.example
]
COMMANDS = st.one_of(
    st.text(max_size=60), st.sampled_from([command for command, _ in EXAMPLES])
)
OUTPUTS = st.one_of(
    st.text(max_size=300),
    st.sampled_from([output for _, output in EXAMPLES]),
    st.tuples(st.sampled_from([o for _, o in EXAMPLES]), st.text(max_size=40)).map(
        "\n".join
    ),
)
NAMES = st.lists(st.text(min_size=1, max_size=12), max_size=5).map(tuple)
SURROUNDINGS = st.builds(
    lambda names, known, is_root: make_surroundings(
        {".": names, "src": names}, known_commands=known, is_root=is_root
    ),
    NAMES,
    NAMES,
    st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(COMMANDS, OUTPUTS, st.integers(-1, 260), SURROUNDINGS)
def test_advice_is_always_fit_to_show(
    command: str, output: str, exit_code: int, surroundings: Surroundings
) -> None:
    advice = ADVISOR.diagnose(make_record(command, output, exit_code), surroundings)
    if advice is None:
        return
    assert advice.rule
    assert advice.what
    for text in (advice.what, advice.why, advice.evidence):
        assert single_line(text, 1_000) == text
    assert len(advice.suggestions) <= 3
    ranks = [suggestion.risk is Risk.DANGER for suggestion in advice.suggestions]
    assert ranks == sorted(ranks)
    commands = [suggestion.command for suggestion in advice.suggestions]
    assert len(set(commands)) == len(commands)
    for suggestion in advice.suggestions:
        assert suggestion.command.isprintable()
        assert suggestion.command.split() != command.split()
        assert 0 < suggestion.confidence <= 1


@settings(max_examples=50, deadline=None)
@given(COMMANDS, OUTPUTS)
def test_success_is_silent(command: str, output: str) -> None:
    record = make_record(command, output, 0)
    assert ADVISOR.diagnose(record, make_surroundings()) is None


@settings(max_examples=100, deadline=None)
@given(COMMANDS, OUTPUTS)
def test_root_is_not_asked_for_without_evidence(command: str, output: str) -> None:
    lowered = output.lower()
    evidence = ("permission", "denied", "root", "eacces", "eperm", "privilege")
    if "sudo" in command or any(word in lowered for word in evidence):
        return
    advice = ADVISOR.diagnose(make_record(command, output), make_surroundings())
    if advice and advice.rule != "command-not-found":
        assert not any("sudo" in s.command.split() for s in advice.suggestions)


def test_a_megabyte_is_bounded_work() -> None:
    """Counted, not timed: the rules see a bounded text whatever was printed."""
    from terminal_ai.advisor.reading import normalise as module

    limit = module.HEAD_LIMIT_CHARACTERS + module.TAIL_LIMIT_CHARACTERS
    for piece in ("x", "a.b:", "error: cannot open\n", "'", " "):
        text = module.normalise(piece * (1_000_000 // len(piece)), Dialect())
        assert len(text) <= limit + 1
        longest = max(len(line) for line in text.split("\n"))
        assert longest <= module.LINE_LIMIT_CHARACTERS
