"""Names from a project's files, as the tools write them and as nobody should."""

import os
from pathlib import Path

import pytest

from terminal_ai.project import names as names_module
from terminal_ai.project import reading
from terminal_ai.project.names import NAMES_LIMIT, read_names
from terminal_ai.records import NameKind
from tests.project.making import commit, git, make_repository


def names_of(kind: NameKind, directory: Path, home: Path | str = "") -> tuple[str, ...]:
    return read_names((kind,), str(directory), home=str(home)).get(kind, ())


@pytest.fixture(autouse=True)
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What dpkg says is installed, in place of this machine's own."""
    status = tmp_path / "status"
    monkeypatch.setattr(names_module, "DPKG_STATUS", str(status))
    return status


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with loose and packed references, a remote and a tag."""
    directory = make_repository(tmp_path / "r")
    git(directory, "branch", "feature/login")
    git(directory, "tag", "v1.0")
    git(directory, "pack-refs", "--all")
    git(directory, "branch", "topic")
    git(directory, "tag", "v2.0")
    git(directory, "clone", "-q", ".", str(tmp_path / "clone"))
    git(directory, "remote", "add", "upstream", "https://me:secret@example.org/a.git")
    git(directory, "remote", "add", "origin", str(tmp_path / "clone"))
    git(directory, "fetch", "-q", "origin")
    git(directory, "remote", "set-head", "origin", "main")
    return directory


def test_all_kinds_of_a_repository(repository: Path) -> None:
    inside = repository / "src/deep"
    inside.mkdir(parents=True)
    assert read_names(set(NameKind), str(inside), home="") == {
        NameKind.GIT_BRANCH: ("main",),
        NameKind.GIT_BRANCHES: ("feature/login", "main", "topic"),
        NameKind.GIT_REMOTE_BRANCHES: ("origin/main",),
        NameKind.GIT_REMOTES: ("origin", "upstream"),
        NameKind.GIT_TAGS: ("v1.0", "v2.0"),
    }


def test_a_detached_head_is_on_no_branch(repository: Path) -> None:
    git(repository, "checkout", "-q", "--detach")
    assert names_of(NameKind.GIT_BRANCH, repository) == ()


def test_a_linked_work_tree_shares_the_branches(
    repository: Path, tmp_path: Path
) -> None:
    git(repository, "worktree", "add", "-q", str(tmp_path / "w"), "topic")
    assert names_of(NameKind.GIT_BRANCH, tmp_path / "w") == ("topic",)
    assert "feature/login" in names_of(NameKind.GIT_BRANCHES, tmp_path / "w")


def test_what_is_being_written_is_no_branch(repository: Path) -> None:
    heads = repository / ".git/refs/heads"
    (heads / "main.lock").write_text("")
    (heads / "bad name").write_text("")
    (heads / "--upload-pack=x").write_text("")
    (heads / "linked").symlink_to("/etc/passwd")
    assert names_of(NameKind.GIT_BRANCHES, repository) == (
        "feature/login",
        "main",
        "topic",
    )


def test_branches_are_bounded(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = repository / ".git/refs/heads"
    for number in range(30):
        (heads / f"d{number}").mkdir()
        (heads / f"d{number}/x").write_text("")
    monkeypatch.setattr("terminal_ai.project.git.REF_DIRECTORIES_LIMIT", 10)
    assert len(names_of(NameKind.GIT_BRANCHES, repository)) < 15
    packed = [f"{'a' * 40} refs/heads/b{number}" for number in range(NAMES_LIMIT + 9)]
    (repository / ".git/packed-refs").write_text("\n".join(packed))
    assert len(names_of(NameKind.GIT_BRANCHES, repository)) == NAMES_LIMIT


def test_scripts_of_the_nearest_package(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(
        '{"scripts": {"build": "x", "test:unit": "y", "-e": "z", "a b": "z"}}'
    )
    (tmp_path / "src").mkdir()
    assert names_of(NameKind.PACKAGE_SCRIPTS, tmp_path / "src") == (
        "build",
        "test:unit",
    )
    assert names_of(NameKind.PACKAGE_SCRIPTS, tmp_path / "src", tmp_path / "src") == ()


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, '{"scripts": 3}', '{"scripts": [1]}', "\0\xff"]
)
def test_what_is_no_package_has_no_scripts(tmp_path: Path, text: str) -> None:
    (tmp_path / "package.json").write_text(text)
    assert names_of(NameKind.PACKAGE_SCRIPTS, tmp_path) == ()


def test_make_targets(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(
        "CC := gcc\nNAME=x:y\n.PHONY: all clean\nall: build test\n\techo a:b\n"
        "build install: main.o\n%.o: %.c\n$(OUT): x\nimmediate ::= a\n"
        "deploy-prod:: all\nlong one \\\n  continued: x\n# comment: no\n"
        "include more.mk ../outside.mk\n-include Makefile\n"
    )
    (tmp_path / "more.mk").write_text("lint:\n\truff\n")
    assert names_of(NameKind.MAKE_TARGETS, tmp_path) == (
        *("all", "build", "install", "deploy-prod", "long", "one", "continued"),
        "lint",
    )
    (tmp_path / "GNUmakefile").write_text("first:\n")
    assert names_of(NameKind.MAKE_TARGETS, tmp_path) == ("first",)


def test_just_recipes(tmp_path: Path) -> None:
    (tmp_path / "justfile").write_text(
        'version := "1"\nalias b := build\n# comment\nbuild target="x": deps\n'
        "  cargo build\n@quiet:\n  true\n_private a b:\n"
    )
    assert names_of(NameKind.JUST_RECIPES, tmp_path) == (
        *("b", "build", "quiet", "_private"),
    )


def test_cargo_targets_of_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "Cargo.toml").write_text(
        '[workspace]\nmembers = ["crates/*", "tool", "../out", 3]\n'
    )
    for name in ("crates/one", "crates/two", "tool"):
        (tmp_path / name / "src/bin").mkdir(parents=True)
        (tmp_path / name / "Cargo.toml").write_text(
            f'[package]\nname = "{name.rpartition("/")[2]}"\n'
            '[[bin]]\nname = "server"\n[[example]]\nname = "demo"\n'
        )
    (tmp_path / "crates/one/src/main.rs").write_text("")
    (tmp_path / "crates/two/src/bin/worker.rs").write_text("")
    (tmp_path / "tool/examples/big").mkdir(parents=True)
    assert set(names_of(NameKind.CARGO_TARGETS, tmp_path)) == {
        *("server", "demo", "one", "worker", "big"),
    }


def test_compose_services(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(
        "name: x\nservices:\n  # the site\n  web:\n    image: nginx\n    depends_on:\n"
        '      db:\n        condition: y\n  "db":\n    image: postgres\n'
        "networks:\n  inner:\n"
    )
    (tmp_path / "docker-compose.override.yml").write_text("services:\n    cache: {}\n")
    (tmp_path / "src").mkdir()
    assert names_of(NameKind.COMPOSE_SERVICES, tmp_path / "src") == (
        *("web", "db", "cache"),
    )


def test_ssh_hosts(tmp_path: Path) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/config").write_text(
        "Host web1 web2 *.internal !bad\n  HostName 10.0.0.1\n"
        "host=db # mine\nMatch all\n"
    )
    (tmp_path / ".ssh/known_hosts").write_text(
        "example.org,192.0.2.1 ssh-ed25519 AAAA\n|1|hashed= ssh-rsa AAAA\n"
        "[example.net]:2222 ssh-rsa AAAA\n@cert-authority *.x ssh-rsa AAAA\n"
    )
    assert names_of(NameKind.SSH_HOSTS, Path("/"), tmp_path) == (
        *("web1", "web2", "db", "example.org", "192.0.2.1"),
    )


def test_virtual_environments(tmp_path: Path) -> None:
    home = tmp_path / "home"
    inner = home / "project/src"
    for name in ("project/.venv", "project/src/py312", "project/other", "venv"):
        (home / name).mkdir(parents=True)
        if name != "project/other":
            (home / name / "pyvenv.cfg").write_text("version = 3.12\n")
    assert names_of(NameKind.VIRTUAL_ENVIRONMENTS, inner, home) == (
        *("py312", "../.venv", "../../venv"),
    )
    (home / "project/.git").mkdir()
    assert names_of(NameKind.VIRTUAL_ENVIRONMENTS, inner, home) == (
        *("py312", "../.venv"),
    )


FILES = {
    NameKind.PACKAGE_SCRIPTS: "package.json",
    NameKind.MAKE_TARGETS: "Makefile",
    NameKind.JUST_RECIPES: "justfile",
    NameKind.CARGO_TARGETS: "Cargo.toml",
    NameKind.COMPOSE_SERVICES: "compose.yaml",
    NameKind.SSH_HOSTS: ".ssh/config",
    NameKind.GIT_BRANCHES: ".git/HEAD",
    NameKind.GIT_TAGS: ".git/packed-refs",
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("oddity", ["link", "pipe", "huge", "binary", "directory"])
def test_odd_files_have_no_names(tmp_path: Path, kind: NameKind, oddity: str) -> None:
    path = tmp_path / FILES[kind]
    path.parent.mkdir(exist_ok=True)
    if kind is NameKind.GIT_TAGS:
        (path.parent / "HEAD").write_text("ref: refs/heads/main\n")
    match oddity:
        case "link":
            path.symlink_to("/etc/services")
        case "pipe":
            os.mkfifo(path)
        case "huge":
            path.write_bytes(b"a:\n" * 2_000_000)
        case "binary":
            path.write_bytes(bytes(range(256)) * 200)
        case _:
            path.mkdir()
    assert names_of(kind, tmp_path, tmp_path) == ()


def test_no_kind_looks_without_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted: each kind touches at most so many files."""
    touched: list[str] = []
    stamp = reading._stamp

    def counted(path: str) -> reading.Stamp | None:
        touched.append(path)
        return stamp(path)

    monkeypatch.setattr(reading, "_stamp", counted)
    for number in range(reading.LOOKS_LIMIT + 100):
        (tmp_path / f"d{number}").mkdir()
    read_names((NameKind.VIRTUAL_ENVIRONMENTS,), str(tmp_path), home="")
    assert len(touched) == reading.LOOKS_LIMIT


def test_a_relative_directory_is_nowhere() -> None:
    assert read_names(set(NameKind), "", home="") == {}


def test_every_kind_has_a_reader() -> None:
    assert set(names_module._READERS) == set(NameKind)


def test_nothing_is_run(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a program was started")

    for starter in ("fork", "posix_spawn", "execve", "system"):
        monkeypatch.setattr(os, starter, refuse)
    monkeypatch.setattr("subprocess.Popen", refuse)
    (repository / "Makefile").write_text("X := $(shell reboot)\nall:\n")
    found = read_names(set(NameKind), str(repository), home=str(repository))
    assert found[NameKind.MAKE_TARGETS] == ("all",)
    assert found[NameKind.GIT_BRANCHES]


def test_a_commit_made_meanwhile_is_seen(repository: Path) -> None:
    git(repository, "checkout", "-q", "-b", "new/one")
    commit(repository, "b.txt", "b")
    assert names_of(NameKind.GIT_BRANCH, repository) == ("new/one",)


def test_installed_packages(packages: Path, tmp_path: Path) -> None:
    packages.write_text(
        "Package: bash\nStatus: install ok installed\nDescription: x\n Package: no\n\n"
        "Package: g++-12\nVersion: 1\n\nPackage: -rf\nVersion: 1\n"
    )
    assert names_of(NameKind.DEBIAN_PACKAGES, tmp_path) == ("bash", "g++-12")


def test_a_huge_list_of_packages_is_left_alone(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names_module, "PACKAGES_BYTES", 10)
    packages.write_text("Package: bash\n\n")
    assert names_of(NameKind.DEBIAN_PACKAGES, tmp_path) == ()
