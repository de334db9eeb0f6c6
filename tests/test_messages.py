"""The catalogue: complete, compiled, and with the fields that the program fills in.

``pytest tests/test_messages.py -k missing`` lists what still needs a translation.
"""

import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from scripts import messages as tool
from terminal_ai import messages

LANGUAGES = tool.TRANSLATIONS


@pytest.fixture
def korean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of our own with two texts; returns its .po file."""
    monkeypatch.setattr(tool, "LOCALE_DIRECTORY", tmp_path)
    source = Catalog(charset="utf-8")
    source.add("{name} was not found")
    source.add("plain")
    monkeypatch.setattr(tool, "source_texts", lambda: source)
    tool.extract()
    return tool.po_file("ko")


def fill(path: Path, text: str, translation: str) -> None:
    before = path.read_text(encoding="utf-8")
    entry = f'msgid "{text}"\nmsgstr "'
    assert entry in before
    path.write_text(before.replace(entry, entry + translation), encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_missing(language: str) -> None:
    assert list(tool.missing(language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_wrong_or_uncompiled(language: str) -> None:
    assert list(tool.mistakes(language)) == []


def test_texts_are_found_in_code_and_in_rules() -> None:
    ids = {str(message.id) for message in tool.source_texts() if message.id}
    assert "{where}: {name}: unknown setting" in ids
    assert len(ids) > 300


def test_texts_name_their_fields() -> None:
    """A field without a name cannot be moved by a translator."""
    for message in tool.source_texts():
        for text in [message.id] if isinstance(message.id, str) else message.id:
            try:
                fields = [name for _, name, _, _ in string.Formatter().parse(text)]
            except ValueError:
                continue  # shown as it is, never filled in
            assert "" not in fields, text


def test_missing_unsure_and_half_filled_texts_are_told(korean: Path) -> None:
    assert len(list(tool.missing("ko"))) == 2
    fill(korean, "plain", "평범")
    assert list(tool.missing("ko")) == ["ko: missing: '{name} was not found'"]
    fill(korean, "{name} was not found", "{name} 없음")
    assert list(tool.missing("ko")) == []
    text = korean.read_text(encoding="utf-8")
    unsure = text.replace('msgid "plain"', '#, fuzzy\nmsgid "plain"')
    korean.write_text(unsure, encoding="utf-8")
    assert list(tool.missing("ko")) == ["ko: missing: 'plain'"]


@pytest.mark.parametrize("translation", ["없음", "{nmae} 없음", "{name} {name2}"])
def test_other_fields_are_told(korean: Path, translation: str) -> None:
    fill(korean, "{name} was not found", translation)
    tool.compile_all()
    (mistake,) = tool.mistakes("ko")
    assert "other {fields}" in mistake


def test_stale_compilation_and_stale_texts_are_told(korean: Path) -> None:
    assert ["compile" in each for each in tool.mistakes("ko")] == [True]
    tool.compile_all()
    assert list(tool.mistakes("ko")) == []
    with korean.open("a", encoding="utf-8") as file:
        file.write('\nmsgid "gone"\nmsgstr "x"\n')
    assert ["no longer used" in each for each in tool.mistakes("ko")] == [True, False]


def test_extracting_again_changes_nothing_and_keeps_translations(korean: Path) -> None:
    fill(korean, "plain", "평범")
    before = korean.read_text(encoding="utf-8")
    tool.extract()
    assert korean.read_text(encoding="utf-8") == before
    assert "평범" in before


def test_the_comment_at_the_head_is_kept(korean: Path) -> None:
    before = korean.read_text(encoding="utf-8")
    korean.write_text("# Glossary: plain 평범\n" + before, encoding="utf-8")
    tool.extract()
    assert korean.read_text(encoding="utf-8").startswith("# Glossary: plain 평범\n")


def test_compiling_again_on_another_day_changes_nothing(korean: Path) -> None:
    dates = re.findall(rb"Creation-Date: (\S+)", tool.compiled("ko"))
    assert dates == [b"2000-01-01"]


def test_another_babel_is_no_reason_to_compile(
    korean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(korean, "plain", "평범")
    tool.compile_all()
    monkeypatch.setattr("babel.messages.catalog.VERSION", "99")
    assert list(tool.mistakes("ko")) == []
    assert b"Babel 99" in tool.compiled("ko")


# --- choosing the language


@pytest.mark.parametrize(
    ("setting", "environ", "language"),
    [
        ("ko", {}, "ko"),
        ("en", {"LANG": "ko_KR.UTF-8"}, "en"),
        ("auto", {}, "en"),
        ("auto", {"LANG": "ko_KR.UTF-8"}, "ko"),
        ("auto", {"LANG": "ko"}, "ko"),
        ("auto", {"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}, "en"),
        ("auto", {"LANG": "C", "LC_MESSAGES": "ko_KR"}, "ko"),
        ("auto", {"LANG": "de_DE.UTF-8"}, "en"),
        ("auto", {"LANG": "\x00?!"}, "en"),
    ],
)
def test_language_follows_the_setting_then_the_locale(
    setting: str, environ: dict[str, str], language: str
) -> None:
    assert messages.resolve_language(setting, environ) == language


def test_texts_are_looked_up_when_shown(
    korean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(korean, "plain", "평범")
    tool.compile_all()
    monkeypatch.setattr(messages, "LOCALE_DIRECTORY", korean.parents[2])
    assert messages.gettext("plain") == "plain"
    assert messages.use_language("ko") == "ko"
    assert messages.gettext("plain") == "평범"
    assert messages.gettext("unknown") == "unknown"
    assert messages.gettext("") == ""
