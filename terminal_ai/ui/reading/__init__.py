"""The text on the screen and above it: places, words, links, selections, searches."""
