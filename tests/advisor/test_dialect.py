"""Messages in the user's language are read like English ones."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.advisor import Advisor
from terminal_ai.advisor.reading.catalogues import (
    read_table,
    shipped_tables,
    wanted,
)
from terminal_ai.advisor.reading.dialect import Dialect, languages, load_dialect
from terminal_ai.advisor.reading.normalise import normalise, printed_line, readable

from .conftest import make_record, make_surroundings

CATALOGUE = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "No such file or directory"
msgstr "Datei oder Verzeichnis nicht gefunden"

msgid "%s: command not found"
msgstr "%s: Kommando nicht gefunden."
"""


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Dialect:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    root = tmp_path_factory.mktemp("locale")
    directory = root / "de" / "LC_MESSAGES"
    directory.mkdir(parents=True)
    source = root / "de.po"
    source.write_text(CATALOGUE, "utf-8")
    with source.open("rb") as file:
        catalogue = read_po(file)
    for domain in ("libc", "bash"):
        with (directory / f"{domain}.mo").open("wb") as file:
            write_mo(file, catalogue)
    return load_dialect(("de_DE.UTF-8",), (str(root),))


@pytest.mark.parametrize(
    ("command", "output", "exit_code", "fix"),
    [
        ("gti status", "bash: gti: Kommando nicht gefunden.", 127, "git status"),
        (
            "cat READNE.md",
            "cat: READNE.md: Datei oder Verzeichnis nicht gefunden",
            1,
            "cat README.md",
        ),
        (
            "mkdir a/b",
            "mkdir: Verzeichnis »a/b“ kann nicht angelegt werden:"
            " Datei oder Verzeichnis nicht gefunden",
            1,
            "mkdir -p a/b",
        ),
    ],
)
def test_german(
    german: Dialect, command: str, output: str, exit_code: int, fix: str
) -> None:
    advice = Advisor(dialect=german).diagnose(
        make_record(command, output, exit_code),
        make_surroundings({".": ("README.md", "src/")}),
    )
    assert advice
    assert advice.suggestions[0].command == fix


def test_no_catalogue_leaves_the_shipped_tables(tmp_path: Path) -> None:
    assert load_dialect(("de_DE.UTF-8",), (str(tmp_path),)) == load_dialect(())
    assert load_dialect(("C.UTF-8", "POSIX")) == load_dialect(())
    assert len(load_dialect(()).languages) == len(shipped_tables())


SHIPPED = load_dialect(())


@pytest.mark.parametrize(
    ("output", "english"),
    [
        ("bash: Zeile 1: gti: Kommando nicht gefunden.", "gti: command not found"),
        ("bash: ligne 1: gti\u00a0: commande introuvable", "gti: command not found"),
        ("bash: gti: comando no encontrado", "gti: command not found"),
        ("bash: gti: orden no encontrada", "gti: command not found"),
        ("bash: 行 1: gti: コマンドが見つかりません", "gti: command not found"),
        ("bash: 줄 1: gti: 명령어를 찾을 수 없음", "gti: command not found"),
        ("bash: gti：未找到命令", "gti: command not found"),
        ("bash: linha 1: gti: comando não encontrado", "gti: command not found"),
        ("bash: строка 1: gti: команда не найдена", "gti: command not found"),
        (
            "cat: x: Aucun fichier ou dossier de ce nom",
            "cat: x: No such file or directory",
        ),
        (
            "zsh:1: datei oder Verzeichnis nicht gefunden: a/b",
            "a/b: No such file or directory",
        ),
        (
            "rm: 'a b' を削除できません: ディレクトリです",
            "rm: cannot remove 'a b': Is a directory",
        ),
        ("bash: ./x: Отказано в доступе", "./x: Permission denied"),
        (
            "git: 'psuh' ist kein Git-Befehl. Siehe 'git --help'.",
            "git: 'psuh' is not a git command. See 'git --help'.",
        ),
        (
            'bash: -c: Zeile 1: Dateiende beim Suchen nach »"« erreicht.',
            "unexpected EOF while looking for matching '\"'",
        ),
    ],
)
def test_without_any_catalogue(output: str, english: str) -> None:
    assert normalise(output, SHIPPED) == english


@pytest.mark.parametrize(
    "text",
    [
        "error: the table of the directory is full",
        "Die Datei wurde geschrieben.",
        "文件",
        "%s: no such thing",
    ],
)
def test_other_text_stays(text: str) -> None:
    assert SHIPPED.to_english(text) == text


@pytest.mark.parametrize("language", sorted(shipped_tables()))
def test_a_table_holds_what_is_wanted(language: str) -> None:
    table = read_table(language)
    known = {
        message.strip("\n").partition("\n")[0]
        for messages in wanted().shipped.values()
        for message in messages
    }
    assert not set(table) - known
    assert "No such file or directory" in table
    assert "%s: command not found" in table
    for english, local in table.items():
        assert local.count("%") == english.count("%"), english


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    SHIPPED.to_english(text)


def test_a_damaged_catalogue_is_left_out(tmp_path: Path) -> None:
    directory = tmp_path / "de" / "LC_MESSAGES"
    directory.mkdir(parents=True)
    (directory / "libc.mo").write_bytes(b"\0" * 40)
    assert load_dialect(("de",), (str(tmp_path),)) == SHIPPED


def test_languages_follow_posix() -> None:
    assert languages({"LANGUAGE": "ko:de", "LANG": "en_US.UTF-8"}) == ("ko", "de")
    assert languages({"LC_ALL": "fr_FR.UTF-8", "LANG": "C"}) == ("fr_FR.UTF-8",)
    assert languages({}) == ()


def test_a_real_shell_in_another_language() -> None:
    """bash's own catalogue, where it and a fitting locale are installed."""
    bash = shutil.which("bash")
    codes = ("ko_KR.UTF-8", "de_DE.UTF-8", "fr_FR.UTF-8")
    loaded = {code: load_dialect((code,)) for code in codes}
    dialects = {code: dialect for code, dialect in loaded.items() if dialect != SHIPPED}
    if not bash or not dialects:
        pytest.skip("needs bash with its message catalogues")
    for code, dialect in dialects.items():
        run = subprocess.run(
            [bash, "--norc", "-c", "gti status"],
            env={"LC_ALL": "C.UTF-8", "LANGUAGE": code, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        advice = Advisor(dialect=dialect).diagnose(
            make_record("gti status", run.stderr, run.returncode), make_surroundings()
        )
        assert advice
        assert advice.suggestions[0].command == "git status"


def test_the_evidence_is_what_was_printed_not_its_translation(german: Dialect) -> None:
    printed = "cat: RAEDME: Datei oder Verzeichnis nicht gefunden"
    record = make_record("cat RAEDME", f"{printed}\n", 1)
    advice = Advisor(dialect=german).diagnose(record, make_surroundings())
    assert advice is not None
    assert advice.evidence == printed


@pytest.mark.parametrize(
    ("output", "quoted"),
    [
        ("\nzsh: command not found: gti\n", "zsh: command not found: gti"),
        ("bash: gti: command not found", "gti: command not found"),
        ("fish: Unknown command: gti", "fish: Unknown command: gti"),
    ],
)
def test_a_shell_s_own_wording_is_quoted(output: str, quoted: str) -> None:
    advice = Advisor().diagnose(make_record("gti", output, 127), make_surroundings())
    assert advice is not None
    assert advice.evidence == quoted


@given(st.text(max_size=80), st.text(max_size=400))
def test_a_quoted_line_is_one_that_was_printed(line: str, text: str) -> None:
    printed = readable(text)
    quoted = printed_line(line, printed.upper(), printed)
    assert quoted == line or quoted in printed
