"""Secrets leave as placeholders and come back only where they can do no harm."""

import copy
import pickle

import pytest

from terminal_ai.safety.redact import Redactor
from terminal_ai.safety.vault import SecretVault
from tests.safety.fake_secrets import fake_secrets

PASSWORD = "q7sWordfish9Z"


def _vault() -> SecretVault:
    return SecretVault(Redactor({}))


def _placeholder(vault: SecretVault, value: str) -> str:
    shown = vault.redact(f'password="{value}"').text
    return shown.removeprefix('password="').removesuffix('"')


def test_a_secret_comes_back() -> None:
    vault = _vault()
    line = f"mysql -u root -p{PASSWORD} app"

    sent = vault.redact(line).text

    assert PASSWORD not in sent
    assert vault.restore(sent).text == line
    assert vault.restore(sent).unknown == ()


def test_equal_secrets_have_equal_placeholders_and_others_do_not() -> None:
    vault = _vault()
    one = vault.redact(f"PGPASSWORD={PASSWORD} psql").text.split()[0].split("=")[1]
    two = vault.redact(f'{{"password": "{PASSWORD}"}}').text

    assert one in two
    assert _placeholder(vault, "an0ther-Secret") != one


def test_two_processes_share_no_tag() -> None:
    one, two = _vault(), _vault()
    placeholder = _placeholder(one, PASSWORD)
    _placeholder(two, PASSWORD)

    assert _placeholder(two, PASSWORD) != placeholder
    restored = two.restore(f"x {placeholder}")
    assert restored.text == f"x {placeholder}"
    assert restored.unknown == (placeholder,)


def test_spans_are_the_places_of_the_placeholders() -> None:
    vault = _vault()
    for case in fake_secrets():
        redaction = vault.redact(f"{case.text}\n{case.text}")
        shown = [redaction.text[start:end] for start, end in redaction.spans]

        assert len(shown) == redaction.count > 0
        assert all(each.startswith("[redacted:") and each[-1] == "]" for each in shown)
        assert redaction.text.count("[redacted:") == redaction.count


def test_redacting_again_changes_nothing() -> None:
    vault = _vault()
    for case in fake_secrets():
        once = vault.redact(case.text).text

        assert vault.redact(once).text == once


def test_it_is_bounded_by_count_and_bytes() -> None:
    few = SecretVault(Redactor({}), secrets_limit=3)
    first = _placeholder(few, "first-one-1")
    for number in range(5):
        _placeholder(few, f"another-{number}")
    small = SecretVault(Redactor({}), bytes_limit=20)
    for number in range(5):
        _placeholder(small, f"another-{number}")

    assert len(few) == 3
    assert few.restore(f"x {first}").unknown == (first,)
    assert len(small) == 2


def test_it_shows_and_gives_away_nothing() -> None:
    vault = _vault()
    placeholder = _placeholder(vault, PASSWORD)

    assert PASSWORD not in repr(vault)
    assert PASSWORD not in repr(vault.restore(f"x {placeholder}"))
    with pytest.raises(TypeError):
        pickle.dumps(vault)
    with pytest.raises(TypeError):
        copy.deepcopy(vault)


def test_what_was_forgotten_is_unknown() -> None:
    vault = _vault()
    placeholder = _placeholder(vault, PASSWORD)

    vault.clear()

    assert len(vault) == 0
    assert vault.restore(f"x {placeholder}").unknown == (placeholder,)
