"""What holds for every failure, whatever it is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from terminal_ai.advisor import Advisor
from terminal_ai.advisor.reading.dialect import Dialect
from terminal_ai.advisor.reading.normalise import (
    HEAD_LIMIT_CHARACTERS,
    TAIL_LIMIT_CHARACTERS,
    normalise,
)
from terminal_ai.advisor.rulebook.book import load_rule_book
from terminal_ai.records import Risk, Surroundings
from terminal_ai.safety.risk import assess_risk
from terminal_ai.safety.sanitize import single_line

from .conftest import make_record, make_surroundings

HEAD_AND_TAIL = 2 * (HEAD_LIMIT_CHARACTERS + TAIL_LIMIT_CHARACTERS)
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


FAILURES = st.sampled_from(EXAMPLES)
NOISE = st.text(
    st.sampled_from(
        "ab/.-'\"`$;|&<>(){}[]*?!~#%\\ \t\n\r\x00\x07\x1b\u200b\u202e\u2066\u00ad"
    ),
    max_size=12,
)


@st.composite
def mutated_failures(draw: st.DrawFn) -> tuple[str, str]:
    """Return a rule's own example with pieces cut out, repeated or put in."""
    command, output = draw(FAILURES)
    texts = []
    for text in (command, output):
        for _ in range(draw(st.integers(0, 4))):
            start = draw(st.integers(0, len(text)))
            end = min(len(text), start + draw(st.integers(0, 9)))
            kept = text[start:end] * draw(st.integers(0, 2))
            text = text[:start] + kept + draw(NOISE) + text[end:]
        texts.append(text)
    return texts[0], texts[1]


@settings(max_examples=400, deadline=None)
@given(mutated_failures(), SURROUNDINGS)
def test_a_mangled_failure_is_answered_as_safely(
    failure: tuple[str, str], surroundings: Surroundings
) -> None:
    command, output = failure
    advice = ADVISOR.diagnose(make_record(command, output), surroundings)
    for suggestion in advice.suggestions if advice else ():
        assert suggestion.command.isprintable()
        assert suggestion.command.split() != command.split()
        assert suggestion.risk is assess_risk(suggestion.command)


@settings(max_examples=30, deadline=None)
@given(FAILURES, st.integers(0, 1_000_000))
def test_a_megabyte_around_a_failure_is_bounded_work(
    failure: tuple[str, str], before: int
) -> None:
    """Counted, not timed: what the rules see of it has a limit, whatever it is."""
    command, output = failure
    noise = "Compiling module 12 of 900: error-free so far\n"
    long = noise * (before // len(noise)) + output + "\n"
    long += noise * ((1_000_000 - before) // len(noise))
    assert len(normalise(long, Dialect())) <= HEAD_AND_TAIL
    advice = ADVISOR.diagnose(make_record(command, long), make_surroundings())
    assert all(s.command.isprintable() for s in (advice.suggestions if advice else ()))


@settings(max_examples=50, deadline=None)
@given(COMMANDS, OUTPUTS)
def test_success_is_silent(command: str, output: str) -> None:
    record = make_record(command, output, 0)
    assert ADVISOR.diagnose(record, make_surroundings()) is None


@settings(max_examples=100, deadline=None)
@given(COMMANDS, OUTPUTS)
def test_root_is_not_asked_for_without_evidence(command: str, output: str) -> None:
    lowered = output.lower()
    evidence = (
        *("permission", "denied", "root", "eacces", "eperm", "privilege"),
        # polkit's way of saying it
        *("interactive authentication", "authentication is required to"),
    )
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
