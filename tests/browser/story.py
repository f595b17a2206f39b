"""A team's week, for pictures and for looking: items, mails in every state, alerts and drafts."""

from dataclasses import replace

from ocello.domain.compose import Draft, Track
from ocello.domain.drafts import KeptDraft, Writing
from ocello.domain.engagement import Actions, Engagement, Summary
from ocello.domain.imports import Import, Refusal
from ocello.domain.items import Item
from ocello.domain.messages import ItemRef
from ocello.services import inbox
from ocello.services.ports import ShownAlert
from ocello.services.send import send
from tests.fakes_engagement import a_hit
from tests.fakes_web import OTHER, REP

HOUR = 3_600_000
DEAL, ROSSI, ACME = ItemRef("deal", "1042"), ItemRef("person", "77"), ItemRef("organization", "9")
BODY = (
    '<p>Dear {name},</p><p>as promised, here is <a href="https://example.com/offer">our offer</a> with the '
    '<a href="https://example.com/terms">terms</a>.</p><ul><li>delivery in two weeks</li><li>two years of service</li></ul>'
    "<p>Kind regards,<br>Rosa Rep</p>"
)
MAILS = (  # hours ago, to, subject, opens, clicks, machines, tracked
    (150, "Ugo Bianchi <ugo@officine.test>", "Spare parts for line 2", 3, 1, 0, True),
    (74, "info@northwind.test", "Catalogue 2027", 0, 0, 4, True),
    (50, "Ines Moreau <ines@moreau.test>", "Your visit on Thursday", 1, 0, 0, True),
    (26, "Legal <legal@acme.test>", "Contract, signed", 0, 0, 0, False),
    (5, "Tom Baker <tom@baker.test>", "A question on your tender", 0, 0, 0, True),
    (2, "Maria Rossi <maria@acme.test>", "Offer for the new press", 4, 2, 1, True),
)


IMPORTS = (
    Import(
        "01900000-0000-7000-8000-000000001001", REP.id, "u", "csv", 0, "done", 214, 214, 198, 14, 2,
        (Refusal(17, "title", "must be 1 to 300 characters"), Refusal(90, "", "has 4 columns, not 5")),
    ),
    Import("01900000-0000-7000-8000-000000001002", REP.id, "u", "csv", 0, "running", 3200, 1200, 1200),
)  # fmt: skip


def tell(stage):
    """Fill a stage's stores; give the id of the message that the story is about."""
    now = stage.clock.now
    for ref, title, more in (
        (ACME, "Acme S.p.A.", {}),
        (ROSSI, "Maria Rossi", {"organization": "9", "addresses": ("maria@acme.test",)}),
        (DEAL, "New press for Acme", {"person": "77", "organization": "9"}),
        (ItemRef("deal", "1043"), "Spare parts, line 2", {}),
    ):
        made = Item(ref, title, REP.address, "company", maker=REP.id, made_at=1, version=1, **more)
        stage.items.put(made, None)
    last = ""
    for ago, to, subject, opens, clicks, machines, tracked in MAILS:
        stage.clock.now = now - ago * HOUR
        items = (DEAL,) if "press" in subject else ()
        draft = Draft(
            to=(to,), subject=subject, html=BODY.format(name=to.split()[0]), text="", visibility="shared", items=items
        )
        stored = send(replace(draft, track=Track(tracked, tracked)), REP, None, stage.house.post)
        last = stored.message.id
        for each in stored.recipients:
            stage.messages.rows[last, each.index] = replace(each, status="sent")
        if opens or machines:
            stage.messages.engagements[last] = _engagement(stage.clock.now, ago, opens, clicks, machines)
        inbox.note(stage.messages.load(last), stage.inbox)
    stage.clock.now = now
    stage.hits.hits = [
        a_hit(
            message=last,
            at=0,
            agent="Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        ),
        a_hit(message=last, at=9_000, request="s", method="HEAD", kind="click"),
        a_hit(message=last, at=60_000, request="t", kind="click"),
    ]
    stage.alerts.alerts[REP.id] = [
        ShownAlert("1", "open", now - 50 * HOUR, last, "Your visit on Thursday", "ines@moreau.test", None, "read"),
        ShownAlert("2", "click", now - 3 * HOUR, last, "Catalogue 2027", "info@northwind.test", None, "withdrawn"),
        ShownAlert("3", "open", now - HOUR, last, "Offer for the new press", "maria@acme.test", None, "new"),
        ShownAlert(
            "4", "click", now - HOUR // 2, last, "Offer for the new press", "maria@acme.test",
            "https://example.com/offer", "new",
        ),
    ]  # fmt: skip
    writing = Writing(
        to="Otto <otto@huber.test>", subject="Half an offer", html=BODY.format(name="Otto"), opens=True, clicks=True
    )
    stage.drafts.write(REP.id, KeptDraft("01900000-0000-7000-8000-00000000d4af", 1, now, writing), None)
    for made in IMPORTS:
        stage.imports.write(replace(made, created_at=now - HOUR, changed_at=now), None)
    stage.users.update(replace(OTHER, given_groups=("sales",)))
    return last


def _engagement(sent, ago, opens, clicks, machines):
    step = ago * HOUR // (opens + clicks + 2)
    opened = tuple(sent + step * (number + 1) for number in range(opens))
    clicked = tuple(at + 40_000 for at in opened[-clicks:]) if clicks else ()
    of_opens = Summary(opens, machines, 0, *_ends(opened), opened)
    of_clicks = Summary(clicks, 0, 0, *_ends(clicked), clicked)
    return Engagement(of_opens, of_clicks, {0: Actions(of_opens, of_clicks)}, {0: of_clicks})


def _ends(times):
    return (times[0], times[-1]) if times else (None, None)
