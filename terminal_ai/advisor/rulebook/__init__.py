"""Rules as data: their form, their templates, and how one is applied."""
