"""One published study for the tests that only read it."""

from __future__ import annotations

import pytest

from tests.bundle.study import PublishedStudy


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> PublishedStudy:
    made = PublishedStudy(tmp_path_factory.mktemp("study"))
    made.publish()
    return made
