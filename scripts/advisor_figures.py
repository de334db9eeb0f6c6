"""Count the advisor's rules by family into ``docs/advisor.md``.

``--check`` fails instead where a family is missing there or has fewer rules by now.
"""

import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "advisor.md"
BEGIN, END = "<!-- families -->\n", "<!-- end of families -->\n"
ROW = re.compile(r"^\| ([a-z]+) \| (\d+) \|$", re.MULTILINE)


def main() -> int:
    """Write the table, or check it."""
    counts = _counts()
    text = DOCUMENT.read_text("utf-8")
    if "--check" in sys.argv[1:]:
        documented = {name: int(count) for name, count in ROW.findall(text)}
        wrong = sorted(
            name
            for name in counts.keys() | documented.keys()
            if not 0 < documented.get(name, 0) <= counts[name]
        )
        if wrong:
            print(f"run scripts/advisor_figures.py: {', '.join(wrong)}")
        return 1 if wrong else 0
    head, rest = text.split(BEGIN)
    _old, tail = rest.split(END)
    rows = "".join(f"| {name} | {count} |\n" for name, count in sorted(counts.items()))
    table = f"| family | rules, at least |\n|---|--:|\n{rows}"
    DOCUMENT.write_text(f"{head}{BEGIN}{table}{END}{tail}", "utf-8")
    return 0


def _counts() -> Counter[str]:
    counts: Counter[str] = Counter()
    for file in (ROOT / "terminal_ai" / "advisor" / "rules").glob("*/*.toml"):
        counts[file.parent.name] += len(tomllib.loads(file.read_text("utf-8"))["rule"])
    return counts


if __name__ == "__main__":
    sys.exit(main())
