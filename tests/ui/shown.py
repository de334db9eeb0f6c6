"""What stands on the screen, as text."""

from textual.app import App


def shown(app: App[None]) -> str:
    """Return the painted screen, one line a row."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)
