"""The search for code that nothing uses."""

from infra.tools.check import unused


def test_what_nothing_uses_is_named_with_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr(unused, "ROOT", tmp_path)
    (tmp_path / "a.py").write_text("def used():\n    pass\n\n\ndef idle():\n    used()\n")
    assert unused.unused([tmp_path], ()) == {"idle": "a.py:5: unused function idle"}
    assert unused.unused([tmp_path], ["idle"]) == {}


def test_a_name_in_a_templates_expression_is_used_and_one_in_its_text_is_not(tmp_path):
    (tmp_path / "a.html").write_text("<p>plain {{ me.told }} {% if rows\n%}{{ f(x) }}{% endif %}</p>")
    assert unused.names_in_templates(tmp_path) == {"me", "told", "if", "rows", "f", "x", "endif"}


def test_a_name_in_a_quoted_annotation_is_used(tmp_path):
    (tmp_path / "a.py").write_text(
        'class A:\n    b: "Port | None" = None\n    def c(self, d: "list[Other]") -> "Third": return "Text"\n'
    )
    assert unused.names_in_quotes([tmp_path]) == {"Port", "list", "Other", "Third"}


def test_what_is_allowed_passes_as_long_as_it_is_needed():
    found = {"idle": "a.py:5: unused function idle", "do_GET": "b.py:1: unused method do_GET"}
    assert unused.complaints(found, ["do_GET"]) == ["a.py:5: unused function idle"]
    (needless,) = unused.complaints(found, ["do_GET", "idle", "gone"])
    assert "gone is used, or gone" in needless
