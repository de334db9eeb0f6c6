"""What common messages are called in other languages: tables, no code."""
