"""The offline advisor: a failed command in, ranked advice out, in milliseconds."""

from terminal_ai.advisor.advisor import Advisor

__all__ = ["Advisor"]
