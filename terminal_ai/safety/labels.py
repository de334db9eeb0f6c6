"""The words for risks, the same wherever a command is shown."""

from terminal_ai.messages import gettext as _
from terminal_ai.records import Risk


def risk_label(risk: Risk) -> str:
    """Return a risk in a word."""
    return {
        Risk.SAFE: _("safe"),
        Risk.CAUTION: _("caution"),
        Risk.DANGER: _("danger"),
    }[risk]
