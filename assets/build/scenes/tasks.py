"""Work as key postures: what a random person does in a clip, with what, and how long it takes.

Every task draws its own measures. The tasks of the held-out set are others than those of the development set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from scenes.figure import Point, Posture

Keys = list[tuple[float, Posture]]


@dataclass(frozen=True, kw_only=True)
class Task:
    """Key postures over time (seconds) and the things around the person.

    Attributes:
        keys: what the person does.
        carried_m: width, height and depth of a box between the hands; None for empty hands.
        furniture: boxes that stand there: centre and size in the frame of the posture, metres.
        travel_m_s: how fast the person's frame moves ahead.
    """

    keys: Keys
    carried_m: Point | None = None
    furniture: tuple[tuple[Point, Point], ...] = ()
    travel_m_s: float = 0.0


def both_hands(posture: Posture, centre: Point, width: float, skew: float = 0.0) -> Posture:
    """Both wrists beside a point, the left one higher by `skew`."""
    x, y, z = centre
    half = width / 2 + 0.03
    return replace(
        posture, left_hand=(x + half, y + skew / 2, z), right_hand=(x - half, y - skew / 2, z),
        left_reach=1.0, right_reach=1.0,
    )  # fmt: skip


def _box(rng: np.random.Generator) -> Point:
    return (float(rng.uniform(0.2, 0.5)), float(rng.uniform(0.12, 0.38)), float(rng.uniform(0.2, 0.38)))


def _upright(rng: np.random.Generator) -> Posture:
    return Posture(
        flexion=rng.uniform(-2, 10),
        neck_flexion=rng.normal(10, 10),
        neck_turn=rng.normal(0, 15),
        left_foot=(rng.uniform(0.0, 0.12), 0.0, rng.normal(0, 0.06)),
        right_foot=(-rng.uniform(0.0, 0.12), 0.0, rng.normal(0, 0.06)),
        elbows_out=rng.uniform(0.1, 1.0),
    )


def _lift(rng: np.random.Generator, flexion: float, drop: float) -> Task:
    start, box = _upright(rng), _box(rng)
    low = both_hands(
        replace(start, flexion=flexion, pelvis=(0, -drop, -0.1 - 0.25 * drop), neck_flexion=rng.uniform(-25, 15),
                pelvis_share=rng.uniform(0.3, 0.65), knees_out=rng.uniform(0.1, 0.6)),
        (rng.normal(0, 0.06), rng.uniform(0.15, 0.4), rng.uniform(0.25, 0.42)), box[0], rng.normal(0, 0.04),
    )  # fmt: skip
    high = both_hands(
        replace(start, flexion=rng.uniform(-5, 12)),
        (rng.normal(0, 0.06), rng.uniform(0.9, 1.2), rng.uniform(0.28, 0.42)),
        box[0],
        rng.normal(0, 0.04),
    )
    return Task(keys=[(0, start), (0.3, start), (1.4, low), (1.8, low), (3.0, high), (4.0, high)], carried_m=box)


def stoop_lift(rng: np.random.Generator) -> Task:
    """A box from the floor with a bent back."""
    return _lift(rng, rng.uniform(70, 110), rng.uniform(0.02, 0.15))


def squat_lift(rng: np.random.Generator) -> Task:
    """A box from the floor with bent knees."""
    return _lift(rng, rng.uniform(30, 65), rng.uniform(0.3, 0.5))


def overhead(rng: np.random.Generator) -> Task:
    """A box or the hands up to a shelf, and work there."""
    start, box = _upright(rng), _box(rng)
    low = both_hands(start, (0, rng.uniform(0.9, 1.2), 0.35), box[0])
    up = both_hands(
        replace(start, flexion=rng.uniform(-12, 5), neck_flexion=rng.uniform(-40, -10), elbows_out=rng.uniform(0.3, 1)),
        (rng.normal(0, 0.1), rng.uniform(1.5, 2.0), rng.uniform(0.2, 0.45)),
        box[0],
    )
    other = replace(up, left_hand=(0.15, rng.uniform(1.3, 1.9), rng.uniform(0.2, 0.5)), twist=rng.normal(0, 10))
    with_box = bool(rng.random() < 0.6)
    keys = [(0, low), (0.4, low), (1.6, up), (2.4, up if with_box else other), (3.0, up), (4.0, low)]
    return Task(keys=keys, carried_m=box if with_box else None)


def twist_transfer(rng: np.random.Generator) -> Task:
    """A box from one side to the other, feet still."""
    start, box = _upright(rng), _box(rng)
    sign = rng.choice([-1, 1])
    height = rng.uniform(0.75, 1.1)

    def aside(side: float) -> Posture:
        angle = np.radians(side * rng.uniform(40, 70))
        posture = replace(
            start, twist=np.degrees(angle) * 0.6, turn=np.degrees(angle) * 0.25, flexion=rng.uniform(10, 45),
            side_bend=-side * rng.uniform(0, 12), neck_turn=side * rng.uniform(0, 25),
        )  # fmt: skip
        reach = rng.uniform(0.35, 0.55)
        centre = (float(np.sin(angle) * reach), height, float(np.cos(angle) * reach))
        x, y, z = centre
        across = np.array([np.cos(angle), 0, -np.sin(angle)]) * (box[0] / 2 + 0.03)
        return replace(
            both_hands(posture, centre, box[0]),
            left_hand=(x + across[0], y, z + across[2]),
            right_hand=(x - across[0], y, z - across[2]),
        )

    middle = both_hands(replace(start, flexion=rng.uniform(0, 15)), (0, height + 0.12, 0.36), box[0])
    keys = [(0, aside(sign)), (0.5, aside(sign)), (1.4, middle), (2.3, aside(-sign)), (2.8, aside(-sign)), (4, middle)]
    return Task(keys=keys, carried_m=box)


def bench_work(rng: np.random.Generator) -> Task:
    """Both hands busy at a bench, the trunk leaning now and then."""
    height = rng.uniform(0.75, 1.1)
    start = _upright(rng)

    def busy() -> Posture:
        return replace(
            start, flexion=rng.uniform(5, 40), twist=rng.normal(0, 8), neck_flexion=rng.uniform(10, 45),
            left_hand=(rng.uniform(0.0, 0.3), height + rng.uniform(0.05, 0.25), rng.uniform(0.3, 0.5)),
            right_hand=(-rng.uniform(0.0, 0.3), height + rng.uniform(0.05, 0.25), rng.uniform(0.3, 0.5)),
            left_reach=1.0, right_reach=1.0, hands_bent=rng.normal(0, 20),
        )  # fmt: skip

    keys = [(0.7 * k, busy()) for k in range(7)]
    return Task(keys=keys, furniture=(((0, height / 2, 0.62), (1.4, height, 0.55)),))


def far_reach(rng: np.random.Generator) -> Task:
    """One hand far ahead or aside, a foot put forward."""
    start = _upright(rng)
    left = bool(rng.random() < 0.5)
    side, sign = ("left", 1) if left else ("right", -1)
    step = {f"{side}_foot": (sign * 0.04, 0.0, rng.uniform(0.1, 0.35)), f"{side}_reach": 1.0}
    out = replace(
        start, flexion=rng.uniform(20, 65), twist=-sign * rng.uniform(0, 30), side_bend=rng.normal(0, 10),
        pelvis=(0, -rng.uniform(0.03, 0.12), 0.1), neck_flexion=rng.uniform(-30, 5),
        **{**step, f"{side}_hand": (sign * rng.uniform(0, 0.4), rng.uniform(0.5, 1.5), rng.uniform(0.6, 0.95))},
    )  # fmt: skip
    return Task(keys=[(0, start), (0.4, start), (1.5, out), (2.3, out), (3.4, start), (4, start)])


def kneel(rng: np.random.Generator) -> Task:
    """Down on one knee or both, work near the floor."""
    start = _upright(rng)
    down = replace(start, **_kneeling(rng), flexion=rng.uniform(10, 60), neck_flexion=rng.uniform(0, 35))

    def busy() -> Posture:
        return replace(
            down, flexion=down.flexion + rng.normal(0, 8), twist=rng.normal(0, 10),
            left_hand=(rng.uniform(0.0, 0.3), rng.uniform(0.05, 0.5), rng.uniform(0.35, 0.6)),
            right_hand=(-rng.uniform(0.0, 0.3), rng.uniform(0.05, 0.5), rng.uniform(0.35, 0.6)),
            left_reach=1.0, right_reach=1.0,
        )  # fmt: skip

    return Task(keys=[(0, start), (1.3, down), (2.0, busy()), (2.6, busy()), (3.3, busy()), (4, busy())])


def _kneeling(rng: np.random.Generator) -> dict:
    """Feet and pelvis of somebody on one knee or both; 0.42 and 0.43 m are a typical thigh and shank."""
    if rng.random() < 0.5:
        height = rng.uniform(-0.47, -0.42)
        feet = {"left_foot": (0.06, 0.0, -0.5), "right_foot": (-0.06, 0.0, -0.5)}
        return {**feet, "pelvis": (0, height, -0.02), "left_heel": 75.0, "right_heel": 75.0, "knees_out": 0.1}
    back, front = ("left", "right") if rng.random() < 0.5 else ("right", "left")
    sign = 1 if back == "left" else -1
    return {
        f"{back}_foot": (sign * 0.04, 0.0, -0.5),
        f"{back}_heel": 75.0,
        f"{front}_foot": (-sign * 0.06, 0.0, rng.uniform(0.36, 0.48)),
        "pelvis": (0, rng.uniform(-0.47, -0.42), -0.02),
        "knees_out": 0.15,
    }


def sit(rng: np.random.Generator) -> Task:
    """Work at a table, sitting."""
    seat = rng.uniform(0.38, 0.52)
    table = seat + rng.uniform(0.2, 0.32)

    def busy() -> Posture:
        return Posture(
            pelvis=(0, seat + 0.1 - 0.93, -0.42), pelvis_share=rng.uniform(0.1, 0.5), flexion=rng.uniform(-8, 45),
            twist=rng.normal(0, 14), side_bend=rng.normal(0, 6), neck_flexion=rng.uniform(0, 40),
            neck_turn=rng.normal(0, 20), knees_out=rng.uniform(0.0, 0.5),
            left_foot=(0.04, 0, rng.uniform(-0.15, 0.15)), right_foot=(-0.04, 0, rng.uniform(-0.15, 0.15)),
            left_hand=(rng.uniform(0, 0.35), table + rng.uniform(0.03, 0.2), rng.uniform(-0.05, 0.25)),
            right_hand=(-rng.uniform(0, 0.35), table + rng.uniform(0.03, 0.2), rng.uniform(-0.05, 0.25)),
            left_reach=rng.choice([0.0, 1.0], p=[0.15, 0.85]), right_reach=1.0,
        )  # fmt: skip

    first = busy()
    feet = {name: getattr(first, name) for name in ("left_foot", "right_foot", "knees_out")}
    furniture = [((0.0, seat / 2 - 0.01, -0.45), (0.42, seat, 0.42))]
    if rng.random() < 0.6:
        furniture.append(((0.0, table - 0.02, 0.2), (1.2, 0.04, 0.6)))
    return Task(keys=[(0.8 * k, replace(busy(), **feet)) for k in range(6)], furniture=tuple(furniture))


def _steps(rng: np.random.Generator, base: Posture, speed: float, swing_arms: bool) -> Keys:
    """Walking in the person's moving frame: eight keys a double step."""
    stride, period = 0.55 * speed, 1.1
    keys = []
    for k in range(int(8 * 4.5 / period)):
        phase = 2 * np.pi * k / 8
        posture = base
        for side, sign in (("left", 1.0), ("right", -1.0)):
            p = phase + (0.0 if sign > 0 else np.pi)
            ahead, lift = stride / 2 * np.cos(p), 0.11 * max(0.0, -np.sin(p))
            feet = {
                f"{side}_foot": (-sign * 0.02, lift, ahead),
                f"{side}_heel": 25.0 * max(0.0, -np.cos(p + 0.4)),
            }
            if swing_arms:
                hand = (sign * 0.24, 0.83 + 0.05 * np.cos(p) ** 2, 0.08 - 0.24 * np.cos(p))
                feet |= {f"{side}_hand": hand, f"{side}_reach": 1.0}
            posture = replace(posture, **feet)
        dip = -0.03 - 0.025 * np.cos(2 * phase)
        keys.append((k * period / 8, replace(posture, pelvis=(0, dip, 0), twist=base.twist - 6 * np.cos(phase))))
    return keys


def walk(rng: np.random.Generator) -> Task:
    """Walking ahead."""
    speed = rng.uniform(0.6, 1.3)
    base = replace(_upright(rng), left_foot=(0, 0, 0), right_foot=(0, 0, 0))
    return Task(keys=_steps(rng, base, speed, swing_arms=True), travel_m_s=speed)


def carry(rng: np.random.Generator) -> Task:
    """Walking with a box."""
    speed, box = rng.uniform(0.5, 1.0), _box(rng)
    centre = (rng.normal(0, 0.05), rng.uniform(0.85, 1.15), rng.uniform(0.28, 0.38))
    base = both_hands(replace(_upright(rng), flexion=rng.uniform(-8, 12)), centre, box[0])
    return Task(keys=_steps(rng, base, speed, swing_arms=False), travel_m_s=speed, carried_m=box)


def anything(rng: np.random.Generator) -> Task:
    """From one random posture to the next: what no task above would show."""
    return Task(keys=[(1.1 * k, _random_posture(rng)) for k in range(5)])


def _random_posture(rng: np.random.Generator) -> Posture:
    posture = replace(
        _upright(rng), twist=rng.normal(0, 20), side_bend=rng.normal(0, 12), neck_bend=rng.normal(0, 8),
        neck_turn=rng.normal(0, 25), pelvis_share=rng.uniform(0.2, 0.7), turn=rng.normal(0, 20),
    )  # fmt: skip
    kind = rng.choice(["stand", "bend", "squat", "lunge", "kneel"], p=[0.3, 0.3, 0.15, 0.15, 0.1])
    if kind == "bend":
        posture = replace(posture, flexion=rng.uniform(20, 110), pelvis=(0, -0.05, -rng.uniform(0.05, 0.2)))
    elif kind == "squat":
        drop, heel = rng.uniform(0.15, 0.55), rng.choice([0.0, 30.0])
        posture = replace(posture, flexion=rng.uniform(5, 75), pelvis=(0, -drop, -0.3 * drop), left_heel=heel,
                          right_heel=heel, knees_out=rng.uniform(0, 0.8))  # fmt: skip
    elif kind == "lunge":
        step, sign = rng.uniform(0.15, 0.4), rng.choice([-1, 1])
        posture = replace(
            posture, flexion=rng.uniform(0, 70), pelvis=(0, -rng.uniform(0.08, 0.3), 0), left_foot=(0, 0, sign * step),
            right_foot=(0, 0, -sign * step), left_heel=30.0 * (sign < 0), right_heel=30.0 * (sign > 0),
        )  # fmt: skip
    elif kind == "kneel":
        posture = replace(posture, **_kneeling(rng), flexion=rng.uniform(0, 70))
    shoulder = 0.85 + 0.55 * np.cos(np.radians(posture.flexion)) + posture.pelvis[1]
    ahead = 0.5 * np.sin(np.radians(posture.flexion)) + posture.pelvis[2]
    for side, sign in (("left", 1), ("right", -1)):
        up, round_ = rng.uniform(-85, 75), np.radians(rng.uniform(-30, 120))
        far = rng.uniform(0.25, 0.58)
        level = far * np.cos(np.radians(up))
        hand = (
            sign * (0.17 + level * np.cos(round_)),
            max(0.08, shoulder + far * np.sin(np.radians(up))),
            ahead + level * np.sin(round_),
        )
        reach = rng.choice([0.0, 1.0], p=[0.2, 0.8])
        posture = replace(posture, **{f"{side}_hand": hand, f"{side}_reach": reach})
    return posture


def push(rng: np.random.Generator) -> Task:
    """Pushing a cart: leaning, arms ahead, long steps."""
    speed = rng.uniform(0.4, 0.9)
    lean = replace(_upright(rng), flexion=rng.uniform(15, 45), neck_flexion=rng.uniform(-30, 0))
    base = both_hands(lean, (0, rng.uniform(0.95, 1.15), rng.uniform(0.5, 0.7)), rng.uniform(0.3, 0.5))
    return Task(keys=_steps(rng, base, speed, swing_arms=False), travel_m_s=speed)


def pick_aside(rng: np.random.Generator) -> Task:
    """One hand down beside the feet, trunk bent forward and to the side."""
    start, sign = _upright(rng), rng.choice([-1, 1])
    side = "left" if sign > 0 else "right"
    low = replace(
        start, flexion=rng.uniform(35, 75), side_bend=-sign * rng.uniform(15, 30), twist=sign * rng.uniform(5, 35),
        pelvis=(0, -rng.uniform(0.05, 0.25), -0.08), neck_flexion=rng.uniform(-10, 20),
        **{f"{side}_hand": (sign * rng.uniform(0.3, 0.5), rng.uniform(0.2, 0.5), rng.uniform(0.2, 0.45)),
           f"{side}_reach": 1.0},
    )  # fmt: skip
    shelf = {f"{side}_hand": (sign * 0.2, rng.uniform(1.1, 1.5), 0.45), f"{side}_reach": 1.0}
    up = replace(start, **shelf)
    return Task(keys=[(0, start), (1.2, low), (1.7, low), (2.8, up), (3.4, up), (4, start)])


def sweep(rng: np.random.Generator) -> Task:
    """A broom drawn to and fro, one hand above the other."""
    start = replace(_upright(rng), flexion=rng.uniform(10, 30), neck_flexion=rng.uniform(15, 35))

    def stroke(side: float) -> Posture:
        return replace(
            start, twist=side * rng.uniform(10, 30), turn=side * 8, left_reach=1.0, right_reach=1.0,
            left_hand=(0.15 + side * 0.12, rng.uniform(0.8, 0.95), 0.4),
            right_hand=(-0.1 + side * 0.2, rng.uniform(1.1, 1.25), 0.28),
        )  # fmt: skip

    return Task(keys=[(0.65 * k, stroke(1 if k % 2 else -1)) for k in range(7)])


def climb(rng: np.random.Generator) -> Task:
    """One foot up on a step, hands high."""
    height = rng.uniform(0.2, 0.4)
    start = _upright(rng)
    up = replace(
        start, left_foot=(0.02, height, 0.3), pelvis=(0, -0.02, 0.12), flexion=rng.uniform(5, 30), left_reach=1.0,
        right_reach=1.0, left_hand=(0.25, rng.uniform(1.3, 1.7), 0.45), neck_flexion=rng.uniform(-35, 0),
        right_hand=(-0.25, rng.uniform(1.2, 1.8), 0.45),
    )  # fmt: skip
    step = ((0.12, height / 2, 0.36), (0.5, height, 0.35))
    return Task(keys=[(0, start), (0.3, start), (1.3, up), (2.6, up), (3.6, start), (4, start)], furniture=(step,))


def sit_turn(rng: np.random.Generator) -> Task:
    """Sitting without a table, turning to take things from the side."""
    task = sit(rng)
    keys = []
    for time_s, posture in task.keys:
        sign = rng.choice([-1, 1])
        keys.append((time_s, replace(
            posture, twist=sign * rng.uniform(15, 45), neck_turn=sign * rng.uniform(0, 35),
            left_hand=(sign * 0.3 + 0.12, rng.uniform(0.45, 0.9), rng.uniform(-0.15, 0.15)), left_reach=1.0,
            right_hand=(sign * 0.3 - 0.12, rng.uniform(0.45, 0.9), rng.uniform(-0.15, 0.15)),
        )))  # fmt: skip
    return Task(keys=keys, furniture=task.furniture[:1])


DEVELOPMENT: Mapping[str, Callable[[np.random.Generator], Task]] = MappingProxyType(
    {
        task.__name__: task
        for task in (
            stoop_lift, squat_lift, overhead, twist_transfer, bench_work, far_reach, kneel, sit, walk, carry, anything,
        )
    }
)  # fmt: skip
"""Tasks of the development set, and of what is rendered for training."""

HELD_OUT: Mapping[str, Callable[[np.random.Generator], Task]] = MappingProxyType(
    {task.__name__: task for task in (push, pick_aside, sweep, climb, sit_turn)}
)
"""Tasks of the held-out set."""
