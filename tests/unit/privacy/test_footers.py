"""What a copy's footer says: how its recipient is tracked, in letters that fit into every mail."""

import pytest

from ocello.adapters.consent.notice_files import texts
from ocello.domain.consent.ladder import Decision
from ocello.domain.consent.notices import NOTICE_LANGUAGES
from ocello.domain.consent.states import AxisConsent, SubjectConsent
from ocello.domain.messages.footers import ConsentDates, consent_dates, sentence
from tests.fakes.world import NOON

SOME, NONE = ConsentDates("2026-11-03", "2026-11-03"), ConsentDates()


def decision(opens="off", links="off", reason="allowed", basis=None):
    return Decision(opens, links, basis, "eu-strict/1", None, reason)


def said(made, dates, language="en"):
    return sentence(made, dates, texts("footer")[language])


BOTH = "Opens and clicks of this e-mail are recorded"
OPENS = "Opens of this e-mail are recorded, with the consent of 2026-11-03."
LINKS = "Clicks on the links of this e-mail are recorded, with the consent of {}."
POOLED = "Opens of this e-mail are counted without knowing whose they are."
OFF = "Opens and clicks of this e-mail are not recorded"


@pytest.mark.parametrize(
    ("made", "dates", "words"),
    [
        (decision("individual", "individual"), SOME, f"{BOTH}, with the consent of 2026-11-03."),
        (decision("individual"), SOME, OPENS),
        (decision("off", "individual"), SOME, LINKS.format("2026-11-03")),
        (decision("individual", "individual"), NONE, f"{BOTH}."),
        (
            decision("individual", "individual"),
            ConsentDates("2026-11-03", "2026-11-04"),
            f"{OPENS} {LINKS.format('2026-11-04')}",
        ),
        (decision("pooled"), NONE, POOLED),
        (decision("pooled", "individual"), ConsentDates("", "2026-11-03"), f"{POOLED} {LINKS.format('2026-11-03')}"),
        (decision(reason="consent-unknown"), NONE, f"{OFF}. You decide whether they may be."),
        (decision(reason="consent-refused"), NONE, f"{OFF}, as you chose."),
        (decision(reason="consent-withdrawn"), NONE, f"{OFF}, as you chose."),
        (decision(reason="user"), NONE, f"{OFF}."),
    ],
)
def test_each_way_of_tracking_has_its_sentence(made, dates, words):
    assert said(made, dates) == words


def test_a_date_is_written_as_people_of_the_language_write_it():
    made = decision("individual")
    assert "il 03/11/2026." in said(made, SOME, "it")
    assert "du 03/11/2026." in said(made, SOME, "fr")


@pytest.mark.parametrize("language", NOTICE_LANGUAGES)
def test_every_letter_is_ascii(language):
    assert texts("footer")[language].whole().isascii()


def test_only_a_consent_that_holds_has_a_date():
    granted = AxisConsent("granted", NOON, valid_until=NOON + 1)
    consent = SubjectConsent(granted, AxisConsent("refused", NOON))
    assert consent_dates(consent, NOON) == ConsentDates("2026-09-21", "")
    assert consent_dates(consent, NOON + 1) == ConsentDates()
