from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.telemetry.echo import KeyEcho
from terminal_ai.telemetry.spans import Span, Tracer

HALF_A_SECOND = 0.5
STEPS = ["pressed", "written", "arrived", "fed", "painted"]


class Echo:
    def __init__(self) -> None:
        self.tracer = Tracer()
        self.spans: list[Span] = []
        self.tracer.add_listener(self.spans.append)
        self.echo = KeyEcho(self.tracer)

    def reach(self, step: str) -> None:
        if step == "pressed":
            self.echo.pressed(0.0, is_flooded=False)
        else:
            getattr(self.echo, step)()


@given(st.lists(st.sampled_from(STEPS), max_size=60))
def test_only_a_key_that_passed_every_step_in_order_is_told(steps: list[str]) -> None:
    echo = Echo()
    expected, place = 0, 0
    for step in steps:
        echo.reach(step)
        if step == STEPS[place]:
            place = (place + 1) % len(STEPS)
            expected += place == 0
    assert len(echo.spans) == expected
    for span in echo.spans:
        assert [event.name for event in span.events] == STEPS[1:]


def test_the_programs_time_is_not_ours() -> None:
    echo = Echo()
    for step in STEPS:
        echo.reach(step)
    (span,) = echo.spans
    written, arrived, *_rest = (event.after_seconds for event in span.events)
    assert span.waiting_seconds == arrived - written
    assert span.seconds is not None
    assert span.waiting_seconds < span.seconds


def test_a_key_without_an_echo_gives_way_to_a_later_one() -> None:
    echo = Echo()
    for step in ("pressed", "written", "pressed"):
        echo.reach(step)
    first = echo.echo._span
    first._begun -= HALF_A_SECOND
    for step in ("pressed", "written", "arrived", "fed", "painted"):
        echo.reach(step)
    (span,) = echo.spans
    assert span is not first


def test_the_way_to_the_app_is_counted_and_a_flood_is_tagged() -> None:
    echo = Echo()
    echo.echo.pressed(2.0, is_flooded=True)
    for step in STEPS[1:]:
        echo.reach(step)
    (span,) = echo.spans
    assert span.tags == {"flooded": True}
    assert span.seconds is not None
    assert span.seconds >= 2.0
    assert span.events[0].after_seconds >= 2.0


def test_a_tracer_that_is_off_is_asked_nothing_more() -> None:
    echo = Echo()
    echo.tracer.is_enabled = False
    for step in STEPS:
        echo.reach(step)
    assert echo.spans == []
