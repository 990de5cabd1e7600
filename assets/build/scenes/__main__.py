"""Write clips of a set.

PYTHONPATH=.:assets/build python -m scenes FOLDER --set dev --count 16 --mocap BVH_FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path

from scenes.scene import RATE_HZ, SETS, make
from scenes.truth import write_clip


def main() -> None:
    """Draw and write."""
    parser = argparse.ArgumentParser(prog="python -m scenes", description="Rendered work clips with exact truth.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--set", choices=tuple(SETS), default="dev")
    parser.add_argument("--count", type=int, default=16)
    parser.add_argument("--first", type=int, default=0, help="number of the first clip")
    parser.add_argument("--mocap", type=Path, help="folder with BVH files (CMU, Xsens); without it only made-up tasks")
    parser.add_argument("--seconds", type=float, default=3.5)
    parser.add_argument("--fps", type=float, default=RATE_HZ)
    parser.add_argument("--camera", choices=("still", "held", "panned", "driven"), help="drawn when not given")
    parser.add_argument("--bystanders", type=int, help="drawn when not given")
    parser.add_argument("--obstacle", action=argparse.BooleanOptionalAction, help="drawn when not given")
    parser.add_argument("--task", help="one task or recording for all clips, for example kneel")
    options = parser.parse_args()
    for number in range(options.first, options.first + options.count):
        scene = make(
            options.set, number, mocap=options.mocap, duration_s=options.seconds, rate_hz=options.fps,
            motion=options.camera, bystanders=options.bystanders, obstacle=options.obstacle, task=options.task,
        )  # fmt: skip
        print(write_clip(scene, options.folder), flush=True)


if __name__ == "__main__":
    main()
