"""Ids of threads: those in a header with anything else in it, and those in a reply's References."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.mail.threads import (
    LONGEST_CHAIN,
    MOST,
    build_references,
    ids_in,
    inherited_references,
    is_message_id,
    nearest_first,
)

HEADERS = [
    ("", ()),
    ("<a@x>", ("<a@x>",)),
    ("<a@x> <b@x>\r\n <c@x>", ("<a@x>", "<b@x>", "<c@x>")),
    ("<a@x><b@x>,<c@x>", ("<a@x>", "<b@x>", "<c@x>")),
    ("<a@x>\r\n\t<b@x> <a@x>", ("<a@x>", "<b@x>")),
    ("<a.long.one\r\n .goes.on@x>", ("<a.long.one.goes.on@x>",)),
    ("< a@x >", ("<a@x>",)),
    ("(from <no@x> (nested \\) <no@y>)) <a@x> (after)", ("<a@x>",)),
    ("(its end is missing <a@x> (and <b@x>", ("<a@x>", "<b@x>")),
    ("<a(b)@x>", ("<a(b)@x>",)),
    ('"<no@x> said" <a@x>', ("<a@x>",)),
    ('a lone " mark <a@x>', ("<a@x>",)),
    ('Your message of "Tue, 1 Jan" <a@x>', ("<a@x>",)),
    ("a@x b@x", ()),
    ("<> <@> <a@> <@x> <a> <a@x", ()),
    ("<<a@x>>", ("<a@x>",)),
    ("<a@x@y> <b@x>", ("<b@x>",)),
    ("<ä@x> <b@x>", ("<b@x>",)),
    (f"<{'a' * 900}@x> <b@x>", ("<b@x>",)),
]


@pytest.mark.parametrize(("text", "ids"), HEADERS)
def test_the_ids_of_a_header_are_read_whatever_else_is_in_it(text, ids):
    assert ids_in(text) == ids


@given(st.text(alphabet='<>@().,"\\ab \r\n\t', max_size=300) | st.text(max_size=300))
def test_any_text_gives_ids_and_never_an_error(text):
    found = ids_in(text)
    assert len(set(found)) == len(found) <= MOST
    assert all(is_message_id(each) and not set(each) & set(" \r\n") for each in found)


@given(
    st.lists(st.from_regex(r"<[a-z0-9.]{1,12}@[a-z]{1,8}>", fullmatch=True), max_size=20, unique=True),
    st.lists(
        st.sampled_from([" ", "\r\n ", "\t", " (a comment) ", " rubbish ", ",", ' "quoted <no@no>" ']), min_size=21
    ),
)
def test_ids_come_out_as_they_were_put_in(ids, between):
    assert ids_in("".join(f"{gap}{each}" for gap, each in zip(between, ids, strict=False))) == tuple(ids)


@pytest.mark.parametrize(
    "piece", ["<a@x> ", "(", "(<a@x>", '"', '"\\', "\\", "<", "<a", "()", "(\\", '("', '<a@x>"', "<a@x>(", "\n<"]
)
def test_a_header_of_megabytes_costs_little(piece):
    text = piece * (3_000_000 // len(piece))
    pending = time.perf_counter()
    assert len(ids_in(text)) <= MOST
    assert time.perf_counter() - pending < 1


def test_of_very_many_ids_the_first_and_the_last_are_kept():
    ids = [f"<{number}@x>" for number in range(500)]
    assert ids_in(" ".join(ids)) == (ids[0], *ids[-MOST + 1 :])
    far = ids_in(f"<first@x> {'x' * 300_000} <last@x>")
    assert far == ("<first@x>", "<last@x>")


@pytest.mark.parametrize(
    ("in_reply_to", "references", "order"),
    [
        ((), (), ()),
        (("<p@x>",), (), ("<p@x>",)),
        ((), ("<root@x>", "<p@x>"), ("<p@x>", "<root@x>")),
        (("<p@x>",), ("<root@x>", "<p@x>"), ("<p@x>", "<root@x>")),
        (("<p@x>",), ("<root@x>", "<q@x>"), ("<p@x>", "<q@x>", "<root@x>")),
        (("<p@x>",), ("<p@x>", "<root@x>"), ("<p@x>", "<root@x>")),
    ],
)
def test_the_nearest_comes_first(in_reply_to, references, order):
    assert nearest_first(in_reply_to, references) == order


def test_of_very_many_ancestors_the_nearest_and_the_root_are_kept():
    ids = tuple(f"<{number}@x>" for number in range(MOST + 9))
    assert nearest_first((), ids) == (*reversed(ids[-MOST + 1 :]), ids[0])


@pytest.mark.parametrize(
    ("in_reply_to", "references", "handed_down"),
    [
        ((), (), ()),
        (("<p@x>",), ("<r@x>", "<p@x>"), ("<r@x>", "<p@x>")),
        (("<p@x>",), (), ("<p@x>",)),
        (("<p@x>", "<q@x>"), (), ()),
    ],
)
def test_a_reply_takes_over_its_parents_references_else_its_only_in_reply_to(in_reply_to, references, handed_down):
    assert inherited_references(in_reply_to, references) == handed_down


@pytest.mark.parametrize(
    ("taken_over", "heard_as", "whole"),
    [
        ((), (), ("<p@x>",)),
        (("<r@x>",), (), ("<r@x>", "<p@x>")),
        (("<r@x>", "<q@x>"), (), ("<r@x>", "<q@x>", "<p@x>")),
        (("<r@x>",), ("<s@ses>", "<t@ses>"), ("<r@x>", "<s@ses>", "<t@ses>", "<p@x>")),
        (("<r@x>",), ("<p@x>",), ("<r@x>", "<p@x>")),
        (("<p@x>", "<r@x>", "<p@x>"), (), ("<r@x>", "<p@x>")),
    ],
)
def test_the_references_of_a_reply_are_its_parents_and_then_its_parent(taken_over, heard_as, whole):
    assert build_references(taken_over, heard_as, "<p@x>") == whole


IDS = st.lists(st.integers(1, 880).map(lambda size: f"<{size}{'a' * size}@x>"), max_size=60, unique=True)


@given(IDS)
def test_a_chain_keeps_its_root_and_its_newest_and_stays_within_its_limits(ids):
    made = build_references(ids, (), "<parent@x>")
    assert made[-1] == "<parent@x>"
    assert made[0] == (ids[0] if ids else "<parent@x>")
    kept = list(made[1:-1])
    assert kept == ids[len(ids) - len(kept) :] or not kept
    assert len(made) <= MOST
    assert sum(map(len, made)) <= LONGEST_CHAIN
    dropped = ids[1 : len(ids) - len(kept)]
    if dropped:  # nothing was dropped that had room
        assert len(made) == MOST or sum(map(len, made)) + len(dropped[-1]) > LONGEST_CHAIN


def test_a_chain_that_goes_on_for_ever_stays_one_that_can_be_read_again():
    references: tuple[str, ...] = ()
    for number in range(200):
        references = build_references(references, (), f"<{number}@example.test>")
    assert references[0] == "<0@example.test>"
    assert references[-1] == "<199@example.test>"
    assert ids_in(" ".join(references)) == references
    assert len(references) == MOST
