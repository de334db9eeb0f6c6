"""What makes two questions the same, and what does not."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from terminal_ai.assistant.caching import question as module
from terminal_ai.assistant.caching.noise import MARK
from terminal_ai.assistant.caching.question import Question, command_tag, question_of
from terminal_ai.assistant.context.composer import PromptComposer
from terminal_ai.assistant.context.parts import ComposedPrompt, ContextPart, PartKind
from terminal_ai.assistant.inquiry import Exchange, Inquiry, InquiryKind, Wording
from terminal_ai.project.facts import ProjectFacts
from terminal_ai.records import Advice
from tests.assistant.context.making import unchanged
from tests.assistant.making import make_record
from tests.safety.fake_secrets import fake_secrets

ROOT = Path(__file__).resolve().parents[3]
RECORD = make_record()
ABOUT = Inquiry.about(RECORD)


def composed(
    inquiry: Inquiry, language: str = "en", shell: str = "bash"
) -> ComposedPrompt:
    composer = PromptComposer(redact=unchanged, language=language, shell=shell)
    return composer.compose(inquiry, window_tokens=4_096, answer_tokens=768)


def ask(inquiry: Inquiry = ABOUT, **changes: object) -> Question:
    prompt = changes.pop("prompt", None) or composed(inquiry)
    values: dict[str, object] = {
        "model": "tiny", "digest": "d", "temperature": 0.2, "home": "/home/ada",
        "user": "ada", **changes,
    }  # fmt: skip
    return question_of(inquiry, prompt, **values)  # type: ignore[arg-type]


def about(**changes: object) -> Question:
    return ask(Inquiry.about(replace(RECORD, **changes)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        ask(model="other"),
        ask(digest="new"),
        ask(temperature=0.3),
        ask(prompt=composed(ABOUT, language="ko")),
        ask(prompt=composed(ABOUT, shell="zsh")),
        ask(prompt=replace(composed(ABOUT), answer_tokens=100)),
        ask(prompt=replace(composed(ABOUT), facts=ProjectFacts(branch="next"))),
        ask(prompt=replace(composed(ABOUT), facts=ProjectFacts(kinds=("npm",)))),
        ask(structs.replace(ABOUT, wording=Wording.SIMPLER)),
        ask(structs.replace(ABOUT, wording=Wording.SHORTER)),
        ask(structs.replace(ABOUT, kind=InquiryKind.ASK)),
        ask(structs.replace(ABOUT, question="Why?")),
        ask(structs.replace(ABOUT, advice=Advice("A typo.", "It is."))),
        ask(structs.replace(ABOUT, history=(make_record("ls", "a.txt\n"),))),
        ask(structs.replace(ABOUT, thread=(Exchange("Why?", "So."),))),
        ask(structs.replace(ABOUT, material="stdin")),
        ask(user="root"),
        about(exit_code=1),
        about(exit_code=None),
        about(command_line="gti push"),
        about(cwd="/etc"),
        about(cwd="/srv/project"),
    ],
)
def test_whatever_an_answer_depends_on_makes_another_question(other: Question) -> None:
    same = ask()
    assert (same.key, same.signature, same.local) == (
        ask().key,
        ask().signature,
        ask().local,
    )
    assert other.key != same.key
    assert other.signature != same.signature


def test_a_new_prompt_version_asks_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    before = ask()
    monkeypatch.setattr(module, "PROMPT_VERSION", -1)
    assert ask().signature != before.signature


def test_only_equals_share_a_request_but_others_an_answer() -> None:
    here, there = about(), about(cwd="/home/ada/elsewhere")
    assert here.key != there.key
    assert here.signature == there.signature
    assert here.local != there.local


def test_texts_run_together_are_not_the_same() -> None:
    one = Inquiry(InquiryKind.ASK, "a:b", thread=(Exchange("c", "d"),))
    other = Inquiry(InquiryKind.ASK, "a", thread=(Exchange("b:c", "d"),))
    assert ask(one).signature != ask(other).signature


def test_commands_run_together_are_not_the_same() -> None:
    def after(earlier: str, failed: str) -> Question:
        history = (make_record(earlier, "", exit_code=0),)
        record = make_record(failed, "no such container\n", exit_code=1)
        return ask(structs.replace(Inquiry.about(record), history=history))

    one, other = after("docker run a", "b:c"), after("docker run a:b", "c")
    assert one.signature != other.signature


def test_two_errors_of_one_command_are_two_questions() -> None:
    refused = make_record("git push", "remote: Permission denied\n", exit_code=1)
    behind = make_record("git push", "! [rejected] main -> main\n", exit_code=1)
    assert ask(Inquiry.about(refused)).signature != ask(Inquiry.about(behind)).signature


def test_a_text_that_looks_masked_is_no_masked_text() -> None:
    def of(text: str) -> Question:
        part = ContextPart(PartKind.COMMAND, text, 9)
        return ask(prompt=replace(composed(ABOUT), parts=(part,)))

    honest = of("in use by pid 43217")
    forged = of(f"in use by pid {MARK}process  0{MARK}")
    assert forged.signature != honest.signature
    assert forged.slots == ()


def test_a_private_record_makes_a_private_question() -> None:
    assert not ask().is_private
    # No prompt is made of one; if it were, the answer would still be kept nowhere.
    prompt = composed(ABOUT)
    private = make_record("ls", is_private=True)
    assert ask(Inquiry.about(private), prompt=prompt).is_private
    assert ask(structs.replace(ABOUT, history=(private,)), prompt=prompt).is_private


def test_a_tag_tells_nothing_of_a_secret() -> None:
    for one, other in zip(fake_secrets(1), fake_secrets(2), strict=True):
        tag = command_tag(make_record(one.text))
        assert tag == command_tag(make_record(other.text))
        assert len(tag) == module.TAG_DIGITS


def test_the_key_is_the_same_in_every_process() -> None:
    code = (
        "from tests.assistant.caching.test_question import ask\n"
        "question = ask()\n"
        "print(question.key, question.signature, question.local)"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert runs == {f"{ask().key} {ask().signature} {ask().local}\n"}
