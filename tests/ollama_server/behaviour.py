"""What goes wrong, and how long things take, in one frozen value."""

import enum
from dataclasses import dataclass


class Fault(enum.Enum):
    """How a stream ends instead of well."""

    ERROR_LINE = "an NDJSON line with an error"
    WITHOUT_DONE = "the stream ends properly, but nothing said done"
    DROPPED = "the connection is reset in the middle of a chunk"
    GARBAGE = "a line that is not JSON"
    WRONG_SHAPE = "a line of JSON that is not an object"
    SILENCE = "nothing more arrives, the connection stays open"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way for the server to be; assign another to change it between requests."""

    load_seconds: float = 0.0
    first_token_seconds: float = 0.0
    """The prefill: not a byte is sent meanwhile."""
    token_seconds: float = 0.0
    pull_step_seconds: float = 0.0
    quick_seconds: float = 0.0
    """Before any answer that needs no model."""
    fault: Fault | None = None
    fault_after_pieces: int = 0
    refusal_status: int = 0
    """Answer every request for a model with this status."""
    refusal_text: str = (
        "server busy, please try again.  maximum pending requests exceeded"
    )
    broken_stage: str = ""
    """A path, or "load" for a chat without messages, that fails by ``broken_by``."""
    broken_by: "Fault | int" = 500
    """How: DROPPED, GARBAGE or SILENCE, or a status."""
    not_offered: frozenset[str] = frozenset()
    """Paths that this service does not have, as compatible ones may not."""
    is_terse: bool = False
    """Tell in /api/tags what an old Ollama told."""
    redirect_to: str = ""
    """Answer everything with 307 to this URL."""
    plain_text: str = ""
    """Ignore the schema and say this instead."""
    thinking: str = ""
    """What a thinking model thinks."""
    thinks_in_content: bool = False
    """Send thoughts between <think> tags, as models without the capability do."""
    pull_error: str = ""
    is_silent_with_schema: bool = False
    """Put all that is said into the thoughts when a schema is asked for."""
    refused_field: str = ""
    """Answer chats that have this field with 400, or 500 for ``format``."""
