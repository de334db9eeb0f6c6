"""A kind's profile, written as a file that speedscope opens."""

import json
import time
from pathlib import Path
from typing import Literal

import bench
import pytest
from benchmarks.figures import Row
from benchmarks.hosts import Bench
from benchmarks.running import Extent

BUSY_SECONDS = 0.3
HELD: list[bytes] = []


def _hold(_bench: Bench, _extent: Extent) -> list[Row]:
    HELD.extend(bytes(50_000) for _ in range(10))
    # Longer than the sampler needs to look many times, however fast the machine is.
    until = time.thread_time() + BUSY_SECONDS
    while time.thread_time() < until:
        pass
    return []


@pytest.mark.parametrize("what", ["cpu", "mem"])
def test_a_profile_is_written_for_each_kind(
    what: Literal["cpu", "mem"], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "KINDS", {"ab:hold": _hold})
    monkeypatch.chdir(tmp_path)
    try:
        assert bench.main(["--profile", what, "--quick"]) == 0
    finally:
        HELD.clear()
    found = json.loads((tmp_path / f"bench-ab-hold-{what}.speedscope.json").read_text())
    files = {frame["file"] for frame in found["shared"]["frames"]}
    assert any("test_profiling" in name for name in files)
    for profile in found["profiles"]:
        assert len(profile["samples"]) == len(profile["weights"])
    if what == "mem":
        assert max(found["profiles"][0]["weights"]) >= 500_000
