"""What may be entered of a sending account: the same limits on pages as in the API's document."""

import pytest

from ocello.domain.common.errors import Invalid
from ocello.domain.people.accounts import Server, check_account_name, check_server, plain_address

USUAL = Server("mail.example.test", 465, "tls", "rosa", "hush")
LONGEST = {  # by docs/api/openapi.json
    "smtp.host": (253, lambda text: check_server(USUAL._replace(host=text))),
    "smtp.username": (320, lambda text: check_server(USUAL._replace(username=text))),
    "smtp.password": (1_000, lambda text: check_server(USUAL._replace(password=text))),
    "name": (200, check_account_name),
}


@pytest.mark.parametrize("field", LONGEST)
def test_a_text_of_the_greatest_length_is_taken_and_one_longer_is_refused_by_its_name(field):
    longest, check = LONGEST[field]
    check("a" * longest)
    with pytest.raises(Invalid) as refused:
        check("a" * (longest + 1))
    assert refused.value.field == field
    assert str(longest) in refused.value.reason


def test_an_address_of_254_characters_is_taken_and_one_longer_is_refused():
    end = "@customer.test"
    assert plain_address("address", "A" * (254 - len(end)) + end).startswith("aaa")
    with pytest.raises(Invalid, match="plain e-mail address"):
        plain_address("address", "A" * (255 - len(end)) + end)


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_a_port_that_does_not_exist_is_refused(port):
    with pytest.raises(Invalid) as refused:
        check_server(USUAL._replace(port=port))
    assert refused.value.field == "smtp.port"
