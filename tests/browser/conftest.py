"""One app for all tests of the page that ask nothing special of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from page_process import PageProcess, running_page


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageProcess]:
    with running_page(tmp_path_factory.mktemp("data")) as process:
        yield process
