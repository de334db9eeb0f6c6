"""What ``terminal-ai`` does without a screen; each module is imported when needed."""
