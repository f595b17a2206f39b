"""Writes the mail that asks somebody for their consent, as HTML and as text."""

import html
from collections.abc import Collection

from ocello.domain.consent.modes import AXES, Axis
from ocello.domain.consent.notices import NoticeText
from ocello.domain.mail.compose import Draft


def draft_of(address: str, purposes: Collection[Axis], text: NoticeText, sender: str, link: str) -> Draft:
    """Return the mail to an address; `sender` is the name that asks, `link` leads to the page where one answers."""
    asked = "both" if set(AXES) <= set(purposes) else next(iter(purposes))
    lines = [text.line(f"ask_{asked}", sender=sender), text.line("free"), text.line("how")]
    label, end = text.line("link"), text.line("untracked")
    paragraphs = "".join(f"<p>{html.escape(line)}</p>\n" for line in lines)
    return Draft(
        to=(address,),
        subject=text.line("subject", sender=sender),
        html=f'<!DOCTYPE html>\n<html lang="{text.language}">\n<head><meta charset="utf-8"></head>\n<body>\n{paragraphs}'
        f'<p><a href="{html.escape(link)}">{html.escape(label)}</a></p>\n<p>{html.escape(end)}</p>\n</body>\n</html>\n',
        text="\n\n".join((*lines, f"{label}:\n{link}", end)) + "\n",
    )
