"""How pages are shown: templates, words, charts, and what changes while a page is open."""
