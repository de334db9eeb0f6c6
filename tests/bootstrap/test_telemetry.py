import logging
from pathlib import Path

import pytest

from terminal_ai.bootstrap.telemetry import build_telemetry
from terminal_ai.config.settings import (
    ProfilerSettings,
    Settings,
    TelemetrySettings,
)
from terminal_ai.telemetry.alerts import Signal
from terminal_ai.telemetry.names import MODEL_REQUEST
from terminal_ai.telemetry.spans import NO_SPAN


def test_spans_are_written_only_where_the_settings_say_so(tmp_path: Path) -> None:
    for form, directory, name in (
        ("off", tmp_path, None),
        ("jsonl", None, None),
        ("jsonl", tmp_path, "spans.jsonl"),
        ("otlp", tmp_path, "spans.otlp.jsonl"),
    ):
        settings = Settings(telemetry=TelemetrySettings(traces=form))  # type: ignore[arg-type]
        telemetry = build_telemetry(settings, directory)
        with telemetry.tracer.span("work"):
            pass
        telemetry.close()
        assert [each.name for each in tmp_path.iterdir()] == ([name] if name else [])
        for path in tmp_path.iterdir():
            assert "work" in path.read_text()
            path.unlink()
        assert [each.name for each in telemetry.operations.figures()] == ["work"]


def test_a_profiler_that_is_off_traces_nothing() -> None:
    settings = Settings(profiler=ProfilerSettings(enabled=False))
    telemetry = build_telemetry(settings, None)
    assert telemetry.tracer.start("work") is NO_SPAN


def test_what_is_slow_is_a_setting_but_for_the_models_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = Settings(telemetry=TelemetrySettings(slow_seconds=0.5))
    telemetry = build_telemetry(settings, None)
    for name, seconds in (("advice", 0.6), (MODEL_REQUEST, 3_600.0)):
        span = telemetry.tracer.start(name, ago_seconds=seconds)
        telemetry.tracer.end(span)
    assert [slow.name for slow in telemetry.operations.slow] == ["advice"]
    assert len(caplog.records) == 1


def test_an_alert_is_a_line_in_the_log_when_it_comes_and_when_it_goes(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    telemetry = build_telemetry(Settings(), None)
    now = [0.0]
    monkeypatch.setattr(telemetry.alerts, "_clock", lambda: now[0])
    with caplog.at_level(logging.INFO):
        for value in (95.0, 96.0, 10.0, 10.0):
            telemetry.alerts.check({(Signal.CPU, ""): value})
            now[0] += 60
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "alert cpu: The app takes 96 % of a core" in caplog.text
    assert "alert cpu is over after" in caplog.text
