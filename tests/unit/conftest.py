"""What unit tests of several subjects share: a web application in memory, and the browser of its rep."""

import pytest

from tests.fakes.web import REP, Browser, Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def rep(stage: Stage) -> Browser:
    return stage.browser(REP)
