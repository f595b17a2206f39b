"""Where Dovecot is not installed, `make test-mail` fails with one line that names what to install."""

import pytest

from tests.mail import conftest, dovecot


def test_without_dovecot_the_tests_end_with_one_line_that_names_its_packages(monkeypatch, tmp_path):
    monkeypatch.setattr(dovecot, "_PROGRAMS", str(tmp_path))
    with pytest.raises(pytest.exit.Exception) as ended:
        conftest.pytest_configure()
    assert "\n" not in ended.value.msg
    assert all(package in ended.value.msg for package in dovecot.PACKAGES)
    assert ended.value.returncode == 1
