"""Names that a project's files define: branches, scripts, targets, services, hosts.

They are what a mistyped word was probably meant to be. The files are a stranger's: they
are read as text within bounds, nothing of them is run, and a name that is no plain word
is left out.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from terminal_ai.project.git import (
    GitDirectory,
    find_git_directory,
    read_git_state,
    read_refs,
    read_remote_names,
)
from terminal_ai.project.manifests import decoded, mapping
from terminal_ai.project.reading import Looking, upwards
from terminal_ai.project.versions import ENVIRONMENTS
from terminal_ai.records import NameKind

NAMES_LIMIT = 4_000
"""Names of one kind."""
MANIFEST_BYTES = 262_144
KNOWN_HOSTS_BYTES = 1_048_576
INCLUDES_LIMIT = 8
MEMBERS_LIMIT = 60
PACKAGES_BYTES = 16_777_216

DPKG_STATUS = "/var/lib/dpkg/status"
_PACKAGE = re.compile(r"^Package: ([a-z0-9][a-z0-9.+-]{1,99})$", re.M)
# A name must not start like an option, nor have any meaning to a shell.
_NAME = re.compile(r"[\w@.][\w@.:/+#=,~%-]{0,199}")
_SCRIPT_MANIFEST = "package.json"
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_JUSTFILES = ("justfile", ".justfile", "Justfile", "JUSTFILE")
_COMPOSE_FILES = (
    *("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"),
    *("compose.override.yaml", "compose.override.yml"),
    *("docker-compose.override.yaml", "docker-compose.override.yml"),
)
_RULE = re.compile(r"^([\w@./+-][^\n:=#$%]{0,400})::?(?![:=])", re.M)
_INCLUDE = re.compile(r"^-?s?include[ \t]+([\w./ \t-]{1,200})$", re.M)
_RECIPE = re.compile(
    r"^@?([A-Za-z_][\w-]{0,99})(?:[ \t][^\n:]{0,200})?:(?!=)"
    r"|^alias[ \t]+([A-Za-z_][\w-]{0,99})[ \t]*:=",
    re.M,
)
_SERVICES = re.compile(r"^services:[ \t]*(?:#[^\n]*)?$", re.M)
_SERVICE = re.compile(r"""([ \t]+)(['"]?)([A-Za-z0-9][\w.-]{0,62})\2:(?:\s|$)""")
_HOST_LINE = re.compile(
    r"^[ \t]*Host(?:[ \t]*=[ \t]*|[ \t]+)([^\n#]{1,400})", re.I | re.M
)
_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,252}", re.ASCII)


@dataclass(frozen=True)
class _Place:
    """Where names are looked for."""

    looking: Looking
    directory: str
    home: str

    def first_above(self, names: Iterable[str]) -> tuple[str, str]:
        """Return the nearest directory with one of these files, and the file's name."""
        wanted = tuple(names)
        for directory in upwards(self.directory):
            present = self.looking.names(directory)
            for name in wanted:
                if name in present:
                    return directory, name
            if directory == self.home:
                break
        return "", ""

    def text(self, path: str, limit_bytes: int = MANIFEST_BYTES) -> str:
        """Return a file's text; empty if it is odd or too large."""
        return self.looking.text(path, limit_bytes)


def read_names(
    kinds: Iterable[NameKind], directory: str, *, home: str
) -> Mapping[NameKind, tuple[str, ...]]:
    """Return what there is of each kind; blocks on the file system: for a thread."""
    if not directory.startswith("/"):
        return {}
    found: dict[NameKind, tuple[str, ...]] = {}
    for kind in dict.fromkeys(kinds):
        place = _Place(Looking(), directory, home)
        names = dict.fromkeys(filter(_NAME.fullmatch, _READERS[kind](place)))
        if names:
            found[kind] = tuple(names)[:NAMES_LIMIT]
    return found


def _git_directory(place: _Place) -> GitDirectory | None:
    for directory in upwards(place.directory):
        if found := find_git_directory(place.looking, directory):
            return found
    return None


def _current_branch(place: _Place) -> Iterator[str]:
    if git := _git_directory(place):
        branch = read_git_state(place.looking, git).branch
        if not branch.startswith("detached at "):
            yield branch


def _refs(kind: str) -> Callable[[_Place], Iterator[str]]:
    def read(place: _Place) -> Iterator[str]:
        if git := _git_directory(place):
            names = read_refs(place.looking, git, kind)
            yield from (name for name in names if not name.endswith("/HEAD"))

    return read


def _remotes(place: _Place) -> Iterator[str]:
    if git := _git_directory(place):
        yield from read_remote_names(place.looking, git)


def _scripts(place: _Place) -> Iterator[str]:
    directory, name = place.first_above((_SCRIPT_MANIFEST,))
    if name:
        package = mapping(decoded(json.loads, place.text(f"{directory}/{name}")))
        yield from mapping(package.get("scripts"))


def _make_targets(place: _Place) -> Iterator[str]:
    present = place.looking.names(place.directory)
    first = next((name for name in _MAKEFILES if name in present), "")
    waiting = [first] if first else []
    for name in waiting:
        text = place.text(f"{place.directory}/{name}").replace("\\\n", " ")
        for match in _RULE.finditer(text):
            # .PHONY and its like are no targets that anybody asks for.
            yield from (word for word in match[1].split() if word[0] != ".")
        for match in _INCLUDE.finditer(text):
            more = (word for word in match[1].split() if _is_inside(word))
            waiting += [word for word in more if word not in waiting]
        del waiting[INCLUDES_LIMIT:]


def _is_inside(path: str) -> bool:
    return not path.startswith("/") and ".." not in path.split("/")


def _recipes(place: _Place) -> Iterator[str]:
    directory, name = place.first_above(_JUSTFILES)
    if name:
        for match in _RECIPE.finditer(place.text(f"{directory}/{name}")):
            yield match[1] or match[2]


def _cargo_targets(place: _Place) -> Iterator[str]:
    directory, name = place.first_above(("Cargo.toml",))
    if not name:
        return
    document = _toml(place, f"{directory}/Cargo.toml")
    yield from _package_targets(place, directory, document)
    members = mapping(document.get("workspace")).get("members")
    for member in _members(place, directory, members):
        yield from _package_targets(place, member, _toml(place, f"{member}/Cargo.toml"))


def _members(place: _Place, root: str, members: object) -> Iterator[str]:
    """Yield the directories of a workspace's packages; ``crates/*`` is understood."""
    found: list[str] = []
    for one in members if isinstance(members, list) else []:
        if not isinstance(one, str) or not _is_inside(one):
            continue
        parent = one.removesuffix("/*")
        if parent == one:
            found.append(one)
        else:
            entries = place.looking.marked_names(f"{root}/{parent}")
            found += [f"{parent}/{name[:-1]}" for name in entries if name[-1] == "/"]
    for path in found[:MEMBERS_LIMIT]:
        yield f"{root}/{path}"


def _package_targets(
    place: _Place, directory: str, document: Mapping[str, object]
) -> Iterator[str]:
    if not document:
        return
    for kind in ("bin", "example"):
        tables = document.get(kind)
        for table in tables if isinstance(tables, list) else []:
            yield _said(mapping(table).get("name"))
    if "main.rs" in place.looking.names(f"{directory}/src"):
        yield _said(mapping(document.get("package")).get("name"))
    for source in ("src/bin", "examples"):
        for name in place.looking.marked_names(f"{directory}/{source}"):
            if name.endswith((".rs", "/")):
                yield name.removesuffix("/").removesuffix(".rs")


def _toml(place: _Place, path: str) -> Mapping[str, object]:
    return mapping(decoded(tomllib.loads, place.text(path)))


def _said(value: object) -> str:
    return value if isinstance(value, str) else ""


def _services(place: _Place) -> Iterator[str]:
    directory, _ = place.first_above(_COMPOSE_FILES)
    if not directory:
        return
    present = place.looking.names(directory)
    for name in _COMPOSE_FILES:
        if name in present:
            yield from _services_of(place.text(f"{directory}/{name}"))


def _services_of(text: str) -> Iterator[str]:
    """Yield the keys right below ``services:``; YAML's rarer forms are not read."""
    start = _SERVICES.search(text)
    if start is None:
        return
    indent = ""
    for line in text[start.end() :].split("\n"):
        if line.strip() and not line.startswith((" ", "\t", "#")):
            return
        match = _SERVICE.match(line)
        if match and match[1] == (indent := indent or match[1]):
            yield match[3]


def _ssh_hosts(place: _Place) -> Iterator[str]:
    if not place.home.startswith("/"):
        return
    for match in _HOST_LINE.finditer(place.text(f"{place.home}/.ssh/config")):
        # Patterns and negations name nobody.
        yield from filter(_HOST.fullmatch, match[1].split())
    known = place.text(f"{place.home}/.ssh/known_hosts", KNOWN_HOSTS_BYTES)
    for line in known.splitlines():
        hosts = line.partition(" ")[0]
        if not hosts.startswith(("|", "@", "#")):
            yield from filter(_HOST.fullmatch, hosts.split(","))


def _virtual_environments(place: _Place) -> Iterator[str]:
    """Yield every environment here, and those above by their usual names."""
    for name in place.looking.marked_names(place.directory):
        if name.endswith("/") and _is_environment(place, f"{place.directory}/{name}"):
            yield name[:-1]
    step = ""
    for directory in upwards(place.directory):
        if step:
            for name in ENVIRONMENTS:
                if _is_environment(place, f"{directory}/{name}"):
                    yield f"{step}{name}"
        if directory in (place.home, "/") or place.looking.has(f"{directory}/.git"):
            return
        step += "../"


def _is_environment(place: _Place, directory: str) -> bool:
    return place.looking.has(f"{directory}/pyvenv.cfg")


def _packages(place: _Place) -> Iterator[str]:
    for match in _PACKAGE.finditer(place.text(DPKG_STATUS, PACKAGES_BYTES)):
        yield match[1]


_READERS: Mapping[NameKind, Callable[[_Place], Iterator[str]]] = {
    NameKind.GIT_BRANCH: _current_branch,
    NameKind.GIT_BRANCHES: _refs("heads"),
    NameKind.GIT_REMOTE_BRANCHES: _refs("remotes"),
    NameKind.GIT_REMOTES: _remotes,
    NameKind.GIT_TAGS: _refs("tags"),
    NameKind.PACKAGE_SCRIPTS: _scripts,
    NameKind.MAKE_TARGETS: _make_targets,
    NameKind.JUST_RECIPES: _recipes,
    NameKind.CARGO_TARGETS: _cargo_targets,
    NameKind.COMPOSE_SERVICES: _services,
    NameKind.SSH_HOSTS: _ssh_hosts,
    NameKind.VIRTUAL_ENVIRONMENTS: _virtual_environments,
    NameKind.DEBIAN_PACKAGES: _packages,
}
