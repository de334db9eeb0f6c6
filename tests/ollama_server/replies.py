"""What the model says: canned replies chosen by the failing command."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

TOKEN = re.compile(r"\s*\S{1,5}|\s+")


@dataclass(frozen=True, slots=True)
class CannedReply:
    """Said when ``trigger`` stands in the last message."""

    trigger: str
    analysis: str
    command: str
    explanation: str
    risk: str = "safe"

    @property
    def fields(self) -> dict[str, str]:
        return {
            "analysis": self.analysis,
            "command": self.command,
            "explanation": self.explanation,
            "risk": self.risk,
        }


CANNED_REPLIES: tuple[CannedReply, ...] = (
    CannedReply(
        "gti status",
        "There is no program called gti: a typo, you meant git.",
        "git status",
        "`git status` shows which files have **changed** since the last commit.",
    ),
    CannedReply(
        "pip install",
        "The package could not be found in the index under this name.",
        "python3 -m pip index versions requests",
        "It lists the versions that exist. Check the spelling of the name first.",
    ),
    CannedReply(
        "rm -rf build",
        "The directory belongs to root, so your user may not delete it.",
        "sudo rm -rf build",
        "It deletes the directory as root. Look into it before you do.",
        "danger",
    ),
)
DEFAULT_REPLY = CannedReply(
    "",
    "The command ended with an error.",
    "",
    "Read the last line of its output: it names the cause.",
)


def choose_reply(replies: Sequence[CannedReply], text: str) -> CannedReply:
    return next((reply for reply in replies if reply.trigger in text), DEFAULT_REPLY)


def as_json(
    reply: CannedReply, schema: Mapping[str, object], *, is_sorted: bool
) -> str:
    """Return an object of the schema, filled from the reply where names agree."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return json.dumps(reply.fields, ensure_ascii=False)
    names = sorted(properties) if is_sorted else list(properties)
    fields = {name: _value(reply.fields.get(name), properties[name]) for name in names}
    return json.dumps(fields, ensure_ascii=False)


def as_numbered(replies: Sequence[CannedReply], names: Sequence[str], text: str) -> str:
    """Return what each numbered section of the text is answered with."""
    sections = re.split(r"(?m)^(\d+)\.$", text)
    told = dict(zip(sections[1::2], sections[2::2], strict=False))
    fields = {
        name: choose_reply(replies, told.get(name, "")).analysis for name in names
    }
    return json.dumps(fields, ensure_ascii=False)


def _value(wanted: str | None, schema: Mapping[str, object]) -> object:
    if isinstance(choices := schema.get("enum"), list):
        return wanted if wanted in choices else choices[0]
    match schema.get("type"):
        case "string":
            limit = schema.get("maxLength")
            text = "" if wanted is None else wanted
            return text[:limit] if isinstance(limit, int) else text
        case "integer" | "number":
            return 0
        case "boolean":
            return False
        case "array":
            return []
        case _:
            return {}


def as_tokens(text: str) -> Iterator[str]:
    for match in TOKEN.finditer(text):
        yield match.group()
