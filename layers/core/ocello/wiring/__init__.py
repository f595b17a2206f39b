"""The composition root: builds the adapters that functions need from their settings, each in one place.

A wiring is an object whose parts are imported and built once, at their first use: a function pays only for the parts that it
uses. Any part can be replaced by a keyword argument, as tests and the local run do. Only a function's `app.py`, `infra` and
tests import this package.
"""
