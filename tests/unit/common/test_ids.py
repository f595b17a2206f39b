import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.common import ids

times = st.integers(0, 2**48 - 1)


@given(times, st.binary(min_size=10, max_size=10))
def test_an_id_is_a_uuid_of_version_7_that_holds_its_time(at, random_bytes):
    made = ids.uuid7(at, random_bytes)
    read = uuid.UUID(made)
    assert (str(read), read.version, read.variant) == (made, 7, uuid.RFC_4122)
    assert ids.time_of(made) == at
    assert ids.is_id(made)
    assert ids.first_at(at) <= made <= ids.last_at(at)


@given(times, times, st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_ids_sort_as_their_times_do(first, second, one, other):
    if first != second:
        assert (ids.uuid7(first, one) < ids.uuid7(second, other)) == (first < second)


@given(times, st.sets(st.binary(min_size=10, max_size=10), min_size=2, max_size=2))
def test_most_of_the_chance_reaches_the_id(at, chances):
    one, other = chances
    spread = ids.uuid7(at, one) != ids.uuid7(at, other)
    assert spread or int.from_bytes(one, "big") & ((1 << 74) - 1) == int.from_bytes(other, "big") & ((1 << 74) - 1)


@pytest.mark.parametrize(
    "text", ["", "x", "0192D3C4-0000-7000-8000-000000000001", "{0192d3c4-0000-7000-8000-000000000001}"]
)
def test_only_the_canonical_form_is_an_id(text):
    assert not ids.is_id(text)
