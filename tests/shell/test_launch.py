import os
import stat
import subprocess
from pathlib import Path

import pytest

from terminal_ai.config import ShellSettings
from terminal_ai.errors import ShellError
from terminal_ai.shell import launch as launch_module
from terminal_ai.shell.launch import (
    ShellKind,
    clean_environment,
    find_shell,
    prepare_launch,
    shell_kind,
    sweep_stale_files,
)


def fake_shell(directory: Path, name: str, version: str = "") -> str:
    path = directory / name
    path.write_text(f"#!/bin/sh\necho '{version}'\n")
    path.chmod(0o755)
    return str(path)


def test_the_setting_beats_the_environment(tmp_path: Path) -> None:
    wanted = fake_shell(tmp_path, "zsh")
    environ = {"SHELL": "/bin/sh", "PATH": str(tmp_path)}
    assert find_shell(ShellSettings(command=wanted), environ) == wanted
    assert find_shell(ShellSettings(command="zsh"), environ) == wanted
    assert find_shell(ShellSettings(), {"SHELL": wanted}) == wanted


def test_a_broken_environment_falls_back() -> None:
    for environ in ({}, {"SHELL": ""}, {"SHELL": "/nonexistent"}):
        assert find_shell(ShellSettings(), environ) == "/bin/sh"


def test_a_fallback_is_told() -> None:
    def notice(settings: ShellSettings, **environ: str) -> str:
        return prepare_launch(settings, environ, None).notice

    assert "/nonexistent" in notice(ShellSettings(), SHELL="/nonexistent")
    assert notice(ShellSettings(command="/bin/sh"), SHELL="/nonexistent") == ""
    assert notice(ShellSettings(), SHELL="/bin/sh") == notice(ShellSettings()) == ""


def test_files_of_killed_processes_are_swept(tmp_path: Path) -> None:
    dead = subprocess.Popen(["/bin/true"])
    dead.wait()
    kept = {f"shell-{os.getpid()}-x", "shell-1-x", "shell-abcd", "shell-0-x", "other"}
    (tmp_path / f"shell-{dead.pid}-x").mkdir()
    for name in kept:
        (tmp_path / name).mkdir()
    outside = tmp_path / "other" / "file"
    outside.write_text("")
    (tmp_path / f"shell-{dead.pid}-x" / "nonce").write_text("")
    (tmp_path / f"shell-{dead.pid}-link").symlink_to(tmp_path / "other")
    sweep_stale_files(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == kept | {f"shell-{dead.pid}-link"}
    assert outside.exists()
    sweep_stale_files(tmp_path / "missing")


def test_a_broken_setting_is_an_error(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("")
    for command in ("/nonexistent", str(plain), str(tmp_path)):
        with pytest.raises(ShellError) as caught:
            find_shell(ShellSettings(command=command), {"SHELL": "/bin/sh"})
        assert command in caught.value.message


@pytest.mark.parametrize(
    ("name", "version", "kind"),
    [
        ("bash", "GNU bash, version 5.2.15(1)-release", ShellKind.BASH),
        ("bash", "GNU bash, version 4.4.0(1)-release", ShellKind.BASH),
        ("bash", "GNU bash, version 3.2.57(1)-release", ShellKind.OLD_BASH),
        ("bash", "nonsense", ShellKind.OLD_BASH),
        ("zsh", "", ShellKind.ZSH),
        ("fish", "", ShellKind.FISH),
        ("dash", "", ShellKind.SH),
        ("sh", "", ShellKind.SH),
        ("nu", "", ShellKind.OTHER),
    ],
)
def test_kind(tmp_path: Path, name: str, version: str, kind: ShellKind) -> None:
    assert shell_kind(fake_shell(tmp_path, name, version)) is kind


@pytest.mark.parametrize("name", ["bash", "zsh", "fish", "sh"])
@pytest.mark.parametrize("is_login", [False, True])
def test_the_nonce_is_only_in_private_files(
    tmp_path: Path, name: str, is_login: bool
) -> None:
    runtime = tmp_path / "it's a\\directory"
    runtime.mkdir()
    program = fake_shell(tmp_path, name, "version 5.2")
    settings = ShellSettings(command=program, login=is_login)
    launch = prepare_launch(settings, {"HOME": "/h", "ENV": "/e"}, runtime)
    assert launch.directory is not None
    assert len(launch.nonce) == 32
    assert launch.nonce not in " ".join(launch.argv)
    assert launch.nonce not in str(launch.environ)
    assert stat.S_IMODE(launch.directory.stat().st_mode) == 0o700
    files = list(launch.directory.iterdir())
    assert files
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "@NONCE@" not in file.read_text()
        assert "@LOGIN@" not in file.read_text()
    assert any(launch.nonce in file.read_text() for file in files)
    launch.discard_files()
    launch.discard_files()
    assert list(runtime.iterdir()) == []


def test_each_launch_has_its_own_nonce(tmp_path: Path) -> None:
    nonces = {
        prepare_launch(ShellSettings(command="/bin/sh"), {}, tmp_path).nonce
        for _ in range(3)
    }
    assert len(nonces) == 3


def test_unknown_shells_start_plain(tmp_path: Path) -> None:
    program = fake_shell(tmp_path, "nu")
    launch = prepare_launch(ShellSettings(command=program), {}, tmp_path)
    assert launch.argv == [program]
    assert not launch.is_integrated
    assert launch.nonce == ""


def test_a_failed_launch_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(launch_module, "_install", broken)
    settings = ShellSettings(command="/bin/sh")
    launch = prepare_launch(settings, {"ENV": "mine"}, tmp_path)
    assert launch.argv == ["/bin/sh"]
    assert launch.environ["ENV"] == "mine"
    assert not launch.is_integrated
    assert list(tmp_path.iterdir()) == []


def test_environment_is_cleaned() -> None:
    cleaned = clean_environment(
        {
            "LANG": "ko_KR.UTF-8",
            "TERM": "screen",
            "TERM_PROGRAM_VERSION": "1",
            "WT_SESSION": "1",
            "VTE_VERSION": "7000",
            "LINES": "3",
            "STY": "x",
        }
    )
    assert cleaned == {
        "LANG": "ko_KR.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "TERM_PROGRAM": "terminal_ai",
    }
