"""The stress test's parts: its work, its shells, its phases, its accounts."""
