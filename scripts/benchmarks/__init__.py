"""What ``scripts/bench.py`` measures; every figure has its peer in the same run."""
