"""The administrators' page of the rules of tracking."""

import re

import pytest

from ocello.adapters.consent.rule_files import rule_sets
from tests.fakes.web import ADMIN, Stage

RULES = rule_sets()
NO_RULES = "No rules of consent hold here"


@pytest.fixture
def stage():
    made = Stage()
    made.under("it-284-2026")
    return made


@pytest.fixture
def admin(stage):
    return stage.browser(ADMIN)


def save(admin, rules, **more):
    version = re.search(r'name="version" value="(\d+)"', admin.get("/app/rules").text)[1]
    return admin.post(
        "/app/rules", {"version": version, "rules": rules, "opens": "individual", "links": "individual", **more}
    )


def offered(page):
    return re.findall(r'<option value="([\w-]+)"', page.partition('name="rules"')[2].partition("</select>")[0])


def card(page, name):
    """Return the words in the card of a rule set."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition(f'id="set-{name}"')[2].partition("</section>")[0]).split())


def test_each_set_is_shown_with_its_sources_and_what_it_allows(admin):
    page = admin.get("/app/rules").text
    for rules in RULES.values():
        shown = card(page, rules.name)
        assert rules.as_of in shown
        assert "Reviewed by: nobody yet" in shown
        for source in rules.sources:
            assert source.title in shown.replace("&#39;", "'")
            assert source.date in shown
            assert source.read_in in shown
    assert "not known counted without knowing by whom not tracked" in card(page, "it-284-2026")
    assert "granted each reader by themself each reader by themself" in card(page, "it-284-2026")
    assert "withdrawn not tracked not tracked" in card(page, "it-284-2026")


def test_only_sets_that_are_not_looser_are_offered_and_of_the_others_it_is_said_why(admin):
    page = admin.get("/app/rules").text
    assert offered(page) == ["it-284-2026", "eu-strict", "fr-2026-042", "de-tdddg", "uk-pecr-2026"]
    why = "Cannot be chosen: it allows more than what holds now. Opens, consent not known: each reader by themself"
    assert why in card(page, "none")


def test_a_stricter_choice_holds_and_is_on_the_record(stage, admin):
    stage.clock.pass_by(60)
    assert save(admin, "eu-strict", links="off", footers="on").headers["location"] == "/app/rules?done=changed"
    page = admin.get("/app/rules?done=changed").text
    assert "Saved." in page
    assert "it-284-2026" not in offered(page)
    held = page.partition("What held when</h2>")[2]
    assert held.index("eu-strict/1") < held.index("it-284-2026/1")
    assert ADMIN.address in held
    audit = admin.get("/app/audit").text
    for words in ("Rules of tracking made stricter", "it-284-2026/1", "not tracked", "Switched footers"):
        assert words in audit
    assert stage.decisions.workspace.now().setting.footers


def test_a_looser_choice_is_refused_in_words_and_changes_nothing(stage, admin):
    refused = save(admin, "none")
    assert refused.status == 422
    assert "Rules: “none” would allow more than what holds" in refused.text
    assert stage.workspace.trail == []
    italian = admin.ask("GET", "/app/rules", headers={"accept-language": "it"}).text
    assert "Regole di tracciamento" in italian


def test_a_page_that_is_out_of_date_changes_nothing(admin):
    save(admin, "eu-strict")
    late = admin.post("/app/rules", {"version": "1", "rules": "eu-strict", "opens": "off", "links": "individual"})
    assert late.status == 409
    assert "somebody else has changed it meanwhile" in late.text


@pytest.mark.parametrize("form", [{}, {"version": "x"}, {"version": "1", "rules": "zz"}])
def test_a_form_that_is_no_choice_is_refused(admin, form):
    assert admin.post("/app/rules", form).status == 422


def test_every_page_says_that_no_rules_hold_until_an_administrator_chooses_some():
    stage = Stage()
    admin = stage.browser(ADMIN)
    assert NO_RULES in admin.get("/app").text
    save(admin, "it-284-2026")
    assert NO_RULES not in admin.get("/app").text
