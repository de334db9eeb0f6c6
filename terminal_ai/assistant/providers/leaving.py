"""Which questions leave this machine, and whether they may."""

from collections.abc import Iterable

from terminal_ai.assistant.providers.address import parse_address
from terminal_ai.assistant.providers.base import is_cloud_name, same_model
from terminal_ai.config import AiSettings
from terminal_ai.errors import ProviderError
from terminal_ai.messages import gettext as _
from terminal_ai.records import ModelInfo

CLOUD_HOST = "https://ollama.com"
"""Where Ollama forwards what it does not say otherwise."""


def is_cloud_model(model: ModelInfo) -> bool:
    """Tell whether the service only forwards questions to this model."""
    return bool(model.remote_host) or is_cloud_name(model.name)


def require_permitted(model: ModelInfo, settings: AiSettings) -> None:
    """Raise ProviderError for a model in the cloud, unless the user allowed those."""
    if is_cloud_model(model) and not settings.allow_cloud:
        raise ProviderError(
            _("{model} runs in the cloud, not here: refused.").format(model=model.name),
            hint=_("choose a model that runs on this machine"),
        )


def remote_host_of(
    settings: AiSettings, names: Iterable[str], known: Iterable[ModelInfo]
) -> str:
    """Return the machines that questions to these models may leave for.

    Empty while nothing leaves this machine: everything is local, or not permitted.
    """
    hosts: list[str] = []
    try:
        address = parse_address(settings.host)
    except ProviderError:
        return ""
    if not address.is_loopback:
        if not settings.allow_remote_host:
            return ""
        hosts.append(address.machine)
    listed = tuple(known)
    for name in names if settings.allow_cloud else ():
        model = next(
            (one for one in listed if same_model(one.name, name)), ModelInfo(name)
        )
        if is_cloud_model(model):
            hosts.append(_machine(model.remote_host or CLOUD_HOST))
    return ", ".join(dict.fromkeys(hosts))


def _machine(remote_host: str) -> str:
    """Return the name in what a service says of where it forwards to."""
    try:
        return parse_address(remote_host).machine.removesuffix(":443")
    except ProviderError:
        return remote_host
