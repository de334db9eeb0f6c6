"""Refuse a wheel that lacks a data file of the packages, or holds anything else."""

import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("terminal_ai", "utils")
IGNORED = ("__pycache__", ".pyc")


def shipped_files() -> set[str]:
    """Return every file of the packages, as the wheel must name them."""
    return {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and not any(word in str(path) for word in IGNORED)
    }


def main(wheel: str) -> int:
    """Compare the wheel with the tree; print each difference."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = shipped_files()
    for name in sorted(expected - names):
        print(f"missing in the wheel: {name}")
    for name in sorted(names - expected):
        print(f"should not be in the wheel: {name}")
    print(f"{len(names)} files in {Path(wheel).name}")
    return int(names != expected)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
