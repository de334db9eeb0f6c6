"""What Ollama tells of its models, read into our own words."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from terminal_ai.assistant.providers.base import full_name
from terminal_ai.records import ModelInfo

FOREVER_YEARS = 100
"""Ollama's "never" is a date some 290 years away."""
_FRACTION_DIGITS = 6
NAMES_LIMIT = 16

Fields = Mapping[str, object]


def listed_models(tags: Sequence[Fields], running: Sequence[Fields]) -> list[ModelInfo]:
    """Join the entries of /api/tags with those of /api/ps."""
    loaded = {full_name(name): entry for entry in running if (name := _name(entry))}
    return [
        with_runner(_listed(entry, name), loaded.get(full_name(name)))
        for entry in tags
        if (name := _name(entry))
    ]


def with_runner(model: ModelInfo, running: Fields | None) -> ModelInfo:
    """Return the model as /api/ps knows it; None where it is not loaded."""
    if running is None:
        return replace(model, is_loaded=False, loaded_context_length=0, expires_at=None)
    return replace(
        model,
        is_loaded=True,
        loaded_context_length=count(running, "context_length"),
        expires_at=_time(text(running, "expires_at")),
    )


def described(model: ModelInfo, shown: Fields) -> ModelInfo:
    """Return the model with what /api/show adds to what is known of it."""
    facts = shown.get("model_info")
    architecture = ""
    trained = 0
    if isinstance(facts, dict):
        architecture = text(facts, "general.architecture")
        trained = count(facts, f"{architecture}.context_length")
    details = _details(shown)
    return replace(
        model,
        family=model.family or text(details, "family") or architecture,
        parameters=model.parameters or text(details, "parameter_size"),
        quantization=model.quantization or text(details, "quantization_level"),
        context_length=model.context_length or trained,
        remote_host=model.remote_host or text(shown, "remote_host"),
        capabilities=model.capabilities or _names(shown, "capabilities"),
    )


def text(entry: Fields, key: str) -> str:
    """Return a text of an answer, or nothing."""
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def count(entry: Fields, key: str) -> int:
    """Return a number of an answer that is not negative, or 0."""
    value = entry.get(key)
    return max(value, 0) if isinstance(value, int) else 0


def _listed(entry: Fields, name: str) -> ModelInfo:
    details = _details(entry)
    return ModelInfo(
        name=name,
        digest=text(entry, "digest"),
        size_bytes=count(entry, "size"),
        family=text(details, "family"),
        parameters=text(details, "parameter_size"),
        quantization=text(details, "quantization_level"),
        context_length=count(details, "context_length"),
        remote_host=text(entry, "remote_host"),
        capabilities=_names(entry, "capabilities"),
    )


def _name(entry: Fields) -> str:
    return text(entry, "name") or text(entry, "model")


def _details(entry: Fields) -> Fields:
    details = entry.get("details")
    return details if isinstance(details, dict) else {}


def _names(entry: Fields, key: str) -> tuple[str, ...]:
    values = entry.get(key)
    if not isinstance(values, list):
        return ()
    return tuple(value for value in values[:NAMES_LIMIT] if isinstance(value, str))


def _time(written: str) -> float | None:
    """Return RFC 3339 as seconds since the epoch, ``inf`` for never."""
    head, dot, rest = written.partition(".")
    # Go writes nanoseconds and drops zeros; Python 3.11 reads three or six digits.
    digits = len(rest) - len(rest.lstrip("0123456789"))
    fraction = rest[:digits][:_FRACTION_DIGITS].ljust(_FRACTION_DIGITS, "0")
    try:
        then = datetime.fromisoformat(
            f"{head}.{fraction}{rest[digits:]}" if dot else written
        )
        if then.year - datetime.now(then.tzinfo).year > FOREVER_YEARS:
            return math.inf
        return then.timestamp()
    except (ValueError, OverflowError):
        return None
