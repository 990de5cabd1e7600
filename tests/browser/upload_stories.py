"""What an upload must survive wherever it goes: told once for this machine's store and for a bucket."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path

from playwright.sync_api import Page
from uploading import (
    Line,
    Place,
    choose,
    expect_line,
    new_page,
    parts_begun,
    parts_sent,
    pause_at,
    visit,
    wait_for,
    wait_for_share,
)

SLOW = 8_000_000
SLOWER = 4_000_000


def page_is_loaded_again_and_again(place: Place, page: Page, line: Line, video: Path) -> None:
    """At any point: what had arrived is not sent again."""
    chance = random.Random(video.stat().st_size)
    line.set(bytes_per_s=SLOW)
    choose(page, video)
    rounds = []
    for percent in (chance.randrange(5, 30), chance.randrange(55, 70), chance.randrange(75, 95)):
        wait_for_share(page, percent)
        visit(page, place.app.url)
        rounds.append((place.finished(page), parts_begun(page)))
        choose(page, video)
    assert place.has(page, video)
    for finished, begun in rounds:
        assert not finished & begun
    assert rounds[-1][0]


def two_tabs_take_the_same_file(place: Place, page: Page, line: Line, video: Path) -> None:
    """One waits for the other and takes over when that is closed."""
    first = new_page(page.context, place.app.url)
    sent = parts_sent(first), parts_sent(page)
    Line(first).set(bytes_per_s=SLOW)
    choose(first, video)
    pause_at(first, 60)
    choose(page, video)
    wait_for(page, "elsewhere")
    expect_line(page, "another tab")
    first.close(run_before_unload=False)
    assert place.has(page, video)
    assert max((sent[0] + sent[1]).values()) == 1
    assert all(sent)


def everything_is_gone_for_a_while(
    place: Place,
    page: Page,
    line: Line,
    video: Path,
    *,
    store_down: Callable[[bool], None] = lambda down: None,
    restart_with: Mapping[str, str] | None = None,
) -> None:
    """The line, then the app, which is killed, and with it the store."""
    line.set(bytes_per_s=SLOWER)
    choose(page, video)
    wait_for_share(page, 10)
    line.set(offline=True)
    expect_line(page, "offline")
    line.set(bytes_per_s=SLOWER)
    wait_for_share(page, 30)
    store_down(True)
    place.app.stop(kill=True)
    wait_for(page, "retrying")
    store_down(False)
    place.app.start(restart_with)
    line.set()
    assert place.has(page, video)
