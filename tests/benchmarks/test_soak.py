"""What the long run makes of its readings."""

import pytest
from benchmarks.soak import WARM_UP_COMMANDS, Reading, judged

MIB = 1024 * 1024


def _readings(
    rounds: int,
    *,
    kib_a_command: float = 0.0,
    fds_a_round: int = 0,
    warm_up_mib: int = 0,
) -> list[Reading]:
    made = []
    for number in range(rounds):
        commands = 9 * number
        grown = min(commands, WARM_UP_COMMANDS) / WARM_UP_COMMANDS * warm_up_mib * MIB
        rss = 80 * MIB + grown + kib_a_command * 1024 * commands
        fds = 20 + fds_a_round * number
        made.append(Reading(3.0 * number, commands, int(rss), fds, 5))
    return made


def test_a_leak_of_memory_is_found() -> None:
    found = judged(_readings(400, kib_a_command=2.0))
    assert found["rss_kib_per_command"]["value"] == pytest.approx(2.0, rel=0.01)
    assert not found["rss_kib_per_command"]["holds"]
    assert found["fds_per_hour"]["holds"]


def test_descriptors_that_are_not_closed_are_found() -> None:
    assert not judged(_readings(400, fds_a_round=1))["fds_per_hour"]["holds"]


def test_what_fills_up_at_first_is_no_leak() -> None:
    found = judged(_readings(400, warm_up_mib=40))
    assert all(figure["holds"] for figure in found.values())


def test_the_peak_counts_from_the_start() -> None:
    found = judged(_readings(20, warm_up_mib=2_000))
    assert not found["rss_peak_mib"]["holds"]


def test_a_short_run_tells_no_slope() -> None:
    found = judged(_readings(20, kib_a_command=5.0))
    assert found["rss_kib_per_command"]["value"] is None
    assert found["rss_kib_per_command"]["holds"]
