import numpy as np
import pytest
from moving_worker import Scene

from ergo.body.load import load_body


@pytest.fixture(scope="session")
def body():
    return load_body(None, "neutral")


@pytest.fixture(scope="session")
def shaped(body):
    return body.shaped(np.zeros(10))


@pytest.fixture(scope="session")
def scene(body, shaped):
    return Scene(body, shaped)
