"""How to tell a model not to think aloud, or less: models differ, and refuse.

A model that can think does so unless it is told not to. gpt-oss cannot be told, only
how much. Some services refuse the field altogether.
"""

from collections.abc import Mapping

from cachetools import LRUCache

from terminal_ai.errors import ProviderError
from terminal_ai.records import ModelInfo

MODELS_LIMIT = 1_000
_LEVELS_ONLY = ("gptoss", "gpt-oss")
_BAD_REQUEST = 400


class Thinking:
    """The ``think`` field of requests, by what was told and refused before."""

    def __init__(self) -> None:
        self._refusing: LRUCache[str, bool] = LRUCache(MODELS_LIMIT)

    def fields(self, model: ModelInfo, *, may_think: bool) -> Mapping[str, object]:
        """Return what a request for this model says of thinking."""
        if _key(model) in self._refusing:
            return {}
        if model.family in _LEVELS_ONLY or model.name.startswith(_LEVELS_ONLY):
            return {"think": "medium" if may_think else "low"}
        is_able = not model.capabilities or "thinking" in model.capabilities
        return {"think": may_think and is_able}

    def learn(self, model: ModelInfo, error: ProviderError) -> bool:
        """Tell whether the field was refused, and so is to be left out from now on."""
        is_new = _key(model) not in self._refusing
        is_about_it = error.status_code == _BAD_REQUEST and "think" in error.message
        if is_about_it:
            self._refusing[_key(model)] = True
        return is_new and is_about_it


def _key(model: ModelInfo) -> str:
    return model.digest or model.name
