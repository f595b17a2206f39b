"""How pages are rendered: templates, words, charts, and what changes while a page is open."""
