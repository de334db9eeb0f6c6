"""``terminal-ai ask``: one question to the model, without a screen."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO

import click
import msgspec

from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.inquiry import Inquiry, InquiryKind
from terminal_ai.assistant.providers.leaving import remote_host_of
from terminal_ai.config import Settings
from terminal_ai.errors import TerminalAIError
from terminal_ai.export import json_line
from terminal_ai.headless import answers
from terminal_ai.headless.growing import GrowingAnswer
from terminal_ai.headless.printing import print_text
from terminal_ai.headless.reading import (
    READ_LIMIT_BYTES,
    capture,
    tell_what_we_wait_for,
)
from terminal_ai.messages import gettext as _
from terminal_ai.quantities import size
from terminal_ai.records import Answer, AnswerUpdate, Risk
from terminal_ai.safety.labels import risk_label
from terminal_ai.safety.placeholders import PLACEHOLDER_START
from terminal_ai.safety.sanitize import sanitize_text

OpenAssistant = Callable[[Settings], AbstractContextManager[Assistant]]

EXIT_NOTHING = 1
"""There is an answer, but not all of what was asked for."""
EXIT_FAILURE = 2
CLOSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class AskOptions:
    """What is asked, and in which form the answer is wanted."""

    question: str
    wants_command: bool = False
    as_json: bool = False
    shows_context: bool = False


def settings_for(
    settings: Settings, *, model: str | None, is_light: bool, uses_cache: bool
) -> Settings:
    """Return the settings with what the flags of one command say."""
    asked = model or (settings.ai.light_model if is_light else "") or settings.ai.model
    changed = msgspec.structs.replace(
        settings, ai=msgspec.structs.replace(settings.ai, model=asked)
    )
    if uses_cache:
        return changed
    return msgspec.structs.replace(
        changed,
        team_cache=msgspec.structs.replace(changed.team_cache, url=""),
        performance=msgspec.structs.replace(
            changed.performance, answer_cache_entries=0, disk_cache_entries=0
        ),
    )


def ask(settings: Settings, options: AskOptions, open_assistant: OpenAssistant) -> int:
    """Ask, print the answer, and return the exit code."""
    try:
        inquiry = inquiry_of(
            options.question, _material(), wants_command=options.wants_command
        )
        with open_assistant(settings) as assistant:
            if options.shows_context:
                return asyncio.run(_show(assistant, inquiry, settings, options))
            say_where_questions_go(settings)
            return asyncio.run(_ask(assistant, inquiry, options))
    except TerminalAIError as error:
        if not options.as_json:
            raise
        print_text(f"{json_line(answers.error_json(error))}\n")
        return EXIT_FAILURE


def inquiry_of(question: str, material: str, *, wants_command: bool) -> Inquiry:
    """Return what is to be asked here; no command of the history goes along."""
    kind = InquiryKind.COMMAND if wants_command else InquiryKind.ASK
    return Inquiry(kind, question, material=material, directory=_directory())


def _directory() -> str:
    """Return where we are; nothing where that has been removed."""
    with contextlib.suppress(OSError):
        return os.getcwd()  # noqa: PTH109 - as a word, and without a look at it
    return ""


def say_where_questions_go(settings: Settings) -> None:
    """Tell on stderr which other machine is asked, if one is."""
    models = settings.ai.model, settings.ai.light_model
    host = remote_host_of(settings.ai, models, ()) if settings.ai.enabled else ""
    if host:
        _say(_("questions go to {host}").format(host=host))


async def answer(
    assistant: Assistant,
    inquiry: Inquiry,
    show: Callable[[AnswerUpdate], object] = lambda _update: None,
) -> Answer:
    """Return the whole answer; ``show`` gets it while it grows."""
    final: Answer | None = None
    async with contextlib.aclosing(assistant.answer(inquiry)) as updates:
        async for update in updates:
            show(update)
            final = update.answer
    if final is None:
        raise TerminalAIError(_("The answer broke off before it was complete."))
    return final


@contextlib.asynccontextmanager
async def closing(assistant: Assistant) -> AsyncIterator[None]:
    """Close the assistant in its own loop; what hangs then keeps nobody here."""
    try:
        yield
    finally:
        with contextlib.suppress(TimeoutError, TerminalAIError, OSError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await assistant.close()


def command_of(assistant: Assistant, given: Answer) -> str:
    """Return the command to run, its secrets put back; nothing if there is none.

    A command with a placeholder that nobody can fill is none.
    """
    if given.suggestion is None:
        return ""
    command = assistant.restore(given.suggestion.command)
    return "" if PLACEHOLDER_START in command else command


def read_material(stream: IO[bytes]) -> tuple[str, str]:
    """Return what was piped in as readable text, and a remark if some was left out.

    Reading ends at a limit; bytes that are no text are made visible.
    """
    tell_what_we_wait_for(stream)
    captured = capture(stream.read(READ_LIMIT_BYTES))
    if not captured.elided_bytes:
        return captured.text, ""
    remark = _("stdin is long: {size} in its middle were left out.")
    return captured.text, remark.format(size=size(captured.elided_bytes))


def _material() -> str:
    if sys.stdin.isatty():
        return ""
    material, remark = read_material(sys.stdin.buffer)
    _say(remark)
    return material


async def _show(
    assistant: Assistant, inquiry: Inquiry, settings: Settings, options: AskOptions
) -> int:
    async with closing(assistant):
        composed = await assistant.preview(inquiry)
    if options.as_json:
        context = answers.context_json(composed, settings.ai)
        print_text(f"{json_line(context)}\n")
    else:
        print_text(answers.context_text(composed))
    return 0


async def _ask(assistant: Assistant, inquiry: Inquiry, options: AskOptions) -> int:
    is_text = not (options.as_json or options.wants_command)
    growing = GrowingAnswer(writes_text=is_text and sys.stdout.isatty())
    async with closing(assistant):
        try:
            given = await answer(assistant, inquiry, growing.show)
        finally:
            growing.stop()
        command = command_of(assistant, given)
    if options.as_json:
        print_text(f"{json_line(answers.answer_json(given))}\n")
    elif options.wants_command:
        _print_command(given, command)
    else:
        if not growing.writes_text:
            print_text(answers.answer_text(given))
        _say(given.notice)
    if growing.writes_text:
        _say(answers.figures_text(given))
    return EXIT_NOTHING if options.wants_command and not command else 0


def _print_command(given: Answer, command: str) -> None:
    """Print the command alone on stdout; what speaks against it goes to stderr."""
    if not command:
        _say(given.explanation)
    else:
        print_text(f"{command}\n")
        if given.suggestion is not None and given.suggestion.risk is not Risk.SAFE:
            _say(f"{risk_label(given.suggestion.risk)}: {given.suggestion.why}")
    _say(given.notice)


def _say(text: str) -> None:
    if text:
        click.echo(sanitize_text(text), err=True)
