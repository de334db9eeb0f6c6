"""Read the model's reply while it grows, and judge it once it is complete.

A reply should be the JSON object of ``REPLY_SCHEMA``. Models also fence it, think
aloud before it, ignore the schema or stop in the middle: what can be shown is shown,
and only a complete, valid reply may carry a command.
"""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from terminal_ai.records import Risk

# Names in alphabetical order: one of Ollama's two code paths sorts them.
REPLY_SCHEMA: Final[dict[str, object]] = {
    "type": "object",
    "properties": {
        "analysis": {"type": "string"},
        "command": {"type": "string"},
        "explanation": {"type": "string"},
        "risk": {"type": "string", "enum": [risk.value for risk in Risk]},
    },
    "required": ["analysis", "command", "explanation", "risk"],
}

REPLY_LIMIT_CHARACTERS = 262_144
"""A service that ignores the token limit cannot fill the memory."""

OBJECTS_LIMIT = 8

_THINKING_START = re.compile(r"\s*<think(?:ing)?>")
_THINKING_END = re.compile(r"</think(?:ing)?>")
_HALF_A_TAG = re.compile(r"</?[a-z]{0,8}$")
_LATER_THINKING = re.compile(
    r"<think(?:ing)?>(.*?)(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE
)
_OBJECT_START = re.compile(r"\s*(?:```[a-z]*\s*)?\{", re.IGNORECASE)
# Start and end of an object in a fence. Looked for one after the other: one pattern
# would read a hostile text to its end from each fence.
_FENCED_START = re.compile(r"```[a-z]*\s*(?=\{)", re.IGNORECASE)
_FENCED_END = re.compile(r"\}(?=\s*```)")
_OPEN_FENCE = re.compile(r"\s*```[a-z]*\s*(?=\{|$)", re.IGNORECASE)
_UNDECIDED = re.compile(r"\s*(?:`{1,3}[a-z]*\s*)?$", re.IGNORECASE)
_SHELL_BLOCK = re.compile(
    r"```(?:sh|bash|zsh|fish|shell|console)[ \t]*\n(.*?)```",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply as far as it is known. ``command`` and ``risk`` are not yet checked.

    ``is_valid`` tells that it was a complete object of the schema.
    """

    text: str
    command: str = ""
    risk: Risk | None = None
    is_valid: bool = False


class ReplyReader:
    """Collects the pieces of one reply."""

    def __init__(self) -> None:
        self._content = ""
        self._thinking = ""

    def feed(self, content: str, thinking: str = "") -> None:
        """Add what just arrived."""
        room = REPLY_LIMIT_CHARACTERS - len(self._content) - len(self._thinking)
        self._thinking += thinking[:room]
        self._content += content[: max(room - len(thinking), 0)]

    @property
    def thinking(self) -> str:
        """What the model thought aloud, in a field of its own or between tags."""
        return "\n".join(filter(None, (self._thinking, self._split()[0]))).strip()

    @property
    def is_thinking(self) -> bool:
        """True while thought has arrived but nothing of the reply itself."""
        return bool(self.thinking) and not self.is_writing

    @property
    def is_writing(self) -> bool:
        """True once something of the reply itself has arrived."""
        return bool(self._split()[1].strip())

    @property
    def body(self) -> str:
        """The reply itself, without what was thought before it."""
        return self._split()[1].strip()

    def partial_text(self) -> str:
        """Return what can be shown of an unfinished reply; it only ever grows.

        Plain text that turns out to hold an object later is the one exception.
        """
        body = self._split()[1]
        if _UNDECIDED.fullmatch(body):
            return ""
        if fence := _OPEN_FENCE.match(body):
            body = body[fence.end() :]
        if not body.lstrip().startswith("{"):
            return _HALF_A_TAG.sub("", body).strip()
        return _shown_text(_parse(body, is_partial=True) or {})

    def finish(self, *, was_cut: bool) -> Reply:
        """Judge the whole reply; ``was_cut`` when it ran into the token limit."""
        body = self._split()[1].strip()
        if was_cut:
            return Reply(self.partial_text())
        if (reply := _first_valid(body)) is not None:
            return reply
        if body.lstrip("`jsonJSON \n").startswith("{"):
            return Reply(self.partial_text())
        return Reply(body, command=_only_shell_line(body))

    def _split(self) -> tuple[str, str]:
        """Return thinking between tags, and the rest."""
        content = self._content
        if _OBJECT_START.match(content):
            return "", content
        if "<thinking>".startswith(content.strip()):
            return "", ""
        thoughts = []
        start = _THINKING_START.match(content)
        end = _THINKING_END.search(content)
        if start is not None and end is None:
            return _HALF_A_TAG.sub("", content[start.end() :]), ""
        # Some templates open the tag themselves, and the reply begins inside it.
        is_first = start is not None or (
            end is not None and not _LATER_THINKING.search(content, 0, end.start())
        )
        if end is not None and is_first:
            begin = start.end() if start is not None else 0
            thoughts.append(content[begin : end.start()])
            content = content[end.end() :]
        if not _OBJECT_START.match(content):
            thoughts += _LATER_THINKING.findall(content)
            content = _LATER_THINKING.sub("", content)
        return "\n".join(thoughts), content


def _first_valid(body: str) -> Reply | None:
    """Return the reply of the first object of the schema; others are shown with it."""
    for candidate in _object_candidates(body):
        fields = _parse(candidate, is_partial=False)
        if fields is not None and (reply := _validated(fields)) is not None:
            return reply
    replies = [
        reply
        for fields in _objects_in_a_row(body)
        if (reply := _validated(fields)) is not None
    ]
    if not replies:
        return None
    others = (f"```sh\n{reply.command}\n```" for reply in replies[1:] if reply.command)
    text = "\n\n".join((replies[0].text, *others))
    return replace(replies[0], text=text)


def _object_candidates(body: str) -> list[str]:
    candidates = [
        body[start.end() : end.end()]
        for start in itertools.islice(_FENCED_START.finditer(body), OBJECTS_LIMIT)
        if (end := _FENCED_END.search(body, start.end())) is not None
    ]
    first, last = body.find("{"), body.rfind("}")
    if 0 <= first < last:
        candidates.insert(0, body[first : last + 1])
    return candidates


def _objects_in_a_row(body: str) -> Iterator[dict[str, object]]:
    """Yield what stands in a list, or one after the other."""
    decoder = json.JSONDecoder(strict=False)
    position = body.find("{")
    for _number in range(OBJECTS_LIMIT):
        if position < 0:
            return
        try:
            fields, end = decoder.raw_decode(body, position)
        except (ValueError, RecursionError):
            return
        if isinstance(fields, dict):
            yield fields
        position = body.find("{", end)


def _parse(text: str, *, is_partial: bool) -> dict[str, object] | None:
    # pydantic comes with the ollama client and loads with it, not before.
    from pydantic_core import from_json

    try:
        fields = from_json(
            text, allow_partial="trailing-strings" if is_partial else False
        )
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None


def _validated(fields: dict[str, object]) -> Reply | None:
    command = fields.get("command")
    text = _shown_text(fields)
    if not isinstance(command, str) or not (text or command.strip()):
        return None
    return Reply(text, command, _risk(fields.get("risk")), is_valid=True)


def _risk(value: object) -> Risk | None:
    if not isinstance(value, str):
        return None
    try:
        return Risk(value.strip().lower())
    except ValueError:
        # "high" or "moderate": a word we did not ask for still says it is not safe.
        return Risk.CAUTION


def _shown_text(fields: dict[str, object]) -> str:
    values = (fields.get("analysis"), fields.get("explanation"))
    return "\n\n".join(
        value.strip() for value in values if isinstance(value, str) and value.strip()
    )


def _only_shell_line(body: str) -> str:
    """Return the one command of the one shell block in a text, or nothing."""
    blocks = [match[1] for match in _SHELL_BLOCK.finditer(body)]
    lines = blocks[0].strip().splitlines() if len(blocks) == 1 else []
    return lines[0] if len(lines) == 1 else ""
