"""How a file is to be sent, and what is remembered of it beside the video."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ergo.errors import UploadRejected
from ergo.storage.store import Store
from ergo.storage.video_keys import meta_key

PART_BYTES = 16 << 20
MAX_PARTS = 9_500  # R2 and S3 allow 10,000

_SHOWN_MISSING = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPlan:
    """How a file is to be sent: `part_count` parts of `part_size_bytes`, the last one with what is left."""

    video_key: str
    upload_id: str
    part_size_bytes: int
    part_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadMeta:
    """What is remembered of an upload. `size_bytes` is None when the sender did not say (single PUT).

    With `url` nobody sends anything: the worker fetches the video from there.
    """

    filename: str
    size_bytes: int | None
    part_size_bytes: int | None
    upload_id: str | None
    created_s: float
    url: str | None = None

    def part_bytes(self, number: int) -> int:
        """The size that part `number` must have. Raises UploadRejected when there is no such part."""
        if self.size_bytes is None or self.part_size_bytes is None or not 1 <= number <= self.part_count:
            raise UploadRejected(f"The upload has no part {number}.", f"Parts are numbered 1 to {self.part_count}.")
        return min(self.part_size_bytes, self.size_bytes - (number - 1) * self.part_size_bytes)

    @property
    def part_count(self) -> int:
        """How many parts there are, 0 for a single PUT."""
        if self.size_bytes is None or self.part_size_bytes is None:
            return 0
        return math.ceil(self.size_bytes / self.part_size_bytes)


def part_size_for(size_bytes: int, part_bytes: int) -> int:
    """Parts of `part_bytes`, or larger ones where a file would need too many of them."""
    return max(part_bytes, math.ceil(size_bytes / MAX_PARTS))


def remember(store: Store, video_key: str, meta: UploadMeta) -> None:
    """Write beside a video what is to be remembered of it."""
    store.put(meta_key(video_key), json.dumps(asdict(meta)).encode())


def remembered(store: Store, video_key: str) -> UploadMeta:
    """What is remembered of the upload beside a key, which is not checked. Raises KeyNotFound."""
    return UploadMeta(**json.loads(store.get(meta_key(video_key))))


def shown_ranges(numbers: Sequence[int]) -> str:
    """[3, 7, 8, 9] as "3, 7–9"; a long list is cut."""
    spans: list[tuple[int, int]] = []
    for n in numbers:
        if spans and spans[-1][1] == n - 1:
            spans[-1] = (spans[-1][0], n)
        else:
            spans.append((n, n))
    shown = [str(a) if a == b else f"{a}–{b}" for a, b in spans[:_SHOWN_MISSING]]
    return ", ".join(shown) + (", …" if len(spans) > _SHOWN_MISSING else "")
