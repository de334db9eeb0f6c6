"""Filling texts and command templates with values nobody has vetted.

In a command template, ``{name}`` is one word, quoted if it needs quotes;
``{name:words}`` is several words, each of them plain; ``{name:raw}`` is kept as it is
and only text the user typed may stand there.
"""

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from terminal_ai.advisor.reading.command_line import quote

TEXT_VALUE_LIMIT = 160
WORDS_LIMIT = 40

_FIELD = re.compile(r"\{(?P<name>[a-z_][a-z0-9_]*)(?::(?P<kind>raw|words))?\}")
_BRACE = re.compile(r"[{}]")
_PLAIN_WORD = re.compile(r"[\w@%+=:,./~^-]+\Z")
# Programs print "<name>" and "[options]" where a person has to fill something in.
_PLACEHOLDER = re.compile(r"<[^<>\n]*>|\[[^\[\]\n]*\]|\.\.\.|…")


@dataclass(frozen=True, slots=True)
class Value:
    """A text and whether the user typed it; what a program printed is not trusted.

    Unless it ``may_be_option``, what a program printed is no word with a dash in front:
    a file named ``--output=x`` would be an option of the suggested command.
    """

    text: str
    is_typed: bool = False
    may_be_option: bool = False


def names(command: str) -> Iterator[str]:
    """Yield the names in a command template; raises ValueError on a stray brace."""
    if _BRACE.search(_FIELD.sub("", command)):
        raise ValueError("a brace that belongs to no {name}")
    for field in _FIELD.finditer(command):
        yield field["name"]


def fill(command: str, values: Mapping[str, Value]) -> str | None:
    """Return the command, or None if a value is missing or not fit for its place."""
    pieces = []
    position = 0
    for field in _FIELD.finditer(command):
        value = values.get(field["name"])
        begins_word = command[field.start() - 1 : field.start()] in ("", " ")
        piece = None if value is None else _piece(value, field["kind"])
        if piece is None or value is None:
            return None
        if begins_word and is_injected_option(value):
            return None
        # Quotes of its own would end those of the template.
        is_quoted = not value.is_typed and _in_quotes(command[: field.start()])
        if is_quoted and not _PLAIN_WORD.match(piece):
            return None
        pieces += [command[position : field.start()], piece]
        position = field.end()
    pieces.append(command[position:])
    return "".join(pieces).strip()


def _in_quotes(before: str) -> bool:
    return before.count("'") % 2 == 1 or before.count('"') % 2 == 1


def is_injected_option(value: Value) -> bool:
    """Return True for what would be an option though nobody typed or expects one."""
    is_trusted = value.is_typed or value.may_be_option
    return not is_trusted and value.text.strip().startswith("-")


def _piece(value: Value, kind: str | None) -> str | None:
    if kind == "raw":
        return value.text if value.is_typed else None
    if kind == "words":
        return plain_words(value.text)
    if value.is_typed:
        return value.text
    text = value.text.strip()
    if not text or not text.isprintable():
        return None
    return quote(text)


def plain_words(text: str) -> str | None:
    """Return ``text`` if it is one line of words without any shell meaning.

    Quoted words count if what they quote is plain or has spaces; operators, expansions
    and placeholders such as ``<name>`` do not.
    """
    text = text.strip()
    if not text or not text.isprintable() or _PLACEHOLDER.search(text):
        return None
    words = re.findall(r"'[^'\n]*'|\"[^\"$`\\\n]*\"|\S+", text)
    if len(words) > WORDS_LIMIT:
        return None
    for word in words:
        if word[0] in "'\"" and len(word) >= 2 and word[-1] == word[0]:
            continue
        if not _PLAIN_WORD.match(word):
            return None
    return " ".join(words)


def text_names(text: str) -> tuple[str, ...]:
    """Return the names in a text for people; raises ValueError on a bad one."""
    found = []
    for _, name, spec, conversion in string.Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise ValueError(f"{{{name}}} is not a plain name")
        found.append(name)
    return tuple(found)


def fill_text(text: str, values: Mapping[str, Value]) -> str:
    """Fill a translated text; a name without a value is shown as an ellipsis."""
    shown = _Shown({name: show(value.text) for name, value in values.items()})
    return text.format_map(shown)


def show(text: str) -> str:
    """Return a value as one short printable line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(line) > TEXT_VALUE_LIMIT:
        line = line[: TEXT_VALUE_LIMIT - 1] + "…"
    return line


class _Shown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"
