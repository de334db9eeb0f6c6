"""What the ollama client and httpx raise, as our few errors with a hint.

The client lets most of httpx through unwrapped, and a stream that breaks raises
something else than a request that does.
"""

import contextlib
import json
import ssl
from collections.abc import Iterator

from terminal_ai.errors import (
    IncompleteAnswerError,
    ModelMissingError,
    PromptTooLongError,
    ProviderError,
    ServiceUnavailableError,
)
from terminal_ai.messages import gettext as _
from terminal_ai.safety.sanitize import single_line

DETAIL_LIMIT_CHARACTERS = 200
CAUSES_LIMIT = 16


@contextlib.contextmanager
def translated_errors(address: str, model: str = "") -> Iterator[None]:
    """Raise a ``ProviderError`` for everything that the client can raise."""
    import httpx
    import ollama

    try:
        yield
    except ollama.ResponseError as error:
        raise _from_response(error.status_code, error.error, model) from error
    except TimeoutError as error:
        raise ServiceUnavailableError(
            _("Ollama at {address} does not answer in time").format(address=address),
            hint=_("look at its log, or start it again"),
        ) from error
    except (ConnectionError, httpx.ConnectError, httpx.ConnectTimeout) as error:
        if (reason := _certificate_fault(error)) is not None:
            raise ServiceUnavailableError(
                _("The certificate of {address} is not trusted: {reason}").format(
                    address=address,
                    reason=single_line(reason, DETAIL_LIMIT_CHARACTERS),
                ),
                hint=_("if it is your own, name its issuer in ai.certificate_file"),
            ) from error
        raise unreachable(address) from error
    except httpx.HTTPError as error:
        raise IncompleteAnswerError(
            _("The connection to Ollama broke"), hint=_("ask again")
        ) from error
    except (ValueError, AttributeError, TypeError) as error:
        # Not JSON, or JSON of another shape than the client's own types.
        raise ProviderError(
            _("{address} does not answer like Ollama").format(address=address),
            hint=_("check ai.host"),
        ) from error


def unreachable(address: str) -> ServiceUnavailableError:
    """Return the error for an address to which no connection can be made."""
    return ServiceUnavailableError(
        _("Ollama does not answer at {address}").format(address=address),
        hint=_("start it with: ollama serve"),
    )


def _certificate_fault(error: BaseException) -> str | None:
    """Return why the other side was not believed, None if that was not the reason."""
    cause: BaseException | None = error
    for _step in range(CAUSES_LIMIT):
        if cause is None:
            return None
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
        cause = cause.__cause__ or cause.__context__
    return None


def _from_response(status: int, text: object, model: str) -> ProviderError:
    detail = single_line(_sentence(text), DETAIL_LIMIT_CHARACTERS)
    if overflow := _overflow(text):
        prompt_tokens, window_tokens = overflow
        return PromptTooLongError(
            _("The prompt is longer than the model's window"),
            hint=_("raise ai.context_tokens"),
            status_code=status,
            prompt_tokens=prompt_tokens,
            window_tokens=window_tokens,
        )
    if status == 404 and model and "not found" in detail and "page" not in detail:
        return ModelMissingError(
            _("The model {model} is not installed.").format(model=model),
            hint=_("get it with: ollama pull {model}").format(model=model),
            status_code=status,
        )
    return ProviderError(
        _("Ollama refused: {detail}").format(detail=detail or status)
        if status > 0
        else _("Ollama failed while answering: {detail}").format(detail=detail),
        hint=_hint(status, detail),
        status_code=status,
    )


def _hint(status: int, detail: str) -> str:
    if 300 <= status < 400:
        return _("redirects are not followed: set ai.host to the real address")
    if status == 400 and detail.startswith("time:"):
        return _('ai.keep_alive looks like "10m", or -1 for ever')
    if status == 401 or (status == 403 and "cloud" not in detail):
        return _("name the variable that holds its token in ai.token_variable")
    if status == 403:
        return _("choose a model that runs on this machine")
    if status in (404, 405):
        return _("check ai.host")
    if status == 503:
        return _("it is busy: ask again in a moment")
    if status >= 500:
        return _("look at Ollama's log; a smaller model may help")
    return _("ask again")


def _overflow(text: object) -> tuple[int, int] | None:
    """Return the counts of an ``exceed_context_size_error``, zeros if not told.

    The runner's own JSON stands as a string inside Ollama's ``error`` field.
    """
    if not isinstance(text, str) or "context size" not in text:
        return None
    fields: object = None
    with contextlib.suppress(ValueError):
        fields = json.loads(text)
    if isinstance(fields, dict) and isinstance(inner := fields.get("error"), dict):
        fields = inner
    if not isinstance(fields, dict):
        return 0, 0
    counts = (fields.get("n_prompt_tokens"), fields.get("n_ctx"))
    prompt, window = (count if isinstance(count, int) else 0 for count in counts)
    return prompt, window


def _sentence(text: object) -> str:
    """Return the readable part of an error that may be JSON inside JSON."""
    if isinstance(text, dict):
        inner = text.get("message", text.get("error", ""))
        return inner if isinstance(inner, str) else ""
    return text if isinstance(text, str) else ""
