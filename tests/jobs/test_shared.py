import threading
import time

import pytest

from ergo.jobs.shared import Shared


def test_all_who_ask_at_the_same_moment_share_one_look():
    looks = []
    shared = Shared(fresh_s=60.0)

    def look():
        looks.append(1)
        time.sleep(0.05)
        return len(looks)

    answers = []
    threads = [threading.Thread(target=lambda: answers.append(shared.get("a", look))) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [1] * 50
    assert shared.get("b", lambda: 7) == 7
    shared.forget("a")
    assert shared.get("a", look) == 2


def test_old_answers_and_errors_are_not_kept():
    shared = Shared(fresh_s=0.02)
    assert shared.get("a", lambda: 1) == 1
    time.sleep(0.03)
    with pytest.raises(KeyError):
        shared.get("a", lambda: {}["x"])
    assert shared.get("a", lambda: 2) == 2
    assert [Shared(fresh_s=0.0).get("a", lambda n=n: n) for n in range(2)] == [0, 1]
