"""detect-secrets beside our redaction."""

import importlib.util

import pytest
from benchmarks.redaction_peer import beside_detect_secrets

from tests.safety.secret_corpus import secret_corpus

HARMLESS = "nothing is secret here\n" * 200


def test_where_it_is_absent_the_other_rows_are_told_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert beside_detect_secrets(secret_corpus()[:5], HARMLESS, 1_000, 1) == []


def test_both_are_asked_about_the_same() -> None:
    pytest.importorskip("detect_secrets")
    found, in_vain, taken = beside_detect_secrets(
        secret_corpus()[:20], HARMLESS, 1_000, 1
    )
    assert (found.better, in_vain.better, taken.better) == ("higher", "lower", "lower")
    assert found.ours > 0
    assert (in_vain.ours, in_vain.base) == (0, 0)
    assert (taken.low, taken.base_name) == (None, found.base_name)
