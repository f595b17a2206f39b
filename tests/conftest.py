"""For all tests: properties are about what is right, never about how fast a shared machine is."""

from hypothesis import settings

settings.register_profile("ocello", deadline=None)
settings.load_profile("ocello")
