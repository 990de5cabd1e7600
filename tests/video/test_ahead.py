import threading
import time

import numpy as np
import pytest

from ergo.errors import DecodeFailed
from ergo.video.ahead import reading_ahead
from ergo.video.limits import Frame


def frames(count, fail_at=None, taken=None):
    for index in range(count):
        if index == fail_at:
            raise DecodeFailed("The decoder died.", "Try again.")
        if taken is not None:
            taken.append(index)
        yield Frame(index=index, timestamp_s=index / 10, rgb=np.zeros((2, 2, 3), np.uint8), scale=1.0)


def test_same_frames_in_the_same_order():
    with reading_ahead(frames(50), count=3) as ahead:
        assert [f.index for f in ahead] == list(range(50))


def test_an_error_of_the_reader_comes_after_the_frames_before_it():
    seen = []
    with pytest.raises(DecodeFailed), reading_ahead(frames(10, fail_at=4)) as ahead:
        seen.extend(frame.index for frame in ahead)
    assert seen == [0, 1, 2, 3]


def test_only_so_many_are_held():
    taken = []
    with reading_ahead(frames(1000, taken=taken), count=4) as ahead:
        next(ahead)
        deadline = time.monotonic() + 5
        while len(taken) < 6 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.3)
        assert len(taken) == 6  # one used, four waiting, one in hand


def test_leaving_early_ends_the_thread():
    before = threading.active_count()
    with reading_ahead(frames(1000)) as ahead:
        next(ahead)
    assert threading.active_count() == before


def test_an_error_of_the_user_ends_the_thread():
    before = threading.active_count()
    with pytest.raises(KeyError), reading_ahead(frames(1000)) as ahead:
        next(ahead)
        raise KeyError
    assert threading.active_count() == before
