"""What is asked after an answer: the same in other words, or the next question."""

from msgspec.structs import replace

from terminal_ai.assistant.inquiry import Exchange, Inquiry, InquiryKind, Wording
from terminal_ai.records import Answer

THREAD_LIMIT = 6
"""Earlier questions of a thread that are told again with the next one."""

# The model reads these, not the user.
_WHY_FAILED = "Why did this command fail?"
_WHAT_DID = "What did this command do?"


def another(inquiry: Inquiry) -> Inquiry:
    """Ask the same for an answer unlike the one before."""
    return replace(inquiry, is_another=True)


def reworded(inquiry: Inquiry, wording: Wording) -> Inquiry:
    """Ask the same in other words; in the same words again it is another answer."""
    return replace(inquiry, wording=wording, is_another=inquiry.wording is wording)


def followed(inquiry: Inquiry, answer: Answer, question: str) -> Inquiry:
    """Ask the next question, about the same records, after an answer."""
    exchange = Exchange(_asked(inquiry), answer_text(answer))
    return Inquiry(
        InquiryKind.ASK,
        question,
        record=inquiry.record,
        advice=inquiry.advice,
        history=inquiry.history,
        thread=(*inquiry.thread, exchange)[-THREAD_LIMIT:],
        directory=inquiry.directory,
    )


def answer_text(answer: Answer) -> str:
    """Return an answer as text: what it says, and its command on a line of its own."""
    explanation = answer.explanation.strip()
    command = answer.suggestion.command if answer.suggestion else ""
    if not (explanation and command):
        return explanation or command
    return f"{explanation}\n\n{command}"


def _asked(inquiry: Inquiry) -> str:
    if inquiry.question or inquiry.record is None:
        return inquiry.question
    return _WHY_FAILED if inquiry.record.has_failed else _WHAT_DID
