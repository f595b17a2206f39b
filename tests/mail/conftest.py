"""One Dovecot for all tests of this folder: `make test-mail`. Where it is not installed, they fail with one line."""

import pytest

from tests.mail import dovecot


def pytest_configure():
    if dovecot.program() is None:
        packages = " ".join(dovecot.PACKAGES)
        pytest.exit(f"Dovecot is missing: apt-get install -y --no-install-recommends {packages}", returncode=1)


@pytest.fixture(scope="session")
def dovecot_of_all():
    with dovecot.running() as started:
        yield started


@pytest.fixture
def server(dovecot_of_all):
    """A Dovecot that knows nobody's password and no token yet, and has relayed nothing."""
    dovecot_of_all.relay.taken.clear()
    dovecot_of_all.tokens.asked.clear()
    dovecot_of_all.tokens.users.clear()
    return dovecot_of_all
