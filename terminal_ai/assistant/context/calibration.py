"""How many tokens a model really makes of a piece of text.

Services tell after each answer what they counted. A count can only raise the margin
of later estimates, for a low one may mean that the service told only what it had not
read before.
"""

import math
from collections import deque

from cachetools import LRUCache

from terminal_ai.assistant.context.parts import ComposedPrompt
from terminal_ai.assistant.context.tokens import MARGIN, TokenMeter

MODELS_LIMIT = 16
COUNTS_LIMIT = 32
"""Counts that are kept of a model: what was odd once is forgotten after so many."""
MARGIN_LIMIT = 8.0
"""Tokens a piece that no tokenizer makes: such a count is a mistake."""
MARGIN_STEP = 1 / 16
"""Margins are whole steps: prompts are not cut anew for every small change."""
TEMPLATE_BYTES = 1_024
"""A chat template may add this much; no tokenizer makes more tokens than bytes."""
REFUSED_GROWTH = 1.1
"""Shortened, a prompt has fewer of the letters that are cheap."""
UNTOLD_GROWTH = 1.5
"""For a prompt that was too long while the service did not tell by how much."""


class TokenCalibration:
    """Learns each model's margin. Nothing of it is ever stored."""

    def __init__(self) -> None:
        self._models: LRUCache[str, _Counts] = LRUCache(MODELS_LIMIT)

    def meter(self, model: str) -> TokenMeter:
        """Return what counts this model's tokens."""
        counts = self._models.get(model)
        return TokenMeter(counts.margin if counts else MARGIN)

    def window(self, model: str, told_tokens: int) -> int:
        """Return the smaller window: what is told, or what refused a prompt."""
        counts = self._models.get(model)
        refused = counts.window_tokens if counts else 0
        return min(told_tokens, refused) if refused else told_tokens

    def learn(self, model: str, prompt: ComposedPrompt, prompt_tokens: int) -> None:
        """Take in what a service counted of a prompt."""
        ratio = _ratio(prompt, prompt_tokens)
        if 0 < ratio <= MARGIN_LIMIT:
            self._counts(model).add(ratio)

    def learn_refusal(
        self,
        model: str,
        prompt: ComposedPrompt,
        *,
        prompt_tokens: int,
        window_tokens: int,
    ) -> None:
        """Take in that a prompt was too long, and by how much if that was told.

        The next prompt of this model is shorter in any case.
        """
        counts = self._counts(model)
        is_smaller = 0 < window_tokens < prompt.window_tokens
        if is_smaller:
            counts.window_tokens = window_tokens
        needed = REFUSED_GROWTH * _ratio(prompt, prompt_tokens)
        if needed <= counts.margin and not is_smaller:
            needed = UNTOLD_GROWTH * counts.margin
        counts.add(min(needed, MARGIN_LIMIT))

    def _counts(self, model: str) -> "_Counts":
        return self._models.setdefault(model, _Counts())


def _ratio(prompt: ComposedPrompt, prompt_tokens: int) -> float:
    """Return tokens a piece; 0 for a count that cannot be true."""
    is_possible = 0 < prompt_tokens <= prompt.size_bytes + TEMPLATE_BYTES
    return prompt_tokens / prompt.pieces if is_possible and prompt.pieces else 0.0


class _Counts:
    """Tokens a piece, as counted of the latest prompts of one model."""

    def __init__(self) -> None:
        self._ratios: deque[float] = deque(maxlen=COUNTS_LIMIT)
        self.margin = MARGIN
        self.window_tokens = 0
        """What the service said when it refused a prompt; 0 if it never did."""

    def add(self, ratio: float) -> None:
        self._ratios.append(ratio)
        highest = max(self._ratios)
        if highest > MARGIN:
            steps = math.ceil(highest / MARGIN_STEP)
            self.margin = min(steps * MARGIN_STEP, MARGIN_LIMIT)
        else:
            self.margin = MARGIN
