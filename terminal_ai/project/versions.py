"""Versions of tools that a project asks for, and Python's virtual environments."""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePath

from terminal_ai.project.reading import Looking

PIN_FILE_BYTES = 4_096
TOOLS_LIMIT = 8
ENVIRONMENTS = (".venv", "venv", "env")

PIN_FILES: Mapping[str, str] = {
    ".python-version": "python",
    ".nvmrc": "node",
    ".node-version": "node",
    ".ruby-version": "ruby",
    ".java-version": "java",
    ".go-version": "go",
    ".terraform-version": "terraform",
    "rust-toolchain": "rust",
}

# Whatever else such a file holds is no version, and may be anything.
_VERSION = re.compile(
    r"(?:[a-z]{1,10}[-/@]?)?v?\d{1,4}[\w.+-]{0,24}|lts(?:/[\w*-]{1,12})?"
    r"|stable|beta|nightly|node|latest|system",
    re.ASCII,
)
_TOOL = re.compile(r"[a-z][\w-]{0,24}", re.ASCII)
_CHANNEL = re.compile(r'^[ \t]*channel[ \t]*=[ \t]*"([^"\n]{1,40})"', re.M)
_HOME_VERSION = re.compile(r"^version(?:_info)?[ \t]*=[ \t]*(\S{1,40})", re.M)
_NAME = re.compile(r"[\w.+-]{1,40}", re.ASCII)


def pinned_versions(
    looking: Looking, directory: str, names: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield tools with the versions that the files of one directory ask for."""
    for name, tool in PIN_FILES.items():
        if name in names:
            words = looking.text(f"{directory}/{name}", PIN_FILE_BYTES).split()
            if words and _VERSION.fullmatch(words[0]):
                yield tool, words[0]
    if ".tool-versions" in names:
        text = looking.text(f"{directory}/.tool-versions", PIN_FILE_BYTES)
        for line in text.splitlines()[:TOOLS_LIMIT]:
            words = line.partition("#")[0].split()[:2]
            if len(words) == 2 and _is_tool(*words):
                yield words[0], words[1]
    if "rust-toolchain.toml" in names:
        text = looking.text(f"{directory}/rust-toolchain.toml", PIN_FILE_BYTES)
        if (match := _CHANNEL.search(text)) and _VERSION.fullmatch(match[1]):
            yield "rust", match[1]


def virtual_environment(
    looking: Looking, directory: str, names: Collection[str]
) -> str:
    """Return the name and Python version of a directory's environment, if any."""
    for name in ENVIRONMENTS:
        if name in names:
            text = looking.text(f"{directory}/{name}/pyvenv.cfg", PIN_FILE_BYTES)
            if (match := _HOME_VERSION.search(text)) and _VERSION.fullmatch(match[1]):
                return f"{name} with python {match[1]}"
    return ""


def _is_tool(name: str, version: str) -> bool:
    return bool(_TOOL.fullmatch(name) and _VERSION.fullmatch(version))


def active_environment(environ: Mapping[str, str]) -> str:
    """Return the name of the environment that the shell was started in, if any."""
    named = environ.get("CONDA_DEFAULT_ENV", "")
    name = PurePath(environ.get("VIRTUAL_ENV", "") or named).name
    return name if _NAME.fullmatch(name) else ""
