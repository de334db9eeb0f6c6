"""``terminal-ai doctor``: what this machine offers, and what to do about the rest.

A finding that stops the app is a fault. What merely makes it poorer is a note, above
all an absent model: advice works without one.
"""

import asyncio
import codecs
import enum
import json
import locale
import os
import platform
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from wcwidth import wcswidth

from terminal_ai import __version__
from terminal_ai.assistant.caching.redis_tier import RedisTier, open_redis_tier
from terminal_ai.assistant.providers.address import parse_address
from terminal_ai.assistant.providers.base import Provider, same_model
from terminal_ai.assistant.providers.leaving import remote_host_of, require_permitted
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.config import (
    AiSettings,
    Resolved,
    TeamCacheSettings,
    config_directory,
    runtime_directory,
    state_directory,
)
from terminal_ai.errors import ConfigError, ProviderError, ShellError
from terminal_ai.messages import gettext as _
from terminal_ai.records import ModelInfo
from terminal_ai.safety.sanitize import sanitize_text, single_line
from terminal_ai.shell.launch import ShellKind, find_shell, shell_kind

VERSION_TIMEOUT_SECONDS = 2.0
SERVICE_TIMEOUT_SECONDS = 10.0
DETAIL_LIMIT_CHARACTERS = 200
VERDICT_CELLS, NAME_CELLS = 5, 10
COMFORTABLE_SIZE = (80, 24)
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
OTHERS_MAY_USE = 0o077
OLDEST_SUPPORTED = {ShellKind.ZSH: (5, 1), ShellKind.FISH: (3, 2)}

_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?")


class Verdict(enum.StrEnum):
    """How a check came out."""

    OK = "ok"
    NOTE = "note"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, what was found, what to do about it."""

    name: str
    verdict: Verdict
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, in the order of their importance to a start."""

    findings: tuple[Finding, ...]

    @property
    def is_usable(self) -> bool:
        """True unless something must be fixed first."""
        return all(each.verdict is not Verdict.FAULT for each in self.findings)

    def as_text(self) -> str:
        """Return one line a finding and one more for each remedy."""
        lines = []
        for each in self.findings:
            verdict = _padded(_verdict_label(each.verdict), VERDICT_CELLS)
            name = _padded(_name_label(each.name), NAME_CELLS)
            lines.append(verdict + name + each.detail)
            if each.remedy:
                lines.append(" " * (VERDICT_CELLS + NAME_CELLS) + f"→ {each.remedy}")
        return sanitize_text("\n".join(lines) + "\n")

    def as_json(self) -> str:
        """Return the report for programs, as one line."""
        checks = [asdict(each) for each in self.findings]
        return json.dumps({"usable": self.is_usable, "checks": checks}) + "\n"


def _verdict_label(verdict: Verdict) -> str:
    return {
        Verdict.OK: _("ok"),
        Verdict.NOTE: _("note"),
        Verdict.FAULT: _("FIX"),
    }[verdict]


def _name_label(name: str) -> str:
    """Return a check's name for people; programs read the name itself."""
    return {
        "program": _("program"),
        "config": _("config"),
        "shell": _("shell"),
        "terminal": _("terminal"),
        "colours": _("colours"),
        "locale": _("locale"),
        "state": _("state"),
        "runtime": _("runtime"),
        "model": _("model"),
        "remote": _("remote"),
        "team": _("team"),
    }.get(name, name)


def _padded(text: str, cells: int) -> str:
    """Fill a column; a wide letter takes two of its cells."""
    return text + " " * (cells - max(0, wcswidth(text)))


def examine(
    settings: Resolved | ConfigError,
    environ: Mapping[str, str],
    *,
    make_provider: Callable[[AiSettings], Provider] = OllamaProvider,
) -> Report:
    """Look at everything a start needs; settings that failed are a finding too."""
    findings = [_examine_program(), _examine_config(settings)]
    if isinstance(settings, Resolved):
        findings.append(_examine_shell(settings, environ))
    findings.extend(_examine_terminal(environ))
    findings.append(_examine_locale())
    findings.extend(_examine_directories())
    if isinstance(settings, Resolved):
        findings.extend(_examine_model(settings.settings.ai, make_provider))
        findings.extend(_examine_team(settings.settings.team_cache, environ))
    return Report(tuple(findings))


def _examine_program() -> Finding:
    detail = (
        f"terminal-ai {__version__}, Python {platform.python_version()},"
        f" {platform.system()} {platform.machine()}"
    )
    return Finding("program", Verdict.OK, detail)


def _examine_config(settings: Resolved | ConfigError) -> Finding:
    if isinstance(settings, ConfigError):
        return Finding("config", Verdict.FAULT, settings.message, settings.hint)
    if settings.file is None:
        return Finding(
            "config",
            Verdict.OK,
            _("defaults; there is no {path}").format(
                path=config_directory() / "config.yaml"
            ),
        )
    if settings.file.stat().st_mode & OTHERS_MAY_WRITE:
        return Finding(
            "config",
            Verdict.FAULT,
            _("{path} can be changed by other users").format(path=settings.file),
            f"chmod go-w {settings.file}",
        )
    return Finding("config", Verdict.OK, str(settings.file))


def _examine_shell(settings: Resolved, environ: Mapping[str, str]) -> Finding:
    try:
        program = find_shell(settings.settings.shell, environ)
    except ShellError as error:
        return Finding("shell", Verdict.FAULT, error.message, error.hint)
    kind = shell_kind(program)
    version = _version_of(program)
    name = f"{program} {version}".rstrip()
    if not settings.settings.shell.integration:
        return Finding(
            "shell",
            Verdict.NOTE,
            _("{shell}: integration is off, commands are not captured").format(
                shell=name
            ),
            _("set shell.integration: true"),
        )
    if kind is ShellKind.OTHER:
        return Finding(
            "shell",
            Verdict.NOTE,
            _("{shell}: unknown shell, commands are not captured").format(shell=name),
            _("use bash, zsh or fish: --shell or shell.command"),
        )
    if kind.is_limited or _is_too_old(kind, version):
        return Finding(
            "shell",
            Verdict.NOTE,
            _("{shell}: limited, commands are read from the screen").format(shell=name),
            _("bash 4.4, zsh 5.1 or fish 3.2 and newer are captured exactly"),
        )
    return Finding(
        "shell",
        Verdict.OK,
        _("{shell}: commands are captured exactly").format(shell=name),
    )


def _version_of(program: str) -> str:
    try:
        told = subprocess.run(
            [program, "--version"],
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=VERSION_TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    found = _VERSION.search(told.stdout)
    return found[0] if found else ""


def _is_too_old(kind: ShellKind, version: str) -> bool:
    oldest = OLDEST_SUPPORTED.get(kind)
    if oldest is None or not version:
        return False
    return tuple(int(part) for part in version.split(".")[:2]) < oldest


def _examine_terminal(environ: Mapping[str, str]) -> Iterator[Finding]:
    term = environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        yield Finding(
            "terminal",
            Verdict.FAULT,
            _("TERM is {term}: this is no terminal to draw on").format(
                term=f'"{single_line(term, DETAIL_LIMIT_CHARACTERS)}"'
            ),
            _("start it in a terminal window or in tmux"),
        )
        return
    if not all(each and each.isatty() for each in (sys.stdin, sys.stdout)):
        yield Finding(
            "terminal",
            Verdict.NOTE,
            _("TERM is {term}, but input or output is not a terminal now").format(
                term=term
            ),
        )
        return
    columns, rows = shutil.get_terminal_size()
    is_small = columns < COMFORTABLE_SIZE[0] or rows < COMFORTABLE_SIZE[1]
    yield Finding(
        "terminal",
        Verdict.NOTE if is_small else Verdict.OK,
        f"{term}, {columns}x{rows}",
        _("80x24 is the least that is comfortable") if is_small else "",
    )
    has_true_color = environ.get("COLORTERM", "") in ("truecolor", "24bit")
    yield Finding(
        "colours",
        Verdict.OK if has_true_color else Verdict.NOTE,
        _("16 million") if has_true_color else _("COLORTERM does not promise many"),
        ""
        if has_true_color
        else _("interface.theme: ansi uses your terminal's own 16 colours"),
    )


def _examine_locale() -> Finding:
    # What the shell will see: Python's own preference is UTF-8 even under LC_ALL=C.
    encoding = locale.getencoding()
    try:
        is_utf8 = codecs.lookup(encoding).name == "utf-8"
    except LookupError:
        is_utf8 = False
    if is_utf8:
        return Finding("locale", Verdict.OK, encoding)
    return Finding(
        "locale",
        Verdict.NOTE,
        _("{encoding}: lines and other languages' letters may look wrong").format(
            encoding=encoding
        ),
        "export LANG=C.UTF-8",
    )


def _examine_directories() -> Iterator[Finding]:
    for name, place in (("state", state_directory), ("runtime", runtime_directory)):
        try:
            directory = place()
        except ConfigError as error:
            yield Finding(name, Verdict.FAULT, error.message, error.hint)
            continue
        exposed = [path for path in sorted(directory.iterdir()) if _is_exposed(path)]
        if exposed:
            names = " ".join(str(path) for path in exposed)
            yield Finding(
                name,
                Verdict.FAULT,
                _("other users may use {paths}").format(paths=names),
                f"chmod go= {names}",
            )
        elif not os.access(directory, os.W_OK):
            yield Finding(
                name,
                Verdict.FAULT,
                _("{path} cannot be written").format(path=directory),
                _("check its owner and the disk"),
            )
        else:
            yield Finding(name, Verdict.OK, f"{directory} (0700)")


def _is_exposed(path: Path) -> bool:
    status = path.lstat()
    return not stat.S_ISSOCK(status.st_mode) and bool(status.st_mode & OTHERS_MAY_USE)


def _examine_model(
    settings: AiSettings, make_provider: Callable[[AiSettings], Provider]
) -> Iterator[Finding]:
    if not settings.enabled:
        yield Finding(
            "ollama",
            Verdict.NOTE,
            _("off; advice works without it"),
            "ai.enabled: true",
        )
        return
    try:
        version, models = asyncio.run(_ask_service(make_provider(settings)))
    except (ProviderError, TimeoutError) as error:
        yield from _examine_leaving(settings, ())
        detail = error.message if isinstance(error, ProviderError) else ""
        hint = error.hint if isinstance(error, ProviderError) else ""
        yield Finding(
            "ollama",
            Verdict.NOTE,
            detail or _("no answer from {host}").format(host=settings.host),
            hint or _("start it with `ollama serve`; advice works without it"),
        )
        return
    yield Finding("ollama", Verdict.OK, f"{settings.host} {version}".rstrip())
    yield from _examine_leaving(settings, models)
    found = next((one for one in models if same_model(one.name, settings.model)), None)
    try:
        require_permitted(found or ModelInfo(settings.model), settings)
    except ProviderError as error:
        yield Finding("model", Verdict.NOTE, error.message, error.hint)
        return
    if found is not None:
        yield Finding("model", Verdict.OK, settings.model)
    else:
        yield Finding(
            "model",
            Verdict.NOTE,
            _("{model} is not installed").format(model=settings.model),
            f"ollama pull {settings.model}",
        )


def _examine_leaving(
    settings: AiSettings, models: Sequence[ModelInfo]
) -> Iterator[Finding]:
    """Say where questions leave this machine for, if they do."""
    host = remote_host_of(settings, (settings.model, settings.light_model), models)
    if not host:
        return
    address = parse_address(settings.host)
    is_readable = not (address.is_loopback or address.is_encrypted)
    yield Finding(
        "remote",
        Verdict.NOTE,
        _("your commands and their output go to {host}").format(host=host),
        _("not encrypted on the way: use https in ai.host") if is_readable else "",
    )


def _examine_team(
    settings: TeamCacheSettings, environ: Mapping[str, str]
) -> Iterator[Finding]:
    """Say whether answers are shared, and what keeps them from being."""
    try:
        tier = open_redis_tier(settings, environ)
    except ConfigError as error:
        yield Finding("team", Verdict.NOTE, error.message, error.hint)
        return
    if tier is None:
        return
    trouble = asyncio.run(_team_trouble(tier))
    if trouble:
        yield Finding("team", Verdict.NOTE, trouble, _("check team_cache.url"))
    else:
        shared = _("answers are shared at {address}").format(address=tier.label)
        yield Finding("team", Verdict.OK, shared)


async def _team_trouble(tier: RedisTier) -> str:
    try:
        return await tier.trouble()
    finally:
        await tier.close()


async def _ask_service(provider: Provider) -> tuple[str, tuple[ModelInfo, ...]]:
    try:
        async with asyncio.timeout(SERVICE_TIMEOUT_SECONDS):
            version = await provider.version()
            models = await provider.models()
    finally:
        await provider.close()
    return version, models
