"""How fast the methods score: a million rows at once, beside a look-up row by row in plain Python.

    python benchmarks/methods.py [--rows 1000000] [--plain 20000]

Rows are drawn evenly over every allowed value of every item. The plain look-up reads the same tables through nested
lists, one row after the other, as one would write it by hand; it is timed on fewer rows and told for as
many. Times are those of the processor, best of five, so that other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping

import numpy as np
import repository  # noqa: F401

from ergo.methods import owas, reba, rula
from ergo.methods.catalogue import METHODS
from ergo.methods.lookup import table

Row = Mapping[str, int]


def _nested(method: str, name: str) -> list:
    return table(method, name).tolist()


def plain_rula() -> Callable[[Row], int]:
    """RULA of one row."""
    a, b, c = (_nested("rula", f"table_{name}") for name in "abc")

    def score(r: Row) -> int:
        left = a[r["upper_arm"] - 1][r["lower_arm"] - 1][r["wrist"] - 1][r["wrist_twist"] - 1]
        right = b[r["neck"] - 1][r["trunk"] - 1][r["legs"] - 1]
        left += r["muscle_use_arm"] + r["force_arm"]
        right += r["muscle_use_body"] + r["force_body"]
        return c[min(left, len(c)) - 1][min(right, len(c[0])) - 1]

    return score


def plain_reba() -> Callable[[Row], int]:
    """REBA of one row."""
    a, b, c = (_nested("reba", f"table_{name}") for name in "abc")

    def score(r: Row) -> int:
        left = a[r["neck"] - 1][r["trunk"] - 1][r["legs"] - 1] + r["load"]
        right = b[r["upper_arm"] - 1][r["lower_arm"] - 1][r["wrist"] - 1] + r["coupling"]
        return c[min(left, len(c)) - 1][min(right, len(c[0])) - 1] + r["activity"]

    return score


def plain_owas() -> Callable[[Row], int]:
    """OWAS category of one row."""
    categories = _nested("owas", "table_category")

    def score(r: Row) -> int:
        return categories[r["back"] - 1][r["arms"] - 1][r["legs"] - 1][r["load"] - 1]

    return score


SCORED = {"rula": (rula.score, plain_rula), "reba": (reba.score, plain_reba), "owas": (owas.score, plain_owas)}


def main() -> None:
    """Time every method and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--plain", type=int, default=20_000, help="rows of the plain look-up")
    options = parser.parse_args()
    print(f"{options.rows} rows at once; plain Python: {options.plain} rows, told per {options.rows}")
    print(f"{'method':<8}{'vectorised':>12}{'plain':>10}{'factor':>9}   equal")
    for name, (score, make_plain) in SCORED.items():
        rng = np.random.default_rng(0)
        columns = {i.name: rng.integers(i.low, i.high + 1, options.rows) for i in METHODS[name].inputs}
        score(**{key: values[:10] for key, values in columns.items()})  # reads the tables
        fast_s = min(_timed(lambda: score(**columns)) for _ in range(5))  # noqa: B023
        rows = [
            dict(zip(columns, map(int, row), strict=True))
            for row in zip(*(c[: options.plain] for c in columns.values()), strict=True)
        ]
        plain = make_plain()
        start = time.process_time()
        by_hand = [plain(row) for row in rows]
        plain_s = (time.process_time() - start) * options.rows / len(rows)
        equal = np.array_equal(np.asarray(score(**columns).total)[: len(rows)], by_hand)
        print(f"{name:<8}{fast_s:>10.3f} s{plain_s:>8.2f} s{plain_s / fast_s:>8.1f}×   {equal}")


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
