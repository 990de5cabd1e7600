"""REBA of photographs beside that of human raters, item by item.

    python benchmarks/raters.py DATA [--quality high]

DATA holds ``labels.json`` and ``img/*.png`` of the AutoREBA set (Ellestir/AutoREBA, MIT): one worker in postures of
lifting, carrying and reaching, scored by students from this picture and from a motion-capture skeleton. Ergo sees
each photograph as a film of a fifth of a second. Load and grip, which no picture tells, are taken from the raters.
``exact`` and ``within 1`` are the shares of photographs with the same points as the rater of the picture; the last
two columns are the same for two humans: the rater of the picture beside the rater of the skeleton.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np

from ergo.errors import ErgoError
from ergo.pipeline import analyse
from ergo.types import Analysis, AnalysisSettings, Assessment, TaskContext

ITEMS = {"neck": "neck", "trunk": "trunk", "legs": "legs", "upper_arm": "upper_arm", "lower_arm": "lower_arm",
         "wrist": "wrist", "reba": "reba"}  # fmt: skip
LOAD_KG = {0: 0.0, 1: 7.0, 2: 12.0, 3: 12.0}
COUPLING: dict[int, Literal["good", "fair", "poor", "unacceptable"]] = {
    0: "good",
    1: "fair",
    2: "poor",
    3: "unacceptable",
}
FRAMES, RATE_HZ = 5, 25


def film_of(picture: Path, film: Path) -> None:
    """A short film that shows one picture."""
    with av.open(str(picture)) as source:
        frame = next(source.decode(video=0)).reformat(format="rgb24")
    width, height = frame.width // 2 * 2, frame.height // 2 * 2
    with av.open(str(film), "w") as target:
        stream = target.add_stream("libx264", rate=RATE_HZ, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        rgb = frame.to_ndarray()[:height, :width]
        for _ in range(FRAMES):
            target.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        target.mux(stream.encode())


def ratings(entry: dict[str, Any]) -> tuple[dict[str, int], dict[str, int] | None]:
    """Points by the rater of this picture and by that of the skeleton."""
    scored = {view: rating["scores"] for view, rating in entry["ratings"].items() if rating["scores"]}
    own = scored.pop(entry["own_view_rater"], None) or next(iter(scored.values()))
    return own, scored.get("mocap_view")


def ours(analysis: Analysis) -> dict[str, float]:
    """REBA's items of the worse side in the middle of the film; NaN where an item was not seen."""
    sides = [a for a in analysis.assessments if a.method == "reba"]

    def total(assessment: Assessment) -> float:
        return float(np.nan_to_num(assessment.total[len(assessment.total) // 2]))

    worst = max(sides, key=total)
    middle = len(worst.total) // 2
    points = {item: float(worst.parts[item][middle]) for item in ITEMS if item != "reba"}
    return points | {"reba": float(worst.total[middle])}


def analysed(picture: Path, scores: dict[str, int], quality: str) -> dict[str, float] | None:
    """Ergo's points, None where nobody was found."""
    context = TaskContext(
        load_kg=LOAD_KG[scores.get("force") or 0],
        shock=scores.get("force") == 3,
        coupling=COUPLING[scores.get("coupling") or 0],
    )  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "photo.mp4"
        film_of(picture, film)
        try:
            return ours(analyse(film, Path(folder) / "out", AnalysisSettings(quality=quality, context=context)))  # type: ignore[arg-type]
        except ErgoError as error:
            print(f"{picture.name}: {error}")
            return None


def main() -> None:
    """Analyse every photograph and print the agreement."""
    parser = argparse.ArgumentParser(description="REBA of photographs beside that of human raters.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--quality", default="high")
    options = parser.parse_args()
    apart: dict[str, list[float]] = {item: [] for item in ITEMS}
    humans: dict[str, list[float]] = {item: [] for item in ITEMS}
    entries = json.loads((options.data / "labels.json").read_text())["items"]
    for entry in entries:
        own, other = ratings(entry)
        points = analysed(options.data / entry["file"], own, options.quality)
        for item in ITEMS:
            if points is not None and own.get(item) is not None:
                apart[item].append(points[item] - own[item])
            if other is not None and own.get(item) is not None and other.get(item) is not None:
                humans[item].append(other[item] - own[item])
    print(f"{len(entries)} photographs, {options.quality}")
    print(f"{'item':<10} {'seen':>5} {'exact':>6} {'within 1':>9} {'bias':>6}   {'humans':>6} {'within 1':>9}")
    for item in ITEMS:
        known = np.array([a for a in apart[item] if np.isfinite(a)])
        bias = f"{np.mean(known):+6.2f}" if len(known) else f"{'–':>6}"
        print(f"{item:<10} {len(known):5d} {shares(known)} {bias}   {shares(np.array(humans[item]))}")


def shares(apart: np.ndarray) -> str:
    """Shares of equal points, and of points at most one apart."""
    if len(apart) == 0:
        return f"{'–':>6} {'–':>9}"
    return f"{np.mean(apart == 0):6.0%} {np.mean(np.abs(apart) <= 1):9.0%}"


if __name__ == "__main__":
    main()
