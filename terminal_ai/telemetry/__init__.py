"""Figures about the running application itself."""
