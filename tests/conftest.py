"""Makes the modules beside this file importable from every test folder; the S3 server and the analysis that tests
share; which tests run in one process when several do.

Examples that hypothesis makes have no deadline: no test judges how fast the machine is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from s3_proxy import S3Proxy, s3_proxy
from s3_server import S3Server, s3_server

from ergo.types import Analysis, AnalysisSettings

os.environ["ERGO_LOCAL_WORKERS"] = "1"  # what tests see does not depend on the machine; some ask for more
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The tests of a file run in one process, one after the other, so that what they share is made once.

    The marker xdist_group would be the usual way, but pytest 9.2 takes no notice of how xdist 3.8 attaches it.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid.partition("::")[0]

    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with browser tests are spread among the others: two browsers get into each other's way, while processes
    that test jobs and stores wait for each other and leave a processor idle.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    browsing = [path for path in files if path.parent.name == "browser"]
    order = [path for path in files if path.parent.name != "browser"]
    step = int(0.9 * len(order) / max(len(browsing), 1)) + 1  # the last one comes early enough to end with the others
    for n, path in enumerate(browsing):
        order.insert(n * (step + 1), path)
    items[:] = [item for path in order for item in files[path]]


@pytest.fixture(scope="session")
def running_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3(running_s3: S3Server) -> Iterator[S3Server]:
    """A real S3 server with an empty bucket."""
    yield running_s3
    running_s3.empty()


@pytest.fixture
def r2(s3: S3Server) -> Iterator[S3Proxy]:
    """The same bucket behind a proxy that keeps R2's rules and lets things go wrong."""
    with s3_proxy(s3) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def squat(tmp_path_factory: pytest.TempPathFactory) -> tuple[Analysis, Path]:
    """The example in which somebody squats, looked at quickly, and the folder of its results, for reading only."""
    from ergo.pipeline import analyse

    clip = Path(__file__).parents[1] / "assets" / "examples" / "lift_squat.mp4"
    folder = tmp_path_factory.mktemp("squat") / "result"
    return analyse(clip, folder, AnalysisSettings(quality="low")), folder
