"""My analyses and shared links in the running app, as an owner and as somebody else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import httpx
import pytest
from kept_jobs import keep_job
from result_pages import made_result
from running_app import RunningApp, running_app
from test_access import ask, component

from ergo.jobs.ledger import Ledger

FILES = {
    "viewer.bin": b"body",
    "preview.mp4": b"film",
    "moment_1.jpg": b"face",
    "keypoints.npz": b"k",
    "angles.csv": b"1",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running_app(tmp_path_factory.mktemp("sharing"), requests_per_minute=100_000) as app:
        yield app


@pytest.fixture(scope="module")
def ann(app: RunningApp) -> httpx.Client:
    return app.visitor()


def kept(app: RunningApp, ann: httpx.Client) -> tuple[str, str]:
    """A finished job of hers, and the key of its video."""
    owner = app.owner(ann)
    _, key = app.services.uploads.single_url("film.mp4", owner)
    app.services.store.put(key, b"the whole film")
    files = {"result.json": json.dumps(made_result()).encode(), **FILES}
    return keep_job(Ledger(app.services.store), files, title="Packing", owner=owner, video_key=key), key


def call(app, client, function, data, session="s"):
    return ask(client, component(app, client, function), function, data, f"{session}{id(client)}").json()


def test_a_link_shows_one_result_to_look_at(app, ann):
    job, _ = kept(app, ann)
    made = call(app, ann, "share", {"job": job, "span": "1d", "film": False})["made"]
    address = f"{app.url}/{made['path'].removeprefix('./')}"
    page = httpx.get(address)
    assert page.status_code == 200 and "Packing" in page.text and "personal data" in page.text
    for never in ("data-action", "data-export", "op=get", "preview.mp4", "moment_1.jpg", "/ergo/store/", "set-cookie"):
        assert never not in page.text.partition("<body")[2]
    assert "set-cookie" not in page.headers and "unsafe-eval" not in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert httpx.get(f"{address}/viewer.bin").content == b"body"
    for name in ("preview.mp4", "moment_1.jpg", "keypoints.npz", "result.json", "angles.csv", "..%2fmanifest.json"):
        assert httpx.get(f"{address}/{name}").status_code in (403, 404), name
    stranger = httpx.Client(base_url=app.url)
    assert stranger.post("/ergo/api/get_status", json={"job_id": job}).status_code == 404


def test_the_film_is_shown_only_where_that_was_ticked_and_until_the_link_ends(app, ann):
    job, _ = kept(app, ann)
    made = call(app, ann, "share", {"job": job, "span": "1h", "film": True})["made"]
    address = f"{app.url}/{made['path'].removeprefix('./')}"
    assert "moment_1.jpg" in httpx.get(address).text
    part = httpx.get(f"{address}/preview.mp4", headers={"Range": "bytes=1-2"})
    assert (part.status_code, part.content) == (206, b"il")
    assert httpx.get(f"{address}/keypoints.npz").status_code == 403
    assert call(app, ann, "end", {"job": job, "share": made["share"]}) == {"links": []}
    over = httpx.get(address)
    assert over.status_code == 410 and "expired" in over.text and "Packing" not in over.text
    assert httpx.get(f"{address}/viewer.bin").status_code == 403


def test_only_the_owner_shares_and_deletes(app, ann):
    job, _ = kept(app, ann)
    bob = app.visitor()
    for function, data in (("links", {}), ("share", {"span": "1d"}), ("end", {"share": "0" * 32}), ("delete", {})):
        answer = call(app, bob, function, {"job": job, **data})
        assert answer["error"]["code"] == "JobNotFound", function
    assert app.services.jobs.status(job).state == "completed"
    assert call(app, ann, "share", {"job": job, "span": "100d"})["error"]["code"] == "SettingsError"


def test_delete_now_leaves_nothing(app, ann):
    job, key = kept(app, ann)
    made = call(app, ann, "share", {"job": job, "span": "1d"})["made"]
    url = app.services.jobs.result_url(job, "preview.mp4")
    assert call(app, ann, "delete", {"job": job}) == {"left": 0}
    left = [info.key for info in app.services.store.list("") if job in info.key or key.split("/")[2] in info.key]
    assert left == []
    assert ann.get(url).status_code == 404
    assert httpx.get(f"{app.url}/{made['path'].removeprefix('./')}").status_code == 410


def test_each_access_is_one_line_that_names_nobody(app, ann, caplog):
    caplog.set_level("INFO", logger="ergo.audit")
    job, _ = kept(app, ann)
    made = call(app, ann, "share", {"job": job, "span": "1d"})["made"]
    httpx.get(f"{app.url}/{made['path'].removeprefix('./')}")
    call(app, ann, "delete", {"job": job})
    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "ergo.audit"]
    assert [line["what"] for line in lines] == ["share", "open a link", "delete"]
    assert all(line["from"] == "127.0.0.1" and re.fullmatch(r"[0-9a-f]{16}", line["who"]) for line in lines)
    assert app.owner(ann) not in caplog.text and made["path"].rpartition("/")[2] not in caplog.text


def test_older_analyses_come_when_asked_for(app, monkeypatch):
    monkeypatch.setattr("ergo.ui.history.SHOWN_JOBS", 2)
    bob = app.visitor()
    jobs = [kept(app, bob)[0] for _ in range(5)][::-1]
    first = call(app, bob, "older", {"after": jobs[1]})
    assert re.findall(r'<li data-job="(\w+)"', first["items"]) == jobs[2:4] and first["more"]
    last = call(app, bob, "older", {"after": jobs[3]})
    assert re.findall(r'<li data-job="(\w+)"', last["items"]) == jobs[4:] and not last["more"]
    assert call(app, app.visitor(), "older", {"after": jobs[1]})["error"]["code"] == "JobNotFound"
