"""The names of our spans, and which of them may take long.

``failure``
    From the end of a command that failed to the advisor's card, in the session's and
    the screen's parts: ``advice`` (``advisor.diagnose`` in it) and ``card``. What is
    asked about the failure later is in the same trace: ``prefetch`` and ``answer``.
``answer``, ``prefetch``
    One request to the assistant: ``prepare``, ``cache.look_up`` and ``model.request``.
"""

import math
from collections.abc import Mapping

from terminal_ai.telemetry.echo import NAME as KEY_ECHO

FAILURE = "failure"
CARD = "card"
ADVICE = "advice"
DIAGNOSE = "advisor.diagnose"
ANSWER = "answer"
PREFETCH = "prefetch"
PREPARE = "prepare"
LOOK_UP = "cache.look_up"
MODEL_REQUEST = "model.request"
FIRST_PIECE = "first_token"
"""The event that an answer has begun."""
HISTORY_WRITE = "history.write"

SLOW_SECONDS: Mapping[str, float] = {
    # A user feels each of these; what the program took is not counted.
    KEY_ECHO: 0.25,
    LOOK_UP: 0.25,
    # Nobody waits for a model's own time to be ours.
    MODEL_REQUEST: math.inf,
}
"""What has a limit of its own instead of the setting's."""
