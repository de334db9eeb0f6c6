"""The frozen values that every layer shares."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from terminal_ai.plaintext import plain_text


class Risk(enum.StrEnum):
    """How much a command can destroy, from ``safety.risk``."""

    SAFE = "safe"
    CAUTION = "caution"
    DANGER = "danger"

    @property
    def rank(self) -> int:
        """0 for safe, 1 for caution, 2 for danger."""
        return list(Risk).index(self)


@dataclass(frozen=True)
class CapturedOutput:
    """The bytes a command printed, bounded: a head, a tail, and what was elided.

    ``text`` is rendered from the raw bytes only when asked for, so that resizing,
    ``clear`` and redraws cannot corrupt what was captured. ``timeline`` tells by pairs
    of seconds since the start and bytes printed until then how the output grew, elided
    bytes among them; it is empty where nobody knows. ``is_text`` says that the bytes
    are no longer what was printed, but its rendered text, as it comes from disk.
    """

    head: bytes = b""
    tail: bytes = b""
    elided_bytes: int = 0
    timeline: tuple[tuple[float, int], ...] = field(default=(), compare=False)
    is_text: bool = field(default=False, compare=False)

    @cached_property
    def text(self) -> str:
        """The output as readable lines, with a line that counts what was elided."""
        if not self.elided_bytes:
            return plain_text(self.head + self.tail)
        return "\n".join((plain_text(self.head), self.gap, plain_text(self.tail)))

    @property
    def gap(self) -> str:
        """The line that stands where bytes were elided."""
        return f"[… {self.elided_bytes} bytes elided …]"


class CommandSource(enum.StrEnum):
    """Where the command line was read from."""

    SHELL = "shell"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class ResourceUsage:
    """What a command's process tree used; None where nobody could tell.

    ``read_bytes`` and ``written_bytes`` are of storage, as the kernel counts them.
    """

    cpu_user_seconds: float | None = None
    cpu_system_seconds: float | None = None
    peak_rss_bytes: int | None = None
    read_bytes: int | None = None
    written_bytes: int | None = None

    @property
    def cpu_seconds(self) -> float | None:
        """User and system time together."""
        if self.cpu_user_seconds is None or self.cpu_system_seconds is None:
            return None
        return self.cpu_user_seconds + self.cpu_system_seconds


@dataclass(frozen=True)
class CommandRecord:
    """One finished command, as every layer above the shell sees it.

    ``id`` is the session's id, a hyphen and the command's number in it. ``exit_code``
    is None when the shell never told it. ``started_at`` is seconds since the epoch.
    ``columns`` and ``rows`` are the terminal's size at its end. A private record is
    never sent to a model and never written to disk.
    """

    id: str
    command_line: str
    cwd: str
    exit_code: int | None
    started_at: float
    duration_seconds: float
    output: CapturedOutput = field(default_factory=CapturedOutput)
    shell: str = ""
    is_private: bool = False
    resources: ResourceUsage = ResourceUsage()
    used_alternate_screen: bool = False
    source: CommandSource = CommandSource.SHELL
    columns: int = 80
    rows: int = 24

    @property
    def has_failed(self) -> bool:
        """True for a known exit code other than 0."""
        return self.exit_code not in (0, None)

    @property
    def session_id(self) -> str:
        """The session that ran it."""
        return self.id.rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class CommandCounts:
    """How many commands have ended, by how; of some the shell never tells."""

    ok: int = 0
    failed: int = 0
    unknown: int = 0

    def with_one(self, record: CommandRecord) -> "CommandCounts":
        """Return the counts with one more."""
        if record.exit_code is None:
            return replace(self, unknown=self.unknown + 1)
        if record.has_failed:
            return replace(self, failed=self.failed + 1)
        return replace(self, ok=self.ok + 1)


@dataclass(frozen=True, slots=True)
class RunningCommand:
    """A command that has started and not ended."""

    command_line: str
    cwd: str
    started_at: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A command that may help: one printable line, never run for the user.

    ``confidence`` is 0.0 to 1.0.
    """

    command: str
    risk: Risk
    why: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Advice:
    """The offline advisor's answer to one failed command.

    ``what`` names what happened, ``why`` explains it in at most two sentences,
    ``evidence`` quotes the output line it rests on, ``rule`` is the rule's id.
    ``suggestions`` holds at most three, best first. ``see`` names where to read on, as
    commands that are shown and never run: ``man git-push``, ``npm install --help``.
    """

    what: str
    why: str
    suggestions: tuple[Suggestion, ...] = ()
    evidence: str = ""
    rule: str = ""
    see: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """A command that was run some time after another one had failed."""

    command_line: str
    has_worked: bool
    used_alternate_screen: bool = False


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What was run after a failure in ``cwd``, oldest first, in the same session."""

    cwd: str
    attempts: tuple[Attempt, ...]


class NameKind(enum.StrEnum):
    """Kinds of names that a project's files, or the user's, define."""

    GIT_BRANCH = "git-branch"
    """The current branch alone; none where HEAD is detached."""
    GIT_BRANCHES = "git-branches"
    GIT_REMOTE_BRANCHES = "git-remote-branches"
    """As ``origin/main``."""
    GIT_REMOTES = "git-remotes"
    GIT_TAGS = "git-tags"
    PACKAGE_SCRIPTS = "package-scripts"
    """The scripts of package.json."""
    MAKE_TARGETS = "make-targets"
    JUST_RECIPES = "just-recipes"
    CARGO_TARGETS = "cargo-targets"
    """Binaries and examples of a Cargo package."""
    COMPOSE_SERVICES = "compose-services"
    SSH_HOSTS = "ssh-hosts"
    """Of ``~/.ssh/config`` and of the hosts known in plain text."""
    VIRTUAL_ENVIRONMENTS = "virtual-environments"
    """Directories of Python environments, as written from the cwd."""
    DEBIAN_PACKAGES = "debian-packages"
    """The packages that dpkg has on this machine."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the advisor may know besides the record; gathered by ``shell``.

    ``programs`` are the executable names on PATH plus the shell's builtins.
    ``listings`` maps a directory, as written in the command ("." for the cwd), to the
    names in it, a directory's with a trailing slash. ``known_commands`` worked before,
    newest first. ``aftermaths`` are those of earlier failures of the same command
    line. ``project`` holds the names of the kinds that were asked for, ``manual_pages``
    the pages that are installed, as ``git-push(1)``.
    """

    programs: frozenset[str] = frozenset()
    listings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    known_commands: tuple[str, ...] = ()
    aftermaths: tuple[Aftermath, ...] = ()
    project: Mapping[NameKind, tuple[str, ...]] = field(default_factory=dict)
    manual_pages: frozenset[str] = frozenset()
    home: str = ""
    is_root: bool = False


class AnswerPhase(enum.StrEnum):
    """Where a model answer stands. WAITING is for another request of ours."""

    WAITING = "waiting"
    CONNECTING = "connecting"
    LOADING = "loading"
    READING = "reading"
    THINKING = "thinking"
    WRITING = "writing"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class AnswerFigures:
    """What the answer cost, from the service's own counters; None if unknown."""

    first_token_seconds: float | None = None
    load_seconds: float | None = None
    total_seconds: float | None = None
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    tokens_per_second: float | None = None
    prompt_seconds: float | None = None
    """The service reads the prompt."""
    answer_seconds: float | None = None
    """The service writes the answer."""
    model_seconds: float | None = None
    """All that the service worked, loading included."""
    wall_seconds: float | None = None
    """From the question to the whole answer; the wait for other answers is left out."""

    @property
    def app_seconds(self) -> float | None:
        """What of the wait was not the model's: ours, and the way to it."""
        if self.wall_seconds is None or self.model_seconds is None:
            return None
        return max(0.0, self.wall_seconds - self.model_seconds)


class AnswerOrigin(enum.StrEnum):
    """Where an answer came from: the model, or a tier of the cache."""

    MODEL = "model"
    MEMORY = "memory"
    DISK = "disk"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete model answer. ``age_seconds`` is set when it came from the cache.

    ``notice`` is one line the reader should see with it: what was cut, what is odd.
    A secret in it is a placeholder, which ``Assistant.restore`` turns back.
    ``is_prepared``: it was asked for ahead, and nobody has read it before.
    """

    explanation: str
    suggestion: Suggestion | None
    model: str
    thinking: str = ""
    figures: AnswerFigures = AnswerFigures()
    age_seconds: float | None = None
    notice: str = ""
    origin: AnswerOrigin = AnswerOrigin.MODEL
    is_prepared: bool = False


@dataclass(frozen=True, slots=True)
class AnswerUpdate:
    """One step of a streaming answer: everything known so far, not a delta.

    ``answer`` is set exactly once, on the last update, whose phase is DONE.
    """

    phase: AnswerPhase
    explanation: str = ""
    thinking: str = ""
    answer: Answer | None = None


class PrefetchState(enum.StrEnum):
    """Whether an answer that nobody has asked for yet is on its way.

    GIVEN_UP says that none will come: stopped, refused, failed, or not worth keeping.
    """

    ASKING = "asking"
    READY = "ready"
    GIVEN_UP = "given_up"


class ModelRole(enum.StrEnum):
    """What a model is used for: LIGHT for short texts, HEAVY for all others."""

    LIGHT = "light"
    HEAVY = "heavy"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model that the service has, as the picker shows it.

    ``context_length`` is what it was trained for, ``loaded_context_length`` the window
    it has now; 0 where unknown. ``expires_at`` is when it is unloaded, in seconds since
    the epoch; None while it is not loaded, and ``inf`` for never. ``remote_host`` is
    set if the service only forwards to another.
    """

    name: str
    digest: str = ""
    size_bytes: int = 0
    family: str = ""
    parameters: str = ""
    quantization: str = ""
    context_length: int = 0
    is_loaded: bool = False
    loaded_context_length: int = 0
    expires_at: float | None = None
    remote_host: str = ""
    capabilities: tuple[str, ...] = ()


class ModelState(enum.StrEnum):
    """What the assistant can do now."""

    DISABLED = "disabled"
    UNAVAILABLE = "unavailable"
    MODEL_MISSING = "model_missing"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """The assistant's state with one line for the status bar.

    ``remote_host`` is set while questions leave this machine: it must stay in sight.
    ``expires_at`` is as in ``ModelInfo``.
    """

    state: ModelState
    model: str
    detail: str = ""
    installed_models: tuple[str, ...] = ()
    remote_host: str = ""
    is_loaded: bool = False
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """What a model was used for since the program started, cached answers apart."""

    answers: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    seconds: float = 0.0
    newest: AnswerFigures = AnswerFigures()


@dataclass(frozen=True, slots=True)
class PullProgress:
    """One step of a model download; ``total_bytes`` is 0 while unknown."""

    status: str
    completed_bytes: int = 0
    total_bytes: int = 0
