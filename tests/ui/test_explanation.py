"""The first explanation holds up nothing: what it needs has been loaded in a thread."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from terminal_ai.ui.panels import assistant_panel
from terminal_ai.ui.panels.explanation import CodeFence

from .fakes import ADVICE, make_app, record
from .waiting import until

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("", "sh", "json", "sh copy", "no-such-language")
"""What stands behind the marks that open a piece of code; "" says nothing."""
FIRST_ANSWER = """
import asyncio, sys
from textual.app import App
from textual.containers import VerticalScroll
from textual.widgets import Static
from textual.widgets.markdown import MarkdownFence
from terminal_ai.records import AnswerPhase, AnswerUpdate
from terminal_ai.ui.panels.answer_section import AnswerSection
from terminal_ai.ui.panels.explanation import prepare_explanations

class Small(App):
    def compose(self):
        with VerticalScroll():
            yield Static("high" * 1000)
            yield AnswerSection()

async def main():
    app = Small()
    async with app.run_test(size=(60, 8)) as pilot:
        await asyncio.to_thread(prepare_explanations)
        await pilot.pause()
        before = set(sys.modules)
        text, fences = sys.argv[1], int(sys.argv[2])
        await app.query_one(AnswerSection).show(AnswerUpdate(AnswerPhase.WRITING, text))
        while len(app.query(MarkdownFence)) < fences:
            await pilot.pause()
        print(*sorted(set(sys.modules) - before))

asyncio.run(main())
"""
"""Prints what is imported by the loop's thread while an answer is shown."""


def test_nothing_is_imported_when_the_first_explanation_comes() -> None:
    blocks = [f"```{language}\nls --all # x\n```" for language in LANGUAGES]
    text = "A *branch*, see https://example.org.\n\n1. fetch\n2. `look`\n\n"
    run = subprocess.run(
        [sys.executable, "-c", FIRST_ANSWER, text + "\n\n".join(blocks), "5"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=120,
    )
    assert run.stdout.split() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_code_stays_what_it_is(language: str) -> None:
    code = "#!/usr/bin/env python3\nimport os  # guessed by nobody"
    shown = CodeFence.highlight(code, language)
    assert shown.plain == code
    is_known = language.startswith(("sh", "json"))
    assert (len(shown.spans) > 1) == is_known


async def test_what_answers_need_is_loaded_once_and_in_a_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads: list[threading.Thread] = []
    monkeypatch.setattr(
        assistant_panel,
        "prepare_answers",
        lambda: threads.append(threading.current_thread()),
    )
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert not threads
        app.fake.fail(record(), ADVICE)
        await until(pilot, lambda: threads)
        app.fake.fail(record(number=2), ADVICE)
        await until(pilot, lambda: len(app.query("FailureCard")) == 2)
        await pilot.pause()
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
