"""When the machine has nothing to spare."""

import pytest

from terminal_ai.assistant.scheduling import machine
from terminal_ai.assistant.scheduling.machine import BATTERY_SECONDS, Machine


def make(load: float = 0.0, percent: float = 0.0, *, battery: bool = False) -> Machine:
    return Machine(
        load=lambda: (load * machine.cores(), 0.0, 0.0),
        cpu_percent=lambda: percent,
        on_battery=lambda: battery,
    )


@pytest.mark.parametrize(
    ("made", "is_strained"),
    [
        (make(), False),
        (make(load=1.6), True),
        (make(load=1.4, percent=50), False),
        (make(load=1.4, percent=99), True),
        # The command that has just failed was at work until now.
        (make(load=0.5, percent=100), False),
        (make(battery=True), True),
    ],
)
def test_load_and_battery(made: Machine, is_strained: bool) -> None:
    assert made.is_strained() is is_strained


def test_the_battery_is_looked_at_once_in_a_while() -> None:
    now = 0.0
    looks: list[float] = []

    def look() -> bool:
        looks.append(now)
        return now > 0

    made = Machine(
        load=lambda: (0.0, 0.0, 0.0),
        cpu_percent=lambda: 0.0,
        on_battery=look,
        clock=lambda: now,
    )
    assert not made.is_strained()
    now = BATTERY_SECONDS - 1
    assert not made.is_strained()
    now = BATTERY_SECONDS
    assert made.is_strained()
    assert looks == [0.0, BATTERY_SECONDS]


def test_a_system_without_load_averages() -> None:
    def fail() -> tuple[float, float, float]:
        raise OSError

    made = Machine(load=fail, cpu_percent=lambda: 100.0, on_battery=lambda: False)
    assert made.is_strained()


def test_the_real_machine_can_be_looked_at() -> None:
    assert Machine().is_strained() in (True, False)
