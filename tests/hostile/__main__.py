"""The corpus as a table: what Ergo made of each file, how long it took, and the decoder's peak memory.

    python -m tests.hostile [--fuzz 200] [--seed 0]

With ``--fuzz`` so many copies of good clips are damaged at random places besides, and judged alike. Exit status 1 when
an answer was late, large or of the wrong kind.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS), str(TESTS / "hostile")]

from corpus import FILES, HostileFile  # noqa: E402
from judging import LONGEST_S, MOST_BYTES, Answer, answer_to  # noqa: E402
from video_clips import even_times, write_clip  # noqa: E402

SUFFIXES = ("mp4", "mkv", "ts", "avi", "webm")


def damaged(seed: int) -> HostileFile:
    """A clip with bytes changed, taken out, repeated or put in, at random."""
    suffix = SUFFIXES[seed % len(SUFFIXES)]

    def make(folder: Path) -> Path:
        random = np.random.default_rng(seed)
        codec = "libvpx" if suffix == "webm" else "libx264"
        path = write_clip(folder / f"clip.{suffix}", even_times(20), codec=codec)
        data = bytearray(path.read_bytes())
        for _ in range(random.integers(1, 8)):
            start = int(random.integers(len(data)))
            # the first and last kilobyte are where the structure is
            start = start if random.random() < 0.3 else int(random.choice([start % 1024, len(data) - 1 - start % 1024]))
            count = int(random.integers(1, 40))
            piece = data[start : start + count]
            kind = random.integers(4)
            data[start : start + count] = (
                random.integers(0, 256, count, dtype=np.uint8).tobytes(), b"", piece * 3, piece + bytes(count),
            )[kind]  # fmt: skip
        path.write_bytes(data)
        return path

    return HostileFile(f"damaged {suffix} {seed}", make, None)


def judged(file: HostileFile) -> tuple[Answer, bool]:
    """The answer to a file, and whether it is as it should be."""
    with tempfile.TemporaryDirectory() as folder:
        answer = answer_to(file.make(Path(folder)))
        good = answer.left_running == 0 and answer.peak_bytes < MOST_BYTES and answer.took_s < LONGEST_S
        return answer, good and file.refused in (None, bool(answer.code)) and folder not in answer.said


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fuzz", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    files = [*FILES, *(damaged(options.seed + n) for n in range(options.fuzz))]
    print("| file | answer | s | MiB |\n|---|---|---|---|")
    wrong, slowest_s, largest = 0, 0.0, 0
    for file in files:
        answer, good = judged(file)
        said = f"`{answer.code}`" if answer.code else answer.said
        mark = "" if good else " **WRONG**"
        print(f"| {file.name} | {said}{mark} | {answer.took_s:.1f} | {answer.peak_bytes >> 20} |", flush=True)
        wrong += not good
        slowest_s, largest = max(slowest_s, answer.took_s), max(largest, answer.peak_bytes)
    print(f"\n{len(files)} files, {wrong} wrong answers; the slowest took {slowest_s:.1f} s, the largest decoder had "
          f"{largest >> 20} MiB.")  # fmt: skip
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
