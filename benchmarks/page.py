"""What the page weighs and how fast it is in Chromium: bundle, first paint, interactive, motion, the player's frames.

    python benchmarks/page.py RESULT_DIR [--minutes 10] [--assets assets] [--seconds 6] [--over skeleton]

RESULT_DIR is a folder of ``python -m ergo analyse VIDEO --out RESULT_DIR``. Its motion is repeated until it lasts
`--minutes`; the player shows it and plays by itself. "Script" is the time of our code in a frame (every callback of
``requestAnimationFrame``), whatever draws; "frames" depends on the graphics card, and headless Chromium has none: it
draws with the processor.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import repository  # noqa: F401
from chromium import CHROMIUM, FLAGS, WEBGL
from page_process import ROOT, running_page
from playwright.sync_api import Browser, sync_playwright
from serve_files import serve_files

from ergo.report.player_file import packed, read_viewer

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Stage</title><div id="stage"></div><script>
window.costs = [];
window.frames = [];
const later = window.requestAnimationFrame.bind(window);
let last = 0, spent = 0;
window.requestAnimationFrame = (use) => later((now) => {
  if (now !== last) { if (last) { frames.push(now - last); costs.push(spent); } last = now; spent = 0; }
  const from = performance.now();
  use(now);
  spent += performance.now() - from;
});
</script><script type="module">
import { mount } from "/viewer/viewer.js";
window.stage = mount(document.getElementById("stage"), { data_url: "/viewer.bin" });
</script></html>"""
STATE = "document.getElementById('stage').__ergo"
PATIENCE_MS = 300_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", type=Path)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--assets", type=Path, default=ROOT / "assets")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--over", choices=("Skeleton", "Body", "None"), default="Skeleton", type=str.capitalize)
    given = parser.parse_args()
    print(_bundle(given.assets))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        long = Path(folder) / "viewer.bin"
        print(_lengthened(given.result / "viewer.bin", long, given.minutes * 60))
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*FLAGS, *WEBGL])
        print(_player(browser, given.assets, long, given.seconds, given.over))
        print(_start(browser, Path(folder)))
        browser.close()


def _bundle(assets: Path) -> str:
    rows = []
    for name in ("viewer", "uploader", "page"):
        files = [file for file in (assets / name).rglob("*") if file.suffix in {".js", ".css", ".html"}]
        raw = sum(file.stat().st_size for file in files)
        small = sum(len(gzip.compress(file.read_bytes())) for file in files)
        rows.append(f"{name} {raw / 1e3:.0f} KB in {len(files)} files ({small / 1e3:.0f} KB gzipped)")
    return "bundle: " + ", ".join(rows)


def _lengthened(source: Path, target: Path, seconds: float) -> str:
    """Write the motion again and again, one after the other, and say what it weighs."""
    meta, arrays = read_viewer(source)
    times = arrays["timestamps_s"]
    count = len(times)
    step_s = float(np.median(np.diff(times)))
    rounds = max(1, round(seconds / (count * step_s)))
    longer: dict[str, Any] = {}
    per_frame = 0
    for name, array in arrays.items():
        over_time = array.shape[:1] == (count,)
        longer[name] = np.concatenate([array] * rounds) if over_time else array
        per_frame += array[0].nbytes if over_time else 0
    longer["timestamps_s"] = (np.arange(count * rounds) * step_s).astype(np.float32)
    meta["video"]["duration_s"] = count * rounds * step_s
    target.write_bytes(packed(meta, longer))
    motion = sum(arrays[name][0].nbytes for name in ("rotations", "transl_m", "timestamps_s", "valid"))
    a_minute = 60 / step_s / 1e6
    return (
        f"motion: {count * rounds} frames, {meta['video']['duration_s'] / 60:.1f} min; "
        f"a minute is {motion * a_minute:.2f} MB of motion, {per_frame * a_minute:.2f} MB with all the rest"
    )


def _player(browser: Browser, assets: Path, data: Path, seconds: float, over: str) -> str:
    with serve_files({"/viewer": assets / "viewer", "/viewer.bin": data}, {"/": PAGE}) as address:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_function(f"{STATE}?.ready", timeout=PATIENCE_MS)
        ready_ms = page.evaluate("performance.now()")
        page.wait_for_function(f"{STATE}.drawn > 0", timeout=PATIENCE_MS)
        page.get_by_role("group", name="Over the video").get_by_role("button", name=over).click()
        page.locator(".ev-play").click()
        page.wait_for_function(f"{STATE}.drawn > 3", timeout=PATIENCE_MS)
        page.evaluate("costs.length = frames.length = 0")
        page.wait_for_timeout(1000 * seconds)
        costs, frames = page.evaluate("[costs, frames]")
        page.close()
    ordered = sorted(costs)
    late = ordered[int(0.95 * (len(ordered) - 1))]
    return (
        f"player, {over.lower()} over the video: ready after {ready_ms:.0f} ms; "
        f"script {statistics.median(costs):.2f} ms a frame (95 %: {late:.2f}); "
        f"{1000 / statistics.mean(frames):.1f} frames/s drawn by the processor"
    )


def _start(browser: Browser, folder: Path) -> str:
    """First paint and the time at which the page answers, of the real app."""
    data = folder / "data"
    data.mkdir()
    with running_page(data) as app:
        rounds = []
        for _ in range(3):
            page = browser.new_page()
            page.goto(app.url)
            page.wait_for_selector("[data-mounted]", state="attached", timeout=PATIENCE_MS)
            interactive = page.evaluate("performance.now()")
            paints = page.evaluate("performance.getEntriesByType('paint').map(p => [p.name, p.startTime])")
            rounds.append((dict(paints).get("first-contentful-paint", float("nan")), interactive))
            page.close()
    first, ready = (statistics.median(column) for column in zip(*rounds, strict=True))
    return f"start page: first paint {first:.0f} ms, interactive {ready:.0f} ms (median of 3): {json.dumps(rounds)}"


if __name__ == "__main__":
    main()
