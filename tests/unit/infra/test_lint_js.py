"""The check of the pages' scripts."""

import json

from infra.tools.check import lint_js


def test_a_script_that_does_not_ask_for_its_types_to_be_checked_is_named(tmp_path):
    (tmp_path / "a.js").write_text("// @ts-check\nlet a;\n")
    for folder in ("mail", "vendor"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "b.js").write_text("let b;  // @ts-check\n")
    assert lint_js.unchecked(tmp_path) == ["mail/b.js"]
    assert lint_js.unchecked(lint_js.STATIC) == []


def test_every_tool_is_pinned_with_its_hash():
    lock = json.loads((lint_js.CONFIGURATION / "package-lock.json").read_text())
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert {"node_modules/eslint", "node_modules/typescript"} <= set(packages)
    assert [name for name, one in packages.items() if not one["integrity"].startswith("sha512-")] == []
    assert not any("resolved" in one for one in packages.values())
