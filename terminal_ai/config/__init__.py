"""Settings: one strict tree, resolved from layers, and the directories we own.

default < file < environment < preset < typed flag
"""

from terminal_ai.config.directories import (
    config_directory,
    default_config_file,
    private_directory,
    runtime_directory,
    state_directory,
    state_path,
    stored_rules_file,
)
from terminal_ai.config.layers import Resolved, load_settings
from terminal_ai.config.listing import list_settings
from terminal_ai.config.settings import (
    AdvisorSettings,
    AiSettings,
    HistorySettings,
    InterfaceSettings,
    KeymapSettings,
    LoggingSettings,
    PerformanceSettings,
    ProfilerSettings,
    Settings,
    ShellSettings,
    TeamCacheSettings,
    TerminalSettings,
)

__all__ = [
    "AdvisorSettings",
    "AiSettings",
    "HistorySettings",
    "InterfaceSettings",
    "KeymapSettings",
    "LoggingSettings",
    "PerformanceSettings",
    "ProfilerSettings",
    "Resolved",
    "Settings",
    "ShellSettings",
    "TeamCacheSettings",
    "TerminalSettings",
    "config_directory",
    "default_config_file",
    "list_settings",
    "load_settings",
    "private_directory",
    "runtime_directory",
    "state_directory",
    "state_path",
    "stored_rules_file",
]
