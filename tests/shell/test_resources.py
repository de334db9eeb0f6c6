import asyncio
import os
import subprocess
import sys

import pytest

from terminal_ai.records import ResourceUsage
from terminal_ai.shell import resources
from terminal_ai.shell.resources import (
    ProcessSample,
    ResourceMeter,
    sample_processes,
)

SHELL = 100
GROUP = 200


class ScriptedSamples:
    """Samples in order; the last one stays. ``all_taken`` is set with it."""

    def __init__(self, *samples: tuple[ProcessSample, ...]) -> None:
        self._samples = list(samples)
        self.all_taken = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def __call__(self, shell_pid: int, group: int) -> tuple[ProcessSample, ...]:
        assert (shell_pid, group) == (SHELL, GROUP)
        if len(self._samples) > 1:
            return self._samples.pop(0)
        self._loop.call_soon_threadsafe(self.all_taken.set)
        return self._samples[0]


async def measured(*samples: tuple[ProcessSample, ...]) -> ResourceUsage:
    scripted = ScriptedSamples(*samples, samples[-1])
    meter = ResourceMeter(
        SHELL,
        interval_seconds=0.001,
        foreground_group=lambda: GROUP,
        sampler=scripted,
    )
    meter.start()
    async with asyncio.timeout(10):
        await scripted.all_taken.wait()
    return meter.stop()


async def test_memory_is_the_highest_sum() -> None:
    usage = await measured(
        (ProcessSample(1, 1, 0.1, 0.0, 100), ProcessSample(2, 1, 0.2, 0.0, 50)),
        (ProcessSample(1, 1, 0.3, 0.0, 120),),
    )
    assert usage.peak_rss_bytes == 150


async def test_processor_time_of_ended_processes_stays() -> None:
    usage = await measured(
        (ProcessSample(1, 1, 0.5, 0.0, 1), ProcessSample(2, 2, 2.0, 0.0, 1)),
        (ProcessSample(1, 1, 0.75, 0.0, 1),),
    )
    assert usage.cpu_seconds == pytest.approx(2.75)


async def test_a_short_command_was_not_seen() -> None:
    meter = ResourceMeter(SHELL, interval_seconds=0.01, foreground_group=lambda: GROUP)
    meter.start()
    assert meter.stop() == ResourceUsage()


async def test_the_shell_itself_is_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "FIRST_SAMPLE_SECONDS", 0.0)
    asked = asyncio.Event()

    def foreground() -> int:
        asked.set()
        return SHELL

    def unexpected(_shell: int, _group: int) -> tuple[ProcessSample, ...]:
        raise AssertionError

    meter = ResourceMeter(
        SHELL, interval_seconds=0.01, foreground_group=foreground, sampler=unexpected
    )
    meter.start()
    await asked.wait()
    assert meter.stop() == ResourceUsage()


@pytest.mark.parametrize("is_linux", [True, False])
def test_a_real_tree_is_seen(is_linux: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if is_linux and sys.platform != "linux":
        pytest.skip("reads /proc")
    if not is_linux:
        monkeypatch.setattr(
            resources, "sample_processes", resources._sample_with_psutil
        )
    sample = resources.sample_processes
    parent = subprocess.Popen(
        ["sh", "-c", "sh -c 'echo; sleep 30; :'; :"],
        stdout=subprocess.PIPE,
        process_group=0,
    )
    other = subprocess.Popen(["sleep", "30"], process_group=0)
    try:
        assert parent.stdout is not None
        parent.stdout.readline()
        samples = sample(os.getpid(), parent.pid)
        assert parent.pid in {one.pid for one in samples}
        assert len(samples) >= 2
        assert other.pid not in {one.pid for one in samples}
        assert {one.root_pid for one in samples} == {parent.pid}
        assert all(one.rss_bytes > 0 for one in samples)
    finally:
        os.killpg(parent.pid, 9)
        other.kill()
        parent.communicate()
        other.wait()


def test_processes_that_are_gone_are_no_error() -> None:
    assert sample_processes(2**22 + 1, 1) == ()
