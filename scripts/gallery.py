"""Make docs/screenshots: real programs in the app, as its host terminal shows them.

Run it where tmux, vim, mc and dialog are installed:
``PYTHONPATH=. .venv/bin/python scripts/gallery.py``.
"""

import re
import time
from pathlib import Path

from vttest import picture, twins_at_home

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "screenshots"
COLUMNS, ROWS = 90, 26
SETTLE_SECONDS = 1.0
TEXTS = (
    "한국어 テキスト 中文 │\ncafe\u0301 naïve żółć     │\n😀 👨‍👩‍👧‍👦 🇰🇷            │\n"
)
STARTS = {
    "vim": (
        "vim -u NONE -N -i NONE -n -c 'set number hlsearch|syntax on|/Twins' "
        "-c 'vsplit|split' gallery.py",
        "gallery.py",
        (":", "q", "a", "!", "Enter"),
    ),
    "mc": ("mc --nosubshell", "Help", ("F10",)),
    "dialog": (
        "dialog --title 'A box' --menu 'Take one' 12 44 4 a Apple b Bread c Cake",
        "Cancel",
        ("Escape",),
    ),
    "tmux": (
        "tmux -S ~/s -f /dev/null new vim gallery.py ';' "
        "split -h 'cat texts; read' ';' split 'ls --color -la ..; read'",
        "(?s)naïve.*drwx",
        ("C-b", "d"),
    ),
}


def main() -> None:
    """Draw each program once."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with twins_at_home(COLUMNS, ROWS) as twins:
        twins.put("texts", TEXTS)
        twins.put("gallery.py", Path(__file__).read_text())
        for name, (command, shown, leave) in STARTS.items():
            twins.app.run(f"clear; {command}")
            twins.app.wait_until(re.compile(shown).search, shown)
            time.sleep(SETTLE_SECONDS)
            drawn = picture(twins.app.colored_screen(), name, COLUMNS, ROWS)
            (TARGET / f"{name}.svg").write_text(drawn)
            twins.app.key(*leave)
            twins.app.wait_for(r"inner\$")


if __name__ == "__main__":
    main()
