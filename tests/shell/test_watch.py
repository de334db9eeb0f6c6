"""What is concluded from looks at a shell."""

import asyncio
import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.shell import watch
from terminal_ai.shell.foreground import Foreground
from terminal_ai.shell.watch import (
    LOOKS_TO_BE_SURE,
    STARTUP_SECONDS,
    Look,
    Loss,
    LossDetector,
    Phase,
    ShellWatch,
)

OURS = Foreground(image="ours", own="bash")
EDITING = Look(is_editing=True, foreground=OURS)
RUNNING = Look(is_editing=False, foreground=OURS)
IDLE = Look(is_editing=False, foreground=dataclasses.replace(OURS, is_idle=True))


def judged(
    detector: LossDetector,
    look: Look,
    phase: Phase,
    *,
    age_seconds: float = 0.0,
    is_sure: bool = False,
) -> Loss | None:
    return detector.judge(look, phase, age_seconds=age_seconds, is_sure=is_sure)


@pytest.mark.parametrize(
    ("look", "phase", "loss"),
    [
        (EDITING, Phase.RUNNING, Loss.SILENT),
        (EDITING, Phase.ENDED, Loss.SILENT),
        (EDITING, Phase.STARTING, Loss.SILENT),
        (EDITING, Phase.BACK, Loss.ENDLESS),
        (EDITING, Phase.PROMPT, None),
        (RUNNING, Phase.RUNNING, None),
        (RUNNING, Phase.ENDED, None),
        (RUNNING, Phase.STARTING, None),
        (RUNNING, Phase.BACK, None),
        (RUNNING, Phase.PROMPT, None),
        (IDLE, Phase.RUNNING, None),
        (IDLE, Phase.ENDED, Loss.SILENT),
        (IDLE, Phase.STARTING, None),
        (IDLE, Phase.BACK, Loss.ENDLESS),
    ],
)
def test_only_looks_in_a_row_are_sure(
    look: Look, phase: Phase, loss: Loss | None
) -> None:
    detector = LossDetector("ours")
    for _ in range(LOOKS_TO_BE_SURE - 1):
        assert judged(detector, look, phase) is None
    assert judged(detector, look, phase) is loss
    detector.forget()
    assert judged(detector, look, phase) is None


def test_a_shell_that_was_lost_before_needs_no_second_look() -> None:
    loss = judged(LossDetector(None), EDITING, Phase.RUNNING, is_sure=True)
    assert loss is Loss.SILENT


def test_a_silent_start_takes_its_time() -> None:
    detector = LossDetector("ours")
    for age in range(LOOKS_TO_BE_SURE + 1):
        assert judged(detector, IDLE, Phase.STARTING, age_seconds=age) is None
    loss = judged(detector, IDLE, Phase.STARTING, age_seconds=STARTUP_SECONDS)
    assert loss is Loss.SILENT


def test_lines_that_an_idle_shell_swallows() -> None:
    detector = LossDetector("ours")
    for lines in range(watch.LINES_TO_BE_SURE + LOOKS_TO_BE_SURE):
        if judged(detector, IDLE, Phase.RUNNING):
            assert lines >= watch.LINES_TO_BE_SURE
            return
        detector.count_line()
    pytest.fail("never noticed")


def test_a_program_that_nobody_announced() -> None:
    detector = LossDetector("ours")
    detector.count_line()
    told = [judged(detector, RUNNING, Phase.PROMPT) for _ in range(LOOKS_TO_BE_SURE)]
    assert told[-1] is Loss.SILENT


@pytest.mark.parametrize(
    ("own", "image", "phase", "loss", "inside"),
    [
        ("zsh", "theirs", Phase.RUNNING, Loss.REPLACED, ""),
        ("bash", "theirs", Phase.BACK, Loss.REPLACED, ""),
        ("bash", "theirs", Phase.STARTING, None, ""),
        ("", "theirs", Phase.RUNNING, None, ""),
        ("ssh", "theirs", Phase.RUNNING, None, "ssh"),
        ("bash", None, Phase.RUNNING, None, ""),
        ("bash", "ours", Phase.RUNNING, None, ""),
    ],
)
def test_exec(
    own: str, image: str | None, phase: Phase, loss: Loss | None, inside: str
) -> None:
    detector = LossDetector("ours")
    look = Look(is_editing=False, foreground=Foreground(image=image, own=own))
    assert judged(detector, look, phase) is loss
    assert detector.inside(look.foreground) == inside
    # A mark from the process as it is now.
    detector.trust(image)
    assert judged(detector, look, phase) is None


@given(
    looks=st.lists(
        st.tuples(st.sampled_from([EDITING, RUNNING, IDLE]), st.sampled_from(Phase))
    )
)
def test_a_shell_at_work_is_never_lost(looks: list[tuple[Look, Phase]]) -> None:
    """Whatever came before, a look that shows it at work is no loss."""
    detector = LossDetector("ours")
    for look, phase in looks:
        judged(detector, look, phase)
    assert judged(detector, RUNNING, Phase.RUNNING) is None


async def test_looks_until_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int | None]] = []
    looks: list[Look] = []
    seen = asyncio.Event()

    def observer(pid: int, group: int | None) -> Foreground | None:
        asked.append((pid, group))
        return OURS if len(asked) > 1 else None

    def take(look: Look) -> None:
        looks.append(look)
        seen.set()

    watching = ShellWatch(
        7,
        foreground_group=lambda: 7,
        is_raw=lambda: True,
        on_look=take,
        observer=observer,
    )
    watching.start(0.0, 0.0)
    watching.start(0.0, 0.0)
    is_looking = watching.is_looking
    assert is_looking
    await asyncio.wait_for(seen.wait(), 20)
    watching.stop()
    is_looking = watching.is_looking
    assert not is_looking
    count = len(asked)
    await asyncio.sleep(0.02)
    assert looks[0] == EDITING
    assert asked[0] == (7, 7)
    assert len(asked) == count
    assert len(asyncio.all_tasks()) == 1
