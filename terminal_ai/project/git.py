"""The state of a git repository, read from its files.

The git program is never run: ``core.fsmonitor``, aliases and hooks of a repository
would make it execute what a stranger wrote.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from terminal_ai.project.reading import Looking

SMALL_FILE_BYTES = 4_096
PACKED_REFS_BYTES = 2_097_152
REMOTES_LIMIT = 4
REFS_LIMIT = 5_000
"""Branches or tags of one kind; ``REF_DIRECTORIES_LIMIT`` holds the walk to them."""
REF_DIRECTORIES_LIMIT = 120
COMMIT_DIGITS = 8

_REF = re.compile(r"refs/[^\x00-\x20\x7f~^:?*\[\\]{1,200}")
_PACKED_REF = re.compile(r"^[0-9a-f]{40}(?:[0-9a-f]{24})? (refs/\S{1,250})$", re.M)
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SECTION = re.compile(r'\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]')
_ENTRY = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]*)\s*=\s*(.*?)\s*")
# scp's way of naming a host, which is no URL: git@example.org:group/project.git
_SCP_HOST = re.compile(r"(?:[^@/\s]*@)?([A-Za-z0-9.-]+):(?!//)")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,100}")
_NAME = re.compile(r"[\w.+/@-]{1,100}")

_STATES = (
    ("MERGE_HEAD", "a merge"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
    ("BISECT_LOG", "a bisect"),
)


@dataclass(frozen=True, slots=True)
class GitState:
    """What a repository's files tell of it.

    ``remotes`` are names, with the host where one is known; nothing else of a URL.
    """

    branch: str = ""
    has_commits: bool = True
    state: str = ""
    upstream: str = ""
    remotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GitDirectory:
    """Where a work tree's own state is, and what it shares with other work trees."""

    own: str
    common: str


def find_git_directory(looking: Looking, directory: str) -> GitDirectory | None:
    """Return where the state of the work tree at ``directory`` is kept."""
    marker = os.path.join(directory, ".git")  # noqa: PTH118
    own = marker
    if pointer := looking.text(marker, SMALL_FILE_BYTES):
        # A linked work tree or a submodule.
        label, _, target = pointer.partition(":")
        if label != "gitdir" or not target.strip():
            return None
        own = os.path.normpath(os.path.join(directory, target.strip()))  # noqa: PTH118
    if not looking.text(f"{own}/HEAD", SMALL_FILE_BYTES):
        return None
    common = looking.text(f"{own}/commondir", SMALL_FILE_BYTES).strip()
    return GitDirectory(
        own,
        os.path.normpath(os.path.join(own, common)),  # noqa: PTH118
    )


def read_git_state(looking: Looking, directory: GitDirectory) -> GitState:
    """Return what can be known without running anything."""
    head = looking.text(f"{directory.own}/HEAD", SMALL_FILE_BYTES).strip()
    state = _state(looking, directory.own)
    config = _config(looking.text(f"{directory.common}/config"))
    remotes = tuple(_remotes(config))
    if _COMMIT.fullmatch(head):
        branch = f"detached at {head[:COMMIT_DIGITS]}"
        return GitState(branch, state=state, remotes=remotes)
    ref = head.removeprefix("ref:").strip()
    # With the reftable format, HEAD names a branch that cannot exist.
    is_named = ref.startswith("refs/heads/") and _is_ref(ref)
    if not is_named or ref == "refs/heads/.invalid":
        return GitState(state=state, remotes=remotes)
    branch = ref.removeprefix("refs/heads/")
    return GitState(
        branch,
        has_commits=_has_commits(looking, directory.common, ref),
        state=state,
        upstream=_upstream(config, branch),
        remotes=remotes,
    )


def _state(looking: Looking, own: str) -> str:
    for name in ("rebase-merge", "rebase-apply"):
        if looking.has(f"{own}/{name}"):
            if looking.has(f"{own}/{name}/applying"):
                return "applying patches"
            head = looking.text(f"{own}/{name}/head-name", SMALL_FILE_BYTES).strip()
            branch = head.removeprefix("refs/heads/")
            return f"a rebase of {branch}" if _is_ref(head) else "a rebase"
    return next((told for name, told in _STATES if looking.has(f"{own}/{name}")), "")


def _is_ref(ref: str) -> bool:
    """Tell whether git would take this for a name; it cannot lead out of ``refs``."""
    parts = ref.split("/")
    return (
        _REF.fullmatch(ref) is not None
        and ".." not in ref
        and not any(not part or part.startswith(".") for part in parts[2:])
    )


def _has_commits(looking: Looking, common: str, ref: str) -> bool:
    if looking.has(f"{common}/{ref}"):
        return True
    packed = looking.text(f"{common}/packed-refs", PACKED_REFS_BYTES)
    is_unread = not packed and looking.has(f"{common}/packed-refs")
    return is_unread or f" {ref}\n" in packed


def read_refs(looking: Looking, directory: GitDirectory, kind: str) -> tuple[str, ...]:
    """Return the sorted names below ``refs/KIND``: heads, tags or remotes.

    A repository that keeps them in a reftable has none that could be read here.
    """
    prefix = f"refs/{kind}/"
    packed = looking.text(f"{directory.common}/packed-refs", PACKED_REFS_BYTES)
    found = set(_loose_refs(looking, directory.common, prefix))
    found.update(match[1] for match in _PACKED_REF.finditer(packed))
    names = (ref.removeprefix(prefix) for ref in found if ref.startswith(prefix))
    good = sorted(name for name in names if _is_ref(prefix + name))
    return tuple(good[:REFS_LIMIT])


def _loose_refs(looking: Looking, common: str, prefix: str) -> Iterator[str]:
    waiting = [prefix]
    for at, place in enumerate(waiting):
        for name in looking.marked_names(f"{common}/{place}"):
            if not name.endswith("/"):
                if not name.endswith(".lock"):
                    yield place + name
            elif at + len(waiting) < REF_DIRECTORIES_LIMIT:
                waiting.append(place + name)


def read_remote_names(looking: Looking, directory: GitDirectory) -> tuple[str, ...]:
    """Return the names of all remotes that have an address."""
    return tuple(
        sorted(_addresses(_config(looking.text(f"{directory.common}/config"))))
    )


def _config(text: str) -> dict[tuple[str, str, str], str]:
    """Return section, subsection and key with the last value; includes are ignored."""
    values: dict[tuple[str, str, str], str] = {}
    section = name = ""
    for line in text.splitlines():
        stripped = line.strip()
        if match := _SECTION.match(stripped):
            section, name = match[1].lower(), match[2] or ""
        elif match := _ENTRY.fullmatch(stripped):
            values[section, name, match[1].lower()] = match[2].strip('"')
    return values


def _upstream(config: dict[tuple[str, str, str], str], branch: str) -> str:
    remote = config.get(("branch", branch, "remote"), "")
    merged = config.get(("branch", branch, "merge"), "")
    if not (_NAME.fullmatch(remote) and _is_ref(merged)):
        return ""
    short = merged.removeprefix("refs/heads/")
    return short if remote == "." else f"{remote}/{short}"


def _remotes(config: dict[tuple[str, str, str], str]) -> Iterator[str]:
    """Yield names, and of each URL the host alone: the rest may be a password."""
    for name, url in sorted(_addresses(config).items())[:REMOTES_LIMIT]:
        host = _host(url)
        yield f"{name} ({host})" if host else name


def _addresses(config: dict[tuple[str, str, str], str]) -> dict[str, str]:
    return {
        name: value
        for (section, name, key), value in config.items()
        if section == "remote" and key == "url" and _NAME.fullmatch(name)
    }


def _host(url: str) -> str:
    if "://" in url:
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            return ""
    else:
        match = _SCP_HOST.match(url)
        host = match[1] if match else ""
    return host if _HOST.fullmatch(host) else ""
