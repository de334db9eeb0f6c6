"""The next prompt begins like the last one, for as long as it can."""

import itertools
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.context.composer import PromptComposer
from terminal_ai.assistant.context.history_window import (
    FROM_THE_BEGINNING,
    HistoryStart,
    first_fitting,
    first_permitted,
)
from terminal_ai.assistant.context.parts import ComposedPrompt, PartKind
from terminal_ai.assistant.inquiry import Inquiry, InquiryKind
from terminal_ai.project.facts import ProjectFacts
from terminal_ai.records import CommandRecord
from tests.assistant.context.making import asked, body, history, told_ids, unchanged
from tests.assistant.making import make_record

FACTS = ProjectFacts("main", ("python",), "git: branch main")
RECORDS_LIMIT = 6


class Conversation:
    """Asks as the assistant does: each prompt's history begins like the last one's."""

    def __init__(self, window_tokens: int = 4_096) -> None:
        self._composer = PromptComposer(redact=unchanged, language="en", shell="sh")
        self._window_tokens = window_tokens
        self._start = FROM_THE_BEGINNING

    def ask(self, inquiry: Inquiry) -> ComposedPrompt:
        composed = self._composer.compose(
            inquiry,
            window_tokens=self._window_tokens,
            answer_tokens=512,
            facts=FACTS,
            limit_records=RECORDS_LIMIT,
            history_start=self._start,
        )
        if composed.history_start.permitted:
            self._start = composed.history_start
        return composed


def common(one: ComposedPrompt, other: ComposedPrompt) -> str:
    """Return the start that two prompts share."""
    assert one.messages[0] == other.messages[0]
    pairs = zip(body(one), body(other), strict=False)
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)
    return "".join(letter for letter, _ in same)


def stable(composed: ComposedPrompt) -> str:
    """Return what stands before the part that every question has of its own."""
    kinds = (PartKind.FACTS, PartKind.HISTORY)
    told = [part.text for part in composed.parts if part.kind in kinds]
    return "\n\n".join(told)


COMMANDS = st.lists(
    st.tuples(st.sampled_from((0, 0, 0, 1)), st.integers(0, 60)), max_size=14
)


@given(
    commands=COMMANDS,
    questions=st.lists(st.text(max_size=400), min_size=14, max_size=14),
    window=st.sampled_from((2_048, 3_000, 8_192)),
)
def test_a_growing_session_keeps_its_start(
    commands: list[tuple[int, int]], questions: list[str], window: int
) -> None:
    conversation = Conversation(window)
    records: list[CommandRecord] = []
    prompts = [conversation.ask(asked(questions[0]))]
    for number, (exit_code, lines) in enumerate(commands):
        records.append(
            make_record(
                f"command {number}",
                "some output\n" * lines,
                id=str(number),
                exit_code=exit_code,
                started_at=float(number),
            )
        )
        prompts.append(conversation.ask(asked(questions[number % 14], records)))
    breaks = 0
    for earlier, later in itertools.pairwise(prompts):
        if told_ids(later)[: len(told_ids(earlier))] == told_ids(earlier):
            assert common(earlier, later).startswith(stable(earlier))
        else:
            breaks += 1
            # Where records are dropped, more than one goes, unless one is all.
            dropped = len(set(told_ids(earlier)) - set(told_ids(later)))
            assert dropped >= len(told_ids(earlier)) // 2
    # Every half that is dropped lasts for a while.
    shortest = min(RECORDS_LIMIT // 2, 2) if window > 2_048 else 1
    assert breaks <= len(prompts) / shortest


def test_only_the_last_part_of_ten_questions_is_new() -> None:
    conversation = Conversation(8_192)
    records = history(10)
    prompts = [
        conversation.ask(asked(f"question {n}?", records[: n + 1])) for n in range(10)
    ]
    kept = [
        len(common(earlier, later)) / len(body(earlier))
        for earlier, later in itertools.pairwise(prompts)
    ]
    # From the sixth record to the seventh the older half goes.
    assert [at for at, share in enumerate(kept) if share < 0.6] == [5]


def test_the_length_of_a_question_does_not_move_the_history() -> None:
    records = history(6, lines=50)
    starts = {
        stable(Conversation(2_500).ask(asked("why " * length, records)))
        for length in (1, 30, 300, 3_000)
    }
    assert len(starts) == 1


def test_asking_for_a_command_begins_like_asking_a_question() -> None:
    records = history(4)
    question = Conversation().ask(asked("why?", records))
    command = Conversation().ask(
        Inquiry(InquiryKind.COMMAND, "list files", history=tuple(records))
    )
    assert common(question, command).startswith(stable(question))


def test_an_explanation_begins_with_the_same_facts() -> None:
    prompts = [
        Conversation().ask(Inquiry.about(make_record("a", "x"))),
        Conversation().ask(Inquiry.about(make_record("b", "y"))),
        Conversation().ask(asked("why?", history(2))),
    ]
    for one, other in itertools.combinations(prompts, 2):
        assert common(one, other).startswith("<facts>\ngit: branch main\n</facts>")


def test_nothing_of_the_moment_stands_above_the_history() -> None:
    record = history(1)[0]
    one, other = (
        Conversation().ask(
            asked("?", [make_record(
                record.command_line, "out", id="1", exit_code=0, cwd=cwd,
                started_at=moment, duration_seconds=moment,
            )])
        )
        for cwd, moment in (("/home/ada/x", 1.0), ("/srv/y", 2_000.5))
    )  # fmt: skip
    assert one.messages == other.messages


# -- the choice itself -------------------------------------------------------------

IDS = st.lists(st.uuids().map(str), max_size=30, unique=True)


@given(ids=IDS, limit=st.integers(0, 8), begun=st.integers(0, 30))
def test_the_records_permitted_are_the_newest_and_no_more(
    ids: Sequence[str], limit: int, begun: int
) -> None:
    start = HistoryStart(permitted=ids[begun] if begun < len(ids) else "")
    first = first_permitted(ids, start, limit)
    left = len(ids) - first
    assert left <= limit
    assert left >= min(len(ids) - min(begun, len(ids)), limit - limit // 2) or not limit
    if begun < len(ids) and len(ids) - begun <= limit:
        assert first == begun


@given(
    costs=st.lists(st.integers(1, 100), max_size=20),
    limit=st.integers(0, 400),
    begun=st.integers(0, 30),
)
def test_what_fits_is_the_newest_within_the_tokens(
    costs: Sequence[int], limit: int, begun: int
) -> None:
    ids = [str(at) for at in range(len(costs))]
    first = first_fitting(ids, costs, HistoryStart(told=str(begun)), limit)
    assert sum(costs[first:]) <= limit
    if begun < len(costs) and sum(costs[begun:]) <= limit:
        assert first == begun
    elif costs and costs[-1] <= limit:
        assert first < len(costs)
    fresh = first_fitting(ids, costs, FROM_THE_BEGINNING, limit)
    assert fresh == 0 or sum(costs[fresh - 1 :]) > limit


def test_the_history_grows_to_its_limit_and_then_loses_its_older_half() -> None:
    conversation = Conversation(8_192)
    records = history(9)
    starts = [
        told_ids(conversation.ask(asked("?", records[:count])))[0]
        for count in range(4, 10)
    ]
    assert starts == ["0", "0", "0", "4", "4", "4"]
