"""REBA of photographs beside that of human raters, item by item.

    python benchmarks/raters.py DATA [--quality high] [--keep FILE]

DATA holds ``labels.json`` and ``img/*.png`` of the AutoREBA set (Ellestir/AutoREBA, MIT): one worker in postures of
lifting, carrying and reaching, scored by students from this picture and from a motion-capture skeleton. Ergo sees
each photograph as a film of a fifth of a second. Load and grip, which no picture tells, are taken from the raters.
Printed as Markdown: for each item Ergo beside the rater of the same picture, and two humans beside each other (the
rater of the picture, the rater of the skeleton); for the score also its action level, both confusion matrices, and how
far all pairs of raters of one posture agree. --keep: Ergo's points are kept there, and taken from there next time.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
import repository  # noqa: F401
from agreement import AGREEMENT_HEAD, Pair, agreement_row, confusion, confusion_table

from ergo.errors import ErgoError
from ergo.methods import reba
from ergo.methods.catalogue import METHODS
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


def level(total: float) -> float:
    """The action level of a score, 0 negligible to 4 very high."""
    return float(reba.level(total))


def between_raters(entries: Sequence[dict[str, Any]]) -> list[Pair]:
    """REBA of every two raters of one posture, whatever they looked at; each pair once."""
    found: dict[tuple[Any, ...], Pair] = {}
    for entry in entries:
        scored = {view: r["scores"]["reba"] for view, r in entry["ratings"].items() if r["scores"]}
        for one, other in combinations(sorted(view for view in scored if scored[view] is not None), 2):
            found[entry["take"], entry["posture"], one, other] = (scored[one], scored[other])
    return list(found.values())


def points_of(entries: Sequence[dict[str, Any]], data: Path, quality: str, keep: Path | None) -> list[Any]:
    """Ergo's points of every photograph."""
    if keep is not None and keep.exists():
        return json.loads(keep.read_text())
    found = [analysed(data / entry["file"], ratings(entry)[0], quality) for entry in entries]
    if keep is not None:
        keep.write_text(json.dumps(found))
    return found


def main() -> None:
    """Analyse every photograph and print the agreement."""
    parser = argparse.ArgumentParser(description="REBA of photographs beside that of human raters.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--quality", default="high")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    entries = json.loads((options.data / "labels.json").read_text())["items"]
    points = points_of(entries, options.data, options.quality, options.keep)
    ergo: dict[str, list[Pair]] = {item: [] for item in ITEMS}
    humans: dict[str, list[Pair]] = {item: [] for item in ITEMS}
    for entry, seen in zip(entries, points, strict=True):
        own, other = ratings(entry)
        for item in ITEMS:
            if seen is not None and own.get(item) is not None and np.isfinite(seen[item]):
                ergo[item].append((own[item], seen[item]))
            if other is not None and own.get(item) is not None and other.get(item) is not None:
                humans[item].append((own[item], other[item]))
    print(f"{len(entries)} photographs, {options.quality}\n\n{AGREEMENT_HEAD}")
    for item in ITEMS:
        print(agreement_row(f"{item}, Ergo", ergo[item]))
        print(agreement_row(f"{item}, two humans", humans[item]))
    raters = between_raters(entries)
    print(agreement_row("reba, every two raters", raters))
    levels = {name: [(level(a), level(b)) for a, b in pairs] for name, pairs in
              (("Ergo", ergo["reba"]), ("two humans", humans["reba"]), ("every two raters", raters))}  # fmt: skip
    for name, pairs in levels.items():
        print(agreement_row(f"action level, {name}", pairs))
    scale = sorted({value for pair in ergo["reba"] for value in pair})
    print(f"\n{confusion_table('rater ↓ Ergo →', confusion(ergo['reba'], scale), [f'{v:.0f}' for v in scale])}")
    names = [entry.label for entry in METHODS["reba"].levels]
    matrix = confusion(levels["Ergo"], [float(entry.level) for entry in METHODS["reba"].levels])
    print(f"\n{confusion_table('rater ↓ Ergo →', matrix, names)}")


if __name__ == "__main__":
    main()
