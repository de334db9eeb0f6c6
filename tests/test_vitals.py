from terminal_ai.records import (
    AnswerFigures,
    CommandCounts,
    ModelState,
    ModelStatus,
    ModelUsage,
)
from terminal_ai.telemetry.alerts import AlertRule, Alerts, Signal
from terminal_ai.telemetry.telemetry import Telemetry
from terminal_ai.vitals import PAINT, VitalsReader
from utils.profiler import PerformanceProfiler

from .ui.fakes import MODEL, FakeSampler, FakeTree, ScriptedAnswerer

CPU_RULE = AlertRule(Signal.CPU, raised_at=90.0, cleared_at=50.0, seconds=0.0)


class Parsing:
    parsed = (1_000, 0.5)
    commands = CommandCounts(ok=2, failed=1)
    pid = 4711


def test_a_reading_holds_what_each_part_has_counted() -> None:
    profiler = PerformanceProfiler()
    telemetry = Telemetry(alerts=Alerts((CPU_RULE,)))
    telemetry.lag.record(0.25)
    with telemetry.tracer.span("work"):
        pass
    telemetry.alerts.check({(Signal.CPU, ""): 95.0})
    answerer = ScriptedAnswerer()
    answerer.models.usage[MODEL] = ModelUsage(1, newest=AnswerFigures(total_seconds=2))
    sessions: list[Parsing] = []
    reader = VitalsReader(
        sampler=FakeSampler(),
        timings=profiler,
        telemetry=telemetry,
        assistant=answerer,
        session=lambda: sessions[-1] if sessions else None,
        tree=FakeTree(),
    )
    assert reader.read().shell is None
    assert (reader.read().parsed_bytes, reader.read().frames) == (0, 0)
    assert not reader.read().is_model_loaded
    sessions.append(Parsing())
    reader.model = ModelStatus(ModelState.READY, MODEL, is_loaded=True)
    for _ in range(3):
        with profiler.profile_block(PAINT.removeprefix("block.")):
            pass
    with answerer.requests.timed("ask"):
        pass
    vitals = reader.read()
    assert vitals.commands == Parsing.commands
    assert (vitals.requests_begun, vitals.requests) == (1, answerer.requests.figures)
    assert (vitals.parsed_bytes, vitals.parsed_seconds) == (1_000, 0.5)
    assert vitals.process == FakeSampler().sample()
    assert vitals.shell == FakeTree().sample(Parsing.pid)
    assert vitals.lag_seconds == 0.25
    assert vitals.lag.stall_count == 1
    assert [each.name for each in vitals.operations] == ["work"]
    assert [each.signal for each in vitals.alerts] == [Signal.CPU]
    assert vitals.alert_count == 1
    assert vitals.frames == 3
    assert vitals.usage.newest.total_seconds == 2
    assert vitals.is_model_loaded
