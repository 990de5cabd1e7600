"""People over time: who is who from picture to picture.

A search of the whole picture now and then discovers people; in between each known person is followed in their own
window, which finds small people and costs half a search. Identity rests on where skeletons are: a person is expected
where constant velocity takes them, and two followers that end up on one body are told apart by whose path led there.
Clothes have a say where paths cross: nobody is taken for somebody whose colours are clearly another's.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
from jaxtyping import UInt8

from ergo.pose.association import (
    assign,
    detection_distance,
    newcomers,
    same_body,
    skeleton_distance,
)
from ergo.pose.boxes import Box
from ergo.pose.clothes import Colours, colours, only_this_one, somebody_else
from ergo.pose.estimator import Detection, Estimator
from ergo.pose.ghosts import ghost_samples, lasting
from ergo.pose.hand_reader import HandReader
from ergo.pose.hands import ReadHands, read_hands
from ergo.pose.joining import reunited
from ergo.pose.people import Person, Samples
from ergo.pose.plausibility import doubted
from ergo.pose.selection import rank_people
from ergo.pose.settings import PoseSettings
from ergo.types import Keypoints, VideoInfo
from ergo.video.limits import Frame

# Distances in body sizes (see skeleton_distance).
_GATE = 0.35
_GATE_PER_S = 0.8  # a brisk walk across the picture
_GATE_MOST = 1.2
_GATE_RETURN = 0.6  # somebody away for long is taken for the same person at the same workplace only
_ALIKE_COST = 0.6  # somebody in the same clothes, which nobody else wears, may have gone further
_SIZE_RATIO = 1.7  # between two sightings; also catches skeletons that collapse

_SEARCH_AGAIN_S = 0.3  # while somebody has just gone missing
_THOROUGH_S = 5.0
_MISSING_S = 1.5  # a person missing this long is looked for in searches of the whole picture only
_GONE_S = 15.0
_RETURN_S = 600.0
_GIVES_WAY_S = 4.0
_NEWBORN = 3


class Tracker:
    """Follows people through the pictures of one video; give it each picture once, in order.

    Hands are read aside, while the next pictures are looked at; leaving the context waits for the last ones.
    """

    def __init__(self, estimator: Estimator, settings: PoseSettings, reader: HandReader | None = None) -> None:
        self._estimator = estimator
        self._settings = settings
        self._reader = reader
        self._read_s = -np.inf
        self._times_s: list[float] = []
        self._looked_at = -1
        self._active: list[Person] = []
        self._gone: list[Person] = []
        self._searched_s = -np.inf
        self._searched_thoroughly_s = -np.inf
        self._passers_by: list[Keypoints] = []
        self._aside = ThreadPoolExecutor(max_workers=1)  # starts its thread with the first hands
        self._hands: list[tuple[Person, int, float, Future[ReadHands]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._aside.shutdown(cancel_futures=True)

    def add(self, frame: Frame) -> None:
        """Find everybody in the next picture, or leave it to be filled in where it would tell nothing new."""
        time_s = frame.timestamp_s
        number = len(self._times_s)
        self._times_s.append(time_s)
        if self._tells_nothing_new(number):
            return
        skipped = self._share_of_skipped(number)
        self._looked_at = number
        self._retire(time_s)
        found = self._follow_all(frame.rgb, time_s)
        if self._search_is_due(time_s, found):
            self._searched_s = time_s
            self._search(frame, found)
        for person in self._active:
            detection = found.get(person.number)
            if detection is not None:
                person.see(detection, time_s)
                person.samples.put(number, detection, frame.scale, skipped)
        self._look_at_clothes(frame.rgb, found)
        self._read_hands(frame, number, found)

    def _tells_nothing_new(self, number: int) -> bool:
        """Whether everybody was found in the picture before, and moved so little that its successor will do."""
        found_all = bool(self._active) and all(p.last_s == self._times_s[self._looked_at] for p in self._active)
        return (
            self._looked_at == number - 1
            and found_all
            and all(_established(p) and p.pace < self._settings.calm for p in self._active)
        )

    def _share_of_skipped(self, number: int) -> float | None:
        """Where in time the picture that nobody looked at lies between its neighbours; None when there is none."""
        if number < 2 or self._looked_at != number - 2:
            return None
        before_s, at_s, after_s = self._times_s[number - 2 : number + 1]
        return (at_s - before_s) / (after_s - before_s)

    def _look_at_clothes(self, rgb: UInt8[np.ndarray, "H W 3"], found: dict[int, Detection]) -> None:
        """Remember what people wear while nobody is before or behind them."""
        for person in self._active:
            detection = found.get(person.number)
            others = [p.last.box for p in self._active if p is not person]
            if detection is not None and not any(detection.box.overlap(box) > 0 for box in others):
                person.wear(colours(rgb, detection))

    def _wears_others_clothes(self, person: Person, detection: Detection, rgb: UInt8[np.ndarray, "H W 3"]) -> bool:
        others = [p.clothes for p in self._active if p is not person]
        return bool(others) and somebody_else(colours(rgb, detection), person.clothes, others)

    def _read_hands(self, frame: Frame, number: int, found: dict[int, Detection]) -> None:
        """Read the hands of everybody who has been there for a while, as often as the settings say."""
        rate_hz = self._settings.hands_hz
        if self._reader is None or rate_hz is None or frame.timestamp_s - self._read_s < 1.0 / rate_hz - 1e-3:
            return
        self._read_s = frame.timestamp_s
        self._take_hands()
        for person in self._active:
            detection = found.get(person.number)
            if detection is not None and _established(person):
                sides = person.hands.worth_a_look
                reading = self._aside.submit(read_hands, self._reader, frame.rgb, detection, sides)
                self._hands.append((person, number, frame.scale, reading))

    def _take_hands(self) -> None:
        """Wait for the hands being read."""
        for person, number, scale, reading in self._hands:
            person.hands.put(number, reading.result(), scale)
        self._hands.clear()

    def boxes(self) -> list[Box]:
        """Where those are, in pixels of the last picture looked at, who were found in it."""
        return [p.last.box for p in self._active if self._times_s and p.last_s >= self._times_s[self._looked_at]]

    def passers_by(self) -> tuple[Keypoints, ...]:
        """Those seen in a search whom nobody follows, because enough others are there: one moment each."""
        return tuple(self._passers_by)

    def so_far(self) -> tuple[Keypoints, ...]:
        """Everybody seen yet in more than a few pictures, without their hands."""
        times_s = np.array(self._times_s)
        least = ghost_samples(times_s)
        people = [p for p in (*self._gone, *self._active) if len(p.samples) >= least]
        return tuple(p.keypoints(times_s, hands=False) for p in people)

    def sightings(self) -> tuple[Sighting, ...]:
        """Everybody seen in more than a few pictures, in order of appearance. To be called once, at the end."""
        self._take_hands()
        times_s = np.array(self._times_s)
        if self._looked_at < len(times_s) - 1:  # the last picture was calm, and none came after it
            for person in self._active:
                person.samples.hold()
            self._looked_at += 1
        seen = [p for p in (*self._gone, *self._active) if len(p.samples)]
        everybody = sorted(reunited(seen), key=lambda p: p.number)
        least = ghost_samples(times_s)
        return tuple(
            Sighting(keypoints=p.keypoints(times_s, hands=self._reader is not None), clothes=p.clothes)
            for p in everybody
            if len(p.samples) >= least
        )

    def _retire(self, time_s: float) -> None:
        """Give up people missing for long, and at once those seen only once or twice: the network errs now and then."""
        for person in [p for p in self._active if time_s - p.last_s > _patience_s(p)]:
            self._active.remove(person)
            self._gone.append(person)
            self._estimator.forget(person.number)

    def _follow_all(self, rgb: UInt8[np.ndarray, "H W 3"], time_s: float) -> dict[int, Detection]:
        found: dict[int, Detection] = {}
        for person in self._active:
            if time_s - person.last_s <= _MISSING_S:
                detection = self._follow(person, rgb, time_s)
                if detection is not None:
                    found[person.number] = detection
        self._tell_apart(found, time_s)
        return found

    def _follow(self, person: Person, rgb: UInt8[np.ndarray, "H W 3"], time_s: float) -> Detection | None:
        detection = self._estimator.follow(person.number, rgb, time_s, person.expected_box(time_s))
        if detection is not None:
            detection = doubted(detection, rgb.shape[1], rgb.shape[0])
        if detection is None:
            return None
        strange = _surprise(person, detection, time_s) > _gate(person, time_s)
        if strange or self._wears_others_clothes(person, detection, rgb):
            self._estimator.forget(person.number)
            return None
        return detection

    def _tell_apart(self, found: dict[int, Detection], time_s: float) -> None:
        """Where two people are on one body, leave it to the one who was expected there."""
        people = [p for p in self._active if p.number in found]
        for i, one in enumerate(people):
            for other in people[i + 1 :]:
                if one.number not in found or other.number not in found:
                    continue
                if not same_body(found[one.number], found[other.number]):
                    continue
                doubts = [_surprise(p, found[p.number], time_s) for p in (one, other)]
                loser = one if doubts[0] > doubts[1] else other
                del found[loser.number]
                self._estimator.forget(loser.number)

    def _search_is_due(self, time_s: float, found: dict[int, Detection]) -> bool:
        waited_s = time_s - self._searched_s
        just_lost = any(p.number not in found and time_s - p.last_s <= _MISSING_S for p in self._active)
        hurry = just_lost or not found
        return waited_s >= (_SEARCH_AGAIN_S if hurry else self._settings.discover_s) - 1e-6

    def _search(self, frame: Frame, found: dict[int, Detection]) -> None:
        rgb, time_s = frame.rgb, frame.timestamp_s
        height, width = rgb.shape[:2]
        waited_s = time_s - self._searched_thoroughly_s
        thorough = waited_s >= (_THOROUGH_S if found else self._settings.discover_s)
        if thorough:
            self._searched_thoroughly_s = time_s
        seen = [doubted(d, width, height) for d in self._estimator.estimate(rgb, time_s, thorough=thorough)]
        fresh = newcomers([d for d in seen if d is not None], list(found.values()))
        missing = [p for p in self._active if p.number not in found]
        missing += [p for p in self._gone if _established(p) and time_s - p.last_s <= _RETURN_S]
        cost = np.array([[self._unlikeness(p, d, rgb, time_s) for d in fresh] for p in missing])
        cost = cost.reshape(len(missing), len(fresh))
        pairs = assign(cost, np.array([_gate(p, time_s) for p in missing]))
        for row, column in pairs:
            person = missing[row]
            if person in self._active or self._make_room(time_s):
                self._welcome(person)
                self._take_up(person, fresh[column], rgb, time_s, found)
        taken = {column for _, column in pairs}
        for column, detection in enumerate(fresh):
            if column in taken:
                continue
            if not self._make_room(time_s):
                samples = Samples()
                samples.put(0, detection, frame.scale)
                self._passers_by.append(samples.keypoints(np.array([time_s]), -1))
            else:
                number = len(self._active) + len(self._gone)
                person = Person(number, detection, time_s, detection.standing_height_px)
                self._welcome(person)
                self._take_up(person, detection, rgb, time_s, found)

    def _unlikeness(
        self, person: Person, detection: Detection, rgb: UInt8[np.ndarray, "H W 3"], time_s: float
    ) -> float:
        """:func:`_surprise`, less when clothes say that it can only be this one, infinite when they say it cannot."""
        if self._wears_others_clothes(person, detection, rgb):
            return np.inf
        surprise = _surprise(person, detection, time_s)
        others = [p.clothes for p in (*self._active, *self._gone) if p is not person]
        alike = only_this_one(colours(rgb, detection), person.clothes, others)
        return surprise * _ALIKE_COST if alike else surprise

    def _welcome(self, person: Person) -> None:
        if person in self._gone:
            self._gone.remove(person)
        if person not in self._active:
            self._active.append(person)

    def _take_up(
        self,
        person: Person,
        detection: Detection,
        rgb: UInt8[np.ndarray, "H W 3"],
        time_s: float,
        found: dict[int, Detection],
    ) -> None:
        """Aim the person's follower at a sighting; its own look at them is better than the search's."""
        self._estimator.forget(person.number)
        closer = self._estimator.follow(person.number, rgb, time_s, detection.box)
        if closer is not None:
            closer = doubted(closer, rgb.shape[1], rgb.shape[0])
        if closer is None or detection_distance(closer, detection) > _GATE:
            self._estimator.forget(person.number)
            closer = detection
        if not any(same_body(closer, other) for other in found.values()):
            found[person.number] = closer

    def _make_room(self, time_s: float) -> bool:
        """Whether another person may be followed; the one missing for longest gives way."""
        if len(self._active) < self._settings.max_people:
            return True
        absent = min(self._active, key=lambda p: p.last_s)
        if time_s - absent.last_s < min(_GIVES_WAY_S, _patience_s(absent)):
            return False
        self._active.remove(absent)
        self._gone.append(absent)
        self._estimator.forget(absent.number)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Somebody who was seen, and the colours they wore (see :mod:`ergo.pose.clothes`)."""

    keypoints: Keypoints
    clothes: Colours


def strangeness(person: Person, detection: Detection, time_s: float) -> float:
    """How far from where `person` is expected somebody was seen, over what is allowed; up to 1 it may be them."""
    return _surprise(person, detection, time_s) / _gate(person, time_s)


def _surprise(person: Person, detection: Detection, time_s: float) -> float:
    expected = person.expected(time_s)
    ratio = detection.standing_height_px / max(person.size_px, 1.0)
    if not 1 / _SIZE_RATIO < ratio < _SIZE_RATIO:
        return np.inf
    weights = np.minimum(expected.confidence, detection.confidence)
    return skeleton_distance(expected.xy_px, detection.xy_px, weights, person.size_px)


def _established(person: Person) -> bool:
    return len(person.samples) >= _NEWBORN


def _patience_s(person: Person) -> float:
    return _GONE_S if _established(person) else _MISSING_S


def _gate(person: Person, time_s: float) -> float:
    if time_s - person.last_s > _GONE_S:
        return _GATE_RETURN
    return min(_GATE + _GATE_PER_S * (time_s - person.last_s), _GATE_MOST)


def track_people(
    frames: Iterable[Frame],
    info: VideoInfo,
    estimator: Estimator,
    settings: PoseSettings,
    reader: HandReader | None = None,
) -> tuple[Keypoints, ...]:
    """Everybody in the video, on the common time grid of the sampled pictures.

    Args:
        frames: pictures in order of time; each is dropped before the next is asked for.
        info: the video they come from.
        estimator: finds people in them; stays open.
        settings: how many people to follow and how often to look for more.
        reader: reads their hands; without one nobody looks at hands.

    Returns:
        One :class:`~ergo.types.Keypoints` a person, in pixels of the displayed video, NaN where they were not
        found; most likely worker first and `track_id` counted in that order. Empty when there is nobody.
    """
    with Tracker(estimator, settings, reader) as tracker:
        for frame in frames:
            tracker.add(frame)
        people = [each.keypoints for each in tracker.sightings()]
    return rank_people(lasting(people), info)
