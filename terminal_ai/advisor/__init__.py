"""The offline advisor: a failed command in, ranked advice out, no I/O."""
