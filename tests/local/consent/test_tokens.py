"""The tokens of mail as it arrives: two of one mail share nothing by which they could be known to belong together."""

import base64
import itertools

from tests.local.consent.test_footer import Person

HEAD, RUN = 3, 8  # bytes: of what stands in clear before the secret part, and of what two tokens must not share
TARGETS = tuple(f"https://example.com/offers/{number}" for number in range(4))
HTML = "<html><body>" + "".join(f'<p><a href="{target}">see</a></p>' for target in TARGETS) + "</body></html>"


def secret(address):
    """Return a token's bytes without its head and without a click's target."""
    text = address.partition("?")[0].rpartition("/")[2]
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    end = next((len(raw) - len(target) for target in TARGETS if raw.endswith(target.encode())), len(raw))
    return raw[HEAD:end]


def runs(token):
    return {token[at : at + RUN] for at in range(len(token) - RUN + 1)}


def test_two_tokens_of_one_mail_share_no_eight_bytes_but_head_and_clear_target(strict):
    people = [Person(strict), Person(strict)]
    track = {"opens": True, "clicks": True}
    message = strict.api().send(to=[each.who for each in people], subject="Offers", html=HTML, track=track)
    found = [strict.tracked(each.who, message) for each in people]
    assert [(len(each.pixels), len(each.links)) for each in found] == [(1, 4), (1, 4)]
    tokens = {address: secret(address) for each in found for address in {*each.pixels, *each.links, *each.pages}}
    assert len(tokens) == 2 * (1 + 4 + 1)
    assert {len(token) for token in tokens.values()} == {41}
    for (one, first), (other, second) in itertools.combinations(tokens.items(), 2):
        assert not runs(first) & runs(second), (one, other)
    identifier = bytes.fromhex(message["id"].replace("-", ""))
    for address, token in tokens.items():
        assert not runs(identifier) & runs(token), address
