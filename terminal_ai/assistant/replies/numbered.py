"""Replies that hold one line for each of many things, told apart by their numbers."""

import re

_LISTED = re.compile(r'^\W{0,3}(\d{1,3})"?[.:)]\s+"?(.+?)"?,?\s*$', re.MULTILINE)


def numbered_schema(count: int) -> dict[str, object]:
    """Return the schema of an object with a text for each number from 1."""
    names = [str(number) for number in range(1, count + 1)]
    return {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names},
        "required": names,
    }


def numbered_lines(body: str, count: int) -> dict[int, str]:
    """Return the texts that are there, by number; a text that was cut is not.

    What ignored the schema is read as a list.
    """
    # pydantic comes with the ollama client and loads with it, not before.
    from pydantic_core import from_json

    start = body.find("{")
    fields: object = None
    if start >= 0:
        try:
            fields = from_json(body[start : body.rfind("}") + 1 or None])
        except ValueError:
            try:
                fields = from_json(body[start:], allow_partial=True)
            except ValueError:
                fields = None
    if not isinstance(fields, dict):
        fields = dict(_LISTED.findall(body))
    return {
        number: text.strip()
        for number in range(1, count + 1)
        if isinstance(text := fields.get(str(number)), str) and text.strip()
    }
