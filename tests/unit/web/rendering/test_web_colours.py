"""The colours of the pages: text stands out from what is behind it, in both themes."""

import re
from pathlib import Path

import pytest

from functions.web import static

PAIR = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]+),\s*(#[0-9a-f]+)\)")
TOKENS = {name: colours for name, *colours in PAIR.findall(static.files()["ocello.css"].decode())}
KINDS = ("seen", "click", "reply", "maybe", "machine", "bad")
TEXT = [
    *((name, behind) for name in ("ink", "soft", "accent", *KINDS) for behind in ("card", "paper", "hover")),
    *((kind, f"{kind}-soft") for kind in KINDS), ("ink", "picked"), ("soft", "picked"), ("accent", "accent-soft"),
    ("ink", "seen-soft"), ("ink", "bad-soft"), ("ink", "reply-soft"), ("on-accent", "accent"),
    ("rail-ink", "rail"), ("rail-strong", "rail-on"),
]  # fmt: skip


def luminance(colour):
    """Return the relative luminance of a colour (WCAG 2.2)."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_the_guidelines_say():
    assert contrast("#fff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("text", "behind"), TEXT)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_stands_out(text, behind, theme):
    assert contrast(TOKENS[text][theme], TOKENS[behind][theme]) >= 4.5


@pytest.mark.parametrize("behind", ["card", "paper"])
@pytest.mark.parametrize("control", ["edge", "focus"])
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_borders_of_controls_and_the_ring_of_focus_stand_out(control, behind, theme):
    assert contrast(TOKENS[control][theme], TOKENS[behind][theme]) >= 3


def test_the_style_sheet_that_is_served_says_what_the_file_says_without_comments():
    served, file = static.files()["ocello.css"].decode(), Path(static.__file__).with_name("static") / "ocello.css"
    written = re.sub(r"(?s)/\*.*?\*/", "", file.read_text("utf-8"))
    assert re.sub(r"\s", "", served) == re.sub(r"\s", "", written)
    assert len(served) < len(written)
    assert "/*" not in served


def test_every_colour_that_is_used_is_defined():
    sheet = static.files()["ocello.css"].decode()
    assert set(re.findall(r"var\(--([a-z0-9-]+)\)", sheet)) <= set(re.findall(r"--([a-z0-9-]+):", sheet))
