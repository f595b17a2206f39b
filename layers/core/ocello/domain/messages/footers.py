"""What the line below a copy says: one sentence for how its recipient is tracked, and the words of the link."""

from typing import NamedTuple

from ocello.domain.common.times import day_of
from ocello.domain.consent.ladder import Decision
from ocello.domain.consent.modes import AXES, Axis, Modes
from ocello.domain.consent.notices import NoticeLanguage, NoticeText
from ocello.domain.consent.states import SubjectConsent

_OFF = {"consent-unknown": "off_unknown", "consent-refused": "off_closed", "consent-withdrawn": "off_closed"}


class ConsentDates(NamedTuple):
    """The days of a recipient's consents, `YYYY-MM-DD`; empty where there is none."""

    opens: str = ""
    links: str = ""


NO_DATES = ConsentDates()


def sentence(decision: Decision, dates: ConsentDates, text: NoticeText) -> str:
    """Return what a copy's footer says of how it is tracked."""
    if not decision.tracked:
        return text.line(_OFF.get(decision.reason, "off"))
    said = [text.line("pooled")] if decision.opens == "pooled" else []
    recorded = [axis for axis in AXES if Modes(decision.opens, decision.links).of(axis) == "individual"]
    if len(recorded) == len(AXES) and dates.opens == dates.links:
        said.append(_line("both", dates.opens, text))
    else:
        said += [_line(axis, dates.opens if axis == "opens" else dates.links, text) for axis in recorded]
    return " ".join(said)


def consent_dates(consent: SubjectConsent, now: int) -> ConsentDates:
    """Return the days of the consents that hold."""
    days = {axis: day_of(consent.of(axis).at) for axis in AXES if consent.of(axis).known(now) == "granted"}
    return ConsentDates(days.get("opens", ""), days.get("links", ""))


def _line(what: Axis | str, day: str, text: NoticeText) -> str:
    if not day:
        return text.line(f"recorded_{what}")
    return text.line(f"consent_{what}", date=written_day(day, text.language))


def written_day(day: str, language: NoticeLanguage) -> str:
    """Return a day (`YYYY-MM-DD`) as people of a language write it in numbers; in English as it is, since `3/11` is two days."""
    year, month, number = day.split("-")
    return day if language == "en" else f"{number}/{month}/{year}"
