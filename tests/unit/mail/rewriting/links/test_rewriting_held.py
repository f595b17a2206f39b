"""A link that holds its reader's own address stays as it is in that reader's copy, and there alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.mail import rewriting
from ocello.domain.mail.rewriting.links.held import holds
from tests.fakes.engagement.tracking import click, context

ANN, BEN = "ann@customer.test", "ben@customer.test"


@pytest.mark.parametrize(
    "target",
    [
        "https://e.test/?to=ann@customer.test",
        "https://e.test/?to=Ann%40CUSTOMER.test&x=1",
        "https://e.test/?next=https%3A%2F%2Ff.test%2F%3Fto%3Dann%2540customer.test",
        "https://ann@customer.test/",
        "https://e.test/#ann@customer.test.",
        "https://e.test/hello+ann@customer.test",
        "https://e.test/%61nn%40customer.test",
    ],
)
def test_an_address_is_found_however_it_is_spelled(target):
    assert holds(target, ANN)


@pytest.mark.parametrize(
    "target",
    [
        "https://e.test/?to=joann@customer.test",
        "https://e.test/?to=ann@customer.test.example",
        "https://e.test/?to=ann@customer.testing",
        "https://e.test/?to=ben@customer.test",
        "https://customer.test/ann",
        "https://e.test/?to=annXcustomer.test",
        "https://e.test/100%",
    ],
)
def test_a_longer_address_or_a_part_of_it_is_another(target):
    assert not holds(target, ANN)


def test_a_host_beyond_ascii_is_found_in_either_spelling():
    for target in ("https://e.test/?a@xn--bcher-kva.example", "https://e.test/?a@b%C3%BCcher.example"):
        assert holds(target, "a@bücher.example")
        assert not holds(target, "a@bucher.example")


def test_nobodys_address_is_in_no_link():
    assert not holds("https://e.test/?to=ann@customer.test", "")


HTML = (
    '<p><a href="https://e.test/one?a=1&amp;b=2">1</a> <a href="https://e.test/two?to=ann%40customer.test&amp;x=1">2</a> '
    '<a href="https://e.test/three">3</a></p>'
)
RAW = f"Content-Type: text/html\r\n\r\n{HTML}\r\n".encode()


def copies(raw, **changes):
    contexts = {each: context(name, reader=each, **changes) for each, name in ((ANN, "a"), (BEN, "b"))}
    made = rewriting.copier(raw, contexts[ANN])
    return {each: made(of) for each, of in contexts.items()}


def test_it_is_left_alone_in_its_readers_copy_and_tracked_in_the_others():
    found = copies(RAW, open_url=None)
    held = "https://e.test/two?to=ann%40customer.test"
    assert b'"https://e.test/two?to=ann%40customer.test&amp;x=1"' in found[ANN].copy
    assert click(1, f"{held}&x=1", "b").encode() in found[BEN].copy
    assert b"customer.test" not in found[BEN].copy
    assert [link.index for link in found[ANN].links] == [0, 2]
    assert [link.index for link in found[BEN].links] == [0, 1, 2]
    assert [(each.where, each.reason) for each in found[ANN].untracked] == [(f"{held}&x=1", "holds-address")]
    assert found[BEN].untracked == ()


def test_the_other_links_keep_the_numbers_by_which_they_are_counted():
    found = copies(RAW)
    for reader, name in ((ANN, "a"), (BEN, "b")):
        assert click(2, "https://e.test/three", name).encode() in found[reader].copy


def test_a_copy_whose_only_link_is_held_equals_the_original():
    raw = b"Content-Type: text/html\r\n\r\n<a href=https://e.test/?ann@customer.test>x</a>\r\n"
    assert copies(raw, open_url=None)[ANN].copy == raw


def test_an_older_address_of_ours_gives_way_to_the_target_that_is_held():
    older = click(5, "https://e.test/?a=1&to=ann@customer.test", "older")
    raw = f'Content-Type: text/html\r\n\r\n<a href="{older}">x</a>\r\n'.encode()
    found = copies(raw, open_url=None)
    assert b'href="https://e.test/?a=1&#38;to=ann@customer.test"' in found[ANN].copy
    assert click(0, "https://e.test/?a=1&to=ann@customer.test", "b").encode() in found[BEN].copy


def test_in_plain_text_too():
    raw = b"Content-Type: text/plain\r\n\r\nSee https://e.test/?ann@customer.test or https://e.test/x .\r\n"
    found = copies(raw)
    assert b"See https://e.test/?ann@customer.test or " + click(1, "https://e.test/x", "a").encode() in found[ANN].copy
    assert b"ann@" not in found[BEN].copy


@given(
    st.lists(st.sampled_from(["https://e.test/a", "https://e.test/?ann@customer.test", "https://e.test/b"]), max_size=6)
)
def test_what_a_copy_changed_can_be_undone(targets):
    raw = b"Content-Type: text/html\r\n\r\n" + b" ".join(f'<a href="{each}">x</a>'.encode() for each in targets)
    for made in copies(raw).values():
        assert rewriting.restore(made.copy, made.edits) == raw
