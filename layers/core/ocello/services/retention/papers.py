"""Drafts of the papers that a controller must have, made of a stack's parameters. They are in English, for counsel to finish."""

from typing import NamedTuple

from ocello.domain.common.times import DAY_MS
from ocello.domain.retention.periods import ADDRESS_MS

_RECORD = """# Record of processing activities (draft, Article 30 GDPR)

Made of the stack's parameters. What stands in brackets is for the controller to fill in; nothing here was reviewed by counsel.

* Controller and contact: {operator}, {contact} [representative, data protection officer]
* Purpose: to send business mail, and to see whether single recipients opened it or followed its links
  [legal basis, for each purpose]
* Rules in force: {rules}
* Persons: recipients of mail; users of the application
* Data: address, name, what was said of being tracked; of an open or click its time, network address, user agent and some headers
* Recipients of the data: the operator's users; Amazon Web Services as processor [others]
* Transfers to third countries: [by the region of the stack: {region}]
* Time limits: network address in full {address_days} days at most, then its network; hits {hits} days; opens and clicks
  by recipient {engagement} days after the newest; the ledger of consent without end, its addresses until erased
* Security: encryption with a key of the stack's own, one role for each function, a signed ledger
"""
_ASSESSMENT = """# Data protection impact assessment (draft, Article 35 GDPR)

Made of the stack's parameters. What stands in brackets is for the controller to fill in; nothing here was reviewed by counsel.

## What is done

See the record of processing activities. Rules in force: {rules}. Hits are kept {hits} days, what they came to {engagement} days.

## Whether it is necessary and proportionate

[Why single recipients are tracked, and why less would not do]

## Risks to recipients

* A reader's habits are seen by a sender. Measures: consent before, a page to stop in each mail; withdrawal silences
  mail that was sent.
* A network address tells where somebody was. Measures: cut after two days, never shown to users in full.
* Data is kept too long or is lost. Measures: deletion each day with a log; encryption; a restore does erasures again.
* [Others]

## What remains

[Assessment, and what the data protection officer advised]
"""


class StackFacts(NamedTuple):
    """What the papers name of a stack; operator and contact may be empty. `rules` are those that were deployed."""

    operator: str
    contact: str
    rules: str
    hit_days: int
    engagement_days: int
    region: str


def papers(facts: StackFacts) -> dict[str, str]:
    """Return the drafts, by their names."""
    values = {
        "operator": facts.operator or "[name]",
        "contact": facts.contact or "[contact]",
        "rules": facts.rules,
        "hits": facts.hit_days,
        "engagement": facts.engagement_days,
        "address_days": ADDRESS_MS // DAY_MS + 1,
        "region": facts.region,
    }
    return {"record.md": _RECORD.format(**values), "assessment.md": _ASSESSMENT.format(**values)}
