"""Where our files live, by the platform's rules.

Directories we write into belong to the user alone and are never reached through a
symbolic link, which another user of the machine could have planted.
"""

import os
import stat
import tempfile
from pathlib import Path

from terminal_ai.errors import ConfigError
from terminal_ai.messages import gettext as _

APPLICATION = "terminal-ai"
CONFIG_FILE = "config.yaml"
STORED_RULES_FILE = "rules.msgpack"
PRIVATE_DIRECTORY_MODE = 0o700


def config_directory() -> Path:
    """Return where the user keeps settings; only read, so it need not exist."""
    import platformdirs  # half of what `--version` would otherwise cost

    return platformdirs.user_config_path(APPLICATION)


def default_config_file() -> Path:
    """Return the file that is read when none is named."""
    return config_directory() / CONFIG_FILE


def state_path() -> Path:
    """Return where the history and the log are; only named, so it need not exist."""
    import platformdirs

    return platformdirs.user_state_path(APPLICATION)


def stored_rules_file() -> Path:
    """Return where our rules are kept in a form that is read faster; only named."""
    import platformdirs

    return platformdirs.user_cache_path(APPLICATION) / STORED_RULES_FILE


def state_directory() -> Path:
    """Return the directory of the history and the log, created if absent."""
    return private_directory(state_path())


def runtime_directory() -> Path:
    """Return the directory of files that live as long as a session."""
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if base and Path(base).is_dir() and os.access(base, os.W_OK):
        return private_directory(Path(base) / "terminal_ai")
    return private_directory(Path(tempfile.gettempdir()) / f"terminal_ai-{os.getuid()}")


def private_directory(path: Path) -> Path:
    """Create ``path`` with mode 0700, or make an existing one of ours so.

    A symbolic link, another user's directory or a file in its place is refused.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIRECTORY_MODE)
        path.mkdir(exist_ok=True, mode=PRIVATE_DIRECTORY_MODE)
        status = path.lstat()
    except OSError as error:
        raise ConfigError(
            _("cannot create the directory {path}: {reason}").format(
                path=path, reason=error.strerror
            ),
            hint=_("check who owns it and whether the disk is writable"),
        ) from error
    if stat.S_ISLNK(status.st_mode):
        raise ConfigError(
            _("{path} is a symbolic link").format(path=path),
            hint=_("replace it with a directory of your own"),
        )
    if status.st_uid != os.getuid():
        raise ConfigError(
            _("{path} belongs to another user").format(path=path),
            hint=_("move it away; it will be created again"),
        )
    if stat.S_IMODE(status.st_mode) != PRIVATE_DIRECTORY_MODE:
        path.chmod(PRIVATE_DIRECTORY_MODE)
    return path
