"""A module that is only mistyped: of Python's own, of the project, or well known.

Installing a package by a mistyped name is how strangers' code gets in. So a name near
to one that exists is never proposed for installation.
"""

import itertools
import re
from collections.abc import Iterable, Iterator

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.listings import corrections, join_path, module_path
from terminal_ai.advisor.evidence.similar import Match, closest
from terminal_ai.advisor.reading.command_line import SimpleCommand
from terminal_ai.advisor.rulebook.book import bare_program
from terminal_ai.advisor.rulebook.matching import replace_word
from terminal_ai.messages import gettext as _

TYPO_CUTOFF = 0.78
LOCAL_CUTOFF = 0.62
SHORT_NAME_LENGTH = 3

_PYTHON_MODULE = re.compile(r"No module named '?(?P<module>[A-Za-z_][\w.]*)'?")
_UNKNOWN_MODULE = re.compile(
    r"Could not import (?:module )?['\"](?P<module>[A-Za-z_][\w.]*)['\"]"
)
_NODE_MODULE = re.compile(
    r"Cannot find (?:module|package) '(?P<module>(?:@[\w.-]+/)?[a-z][\w.-]*)'"
)
_TYPED_MODULE = re.compile(r"(?<![\w./-])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?![\w/])")


def correct_module(failure: Failure) -> Iterable[Finding]:
    """Name the module that was meant; where the line holds the name, correct it."""
    pattern = (
        _UNKNOWN_MODULE if "Could not import" in failure.output else _PYTHON_MODULE
    )
    match = pattern.search(failure.output)
    if match and not match["module"].endswith(".py"):
        yield from _python(match["module"], failure.evidence(match[0]), failure)
    elif match := _NODE_MODULE.search(failure.output):
        yield from _node(match["module"], failure.evidence(match[0]), failure)


def _python(module: str, evidence: str, failure: Failure) -> Iterator[Finding]:
    vocabularies = failure.knowledge.vocabularies
    for command in failure.line.commands:
        typed = _typed(module, command)
        if not typed:
            continue
        is_run = _is_run(typed, command)
        near = _near_local(typed, failure)
        if is_run:
            near += closest(typed, vocabularies["python-m"], limit=1, cutoff=0.72)
        if near := tuple(sorted(near, key=lambda found: -found.score))[:2]:
            yield _finding(
                module, near[0].name, evidence, failure, command, typed, near
            )
            return
    top = module.partition(".")[0]
    if _is_local(top, failure):
        yield _inside(module, evidence, failure)
        return
    known = vocabularies["python-modules"]
    if top in known or top in failure.knowledge.tables["python_packages"]:
        return
    near = _local_top(top, failure) or _near_known(top, known)
    if near:
        culprit = failure.culprit
        yield _finding(module, near[0].name, evidence, failure, culprit, top, near)


def _is_local(top: str, failure: Failure) -> bool:
    """Return True if the project has the package, so that something in it is missing.

    Virtual environments and what was built carry such names as well, but no sources.
    """
    names = failure.surroundings.listings.get(".", ())
    return f"{top}/" in names and any(
        word.value.partition(".")[0].partition("/")[0] == top
        for command in failure.line.commands
        for word in command.arguments
    )


def _inside(module: str, evidence: str, failure: Failure) -> Finding:
    """Explain a module missing in a package of the project; a path may be mistyped."""
    path = module.replace(".", "/") + ".py"
    fixes = []
    for command in failure.line.commands:
        if any(word.value == path for word in command.arguments):
            for match in corrections(path, failure.surroundings)[:1]:
                text = replace_word(command, failure, path, match.name)
                fixes += [Fix(text, match.score)] if text else []
    return Finding(
        "module-missing-in-package",
        _("There is no module named {module}.").format(module=module),
        _("The package is here, but that name is not in it: look at the spelling."),
        evidence,
        0.955,
        tuple(fixes),
    )


def _node(module: str, evidence: str, failure: Failure) -> Iterator[Finding]:
    known = (
        *failure.knowledge.vocabularies["node-packages"],
        *failure.knowledge.vocabularies["node-modules"],
    )
    if module not in known and (near := _near_known(module, known)):
        command = failure.culprit
        yield _finding(module, near[0].name, evidence, failure, command, module, near)


def _finding(
    module: str,
    meant: str,
    evidence: str,
    failure: Failure,
    command: SimpleCommand | None,
    wrong: str,
    near: tuple[Match, ...],
) -> Finding:
    fixes = []
    for match in near if command else ():
        text = replace_word(command, failure, wrong, match.name) if command else None
        if text:
            fixes.append(Fix(text, match.score))
    if fixes:
        why = _("The name looks mistyped: {meant} exists.").format(meant=meant)
    else:
        why = _(
            "The name in the import looks mistyped: {meant} exists. Correct the file"
            " instead of installing a package by a mistyped name."
        ).format(meant=meant)
    what = _("There is no module named {module}.").format(module=module)
    return Finding("module-mistyped", what, why, evidence, 0.955, tuple(fixes))


def _is_run(typed: str, command: SimpleCommand) -> bool:
    """``python -m typed``."""
    values = [word.value for word in command.arguments]
    return bare_program(command.program) == "python" and any(
        first == "-m" and second == typed
        for first, second in itertools.pairwise(values)
    )


def _typed(module: str, command: SimpleCommand) -> str:
    """Return the module as the line names it: the error may name only its start."""
    for word in command.arguments:
        for found in _TYPED_MODULE.findall(word.value):
            if found == module or found.startswith(f"{module}."):
                return str(found)
    return ""


def _near_local(typed: str, failure: Failure) -> tuple[Match, ...]:
    """Return the project's modules near to a dotted name: its first wrong part."""
    parts = module_path(typed).split("/")
    for index, part in enumerate(parts):
        directory = join_path(parts[:index]) or "."
        names = _modules(failure.surroundings.listings.get(directory, ()))
        if part in names:
            continue
        return tuple(
            Match(
                ".".join((*parts[:index], match.name, *parts[index + 1 :])), match.score
            )
            for match in closest(part, names, limit=2, cutoff=LOCAL_CUTOFF)
        )
    return ()


def _local_top(top: str, failure: Failure) -> tuple[Match, ...]:
    names = _modules(failure.surroundings.listings.get(".", ()))
    return closest(top, names, limit=1, cutoff=TYPO_CUTOFF)


def _near_known(module: str, known: Iterable[str]) -> tuple[Match, ...]:
    if len(module) <= SHORT_NAME_LENGTH:
        return ()
    near = closest(module, known, limit=1, cutoff=TYPO_CUTOFF)
    # "flask_cors" is near to "flask", and another package; a slip keeps the length.
    return tuple(
        match
        for match in near
        if abs(len(match.name) - len(module)) <= 1 + len(module) // 8
    )


def _modules(names: Iterable[str]) -> tuple[str, ...]:
    """Return what Python can import of a directory's names."""
    return tuple(
        name.removesuffix(".py").rstrip("/")
        for name in names
        if name.endswith((".py", "/")) and name[0].isalpha()
    )
