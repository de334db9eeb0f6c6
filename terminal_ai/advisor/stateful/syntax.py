"""Lines the shell itself could not read: quotes, brackets, operators, loops."""

import re
from collections.abc import Iterable, Iterator

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.listings import exists, quoted_path
from terminal_ai.advisor.evidence.similar import closest
from terminal_ai.advisor.reading.command_line import parse
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.messages import gettext as _

_QUOTE_ERRORS = Wording(
    r"unexpected EOF while looking for matching|unmatched [\"'`]|unterminated quoted"
    r"|Unexpected end of string|quotes are not balanced|parse error near",
    re.IGNORECASE,
)
_BRACKET_ERRORS = Wording(
    r"unexpected token '?(?:\(|\)|[^'\n]*)'?|\"\(\" unexpected|word unexpected"
    r"|unknown file attribute|number expected|bad pattern|no matches found"
    r"|parse error near|Unknown command"
)
_OPERATOR_ERRORS = Wording(
    r"unexpected token '(?P<token>\|\|?|&&?|;;?)'|parse error near '(?:\|\|?|&&?|;;?)'"
    r"|\"(?:\|\|?|&&?|;;?)\" unexpected|unexpected end of file|end of file unexpected"
    r"|Expected a (?:command|string), but found"
)
_END_ERRORS = Wording(
    r"unexpected end of file|end of file unexpected|Missing end to balance|parse error"
    r"|unexpected token '(?:fi|done|then|do|else|newline)'"
)
_SUBSTITUTION_ERRORS = Wording(
    r"matching '\)'|unterminated command substitution|end of file unexpected"
    r"|unexpected EOF|Unexpected end of string, (?:parenthes|expecting '\)')"
    r"|parse error",
    re.IGNORECASE,
)
# An apostrophe is a letter of a word, not a quote.
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_MESSAGE_OPTION = re.compile(
    r"\s(?:-\w*m|--message)[ =](?P<text>[^-'\"\s][^'\"|&<>]*)$"
)
_PRINTED = re.compile(r"^\s*(?:echo|printf)\s+(?:-\w+\s+)?(?P<text>[^'\"|&<>]*)$")
_BRACKETED = re.compile(r"[^\s'\"|&;]*\([^()'\"\n]*\)[^\s'\"|&;]*")
_SPECIAL_IN_QUOTES = re.compile(r"[\"$`\\!]")
_REPEATED_OPERATOR = re.compile(r"(\|\||&&|[|;&])\s*(?:\1\s*)+")
_EDGE_OPERATORS = re.compile(r"^\s*(?:\|\||&&|[|;&])+\s*|\s*(?:\|\||&&|[|&])+\s*$")
_NO_SEMICOLON = re.compile(r"(?<![;\n&|])\s+(then|do)\b(?=\s)")
# What belongs after it, nobody but the user knows.
_WANTS_COMMANDS = re.compile(r"\b(?:then|do|else|if|elif|while|until|in)$")
_LOOP = re.compile(r"(?:^|[;&|(]\s*|\bthen\s+|\bdo\s+)(?:for|while|until|select)\b")
# What stands last, after a separator: the end of a block, or what was to be it.
_LAST_WORD = re.compile(r"[;\n]\s*(?P<word>\w+)$")
CLOSER_CUTOFF = 0.7
_CONDITION = re.compile(r"(?:^|[;&|(]\s*|\bthen\s+|\bdo\s+)if\b")


def explain_syntax(failure: Failure) -> Iterable[Finding]:
    """Explain what is opened and never closed, and what stands where it cannot."""
    yield from _open_quote(failure)
    yield from _open_substitution(failure)
    yield from _brackets(failure)
    yield from _operators(failure)
    yield from _compound(failure)


def _open_quote(failure: Failure) -> Iterator[Finding]:
    mark = failure.line.open_quote
    match = _QUOTE_ERRORS.search(failure.output) if mark else None
    if not mark or (failure.output_lines and not match):
        return
    text = failure.line.text.rstrip()
    fixes = []
    if mixed := _with_one_kind_of_quotes(text, mark):
        fixes.append(Fix(mixed, 0.9))
    elif not match:
        return
    elif mark == "'" and text.count(mark) == 1 and _APOSTROPHE.search(text):
        fixes.append(Fix(_with_apostrophe(text), 0.9))
    elif text.endswith(mark) and text.count(mark) == 1:
        fixes.append(Fix(text[:-1].rstrip(), 0.6))
    else:
        fixes.append(Fix(text + mark, 0.8))
    yield Finding(
        "open-quote",
        _("A quote is opened and never closed."),
        _(
            "The shell read to the end of the line looking for the closing {mark}."
        ).format(mark=mark),
        failure.evidence(match[0] if match else ""),
        0.85,
        tuple(fixes),
    )


def _with_one_kind_of_quotes(text: str, mark: str) -> str:
    """Return ``echo "hello"`` for ``echo "hello'``; nothing for another slip."""
    other = "'" if mark == '"' else '"'
    start = text.find(mark)
    end = text.rfind(other)
    if end <= start or text[end + 1 : end + 2].strip():
        return ""
    if mark == "'" and not _SPECIAL_IN_QUOTES.search(text[start + 1 : end]):
        mark = '"'
    fixed = f"{text[:start]}{mark}{text[start + 1 : end]}{mark}{text[end + 1 :]}"
    return "" if parse(fixed).open_quote else fixed


def _with_apostrophe(text: str) -> str:
    """Quote the text an apostrophe stands in, or protect the apostrophe alone."""
    bare = text.replace("'", "\x00")
    for pattern in (_MESSAGE_OPTION, _PRINTED):
        match = pattern.search(bare)
        if match and "\x00" in match["text"]:
            words = match["text"].rstrip().replace("\x00", "'")
            if not _SPECIAL_IN_QUOTES.search(words):
                return f'{text[: match.start("text")]}"{words}"'
    return _APOSTROPHE.sub(r"\'", text)


def _open_substitution(failure: Failure) -> Iterator[Finding]:
    text = failure.line.text.rstrip()
    missing = text.count("(") - text.count(")")
    match = _SUBSTITUTION_ERRORS.search(failure.output)
    if not match or failure.line.open_quote or "$(" not in text or missing < 1:
        return
    yield Finding(
        "open-substitution",
        _("A bracket is opened and never closed."),
        _("Everything between $( and its ) is a command of its own."),
        failure.evidence(match[0]),
        0.88,
        (Fix(text + ")" * missing, 0.85),),
    )


def _brackets(failure: Failure) -> Iterator[Finding]:
    """Brackets in a name or a text that the shell took for its own."""
    match = _BRACKET_ERRORS.search(failure.output)
    text = failure.line.text.strip()
    span = _BRACKETED.search(text)
    if not match or not span or "$(" in text or failure.line.open_quote:
        return
    if _LOOP.search(text) or _CONDITION.search(text) or "()" in text:
        return
    fixed = _quoted_text(text) or _quoted_name(text, span, failure)
    if not fixed or parse(fixed).open_quote:
        return
    yield Finding(
        "unquoted-brackets",
        _("The shell took the brackets for its own."),
        _("Round brackets mean something to it: in a name or a text, quote them."),
        failure.evidence(match[0]),
        0.9,
        (Fix(fixed, 0.9),),
    )


def _quoted_text(text: str) -> str:
    """Return the line with its message, or all that it prints, in quotes."""
    for pattern in (_MESSAGE_OPTION, _PRINTED):
        if match := pattern.search(text):
            return f"{text[: match.start('text')]}'{match['text'].rstrip()}'"
    return ""


def _quoted_name(text: str, span: re.Match[str], failure: Failure) -> str:
    """Return the line with the name that has the brackets in quotes.

    The name may have spaces as well: the longest that exists is taken.
    """
    starts = [m.end() for m in re.finditer(r"\s", text[: span.start()])]
    ends = [m.start() for m in re.finditer(r"(?=\s)|$", text[span.end() :])]
    for start in starts:
        for end in reversed(ends):
            name = text[start : span.end() + end]
            if exists(name, failure.surroundings):
                after = text[span.end() + end :]
                return f"{text[:start]}{quoted_path(name)}{after}"
    if span.start() == 0:
        return ""
    return f"{text[: span.start()]}'{span[0]}'{text[span.end() :]}"


def _operators(failure: Failure) -> Iterator[Finding]:
    """``ls || || pwd``, ``| ls``, ``ls &&``: an operator with nothing on one side."""
    match = _OPERATOR_ERRORS.search(failure.output)
    text = failure.line.text.strip()
    if not match or failure.line.open_quote or ";;" in text:
        return
    fixed = _REPEATED_OPERATOR.sub(r"\1 ", text)
    fixed = _EDGE_OPERATORS.sub("", fixed).strip()
    if fixed == text:
        return
    yield Finding(
        "operator-without-command",
        _("An operator has no command on one of its sides."),
        _("The signs | || && ; stand between two commands."),
        failure.evidence(match[0]),
        0.9,
        (Fix(fixed, 0.88),),
    )


def _compound(failure: Failure) -> Iterator[Finding]:
    """A loop or condition without its ``;`` or without its end."""
    match = _END_ERRORS.search(failure.output)
    text = failure.line.text.strip()
    if not match or failure.line.open_quote or "\n" in text:
        return
    if not (_LOOP.search(text) or _CONDITION.search(text)):
        return
    fixed = _ended(_NO_SEMICOLON.sub(r"; \1", text), failure.shell)
    if fixed == text:
        return
    yield Finding(
        "unended-block",
        _("A loop or a condition is not complete."),
        _(
            "`then` and `do` want a semicolon or a new line before them; a loop ends"
            " with done, a condition with fi, and in fish both with end."
        ),
        failure.evidence(match[0]),
        0.9,
        (Fix(fixed, 0.88),),
    )


def _ended(text: str, shell: str) -> str:
    body = text.rstrip("; ")
    if _WANTS_COMMANDS.search(body):
        return text
    opener = _LOOP.search(body) or _CONDITION.search(body)
    word = _LAST_WORD.search(body)
    if opener and word:
        closer = "end" if shell == "fish" else "done" if _LOOP.search(body) else "fi"
        if closest(word["word"], (closer,), cutoff=CLOSER_CUTOFF):
            body = body[: word.start("word")] + closer
    if shell == "fish":
        body = re.sub(r";\s*(?:do|then)\s+", "; ", body)
        body = re.sub(r";\s*(?:done|fi)\b", "; end", body)
        opened = len(_LOOP.findall(body)) + len(_CONDITION.findall(body))
        missing = opened - len(re.findall(r"\bend\b", body))
        return body + "; end" * missing
    body += "; done" * (len(_LOOP.findall(body)) - len(re.findall(r"\bdone\b", body)))
    body += "; fi" * (len(_CONDITION.findall(body)) - len(re.findall(r"\bfi\b", body)))
    return body if body != text.rstrip("; ") else text
