"""The face of a person in lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.web.rendering.faces import TONES, first_name, initials, tone


@pytest.mark.parametrize(
    ("who", "letters"),
    [
        ("Maria Rossi", "MR"), ("Anna Maria de Rossi", "AR"), ("Legal", "LE"), ("X", "X"), ("élodie ñandú", "ÉÑ"),
        ("purchasing@harbour.test", "HA"), ("“O’Brien”", "OB"), ("", "?"), ("—", "?"), ("李 小龙", "李小"), ("a@", "?"),
    ],
)  # fmt: skip
def test_the_letters_are_of_the_name_or_of_the_domain(who, letters):
    assert initials(who) == letters


@given(st.text())
def test_any_text_has_letters_and_a_colour(who):
    assert initials(who)
    assert tone(who) in range(1, TONES + 1)
    assert tone(who) == tone(who.swapcase()) or who.casefold() != who.swapcase().casefold()


def test_a_first_name_stands_for_a_person_among_several_and_an_address_stays_whole():
    assert first_name("Maria Rossi") == "Maria"
    assert first_name("maria.rossi@acme.test") == "maria.rossi@acme.test"
    assert first_name("") == ""
