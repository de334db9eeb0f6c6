"""The whole corpus of secrets goes in; none comes out anywhere else than the screen.

Values of secret-named variables are among it, and what commands print as secrets.
"""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from terminal_ai import bootstrap
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.caching.answer_file import FILE_NAME, FileLimits
from terminal_ai.assistant.caching.answers import AnswerCache
from terminal_ai.assistant.caching.disk_tier import DiskTier
from terminal_ai.assistant.caching.memory_tier import MemoryTier
from terminal_ai.assistant.caching.redis_address import parse_redis_url
from terminal_ai.assistant.caching.redis_tier import RedisTier
from terminal_ai.assistant.caching.team_key import TeamKey
from terminal_ai.assistant.caching.tiers import Tier
from terminal_ai.assistant.inquiry import Exchange, Inquiry, InquiryKind
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.bootstrap.log_file import close_log, open_log
from terminal_ai.config import HistorySettings
from terminal_ai.export import ExportForm, exported
from terminal_ai.history import History
from terminal_ai.records import CommandRecord
from terminal_ai.safety.redact import Redactor
from terminal_ai.safety.vault import SecretVault
from tests.assistant.conftest import ollama_server
from tests.assistant.making import make_record, make_settings
from tests.ollama_server import OllamaServer
from tests.redis_server import RedisServer
from tests.redis_server.fixtures import redis_server
from tests.safety.fake_secrets import fake_secrets
from tests.safety.secret_corpus import ShownSecret, secret_corpus
from utils.async_optimizer import run_in_thread

__all__ = ["ollama_server", "redis_server"]

ENVIRONMENT_VALUE = "an environment value of words"
PRINTED_VALUE = "printed-by-a-manager-of-secrets"
FORMS_OF_A_KIND = 4
TEAM_SECRET = "a secret of the team"


def _environment_secret() -> ShownSecret:
    text = f"connecting with {ENVIRONMENT_VALUE}"
    return ShownSecret("environment", "output", text, (ENVIRONMENT_VALUE,))


def _few_of_each_kind() -> list[list[ShownSecret]]:
    kinds: dict[str, list[ShownSecret]] = {}
    for shown in [*secret_corpus(3), _environment_secret()]:
        kinds.setdefault(shown.kind, []).append(shown)
    for case in fake_secrets(3):
        parts = tuple(case.secret.replace("\\n", "\n").split("\n"))
        kinds[f"fake {case.kind}"] = [ShownSecret(case.kind, "", case.text, parts)]
    return [found[:: max(1, len(found) // FORMS_OF_A_KIND)] for found in kinds.values()]


KINDS = _few_of_each_kind()
ALL = [shown for kind in KINDS for shown in kind]


def redactor() -> Redactor:
    return Redactor({"MY_APP_TOKEN": ENVIRONMENT_VALUE})


def records() -> list[CommandRecord]:
    """Return one record of each kind: in the command line and in the output."""
    made = [
        make_record(kind[0].text, "\n\n".join(shown.text for shown in kind), id=str(at))
        for at, kind in enumerate(KINDS)
    ]
    made.append(make_record("op read op://a/b/c", PRINTED_VALUE, id="printed"))
    return made


def left_in(data: bytes) -> list[tuple[str, str]]:
    text = data.decode("utf-8", "replace")
    found = [
        (shown.kind, shown.place)
        for shown in ALL
        if any(part in text for part in shown.parts if len(part) > 5)
    ]
    if PRINTED_VALUE in text:
        found.append(("printed", ""))
    return found


def bytes_below(directory: Path) -> bytes:
    files = [path for path in sorted(directory.rglob("*")) if path.is_file()]
    return b"\n".join(path.read_bytes() for path in files)


class WatchedTier:
    """A tier in memory, and all that was ever put into it."""

    def __init__(self) -> None:
        self._tier = MemoryTier(1_000, 10_000_000, 3_600.0)
        self.name = self._tier.name
        self.seen = b""

    async def get(self, key: str) -> bytes | None:
        return await self._tier.get(key)

    async def put(self, key: str, value: bytes, *, tags: Sequence[str]) -> None:
        self.seen += b"\n".join([key.encode(), value, *(tag.encode() for tag in tags)])
        await self._tier.put(key, value, tags=tags)

    async def drop(self, tags: Sequence[str]) -> None:
        await self._tier.drop(tags)

    async def clear(self) -> None:
        await self._tier.clear()

    async def close(self) -> None:
        await self._tier.close()


async def _ask_about_everything(server: OllamaServer, tiers: list[Tier]) -> list[str]:
    """Ask of every record; return what the X-ray shows of each question."""
    vault = SecretVault(redactor())
    settings = make_settings(
        server.url, context_tokens=16_384, throttle_requests=100_000
    )
    assistant = Assistant(
        settings,
        provider=OllamaProvider(settings),
        redact=vault.clean,
        restore=lambda command: vault.restore(command).text,
        language="en",
        cache=AnswerCache(tiers),
        environ={"MY_APP_TOKEN": ENVIRONMENT_VALUE},
    )
    shown: list[str] = []
    for record in records():
        # What was piped in or said before has no command that would tell of it.
        text = "" if record.id == "printed" else record.output.text
        for inquiry in (
            Inquiry.about(record),
            Inquiry(
                kind=InquiryKind.ASK,
                question=record.command_line,
                history=(record,),
                thread=(Exchange(record.command_line, text),),
                material=text,
            ),
        ):
            composed = await assistant.preview(inquiry)
            shown += [part.text for part in composed.parts]
            async for _update in assistant.answer(inquiry):
                pass
    await assistant.close()
    return shown


@pytest.fixture
async def asked(
    ollama_server: OllamaServer, tmp_path: Path
) -> tuple[OllamaServer, WatchedTier, Path, list[str]]:
    memory = WatchedTier()
    limits = FileLimits(10_000, 100_000_000, 86_400.0)
    disk = DiskTier(tmp_path / "cache" / FILE_NAME, limits)
    (tmp_path / "cache").mkdir(mode=0o700)
    shown = await _ask_about_everything(ollama_server, [memory, disk])
    return ollama_server, memory, tmp_path / "cache", shown


@pytest.mark.timeout(300)
async def test_no_secret_is_in_a_request_an_answer_kept_or_what_is_shown_of_them(
    asked: tuple[OllamaServer, WatchedTier, Path, list[str]],
) -> None:
    server, memory, directory, shown = asked
    bodies = b"\n".join(request.body for request in server.requests)
    assert b"[redacted:" in bodies
    # JSON escapes quotes and line ends; a secret that has some is looked for twice.
    assert left_in(bodies) == []
    assert left_in(bodies.replace(b"\\n", b"\n").replace(b'\\"', b'"')) == []
    assert left_in("\n".join(shown).encode()) == []
    assert len(memory.seen) > 10_000
    assert left_in(memory.seen) == []
    kept = await run_in_thread(bytes_below, directory)
    assert len(kept) > 10_000
    assert left_in(kept) == []


@pytest.mark.timeout(300)
async def test_no_secret_is_in_the_team_s_redis(
    ollama_server: OllamaServer, redis_server: RedisServer
) -> None:
    tier = RedisTier(
        parse_redis_url(redis_server.url),
        TeamKey(TEAM_SECRET),
        seconds=3_600.0,
        timeout_seconds=5.0,
        certificate_file="",
    )
    await _ask_about_everything(ollama_server, [tier])

    def everything() -> bytes:
        names = redis_server.say("KEYS", "*").split()
        kept = [redis_server.say("DUMP", name) for name in names if b"terminal" in name]
        return b"\n".join([*names, *kept])

    kept = await run_in_thread(everything)
    assert b"terminal-ai:" in kept
    assert left_in(kept) == []


def test_no_secret_is_in_the_history_s_files(tmp_path: Path) -> None:
    path = tmp_path / "state" / "history.sqlite3"
    history = History(HistorySettings(), path, redact=redactor().clean)
    for record in records():
        history.add(record)
    history.close()

    written = bytes_below(tmp_path)
    assert b"[redacted:" in written
    assert left_in(written) == []


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    yield open_log(tmp_path, level="debug", redact=redactor().clean)
    close_log()


def test_no_secret_is_in_the_log(log: Path) -> None:
    logger = logging.getLogger("terminal_ai.test")
    for shown in ALL:
        # Some kinds are told from by where their line begins.
        logger.error("failed:\n%s", shown.text)
        logger.error("failed", exc_info=ValueError(f"no\n{shown.text}"))

    written = bytes_below(log.parent)
    assert b"[redacted:" in written
    assert left_in(written) == []


@pytest.mark.parametrize("offset", range(-60, 60, 7))
def test_a_secret_at_the_end_of_a_long_log_line_is_not_cut_in_two(
    log: Path, offset: int
) -> None:
    token = "gh" + "p_" + "a1B2" * 9
    logging.getLogger("terminal_ai.test").error(
        "%s %s", "x" * (16_384 - len(token) + offset), token
    )

    assert b"a1B2a1B2" not in log.read_bytes()


def test_no_secret_is_in_a_crash_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_APP_TOKEN", ENVIRONMENT_VALUE)
    for shown in ALL:
        path = bootstrap.log_crash(RuntimeError(f"cannot go on\n{shown.text}"))

    assert path is not None
    written = bytes_below(path.parent)
    assert b"[redacted:" in written
    assert left_in(written) == []


@pytest.mark.parametrize("form", ExportForm)
def test_no_secret_is_in_an_export(form: ExportForm) -> None:
    text = exported(records(), form, redact=redactor().clean).text

    assert "[redacted:" in text
    assert left_in(text.encode()) == []
    assert left_in(text.replace("\\n", "\n").replace('\\"', '"').encode()) == []


async def test_what_is_private_is_never_even_remembered(
    ollama_server: OllamaServer,
) -> None:
    vault = SecretVault(redactor())
    settings = make_settings(ollama_server.url)
    assistant = Assistant(
        settings, provider=OllamaProvider(settings), redact=vault.clean, language="en"
    )
    private = make_record(
        "mysql -pTrout-12345", "password=Trout-12345", is_private=True
    )
    async for _update in assistant.answer(Inquiry.about(private)):
        pass
    await assistant.preview(Inquiry.open("why?", recent=(private,)))
    await assistant.close()

    assert len(vault) == 0
