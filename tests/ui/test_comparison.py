"""Two results beside each other, as HTML."""

import re
from html import unescape

from ergo.jobs.wire import JobStatus
from ergo.methods.catalogue import METHODS
from ergo.types import Progress
from ergo.ui.comparison import chooser, comparison

BAD = '<b onclick="x">&'


def job(number, state="completed", title="lift.mp4"):
    return JobStatus(
        job_id=f"{number:032x}", state=state, progress=Progress(seq=1, stage="done", fraction=1.0), error=None,
        queue_position=None, created_s=0.0, title=title, video_key="v",
    )  # fmt: skip


def result(peak, chance):
    reba = METHODS["reba"]
    level = next(entry.level for entry in reba.levels if entry.low <= peak <= entry.high)
    of_side = {
        "peak": peak, "peak_level": level, "peak_p05": peak - 1.0, "peak_p95": peak + 1.0, "peak_chance": chance,
        "median": 3.0, "p90": 4.0, "coverage": 0.9,
        "share_of_time": {str(entry.level): float(entry.level == level) for entry in reba.levels},
        "share_of_parts": {"trunk": {"1": 0.0 if peak > 5 else 1.0, "2": 1.0 if peak > 5 else 0.0}},
    }  # fmt: skip
    levels = [{"level": entry.level, "label": entry.label, "text": entry.text} for entry in reba.levels]
    method = {
        "label": "REBA", "max": 15, "levels": levels, "sides": {"left": of_side},
        "parts": [{"id": "trunk", "label": "Trunk", "neutral_points": 1}],
    }  # fmt: skip
    return {"schema": "ergo.result/1", "settings": {"quality": "low", "context": {}}, "methods": {"reba": method}}


def words(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_other_finished_analyses_are_offered_and_nothing_else():
    html = chooser(job(1).job_id, [job(1), job(2, title=BAD), job(3, "running"), job(4, "failed")], now_s=120.0)
    assert re.findall(r'href="([^"]+)"', html) == [f"?job={1:032x}&amp;with={2:032x}"]
    assert BAD not in html and BAD in unescape(html)
    assert chooser(job(1).job_id, [job(1)]) == ""


def test_peaks_their_difference_and_the_items_behind_it_are_told():
    html = comparison(result(9.0, {"9": 1.0}), result(4.0, {"4": 1.0}), (BAD, "after.mp4"), ("a" * 32, "b" * 32))
    text = words(html)
    assert "9 (8–10)" in text and "4 (3–5)" in text
    assert "more than the uncertainty" in text.partition("The errors of the two")[0]
    assert "Trunk above neutral 100 % → 0 % of the time" in text
    assert "Median 3 → 3" in text
    assert 'class="card compare-row lower"' in html
    assert BAD not in html and "after.mp4" in text
    assert f'href="?job={"a" * 32}&amp;with={"b" * 32}"' in html  # the other way round
