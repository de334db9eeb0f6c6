#!/usr/bin/env python3
"""The message catalogue: ``messages.py extract | compile | check [--missing]``.

extract  every text of the program, and of the advisor's rules, into the .po files
compile  the .po files into the .mo files that are shipped
check    print what is missing, unsure, out of date or has other {fields}; 1 if any
"""

import io
import re
import string
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from babel.messages.catalog import Catalog, Message  # noqa: E402 - after the path
from babel.messages.extract import extract_from_dir  # noqa: E402
from babel.messages.mofile import read_mo, write_mo  # noqa: E402
from babel.messages.pofile import read_po, write_po  # noqa: E402

from terminal_ai.advisor.texts import texts  # noqa: E402
from terminal_ai.messages import DOMAIN, LOCALE_DIRECTORY  # noqa: E402

TRANSLATIONS = ("ko",)
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
# Dates and tool versions would change the file without a change of its texts.
VOLATILE = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team'
    r"|Report-Msgid-Bugs-To|Generated-By):[^\n]*\n",
    re.MULTILINE,
)
# Babel writes a date into the .mo file as well: always the same one.
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)

HEADER = """\
# The texts of terminal-ai. Made by scripts/messages.py extract; translate msgstr only.
# Keep every {field}; then run scripts/messages.py compile."""


def po_file(language: str) -> Path:
    """Return the path of a language's translations."""
    return LOCALE_DIRECTORY / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def source_texts() -> Catalog:
    """Return every text of the program, untranslated."""
    catalog = _empty()
    found = extract_from_dir(
        ROOT / "terminal_ai", method_map=[("**.py", "python")], keywords=KEYWORDS
    )
    for name, _line, text, _comments, _context in found:
        catalog.add(text, locations=[(f"terminal_ai/{name}", 0)])
    for text in texts():
        catalog.add(text, locations=[("terminal_ai/advisor/rules", 0)])
    return catalog


def translations(language: str) -> Catalog:
    """Return a language's catalogue as committed; empty where there is none."""
    path = po_file(language)
    if not path.exists():
        catalog = _empty(language)
        catalog.header_comment = HEADER
        return catalog
    with path.open("rb") as stream:
        return read_po(stream, locale=language)


def extract() -> None:
    """Bring each .po file up to date; translations and its head's comment are kept."""
    template = source_texts()
    for language in TRANSLATIONS:
        catalog = translations(language)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        catalog.fuzzy = False
        stream = io.BytesIO()
        write_po(stream, catalog, sort_output=True, include_lineno=False, width=100)
        path = po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(VOLATILE.sub("", stream.getvalue().decode()), encoding="utf-8")


def compiled(language: str) -> bytes:
    """Return the .mo file that the .po file gives."""
    stream = io.BytesIO()
    catalog = translations(language)
    catalog.creation_date = NO_DATE
    write_mo(stream, catalog)
    return stream.getvalue()


def compile_all() -> None:
    """Write the .mo files."""
    for language in TRANSLATIONS:
        po_file(language).with_suffix(".mo").write_bytes(compiled(language))


def missing(language: str) -> Iterator[str]:
    """Yield the texts that have no sure translation."""
    known = translations(language)
    for message in _texts_of(source_texts()):
        translated = known.get(message.id)
        if translated is None or not _all_filled(translated) or translated.fuzzy:
            yield f"{language}: missing: {message.id!r}"


def mistakes(language: str) -> Iterator[str]:
    """Yield translations that are wrong, left over, or not compiled."""
    source = source_texts()
    for message in _texts_of(translations(language)):
        if source.get(message.id) is None:
            yield f"{language}: no longer used: {message.id!r}"
        for text in _strings(message.string):
            if text and _fields(text) != _fields(_strings(message.id)[-1]):
                yield f"{language}: other {{fields}}: {message.id!r} -> {text!r}"
    shipped = po_file(language).with_suffix(".mo")
    if not shipped.exists() or not _say_the_same(
        shipped.read_bytes(), compiled(language)
    ):
        yield f"{language}: {shipped.name} is not what the .po file gives: compile"


def _say_the_same(first: bytes, second: bytes) -> bool:
    """Compare the texts of two .mo files; their heads name Babel's version."""
    texts_of = [
        {
            tuple(_strings(message.id)): _strings(message.string)
            for message in _texts_of(read_mo(io.BytesIO(each)))
        }
        for each in (first, second)
    ]
    return texts_of[0] == texts_of[1]


def _empty(language: str | None = None) -> Catalog:
    return Catalog(locale=language, project="terminal-ai", version="1", charset="utf-8")


def _texts_of(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _strings(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ("",))


def _all_filled(message: Message) -> bool:
    return all(_strings(message.string))


def _fields(text: str) -> set[str]:
    """Return the names in braces; a text with bare braces has none."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}
    except ValueError:
        return set()


def main(arguments: list[str]) -> int:
    """Do what the first argument says."""
    match arguments:
        case ["extract"]:
            extract()
        case ["compile"]:
            compile_all()
        case ["check", *only]:
            checks = [missing] if only == ["--missing"] else [missing, mistakes]
            found = [
                each for one in TRANSLATIONS for check in checks for each in check(one)
            ]
            for line in found:
                print(line)
            return int(bool(found))
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
