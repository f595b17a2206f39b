"""Decisions stand in one form, under numbers without gaps, and the index lists each."""

import pathlib
import re

import pytest

FOLDER = pathlib.Path(__file__).parents[2] / "docs" / "decisions"
NUMBERED = sorted(FOLDER.glob("[0-9]*.md"))
SECTIONS = ["Context", "Decision", "Consequences", "Alternatives"]

each_decision = pytest.mark.parametrize("path", [*NUMBERED, *FOLDER.glob("NEW-*.md")], ids=lambda path: path.stem)


def test_numbers_begin_at_one_and_have_no_gap_and_none_twice():
    assert [path.name[:5] for path in NUMBERED] == [f"{number:04}-" for number in range(1, len(NUMBERED) + 1)]


def test_nothing_else_is_in_the_folder():
    others = {path.name for path in FOLDER.iterdir()} - {path.name for path in NUMBERED}
    assert {name for name in others if not re.fullmatch(r"NEW-[a-z0-9-]+\.md", name)} == {"README.md"}


@each_decision
def test_a_decision_has_title_date_status_and_every_section(path):
    title, *rest = path.read_text().split("\n\n")
    assert re.fullmatch(r"# \S.+", title)
    assert re.fullmatch(r"Date: 20\d\d-[01]\d-[0-3]\d", rest[0])
    status = re.fullmatch(r"Status: (?:accepted|superseded by (\d{4}))", rest[1])
    assert status, rest[1]
    assert status[1] is None or list(FOLDER.glob(f"{status[1]}-*.md")), f"no decision {status[1]}"
    sections = re.split(r"^## (.+)\n", "\n\n".join(rest[2:]), flags=re.MULTILINE)
    assert sections[0] == ""
    assert sections[1::2] == SECTIONS
    assert all(text.strip() for text in sections[2::2])


def test_the_index_lists_every_decision_in_order_under_its_title():
    listed = re.findall(r"^- \[(\d{4})\]\(([^)]+)\) (.+)$", (FOLDER / "README.md").read_text(), re.MULTILINE)
    there = [(path.name[:4], path.name, path.read_text().partition("\n")[0].removeprefix("# ")) for path in NUMBERED]
    assert listed == there
