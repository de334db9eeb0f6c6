"""Which names are read for which command lines."""

import pytest

from terminal_ai.advisor.evidence.wanted import wanted_names
from terminal_ai.records import NameKind

GIT = {kind for kind in NameKind if kind.startswith("git-")}
ALWAYS = {NameKind.VIRTUAL_ENVIRONMENTS}


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("git checkout mian", GIT),
        ("sudo git push", GIT),
        ("git commit -C HEAD", GIT),
        ("git -C ../other status", set()),
        ("git --git-dir=x log", set()),
        ("cd other && git push", set()),
        ("git push && cd other", GIT),
        ("npm run biuld", {NameKind.PACKAGE_SCRIPTS}),
        ("npm --prefix web run build", set()),
        ("FOO=1 make tets | tee log", {NameKind.MAKE_TARGETS}),
        ("make -f other.mk x", set()),
        ("make -C sub all", set()),
        ("just biuld", {NameKind.JUST_RECIPES}),
        ("cargo run --bin serv", {NameKind.CARGO_TARGETS}),
        ("docker compose up wbe", {NameKind.COMPOSE_SERVICES}),
        ("docker compose -f x.yml up web", set()),
        ("docker rm -f web", set()),
        ("ssh -f wbe1", {NameKind.SSH_HOSTS}),
        ("/usr/bin/ssh wbe1 && make x", {NameKind.SSH_HOSTS, NameKind.MAKE_TARGETS}),
        ("sudo apt remove vmi", {NameKind.DEBIAN_PACKAGES}),
        ("dpkg -L bahs", {NameKind.DEBIAN_PACKAGES}),
        ("ls", set()),
        ("", set()),
        ("'", set()),
    ],
)
def test_wanted_names(line: str, kinds: set[NameKind]) -> None:
    assert wanted_names(line) == kinds | ALWAYS
