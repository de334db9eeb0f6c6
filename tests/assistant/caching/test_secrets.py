"""No secret is in what is kept, nor anything that could tell one from another."""

from pathlib import Path

import pytest

from terminal_ai.assistant.caching.answer_file import FILE_NAME, FileLimits
from terminal_ai.assistant.caching.answers import AnswerCache
from terminal_ai.assistant.caching.disk_tier import DiskTier
from terminal_ai.assistant.caching.question import Question, question_of
from terminal_ai.assistant.context.composer import PromptComposer
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.records import Answer
from terminal_ai.safety.redact import Redactor
from terminal_ai.safety.vault import SecretVault
from tests.assistant.making import make_record
from tests.safety.fake_secrets import FakeSecret, fake_secrets
from utils.async_optimizer import run_in_thread

LIMITS = FileLimits(1_000, 10_000_000, 86_400.0)


def asked(secret: FakeSecret) -> tuple[Question, str]:
    """Return a question that holds the secret, and all that the model is sent."""
    vault = SecretVault(Redactor({}))
    composer = PromptComposer(redact=vault.clean, language="en", shell="bash")
    record = make_record(f"deploy\n{secret.text}", f"refused:\n{secret.text}\n")
    inquiry = Inquiry.about(record)
    composed = composer.compose(inquiry, window_tokens=8_192, answer_tokens=768)
    sent = "\n".join(part.text for part in composed.parts[1:])
    return question_of(inquiry, composed, model="tiny", digest="d"), sent


def bytes_of(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(directory.iterdir()))


@pytest.mark.parametrize("secret", fake_secrets(), ids=lambda secret: secret.kind)
async def test_no_secret_is_in_the_file(secret: FakeSecret, tmp_path: Path) -> None:
    cache = AnswerCache([DiskTier(tmp_path / FILE_NAME, LIMITS)])
    question, sent = asked(secret)
    # A model that repeats every word it was sent.
    await cache.put(question, Answer(sent, None, "tiny", thinking=sent))
    await cache.forget(make_record(secret.text, cwd="/elsewhere"))
    kept = await run_in_thread(bytes_of, tmp_path)
    assert secret.secret.encode() not in kept
    for slot in question.slots:
        if slot.value.startswith("[redacted:"):
            assert slot.value.encode() not in kept
    found = await cache.get(question)
    assert found is not None
    assert found.explanation == sent
    await cache.close()


async def test_a_kept_answer_speaks_of_the_secret_of_whoever_asks(
    tmp_path: Path,
) -> None:
    cache = AnswerCache([DiskTier(tmp_path / FILE_NAME, LIMITS)])
    pairs = zip(fake_secrets(1), fake_secrets(2), strict=True)
    shared = 0
    for one, other in pairs:
        first, sent = asked(one)
        second, expected = asked(other)
        await cache.put(first, Answer(sent, None, "tiny"))
        found = await cache.get(second)
        if found is not None:
            shared += 1
            assert found.explanation == expected
    assert shared > 5
    await cache.close()
