#!/usr/bin/env python3
"""Write the tables of localised messages from the catalogues of this machine.

Wants the languages installed (Debian: locales-all, and the tools themselves). A table
keeps what it has where a catalogue lacks a message: other versions, other wordings.
"""

import json
from pathlib import Path

from terminal_ai.advisor.reading.catalogues import (
    DIRECTORIES,
    read_catalogue,
    read_table,
    wanted,
)

LANGUAGES = (
    *("de", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "pt_BR", "ru", "sv", "tr"),
    *("uk", "zh_CN", "zh_TW"),
)
TABLES = Path("terminal_ai/advisor/reading/languages")


def main() -> None:
    """Write one table for each language."""
    for language in LANGUAGES:
        table = read_table(language)
        for domain, messages in wanted().shipped.items():
            for directory in DIRECTORIES:
                table.update(read_catalogue(domain, directory, (language,), messages))
        text = json.dumps(table, ensure_ascii=False, indent=1, sort_keys=True)
        (TABLES / f"{language}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
