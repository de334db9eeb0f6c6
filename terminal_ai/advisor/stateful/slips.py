"""Slips of the hand before any program is reached: prompts pasted, layouts, URLs."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.listings import exists, path_words
from terminal_ai.advisor.evidence.similar import in_other_order
from terminal_ai.advisor.reading.command_line import parse, quote
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.messages import gettext as _

# "$ ", "user@host:~$ ", "[user@host ~]$ ", "(venv) $ ", "~$ ", "➜  ~ ", "PS C:\\> "
_PROMPT = re.compile(
    r"\s*(?:\([\w.-]+\)\s*)?"
    r"(?:[\w.-]+@[\w.-]+(?::\S*?)?\s?[$#%>]\s+|\[[\w.-]+@[^\]\n]+\]\s?[$#%]\s+"
    r"|~\S*?[$#%]\s+|➜\s+\S+\s+(?:git:\(\S+\)\s+(?:✗\s+)?)?(?=\S+\s|\S+$)"
    r"|PS [^>\n]*>\s+|(?:(?:\$|%|❯|➜|>>>|λ)\s+)+)(?=\S)"
)
_REPOSITORY = re.compile(
    r"(?:https?|git|ssh)://(?:[^/\s@]+@)?(?:github|gitlab|bitbucket|codeberg)\.\w+"
    r"[/:][\w.~-]+/[\w.~-]+(?:\.git)?/?"
    r"|(?:https?|git|ssh)://\S+\.git/?"
    r"|[\w.-]+@[\w.-]+:[\w./~-]+(?:\.git)?"
)
_URL = re.compile(r"(?:https?|ftp)://[^\s'\"]+")
# On Spanish, Portuguese and Italian keyboards; hardly a word ends with them.
_LETTERS_BESIDE_ENTER = frozenset("çÇ")
_UNKNOWN = Wording(
    r"command not found|no such (?:file or directory|job)|not found|no job control"
    r"|not recogni[sz]ed as|syntax error|parse error|unmatched|unexpected",
    re.IGNORECASE,
)
# What programs say of a word of theirs.
_UNKNOWN_WORD = re.compile(
    r"is not an? |unknown|invalid|unrecogni[sz]ed|did not match|does not exist",
    re.IGNORECASE,
)
# What word processors and web pages make of plain characters.
_TYPOGRAPHIC = re.compile(
    "[\u2010-\u2015\u2212\u201c\u201d\u2018\u2019\u00a0\u3000\u2002-\u200f\u202f\u2060\ufeff"
    "；｜＆（）＞＜]"
)
_DASH = re.compile(r"(?<!\S)(?P<dash>[\u2010-\u2015\u2212]+)(?P<name>[A-Za-z][\w-]*)")
_PLAIN_MARKS = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d", '"'),
        **dict.fromkeys("\u2018\u2019", "'"),
        **dict.fromkeys("\u00a0\u3000\u2002\u2003\u2009\u200a\u202f", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", None),
        **dict(zip("；｜＆（）＞＜", ";|&()><", strict=True)),
    }
)
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
# Their options have a name and yet a single dash.
_ONE_DASH_PROGRAMS = frozenset(("find", "java", "javac", "ffmpeg", "openssl", "go"))
_LONG_DASH = "\u2014"
SHORT_OPTION_LENGTH = 3


def correct_slip(failure: Failure) -> Iterable[Finding]:
    """Explain lines that were never meant as the command they became."""
    yield from _typographic(failure)
    yield from _doubled_program(failure)
    yield from _glued_option(failure)
    if _UNKNOWN_WORD.search(failure.output):
        yield from _wrong_words(failure)
    if failure.output_lines and not _UNKNOWN.search(failure.output):
        return
    yield from _pasted_prompt(failure)
    yield from _bare_url(failure)
    yield from _wrong_layout(failure)


def _typographic(failure: Failure) -> Iterator[Finding]:
    """Curly quotes, long dashes and invisible spaces, as pages and chats show them."""
    text = failure.line.text
    if not _TYPOGRAPHIC.search(_QUOTED.sub("", text)) or any(
        _TYPOGRAPHIC.search(word.value) and exists(word.value, failure.surroundings)
        for word in path_words(failure.line)
    ):
        return
    pieces = []
    at = 0
    for quoted in _QUOTED.finditer(text):
        pieces += [_plain(text[at : quoted.start()], failure), quoted[0]]
        at = quoted.end()
    plain = "".join([*pieces, _plain(text[at:], failure)]).strip()
    if plain and plain != text.strip() and not parse(plain).open_quote:
        yield Finding(
            "typographic-characters",
            _("The line has typographic characters in it that no shell knows."),
            _(
                "Curly quotes, long dashes and invisible spaces come along when text is"
                " copied from a page or a chat; the shell wants the plain ones."
            ),
            failure.evidence(""),
            weight=0.96,
            fixes=(Fix(plain, 0.95),),
        )


def _plain(text: str, failure: Failure) -> str:
    text = _DASH.sub(lambda match: _plain_dash(match, failure), text)
    return text.translate(_PLAIN_MARKS)


def _plain_dash(match: re.Match[str], failure: Failure) -> str:
    """One dash, or the two that were made into a long one."""
    name = match["name"]
    known = failure.knowledge.vocabularies.get("long-options", ())
    program = failure.culprit.program if failure.culprit else ""
    is_long = program not in _ONE_DASH_PROGRAMS and (
        name in known
        or (_LONG_DASH in match["dash"] and len(name) > SHORT_OPTION_LENGTH)
    )
    return f"{'--' if is_long or len(match['dash']) > 1 else '-'}{name}"


def _doubled_program(failure: Failure) -> Iterator[Finding]:
    """``git git status``: the name was typed twice."""
    for command in failure.line.commands:
        first, second = (*command.words, None, None)[:2]
        if not first or not second or first.text != second.text:
            continue
        evidence = next(
            (
                line
                for line in failure.output_lines
                if second.value in line.removeprefix(f"{first.value}: ")
                or "too many arguments" in line
            ),
            "",
        )
        if evidence and not exists(second.value, failure.surroundings):
            line = failure.line.replace(first.start, second.start, "")
            yield Finding(
                "doubled-program",
                _("{program} stands there twice.").format(program=first.value),
                _("The second one is taken for an argument."),
                evidence,
                weight=0.96,
                fixes=(Fix(line, 0.96),),
            )
            return


def _glued_option(failure: Failure) -> Iterator[Finding]:
    """``docker run-it x``: no space between a subcommand and its option."""
    command = failure.culprit
    if command is None or not command.operands or command.program == "git":
        return  # git's own rules know this
    word = command.operands[0]
    name, dash, letters = word.value.partition("-")
    known = failure.knowledge.subcommands(command.program)
    is_glued = dash and letters and name in known and word.value not in known
    if letters in failure.knowledge.subcommands(command.program, name):
        return
    if in_other_order(word.value, known):
        return
    if is_glued and word.text == word.value and failure.evidence(word.value):
        line = failure.line.replace(word.start, word.end, f"{name} -{letters}")
        yield Finding(
            "glued-option",
            _("A space is missing between {name} and -{letters}.").format(
                name=name, letters=letters
            ),
            _("Without it, both together are taken for one name."),
            failure.evidence(word.value),
            weight=0.96,
            fixes=(Fix(line, 0.95),),
        )


def _pasted_prompt(failure: Failure) -> Iterator[Finding]:
    match = _PROMPT.match(failure.line.text)
    if match:
        yield Finding(
            "pasted-prompt",
            _("The prompt sign is part of the command."),
            _("Documents show a prompt before a command; it must not be typed."),
            failure.evidence(""),
            weight=0.98,
            fixes=(Fix(failure.line.text[match.end() :], 0.97),),
        )


def _bare_url(failure: Failure) -> Iterator[Finding]:
    command = failure.culprit
    if command is None or len(command.words) != 1 or command.prefix:
        return
    word = command.words[0]
    if _REPOSITORY.fullmatch(word.value):
        fixes = (Fix(f"git clone {word.text}", 0.95),)
    elif _URL.fullmatch(word.value):
        fixes = (Fix(f"curl -LO {word.text}", 0.7),)
    else:
        return
    yield Finding(
        "bare-url",
        _("An address is not a command."),
        _("The shell looked for a program of that name. Tell it what to do with it."),
        failure.evidence(word.value),
        weight=0.97,
        fixes=fixes,
    )


def _wrong_layout(failure: Failure) -> Iterator[Finding]:
    text = failure.line.text.strip()
    if text.isascii():
        return
    known = failure.surroundings.programs | failure.knowledge.familiar.keys()
    if not _UNKNOWN_WORD.search(failure.output):
        yield from _wrong_words(failure)
    for layout in ("ru", "el", "he", "ko"):
        keys = failure.knowledge.tables.get(f"layout_{layout}", {})
        typed = _retype_unquoted(text, keys)
        words = typed.split()
        # A name that is right as it stands was typed on the right layout.
        if (
            _QUOTED.sub("", typed).isascii()
            and words
            and words[0] in known
            and not text.startswith(words[0])
        ):
            yield Finding(
                "keyboard-layout",
                _("The line was typed with another keyboard layout."),
                _("The same keys on a Latin layout give a known command."),
                failure.evidence(""),
                weight=0.97,
                fixes=(Fix(typed, 0.95),),
            )
            return
    yield from _stray_letter(failure, known)


def _wrong_words(failure: Failure) -> Iterator[Finding]:
    """The program is right, and then the layout was changed: ``cd ыкс``."""
    wrong = [
        word
        for word in failure.line.words
        if not word.value.isascii()
        and word.text == word.value
        and not exists(word.value, failure.surroundings)
    ]
    if not wrong or not failure.line.text.split()[0].isascii():
        return
    command = next(
        c for c in failure.line.commands if c.start <= wrong[0].start < c.end
    )
    vocabulary = failure.knowledge.subcommands(command.program)
    for layout in ("ru", "el", "he", "ko"):
        keys = failure.knowledge.tables.get(f"layout_{layout}", {})
        typed = [_retype(word.value, keys) for word in wrong]
        if all(map(str.isascii, typed)) and (
            typed[0] in vocabulary or exists(typed[0], failure.surroundings)
        ):
            line = failure.line.text
            for word, right in reversed(list(zip(wrong, typed, strict=True))):
                line = line[: word.start] + quote(right) + line[word.end :]
            yield Finding(
                "keyboard-layout",
                _("The line was typed with another keyboard layout."),
                _("The same keys on a Latin layout give a known name."),
                failure.evidence(wrong[0].value),
                weight=0.97,
                fixes=(Fix(line, 0.95),),
            )
            return


def _stray_letter(failure: Failure, known: frozenset[str]) -> Iterator[Finding]:
    """Find a letter at the end that no word ends with and that lies beside Enter."""
    text = failure.line.text.strip()
    if not text[:-1].isascii() or text[-1] not in _LETTERS_BESIDE_ENTER:
        return
    first = text[:-1].split()[:1]
    if " " in text or (first and first[0] in known):
        yield Finding(
            "stray-letter",
            _("The line ends with a stray letter."),
            _("The key beside Enter was hit as well."),
            failure.evidence(""),
            weight=0.9,
            fixes=(Fix(text[:-1], 0.9),),
        )


def _retype_unquoted(text: str, keys: Mapping[str, str]) -> str:
    """Retype all but what stands in quotes and is a text in the user's language."""
    pieces = []
    at = 0
    for quoted in _QUOTED.finditer(text):
        pieces += [_retype(text[at : quoted.start()], keys), quoted[0]]
        at = quoted.end()
    return "".join([*pieces, _retype(text[at:], keys)])


def _retype(text: str, keys: Mapping[str, str]) -> str:
    """Return what the same keys give on a Latin layout.

    A syllable that is no key by itself is taken apart into the keys that composed it.
    """
    out = []
    for character in text:
        is_key = character in keys or character.lower() in keys
        parts = character if is_key else unicodedata.normalize("NFD", character)
        for part in parts:
            key = keys.get(part) or keys.get(part.lower(), "").upper()
            out.append(key or part)
    return "".join(out)
