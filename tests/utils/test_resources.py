import os
import threading
import time
from pathlib import Path

import psutil
import pytest

from utils.resources import PROC_SELF, ResourceSampler

MIB = 1024 * 1024


@pytest.fixture(params=["proc", "psutil"])
def sampler(request: pytest.FixtureRequest, tmp_path: Path) -> ResourceSampler:
    if request.param == "psutil":
        return ResourceSampler(proc=tmp_path)
    if not PROC_SELF.exists():
        pytest.skip("this system has no /proc")
    return ResourceSampler()


def test_figures_agree_with_the_system(sampler: ResourceSampler) -> None:
    sample = sampler.sample()
    process = psutil.Process()
    assert sample.rss_bytes == pytest.approx(process.memory_info().rss, abs=16 * MIB)
    assert sample.threads == process.num_threads()
    assert sample.uptime_seconds > 0


def test_an_open_file_and_a_thread_are_counted(sampler: ResourceSampler) -> None:
    before = sampler.sample()
    reader, writer = os.pipe()
    release = threading.Event()
    thread = threading.Thread(target=release.wait)
    thread.start()
    try:
        after = sampler.sample()
    finally:
        release.set()
        thread.join()
        os.close(reader)
        os.close(writer)
    assert after.file_descriptors == before.file_descriptors + 2
    assert after.threads == before.threads + 1


def test_processor_time_is_of_the_interval(sampler: ResourceSampler) -> None:
    assert sampler.sample().cpu_percent == 0.0
    begun = time.process_time()
    while time.process_time() - begun < 0.2:
        pass
    busy = sampler.sample().cpu_percent
    assert busy > 0.0


def test_a_name_with_parentheses_and_spaces_is_read(tmp_path: Path) -> None:
    fields = ["R"] + ["0"] * 10 + ["150", "50", "0", "0", "20", "0", "3", "0", "99"]
    line = f"42 (odd ) name (x)) {' '.join(fields)} 4096 25 0 0\n"
    (tmp_path / "stat").write_text(line)
    (tmp_path / "fd").mkdir()
    for name in ("0", "1", "2", "3"):
        (tmp_path / "fd" / name).touch()
    sample = ResourceSampler(proc=tmp_path).sample()
    assert sample.threads == 3
    assert sample.rss_bytes == 25 * os.sysconf("SC_PAGE_SIZE")
    assert sample.file_descriptors == 3


def test_a_look_too_soon_does_not_disturb_the_share(tmp_path: Path) -> None:
    (tmp_path / "fd").mkdir()

    def used(ticks: int) -> None:
        fields = ["R"] + ["0"] * 10 + [str(ticks), "0", "0", "0", "20", "0", "3"]
        line = f"42 (name) {' '.join([*fields, '0', '99'])} 4096 25 0 0\n"
        (tmp_path / "stat").write_text(line)

    used(0)
    sampler = ResourceSampler(proc=tmp_path)
    sampler.sample()
    used(1_000_000)
    # Of a moment ago: the kernel's steps alone would be thousands of per cent.
    assert sampler.sample().cpu_percent == 0.0
    assert sampler.sample().cpu_seconds == 1_000_000 / os.sysconf("SC_CLK_TCK")


def test_the_peak_stays_when_memory_is_given_back(sampler: ResourceSampler) -> None:
    block = bytearray(os.urandom(1)) * (32 * MIB)
    held = sampler.sample()
    del block
    after = sampler.sample()
    assert after.peak_rss_bytes >= held.rss_bytes >= after.rss_bytes
