"""Answers the model gave before, and what makes two questions the same."""
