"""The composition root: makes what functions need of the world out of their settings, each part in one place.

A wiring is an object whose parts are made when first asked for, once, and imported then too: a function pays for those that
it uses. A part may be handed in by keyword in place of its own, as tests and the local run do. Only a function's `app.py`,
`infra` and tests import this package.
"""
