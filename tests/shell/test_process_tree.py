import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.shell import process_tree
from terminal_ai.shell.process_tree import (
    PROCESS_LIMIT,
    SMALL_TREE,
    TreeReading,
    TreeSampler,
    read_tree,
)
from terminal_ai.shell.resources import sample_processes

SHELL = 4711


class Tree:
    """A tree whose figures a test sets, read under a clock that it moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.cpu_seconds = 0.0
        self.processes = 1
        self.is_gone = False
        self.limits: list[int] = []
        self.threads: list[Callable[[], None]] = []
        self.sampler = TreeSampler(
            self.read, clock=lambda: self.now, in_thread=self.threads.append
        )

    def read(self, pid: int, limit: int) -> TreeReading | None:
        assert pid == SHELL
        self.limits.append(limit)
        if self.is_gone:
            return None
        return TreeReading(
            self.cpu_seconds,
            1_000 * self.processes,
            min(self.processes, limit),
            self.processes > limit,
        )


def test_the_share_is_what_was_used_since_the_last_look() -> None:
    tree = Tree()
    tree.cpu_seconds = 600.0
    first = tree.sampler.sample(SHELL)
    assert first is not None
    assert first.cpu_percent == 0
    tree.now, tree.cpu_seconds = 2.0, 603.0
    second = tree.sampler.sample(SHELL)
    assert second is not None
    assert (second.cpu_percent, second.rss_bytes) == (150.0, 1_000)


def test_two_who_look_at_once_see_the_same() -> None:
    tree = Tree()
    tree.sampler.sample(SHELL)
    tree.now, tree.cpu_seconds = 1.0, 0.5
    seen = tree.sampler.sample(SHELL)
    tree.now += 0.01
    assert tree.sampler.sample(SHELL) is seen
    assert len(tree.limits) == 2


@given(st.lists(st.tuples(st.floats(0.2, 9), st.floats(0, 1e6)), max_size=9))
def test_no_share_is_below_zero(steps: list[tuple[float, float]]) -> None:
    """A process that leaves the tree takes what it used with it."""
    tree = Tree()
    for seconds, used in steps:
        tree.now += seconds
        tree.cpu_seconds = used
        sample = tree.sampler.sample(SHELL)
        assert sample is not None
        assert sample.cpu_percent >= 0


def test_a_large_tree_is_looked_at_in_a_thread() -> None:
    tree = Tree()
    tree.processes = 100
    assert tree.sampler.sample(SHELL) is None
    assert tree.limits == [SMALL_TREE]
    tree.now = 1.0
    # The thread still reads: nobody waits, and no second one is started.
    tree.sampler.sample(SHELL)
    assert len(tree.threads) == 1
    tree.threads.pop()()
    sample = tree.sampler.sample(SHELL)
    assert sample is not None
    assert sample.processes == 100
    assert tree.limits == [SMALL_TREE, PROCESS_LIMIT]
    tree.now, tree.processes = 2.0, 3
    tree.sampler.sample(SHELL)
    tree.threads.pop()()
    tree.now = 3.0
    sample = tree.sampler.sample(SHELL)
    assert sample is not None
    assert sample.processes == 3
    assert not tree.threads


def test_more_than_the_bound_is_told_as_cut() -> None:
    tree = Tree()
    tree.processes = 10_000
    tree.sampler.sample(SHELL)
    tree.threads.pop()()
    sample = tree.sampler.sample(SHELL)
    assert sample is not None
    assert (sample.processes, sample.is_cut) == (PROCESS_LIMIT, True)


def test_a_shell_that_ended_has_no_figures() -> None:
    tree = Tree()
    assert tree.sampler.sample(None) is None
    tree.sampler.sample(SHELL)
    tree.now, tree.is_gone = 1.0, True
    assert tree.sampler.sample(SHELL) is None


def test_another_shell_begins_anew() -> None:
    tree = Tree()
    tree.cpu_seconds = 50.0
    tree.sampler.sample(SHELL)
    tree.sampler.sample(None)
    tree.now = 1.0
    sample = tree.sampler.sample(SHELL)
    assert sample is not None
    assert sample.cpu_percent == 0


@pytest.fixture
def parent_of_three() -> Iterator[int]:
    """A process with a child and a grandchild that wait for the end of the input."""
    nest = "import subprocess, sys; "
    inner = nest + "print('up', flush=True); sys.stdin.read()"
    middle = nest + f"subprocess.run([sys.executable, '-c', {inner!r}])"
    outer = nest + f"subprocess.run([sys.executable, '-c', {middle!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.communicate()


def test_a_real_tree_is_summed(parent_of_three: int) -> None:
    reading = read_tree(parent_of_three, PROCESS_LIMIT)
    assert reading is not None
    assert (reading.processes, reading.is_cut) == (3, False)
    assert reading.cpu_seconds > 0
    alone = read_tree(parent_of_three, 1)
    assert alone is not None
    assert (alone.processes, alone.is_cut) == (1, True)
    assert reading.rss_bytes > alone.rss_bytes


@pytest.fixture
def starter_of_four_in_threads() -> Iterator[int]:
    """A process whose first thread starts none of its children, as a build tool's."""
    source = (
        "import subprocess, sys, threading\n"
        "children = []\n"
        "def start():\n"
        "    child = ['cat']\n"
        "    children.append(subprocess.Popen(child, stdin=subprocess.PIPE))\n"
        "    started.release()\n"
        "    ended.wait()\n"
        "started, ended = threading.Semaphore(0), threading.Event()\n"
        "for _ in range(4):\n"
        "    threading.Thread(target=start).start()\n"
        "    started.acquire()\n"
        "print('up', flush=True)\n"
        "sys.stdin.read()\n"
        "for child in children: child.communicate()\n"
        "ended.set()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", source],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.communicate()


def test_a_command_is_charged_for_the_children_of_all_its_threads(
    starter_of_four_in_threads: int,
) -> None:
    command = starter_of_four_in_threads
    samples = sample_processes(os.getpid(), command)
    assert [sample.root_pid for sample in samples] == [command] * 5


def test_children_of_every_thread_are_in_the_tree(
    starter_of_four_in_threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = read_tree(starter_of_four_in_threads, PROCESS_LIMIT)
    assert reading is not None
    assert (reading.processes, reading.is_cut) == (5, False)
    monkeypatch.setattr(process_tree, "THREADS_A_PROCESS", 1)
    cut = read_tree(starter_of_four_in_threads, 3)
    assert cut is not None
    assert cut.is_cut


def test_what_a_child_has_used_stays_when_it_was_waited_for() -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass\n"
    source = (
        "import subprocess, sys\n"
        f"subprocess.run([sys.executable, '-c', {burn!r}])\n"
        "print('up', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        reading = read_tree(process.pid, PROCESS_LIMIT)
        process.communicate()
    assert reading is not None
    assert reading.processes == 1
    assert reading.cpu_seconds >= 0.3


def test_a_pid_that_nobody_has_is_no_tree() -> None:
    process = subprocess.Popen(["/bin/true"])
    process.wait()
    assert read_tree(process.pid, PROCESS_LIMIT) is None
    assert read_tree(os.getpid(), PROCESS_LIMIT) is not None
