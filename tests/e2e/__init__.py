"""The real program, driven in tmux with real shells."""
