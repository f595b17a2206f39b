"""Renders templates as HTML, in a person's language and formats; every value put into them is escaped."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from functions.web import static
from functions.web.rendering import faces, labels
from ocello.adapters import language, templates
from ocello.domain.common.ids import time_of
from ocello.domain.common.times import rfc3339
from ocello.domain.messages.message import Mailbox

_HERE = Path(__file__).parents[1]
_LONG_SUBJECT = 140  # characters
_ANSWER = re.compile(r"(?i)^(?:\s*(?:re|r|aw|sv|fwd?|i|wg)\s*:)+")


@cache
def _shapes() -> dict[str, str]:
    shapes: dict[str, str] = json.loads((_HERE / "icons.json").read_text("utf-8"))
    return shapes


def icon(name: str, label: str = "") -> Markup:
    """Return an icon as SVG; without a label it is decoration, which screen readers skip."""
    shape = Markup(_shapes()[name])  # noqa: S704 — vendored, pinned by hash
    attributes = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    return Markup('<svg class="icon icon-{}" viewBox="0 0 24 24" focusable="false"{}>{}</svg>').format(
        name, attributes, shape
    )


@pass_context
def _say(context: Context, text: str) -> str:
    return language.say(context["lang"], text)


@pass_context
def _named(context: Context, text: str) -> str:
    """Return the translation of a text that is not a literal of a template.

    `_` is only for our own words; this function leaves escaping to the template.
    """
    return language.say(context["lang"], text)


@pass_context
def _count(context: Context, one: str, many: str, number: int) -> str:
    return language.count(context["lang"], one, many, number)


@pass_context
def _when(context: Context, at_ms: int | None, form: str = "short") -> Markup:
    """Return a time as HTML: how long ago if it is recent, and exact to the second on hover, for machines and as `exact`.

    As `list` it is narrow: the time of day, the weekday, or the day.
    """
    if at_ms is None:
        return escape("")
    forms: language.Forms = context["forms"]
    fixed = {"exact": forms.full, "list": forms.day_of_list}.get(form)
    text = fixed(at_ms) if fixed else forms.recent(at_ms, full=form == "full")
    ago = "" if fixed else Markup(" data-ago")
    return Markup('<time datetime="{}" title="{}"{}>{}</time>').format(rfc3339(at_ms), forms.full(at_ms), ago, text)


@pass_context
def _number(context: Context, value: float) -> str:
    forms: language.Forms = context["forms"]
    return forms.number(value)


@pass_context
def _weight(context: Context, size: int) -> str:
    """Return a file's size as text; a megabyte is a million bytes, as in our limits."""
    forms: language.Forms = context["forms"]
    if size < 1_000_000:
        return f"{forms.number(max(1, round(size / 1000)))} kB"
    return f"{forms.number(round(size / 1_000_000, 1))} MB"


@pass_context
def _percent(context: Context, share: float) -> str:
    forms: language.Forms = context["forms"]
    return forms.percent(share)


@pass_context
def _day(context: Context, name: str) -> str:
    forms: language.Forms = context["forms"]
    return forms.day(name)


def _person(text: str, names: Mapping[str, str]) -> str:
    """Return a known person's name for an address, otherwise the address."""
    return names.get(text.lower(), text)


def _is_long(subject: str) -> bool:
    return len(subject) > _LONG_SUBJECT


def _short_subject(subject: str) -> str:
    """Return a long subject cut; its page shows the whole one beside it or on hover."""
    return f"{subject[:_LONG_SUBJECT].rstrip()} …" if _is_long(subject) else subject


def _called(mailbox: Mailbox) -> str:
    """Return how people call a mailbox: by its name, or else by its address."""
    return mailbox.name or mailbox.address


def _bare_subject(subject: str) -> str:
    """Return a subject without the marks of answers before it."""
    return _ANSWER.sub("", subject).strip()


@cache
def environment() -> Environment:
    """Return the templates' environment, made once."""
    made = templates.environment(_HERE / "templates", "jinja2.ext.i18n")
    install: Callable[..., None] = made.install_gettext_callables  # type: ignore[attr-defined]  # the extension adds it
    install(_say, _count, newstyle=True)
    made.globals |= {"icon": icon, "static": static.address, "labels": labels}
    made.filters |= {
        "when": _when,
        "number": _number,
        "weight": _weight,
        "percent": _percent,
        "day": _day,
        "made": time_of,
        "say": _named,
        "person": _person,
        "short_subject": _short_subject,
        "is_long": _is_long,
        "initials": faces.initials,
        "tone": faces.tone,
        "first_name": faces.first_name,
        "called": _called,
        "bare_subject": _bare_subject,
    }
    return made


def render(template: str, **values: Any) -> str:
    """Render a template; `lang` and `forms` must be among the values."""
    return environment().get_template(template).render(**values)
