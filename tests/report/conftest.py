from collections.abc import Iterator

import pytest
from stored_results import stored_result

from ergo.report.stored import Stored


@pytest.fixture(scope="package")
def stored_folder(tmp_path_factory) -> Iterator:
    folder = tmp_path_factory.mktemp("stored")
    stored_result(folder)
    return folder


@pytest.fixture
def stored(stored_folder) -> Stored:
    return Stored(stored_folder)
