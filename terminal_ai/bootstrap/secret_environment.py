"""The environment as a redactor should see it."""

from collections.abc import Mapping

from terminal_ai.config import Settings


def with_named_secrets(
    settings: Settings, environ: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment with the secrets that settings name, by telling names.

    A variable that holds a token may be called anything, and a password in an address
    from a file stands in no variable at all.
    """
    return {
        **environ,
        "TERMINAL_AI_HOST_TOKEN": environ.get(settings.ai.token_variable, ""),
        "TERMINAL_AI_TEAM_SECRET": environ.get(settings.team_cache.key_variable, ""),
        "TERMINAL_AI_TEAM_CACHE_URL": settings.team_cache.url,
    }
