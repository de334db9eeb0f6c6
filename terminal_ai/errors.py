"""The exception tree. Each error carries one sentence and one hint.

TerminalAIError
├── ConfigError      a setting, a file or a flag is wrong
├── ShellError       the shell or its pty cannot be started or used
├── HistoryError     the history file cannot be opened or is damaged
├── ForeignFileError a file of ours is a link, or belongs to another user
├── ExportError      records cannot be written to a file
├── RuleError        an advisor rule is malformed
├── MetricsError     metrics cannot be served
├── PlacementError   text cannot be placed at the prompt now
└── ProviderError    the model service failed
    ├── ServiceUnavailableError   nothing answers at the address
    │   └── CircuitOpenError          it failed again and again: not asked for a while
    ├── QueueFullError            too many requests wait already
    ├── RequestDroppedError       a request that nobody waits for gave way
    ├── ModelMissingError         the service runs, the model is not installed
    ├── PromptTooLongError        the prompt does not fit the model's window
    └── IncompleteAnswerError     the stream ended before it said ``done``
"""


class TerminalAIError(Exception):
    """Base of all expected failures; ``hint`` says what the user can do."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def told(self) -> str:
        """The sentence and the hint on one line."""
        return f"{self.message} – {self.hint}" if self.hint else self.message


class ConfigError(TerminalAIError):
    """A setting, a configuration file or a flag is wrong."""


class ShellError(TerminalAIError):
    """The shell or its pty cannot be started or used."""


class HistoryError(TerminalAIError):
    """The history file cannot be opened or is damaged."""


class ForeignFileError(TerminalAIError):
    """A file of ours is a symbolic link, or belongs to another user."""


class ExportError(TerminalAIError):
    """Records cannot be written to a file."""


class RuleError(TerminalAIError):
    """An advisor rule is malformed."""


class MetricsError(TerminalAIError):
    """Metrics cannot be served: a package is missing, or the port is taken."""


class PlacementError(TerminalAIError):
    """Text cannot be placed at the prompt now."""


class ProviderError(TerminalAIError):
    """The model service failed; ``status_code`` is HTTP's, -1 mid-stream."""

    def __init__(
        self, message: str, *, hint: str = "", status_code: int | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.status_code = status_code


class ServiceUnavailableError(ProviderError):
    """Nothing answers at the configured address."""


class CircuitOpenError(ServiceUnavailableError):
    """The service failed again and again, and is left alone for a while."""


class QueueFullError(ProviderError):
    """Too many requests wait for their turn already."""


class RequestDroppedError(ProviderError):
    """A request that no user waits for gave way to another, or to the end."""


class ModelMissingError(ProviderError):
    """The service runs, but the model is not installed there."""


class PromptTooLongError(ProviderError):
    """The prompt does not fit the model's window; both in tokens, 0 if unknown."""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        status_code: int | None = None,
        prompt_tokens: int = 0,
        window_tokens: int = 0,
    ) -> None:
        super().__init__(message, hint=hint, status_code=status_code)
        self.prompt_tokens = prompt_tokens
        self.window_tokens = window_tokens


class IncompleteAnswerError(ProviderError):
    """The stream ended before the service said ``done``."""
