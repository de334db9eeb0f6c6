import asyncio
import os
import subprocess
import sys
import time

import pytest

from terminal_ai.records import ResourceUsage
from terminal_ai.shell import resources
from terminal_ai.shell.accounts import Account
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


def no_account(_pid: int) -> None:
    """A kernel without /proc."""


async def measured(*samples: tuple[ProcessSample, ...]) -> ResourceUsage:
    scripted = ScriptedSamples(*samples, samples[-1])
    meter = ResourceMeter(
        SHELL,
        interval_seconds=0.001,
        foreground_group=lambda: GROUP,
        sampler=scripted,
        accountant=no_account,
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
    meter = ResourceMeter(
        SHELL,
        interval_seconds=0.01,
        foreground_group=lambda: GROUP,
        accountant=no_account,
    )
    meter.start()
    assert meter.stop() == ResourceUsage()


def accounting(*accounts: Account | None) -> ResourceMeter:
    """Return a meter that reads these accounts, one after the other."""
    told = iter(accounts)
    return ResourceMeter(
        SHELL,
        interval_seconds=1.0,
        foreground_group=lambda: None,
        accountant=lambda _pid: next(told),
    )


async def test_a_command_is_charged_what_was_added_since_its_line_was_entered() -> None:
    meter = accounting(
        Account(1.0, 1.0, 10, 10),
        Account(2.0, 2.5, 100, 1000),
        Account(2.25, 3.0, 150, 3000),
    )
    meter.line_entered()
    meter.line_entered()
    meter.start()
    assert meter.stop() == ResourceUsage(0.25, 0.5, None, 50, 2000)


async def test_the_next_command_begins_where_the_last_one_ended() -> None:
    meter = accounting(*(Account(float(n), 0.0, n, 2 * n) for n in (0, 1, 3)))
    meter.line_entered()
    for user, storage in ((1.0, (1, 2)), (2.0, (2, 4))):
        meter.start()
        assert meter.stop() == ResourceUsage(user, 0.0, None, *storage)


async def test_storage_that_the_kernel_does_not_tell_is_unknown() -> None:
    meter = accounting(Account(0.0, 0.0), Account(1.0, 0.0, 5, 5))
    meter.line_entered()
    meter.start()
    assert meter.stop() == ResourceUsage(1.0, 0.0)


async def test_what_was_suspended_is_on_no_account_but_was_seen() -> None:
    sample = ProcessSample(1, 1, 2.0, 1.0, 7)
    scripted = ScriptedSamples((sample,), (sample,))
    told = iter((Account(0.0, 0.0, 0, 0), Account(0.25, 0.0, 0, 0)))
    meter = ResourceMeter(
        SHELL,
        interval_seconds=0.001,
        foreground_group=lambda: GROUP,
        sampler=scripted,
        accountant=lambda _pid: next(told),
    )
    meter.line_entered()
    meter.start()
    async with asyncio.timeout(10):
        await scripted.all_taken.wait()
    assert meter.stop() == ResourceUsage(2.0, 1.0, 7, 0, 0)


async def test_a_costly_look_is_taken_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter((0.0, 0.5))
    waits: list[float] = []
    waiting = asyncio.Event()

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        waiting.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(time, "thread_time", lambda: next(clock))
    monkeypatch.setattr(asyncio, "sleep", wait)
    meter = ResourceMeter(
        SHELL,
        interval_seconds=0.2,
        foreground_group=lambda: GROUP,
        sampler=lambda _shell, _group: (),
        accountant=no_account,
    )
    meter.start()
    async with asyncio.timeout(10):
        await waiting.wait()
    meter.stop()
    assert waits == [0.5 / resources.SAMPLER_SHARE]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_is_charged_for_the_children_it_waited_for() -> None:
    before = Account.of(os.getpid())
    burner = "import time\nwhile time.process_time() < 0.5: pass"
    subprocess.run([sys.executable, "-c", burner], check=True)
    after = Account.of(os.getpid())
    assert before is not None
    assert after is not None
    used = after.cpu_user_seconds + after.cpu_system_seconds
    used -= before.cpu_user_seconds + before.cpu_system_seconds
    assert used > 0.45


def test_a_process_that_is_gone_has_no_account() -> None:
    assert Account.of(2**22 + 1) is None


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
