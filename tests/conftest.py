"""Settings of all tests: a slow machine must not make a property fail."""

from hypothesis import settings

settings.register_profile("ocello", deadline=None)
settings.load_profile("ocello")
