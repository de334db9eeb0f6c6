"""What is sent of texts that quote others, and of texts with colours in them."""

import pytest

from terminal_ai.assistant.context.cleaning import HARMLESS_CHARACTERS, Cleaner
from terminal_ai.assistant.context.composer import PromptComposer
from terminal_ai.assistant.inquiry import Inquiry, InquiryKind
from terminal_ai.records import Advice
from terminal_ai.safety.redact import redact
from tests.assistant.making import make_record

VALUE = "plainwordsonly"
TOKEN = "ghp_" + "Zk9" * 12


def sent(inquiry: Inquiry) -> str:
    composer = PromptComposer(redact=redact, language="en", shell="bash")
    prompt = composer.compose(inquiry, window_tokens=4_096, answer_tokens=512)
    return "\n".join(message.content for message in prompt.messages)


@pytest.mark.parametrize(
    ("command_line", "output", "evidence"),
    [
        ("printenv THING", VALUE, VALUE),
        ("env; false", f"THING={VALUE}", f"THING={VALUE}"),
        ("kubectl get secret -o yaml", f"data:\n  a: {VALUE}\n", f"a: {VALUE}"),
    ],
)
def test_a_finding_quotes_no_secret_that_its_line_does_not_show(
    command_line: str, output: str, evidence: str
) -> None:
    record = make_record(command_line, output, exit_code=1)
    advice = Advice("It failed.", "It chose this code.", evidence=evidence)
    told = sent(Inquiry.about(record, advice=advice))
    assert VALUE not in told
    assert "It chose this code." in told


def test_a_finding_quotes_what_the_output_shows() -> None:
    record = make_record("env; gti", "THING=x\nbash: gti: command not found")
    advice = Advice("No gti.", "A typo.", evidence="bash: gti: command not found")
    told = sent(Inquiry.about(record, advice=advice))
    assert "Rests on: bash: gti: command not found" in told


def test_a_finding_repeats_no_secret_of_the_command_line() -> None:
    record = make_record("tool --token abc123secret9", "usage: tool")
    advice = Advice("'abc123secret9' is unknown.", "tool has no abc123secret9.")
    assert "abc123secret9" not in sent(Inquiry.about(record, advice=advice))


@pytest.mark.parametrize(
    "text",
    [
        f"\x1b[31mghp_\x1b[0m{TOKEN[4:]}",
        "\x1b[01;31m\x1b[Kpassword\x1b[m\x1b[K=Zk9Zk9Zk9",
        "\x1b[32m+DB_PASSWORD=Zk9Zk9Zk9\x1b[m",
        "p\bpassword=Zk9Zk9Zk9",
    ],
)
@pytest.mark.parametrize("is_question", [True, False])
def test_colours_hide_no_secret(text: str, is_question: bool) -> None:
    asked = Inquiry(
        InquiryKind.ASK,
        text if is_question else "why?",
        material="" if is_question else text,
    )
    assert "Zk9Zk9" not in sent(asked)


def test_a_harmless_text_is_redacted_once_and_a_secret_each_time() -> None:
    seen: list[str] = []

    def note(text: str, /, *, command_line: str = "") -> str:
        seen.append(text)
        return redact(text, command_line=command_line)

    cleaner = Cleaner(note)
    secret = "ghp_" + "a1B2" * 9
    assert [cleaner.clean("no such file") for _ in range(3)] == ["no such file"] * 3
    told = {cleaner.clean(f"token {secret}") for _ in range(3)}
    assert seen == ["no such file", *[f"token {secret}"] * 3]
    assert not any(secret in text for text in told)


def test_what_printed_a_text_tells_whether_it_is_harmless() -> None:
    cleaner = Cleaner(redact)
    printed = "5f4dcc3b5aa765d61d8327deb882cf99"
    assert printed in cleaner.clean(printed)
    assert printed not in cleaner.clean(printed, command_line="pass show mail")
    assert printed in cleaner.clean(printed)


def test_harmless_texts_are_kept_within_a_bound() -> None:
    seen: list[str] = []

    def note(text: str, /, *, command_line: str = "") -> str:
        del command_line
        seen.append(text)
        return text

    cleaner = Cleaner(note)
    fifth = HARMLESS_CHARACTERS // 5
    first, second, third = (letter * fifth for letter in "abd")
    whole = "c" * HARMLESS_CHARACTERS
    for text in (first, second, whole, first, second, third, first):
        assert cleaner.clean(text) == text
    # The longest is never kept, and the newest two are.
    assert [text[0] for text in seen] == ["a", "b", "c", "d", "a"]
