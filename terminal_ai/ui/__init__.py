"""The only Textual code: screens, widgets, keymap, theme."""
