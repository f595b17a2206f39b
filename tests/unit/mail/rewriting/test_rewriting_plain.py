"""Plain text: addresses as people write and wrap them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocello.domain.mail import rewriting
from tests.fakes.engagement.tracking import HOST, click, context

HEAD = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"


def track(text, head=HEAD, **changes):
    tracked = rewriting.track((head + text).encode(), context(**({"open_url": None} | changes)))
    return tracked, tracked.copy.decode().partition("\r\n\r\n")[2]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://e.test/a.", "https://e.test/a"),
        ("see https://e.test/a, and", "https://e.test/a"),
        ("see https://e.test/a?b=1&c=2!", "https://e.test/a?b=1&c=2"),
        ("(https://e.test/a)", "https://e.test/a"),
        ("(see https://e.test/a_(b)).", "https://e.test/a_(b)"),
        ("[https://e.test/a]:", "https://e.test/a"),
        ('"https://e.test/a"', "https://e.test/a"),
        ("*https://e.test/a*", "https://e.test/a"),
        ("<https://e.test/a.>", "https://e.test/a."),
        ("<URL:https://e.test/a>", "https://e.test/a"),
        ("HTTPS://e.test/a", "HTTPS://e.test/a"),
        ("> quoted https://e.test/a\r\n> more", "https://e.test/a"),
        ("https://e.test/&amp;", "https://e.test/&amp"),
        ("https://e.test/a#b\r\nnext", "https://e.test/a#b"),
    ],
)
def test_an_address_is_tracked_without_what_stands_around_it(text, address):
    tracked, copy = track(text)
    assert [link.url for link in tracked.links] == [address]
    assert tracked.links[0].text == address
    assert copy == text.replace(address, click(0, address))


@pytest.mark.parametrize("brk", ["\r\n", " \r\n", "\r\n   ", "\r\n> ", "\n"])
def test_an_address_in_angle_brackets_may_be_wrapped(brk):
    tracked, copy = track(f"see <https://e.test/long{brk}/path> there")
    assert [link.url for link in tracked.links] == ["https://e.test/long/path"]
    assert copy == f"see <{click(0, 'https://e.test/long/path')}> there"


def test_a_flowed_address_is_joined_where_delsp_says_so():
    flowed = HEAD.replace("utf-8", "utf-8; format=flowed; delsp=yes")
    tracked, copy = track("see https://e.test/lo \r\nng/path.  \r\nMore", flowed)
    assert [link.url for link in tracked.links] == ["https://e.test/long/path"]
    assert copy == f"see {click(0, 'https://e.test/long/path')}.  \r\nMore"
    tracked, _ = track("see https://e.test/lo \r\nng/path", HEAD.replace("utf-8", "utf-8; format=flowed"))
    assert [link.url for link in tracked.links] == ["https://e.test/lo"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Unsubscribe: https://e.test/u", "unsubscribe"),
        ("https://e.test/optout", "unsubscribe"),
        ("https://e.test/reset-password", "one-time"),
        (f"https://{HOST}/x", "tracking-host"),
        ("请看https://e.test/谢谢", "ambiguous"),
        ("https://e.test/{{id}}", "template"),
    ],
)
def test_an_address_that_is_not_to_be_tracked_stays_and_says_why(text, reason):
    tracked, copy = track(text)
    assert [note.reason for note in tracked.untracked] == [reason]
    assert copy == text


def test_a_plain_text_link_does_not_count_as_one_whose_text_is_another_address():
    tracked, _ = track("https://e.test/a", leave_address_text="true")
    assert [link.shows_address for link in tracked.links] == [False]


def test_an_older_link_in_plain_text_is_taken_back():
    _, copy = track(f"see {click(4, 'https://e.test/é')}", click_url=None)
    assert copy == "see https://e.test/%C3%A9"


ALTERNATIVE = (
    "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nsee https://e.test/a\r\n"
    "--b\r\nContent-Type: text/html\r\n\r\n<a href='https://e.test/b'>x</a>\r\n--b--\r\n"
)


def test_beside_html_plain_text_is_tracked_on_demand_only():
    assert [link.url for link in rewriting.track(ALTERNATIVE.encode(), context()).links] == ["https://e.test/b"]
    both = rewriting.track(ALTERNATIVE.encode(), context(plain_text=True))
    assert [(link.index, link.url) for link in both.links] == [(0, "https://e.test/a"), (1, "https://e.test/b")]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://e.test/a_", "https://e.test/a_"),
        ("see https://e.test/a_ now", "https://e.test/a_"),
        ("see https://e.test/a__.", "https://e.test/a__"),
        ("see https://e.test/~a/~", "https://e.test/~a/~"),
        ("see https://e.test/?x=*", "https://e.test/?x=*"),
        ("see https://e.test/o'", "https://e.test/o'"),
        ("see https://e.test/a-", "https://e.test/a-"),
        ("*https://e.test/a_*", "https://e.test/a_"),
        ("**https://e.test/a**:", "https://e.test/a"),
        ("*https://e.test/a**", "https://e.test/a*"),
        ("*https://e.test/a.*", "https://e.test/a"),
        ("*https://e.test/a*.", "https://e.test/a"),
        ("~https://e.test/a~", "https://e.test/a"),
        ("~~https://e.test/~a~~", "https://e.test/~a"),
        ("'https://e.test/a',", "https://e.test/a"),
        ("(*https://e.test/a*)", "https://e.test/a"),
        ("*(https://e.test/a)*", "https://e.test/a"),
        ("*see* https://e.test/a*", "https://e.test/a*"),
        ("<https://e.test/a_>", "https://e.test/a_"),
    ],
)
def test_a_mark_ends_an_address_only_where_it_stands_before_it_too(text, address):
    tracked, copy = track(text)
    assert [link.url for link in tracked.links] == [address]
    assert copy == text.replace(address, click(0, address))


@pytest.mark.parametrize(
    ("text", "expected", "address"),
    [
        ("_https://e.test/a_", "_{}?_", "https://e.test/a"),
        ("__https://e.test/a__", "__{}?__", "https://e.test/a"),
        ("_https://e.test/a_.", "_{}?_.", "https://e.test/a"),
        ("_*https://e.test/a*_", "_*{}*_", "https://e.test/a"),
        ("*_https://e.test/a_*", "*_{}?_*", "https://e.test/a"),
        ("_https://e.test/a._", "_{}._", "https://e.test/a"),
    ],
)
def test_nothing_that_could_be_of_a_token_follows_it(text, expected, address):
    tracked, copy = track(text)
    assert [link.url for link in tracked.links] == [address]
    assert copy == expected.format(click(0, address))
    back = rewriting.track(tracked.copy, context(open_url=None, click_url=None))
    assert back.copy == rewriting.restore(tracked.copy, tracked.edits)
    again = rewriting.track(tracked.copy, context(open_url=None))
    assert (again.copy, again.edits, again.links) == (tracked.copy, (), tracked.links)


def test_nor_where_a_client_joins_the_lines():
    flowed = HEAD.replace("utf-8", "utf-8; format=flowed; delsp=yes")
    _, copy = track("_https://e.test/a \r\n_", flowed)
    assert copy == f"_{click(0, 'https://e.test/a')}? \r\n_"


PIECES = st.lists(
    st.sampled_from(["https://e.test/a", "http://b.test", "_", "*", "~", "'", " ", "\r\n", " \r\n", ">", "<", "(", ")", ".",
                     "-", "?", "x", "/", click(3, "https://q.test/"), "[", "]", "unsubscribe", "é"]),
    max_size=25,
)  # fmt: skip


@settings(deadline=None)
@given(PIECES.map("".join), st.sampled_from(["", "; format=flowed; delsp=yes"]))
def test_any_text_is_restored_tracked_once_and_no_token_is_made_longer(text, flowed):
    raw = (HEAD.replace("utf-8", "utf-8" + flowed) + text).encode()
    tracked = rewriting.track(raw, context(open_url=None))
    assert rewriting.restore(tracked.copy, tracked.edits) == raw
    again = rewriting.track(tracked.copy, context(open_url=None))
    assert (again.copy, again.edits, again.links) == (tracked.copy, (), tracked.links)
    for link in tracked.links:
        assert re.search(re.escape(click(link.index, link.url)) + r"(?![A-Za-z0-9_\-])", tracked.copy.decode())
