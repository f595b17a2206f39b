"""The list of licences refuses what is not on it."""

import pytest

from infra.tools import licences
from infra.tools.licences import DEPLOYED, TOOLS, Package


def a_package(expression="", classifiers=(), free="", name="thing"):
    return Package(name, expression, tuple(classifiers), free)


@pytest.mark.parametrize(
    "package",
    [
        a_package("MIT"),
        a_package("Apache-2.0 OR GPL-3.0-only"),
        a_package("(MIT AND PSF-2.0)"),
        a_package(classifiers=["MIT License"], free="GPL"),
        a_package(classifiers=["GNU General Public License (GPL)", "BSD License"]),
        a_package(free="Apache License 2.0"),
        a_package(free="MIT License\n\nCopyright (c) somebody"),
        a_package(name="Cookiecutter"),
    ],
)
def test_a_licence_of_the_list_passes(package):
    assert licences.allowed(package, DEPLOYED)


@pytest.mark.parametrize(
    "package",
    [
        a_package("GPL-3.0-or-later"),
        a_package("MIT AND AGPL-3.0-only"),
        a_package("LGPL-2.1-only OR SSPL-1.0"),
        a_package(classifiers=["GNU Affero General Public License v3"], free="MIT"),
        a_package(free="Commercial"),
        a_package(),
    ],
)
def test_any_other_is_refused_by_name_with_what_it_says(package):
    assert not licences.allowed(package, TOOLS)
    (line,) = licences.refused([package], frozenset())
    assert line.startswith("thing: its metadata says ")
    assert package.stated in line


def test_what_is_deployed_is_held_to_the_shorter_list():
    artistic = a_package(classifiers=["Artistic License"], name="Some_Thing")
    assert licences.refused([artistic], frozenset()) == []
    (line,) = licences.refused([artistic], licences.deployed("some-thing==1.0 \\\n    --hash=sha256:00\n"))
    assert "in the layer" in line


def test_every_package_of_this_environment_passes_and_the_layers_are_among_them():
    found = list(licences.installed())
    layer = licences.deployed(licences.LAYER.read_text("utf-8"))
    assert licences.refused(found, layer) == []
    assert len(layer & {licences.normal(package.name) for package in found}) > 15
