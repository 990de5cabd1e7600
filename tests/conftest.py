"""Makes the modules beside this file importable from every test folder; the S3 server that tests share.

Examples that hypothesis makes have no deadline: no test judges how fast the machine is.
"""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest
from s3_proxy import S3Proxy, s3_proxy
from s3_server import S3Server, s3_server

hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")


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
