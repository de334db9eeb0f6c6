"""Which kinds of project there are, and the few fields of their manifests that help."""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping

from terminal_ai.project.reading import Looking

NAMES_LIMIT = 12
"""Scripts or targets told of one manifest."""

KINDS: Mapping[str, str] = {
    "package.json": "node",
    "deno.json": "deno",
    "deno.jsonc": "deno",
    "pyproject.toml": "python",
    "setup.py": "python",
    "setup.cfg": "python",
    "requirements.txt": "python",
    "Pipfile": "python",
    "environment.yml": "conda",
    "Cargo.toml": "rust",
    "go.mod": "go",
    "go.work": "go",
    "Makefile": "make",
    "GNUmakefile": "make",
    "makefile": "make",
    "justfile": "just",
    "CMakeLists.txt": "cmake",
    "meson.build": "meson",
    "configure.ac": "autotools",
    "pom.xml": "maven",
    "build.gradle": "gradle",
    "build.gradle.kts": "gradle",
    "build.sbt": "sbt",
    "Gemfile": "ruby",
    "composer.json": "php",
    "mix.exs": "elixir",
    "pubspec.yaml": "dart",
    "Package.swift": "swift",
    "stack.yaml": "haskell",
    "build.zig": "zig",
    "flake.nix": "nix",
    "Dockerfile": "docker",
    "Containerfile": "docker",
    "compose.yaml": "compose",
    "compose.yml": "compose",
    "docker-compose.yaml": "compose",
    "docker-compose.yml": "compose",
    "Chart.yaml": "helm",
    "kustomization.yaml": "kustomize",
    "ansible.cfg": "ansible",
    "Vagrantfile": "vagrant",
}
ENDINGS: Mapping[str, str] = {
    ".tf": "terraform",
    ".csproj": "dotnet",
    ".sln": "dotnet",
    ".cabal": "haskell",
}
LOCK_FILES: Mapping[str, tuple[str, str]] = {
    "package-lock.json": ("node", "npm"),
    "bun.lockb": ("node", "bun"),
    "bun.lock": ("node", "bun"),
    "yarn.lock": ("node", "yarn"),
    "pnpm-lock.yaml": ("node", "pnpm"),
    "Pipfile.lock": ("python", "pipenv"),
    "pdm.lock": ("python", "pdm"),
    "poetry.lock": ("python", "poetry"),
    "uv.lock": ("python", "uv"),
}
"""What keeps a lock file is what installs; of two, the one further down."""

_NAME = re.compile(r"[A-Za-z0-9_][\w.:@/+-]{0,39}", re.ASCII)
_REQUIREMENT = re.compile(r"[\w.,:@ ^~<>=!*|+-]{1,40}", re.ASCII)
_TARGET = re.compile(r"^([A-Za-z0-9][\w.-]{0,39})[ \t]*:(?![:=])", re.ASCII | re.M)
_GO_VERSION = re.compile(r"^go[ \t]+(\d[\w.]{0,20})", re.ASCII | re.M)


def kind_of(name: str) -> str:
    """Return the kind of project that a file of this name belongs to, if any."""
    known = KINDS.get(name)
    if known is not None:
        return known
    return next((kind for end, kind in ENDINGS.items() if name.endswith(end)), "")


def describe(looking: Looking, directory: str, names: Iterable[str]) -> Iterator[str]:
    """Yield what the manifests of one directory tell, a line each."""
    present = frozenset(names)
    tools = {kind: tool for name, (kind, tool) in LOCK_FILES.items() if name in present}
    for name, read in _READERS.items():
        if name in present:
            told = [tools.pop(kind_of(name), "")]
            told += read(looking.text(f"{directory}/{name}"))
            if line := ", ".join(filter(None, told)):
                yield f"{name}: {line}"


def _package_json(text: str) -> Iterator[str]:
    package = mapping(decoded(json.loads, text))
    if manager := _said(package.get("packageManager")):
        yield f"packageManager {manager}"
    if node := _said(mapping(package.get("engines")).get("node")):
        yield f"node {node}"
    yield _listed("scripts", mapping(package.get("scripts")))


def _pyproject(text: str) -> Iterator[str]:
    document = mapping(decoded(tomllib.loads, text))
    project = mapping(document.get("project"))
    if python := _said(project.get("requires-python")):
        yield f"python {python}"
    yield _listed("commands", mapping(project.get("scripts")))
    yield _listed("tools", mapping(document.get("tool")))


def _cargo(text: str) -> Iterator[str]:
    document = mapping(decoded(tomllib.loads, text))
    package = mapping(document.get("package"))
    if edition := _said(package.get("edition")):
        yield f"edition {edition}"
    if version := _said(package.get("rust-version")):
        yield f"rust {version}"
    if "workspace" in document:
        yield "a workspace"


def _go_mod(text: str) -> Iterator[str]:
    if match := _GO_VERSION.search(text):
        yield f"go {match[1]}"


def _makefile(text: str) -> Iterator[str]:
    yield _listed("targets", dict.fromkeys(_TARGET.findall(text)))


_READERS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "package.json": _package_json,
    "pyproject.toml": _pyproject,
    "Cargo.toml": _cargo,
    "go.mod": _go_mod,
    "Makefile": _makefile,
    "GNUmakefile": _makefile,
    "makefile": _makefile,
}


def decoded(decode: Callable[[str], object], text: str) -> object:
    """Return what a stranger's document says; None if it cannot be read."""
    try:
        return decode(text)
    except (ValueError, RecursionError):
        return None


def mapping(value: object) -> Mapping[str, object]:
    """Return ``value`` if it is a table, else an empty one."""
    return value if isinstance(value, dict) else {}


def _said(value: object) -> str:
    is_short = isinstance(value, str) and _REQUIREMENT.fullmatch(value)
    return value if is_short and isinstance(value, str) else ""


def _listed(label: str, names: Iterable[str]) -> str:
    good = [name for name in names if _NAME.fullmatch(name)][:NAMES_LIMIT]
    return f"{label} {' '.join(good)}" if good else ""
