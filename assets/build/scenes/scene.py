"""Whole scenes: who does what, where, seen from where; and their pictures with the truth.

Everything follows from the name of a set and a number, so that a scene can be made again anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np

from ergo.body.skinning import skin_blocks
from ergo.geometry.camera import project
from scenes import cameras, people, surroundings
from scenes.figure import Movement, interpolate, lift_to_ground, take
from scenes.paint import Palette
from scenes.people import Person
from scenes.raster import Light, Mesh, Room, merged, picture
from scenes.recorded import play
from scenes.tasks import DEVELOPMENT, HELD_OUT, Task

SetName = Literal["train", "dev", "held-out"]
RATE_HZ = 30.0
HELD_REACH = 0.97
"""A box is in the hands from here on (of the way to it)."""
HIDDEN_M = 0.2
"""A joint further than this behind what is seen in front of it is hidden: more than any limb is thick."""


@dataclass(frozen=True, kw_only=True)
class SceneSet:
    """Where the scenes of a set come from; no two sets share numbers, `train` and `dev` share tasks and recordings."""

    entropy: int
    tasks: Mapping[str, Callable[[np.random.Generator], Task]]
    recordings: tuple[str, ...]


_DEV_RECORDINGS = ("cmu_01_*.bvh", "cmu_02_*.bvh", "cmu_05_*.bvh", "xsens_*.bvh")
SETS: Mapping[SetName, SceneSet] = MappingProxyType(
    {
        "train": SceneSet(entropy=1, tasks=DEVELOPMENT, recordings=_DEV_RECORDINGS),
        "dev": SceneSet(entropy=2, tasks=DEVELOPMENT, recordings=_DEV_RECORDINGS),
        "held-out": SceneSet(entropy=3, tasks=HELD_OUT, recordings=("cmu_03_*.bvh", "cmu_06_*.bvh", "cmu_07_*.bvh")),
    }
)
"""Nothing may be trained or tuned on ``held-out``."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """One person who moves."""

    person: Person
    movement: Movement


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One picture of the worker with the truth (world: metres, Y up).

    Attributes:
        rgb: uint8[H, W, 3].
        time_s: from the start of the clip.
        K: intrinsics.
        T_cam_world: pose of the camera.
        joints_m: the 55 joints of the SMPL-X skeleton.
        rotations: their local rotations [55, 3, 3].
        xy_px: the joints in the picture.
        visible: inside the picture, and nothing is further than :data:`HIDDEN_M` in front of it.
    """

    rgb: np.ndarray
    time_s: float
    K: np.ndarray
    T_cam_world: np.ndarray
    joints_m: np.ndarray
    rotations: np.ndarray
    xy_px: np.ndarray
    visible: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A clip that can be drawn; `actors[0]` is the worker whose joints are the truth."""

    name: str
    actors: tuple[Actor, ...]
    still: tuple[Mesh, ...]
    carried: tuple[np.ndarray, np.ndarray, Mesh] | None
    materials: np.ndarray
    room: Room
    light: Light
    view: cameras.View
    times_s: np.ndarray
    obstacle: bool

    def frames(self, chosen: slice = slice(None)) -> Iterator[Frame]:
        """Pictures in order; `chosen` leaves some out (they are then not drawn)."""
        indices = range(len(self.times_s))[chosen]
        skins = [_vertices(actor, chosen) for actor in self.actors]
        noise = np.random.default_rng(7).normal(0, 2.0, (900, 900, 3)).astype(np.int8)
        worker = self.actors[0].movement
        centre_m = worker.joints_m[:, 0].mean(axis=0)
        for k, *vertices in zip(indices, *skins, strict=True):
            mesh = merged([*self.still, *self._box(k), *map(_dressed, self.actors, vertices)])
            T_cam_world, size_px = self.view.T_cam_world[k], self.view.size_px
            rgb, depth_m = picture(
                mesh, self.materials, self.room, self.light, self.view.K, T_cam_world, size_px, centre_m
            )
            row, column = (37 * k) % (900 - size_px[1]), (91 * k) % (900 - size_px[0])
            grain = noise[row : row + size_px[1], column : column + size_px[0]]
            in_camera = worker.joints_m[k] @ T_cam_world[:3, :3].T + T_cam_world[:3, 3]
            xy_px = project(in_camera, self.view.K)
            yield Frame(
                rgb=np.clip(rgb.astype(np.int16) + grain, 0, 255).astype(np.uint8),
                time_s=float(self.times_s[k]),
                K=self.view.K,
                T_cam_world=T_cam_world,
                joints_m=worker.joints_m[k],
                rotations=worker.rotations[k],
                xy_px=xy_px,
                visible=_visible(xy_px, in_camera[:, 2], depth_m),
            )

    def _box(self, k: int) -> list[Mesh]:
        if self.carried is None:
            return []
        centre, yaw, mesh = self.carried
        c, s = np.cos(yaw[k]), np.sin(yaw[k])
        turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]], np.float32)
        placed = mesh.rest_m @ turn.T + centre[k].astype(np.float32)
        return [Mesh(vertices_m=placed, triangles=mesh.triangles, material_of=mesh.material_of, rest_m=mesh.rest_m,
                     rgb=mesh.rgb)]  # fmt: skip


def recordings_of(set_name: SetName, mocap: Path | None) -> list[Path]:
    """The recordings a set may use."""
    if mocap is None:
        return []
    return sorted(path for pattern in SETS[set_name].recordings for path in mocap.glob(pattern))


def make(
    set_name: SetName,
    number: int,
    *,
    mocap: Path | None = None,
    duration_s: float = 4.0,
    rate_hz: float = RATE_HZ,
    motion: cameras.Motion | None = None,
    bystanders: int | None = None,
    obstacle: bool | None = None,
    task: str | None = None,
) -> Scene:
    """Scene `number` of a set.

    Args:
        set_name: which set.
        number: any number from 0; tasks and recordings take turns with it.
        mocap: folder with BVH files; without it only the tasks are shown.
        duration_s: length.
        rate_hz: pictures a second.
        motion: of the camera; drawn when not given, as `bystanders` and `obstacle` are.
        bystanders: how many others stand and work around.
        obstacle: whether a box hides part of the worker.
        task: name of the task, or of a recording's file.
    """
    chosen = SETS[set_name]
    rng = np.random.default_rng([chosen.entropy, number])
    times_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    palette = Palette()
    for _ in range(3):
        palette.add(rng)  # kept for the room
    recordings = {path.name: path for path in recordings_of(set_name, mocap)}
    name = task or _turn(rng, number, list(chosen.tasks), list(recordings))
    person = people.make(rng, palette)
    movement, job = _movement(rng, person, name, chosen, recordings, times_s)
    yaw = float(rng.uniform(-180, 180))
    movement = movement.moved(yaw, np.zeros(3))
    motion = motion or str(rng.choice(["still", "held", "panned"], p=[0.76, 0.16, 0.08]))
    view = cameras.place(rng, movement.joints_m[:, :22], motion, rate_hz)
    camera_m = view.positions_m[0]
    count = int(rng.choice([0, 1, 2], p=[0.7, 0.22, 0.08])) if bystanders is None else bystanders
    others = [_bystander(rng, palette, movement, camera_m, times_s, chosen) for _ in range(count)]
    actors = (Actor(person=person, movement=movement), *others)
    around = np.concatenate([a.movement.joints_m.reshape(-1, 3) for a in actors] + [view.positions_m])
    walls = Palette()
    space = surroundings.room(rng, walls, around)
    palette.rows[:3] = walls.rows
    still = [_furniture(rng, palette, piece, yaw, person.figure.scale) for piece in job.furniture]
    everybody = np.concatenate([a.movement.joints_m for a in actors], axis=1)
    still += surroundings.clutter(rng, palette, everybody, camera_m, space)
    hidden = bool(rng.random() < 0.25) if obstacle is None else obstacle
    if hidden:
        still.append(surroundings.obstacle(rng, palette, movement.joints_m, camera_m))
    carried = _carried(rng, palette, job, movement, times_s)
    return Scene(
        name=f"{set_name}_{number:04d}_{Path(name).stem}", actors=actors, still=tuple(still), carried=carried,
        materials=palette.array(), room=space, light=surroundings.light(rng), view=view, times_s=times_s,
        obstacle=hidden,
    )  # fmt: skip


def _turn(rng: np.random.Generator, number: int, tasks: list[str], recordings: list[str]) -> str:
    """Tasks in turn, every third scene a recording."""
    if recordings and number % 3 == 2:
        return recordings[int(rng.integers(len(recordings)))]
    return tasks[(number - number // 3 if recordings else number) % len(tasks)]


def _movement(
    rng: np.random.Generator,
    person: Person,
    name: str,
    chosen: SceneSet,
    recordings: Mapping[str, Path],
    times_s: np.ndarray,
) -> tuple[Movement, Task]:
    if name in recordings:
        movement = play(person.figure, recordings[name], float(rng.random()), times_s)
        return _grounded(person, movement), Task(keys=[])
    task = chosen.tasks[name](rng)
    pace = rng.uniform(0.8, 1.25)
    movement = take(person.figure, interpolate(task.keys, times_s * pace))
    if task.travel_m_s:
        ahead = np.zeros((len(times_s), 3))
        ahead[:, 2] = task.travel_m_s * pace * (times_s - times_s[-1] / 2)
        movement = movement.moved(0.0, ahead)
    return _grounded(person, movement), task


def _grounded(person: Person, movement: Movement) -> Movement:
    lowest = [v[:, 1].min() for v in _vertices(Actor(person=person, movement=movement), slice(None, None, 6))]
    return lift_to_ground(movement, np.array(lowest))


def _bystander(
    rng: np.random.Generator,
    palette: Palette,
    worker: Movement,
    camera_m: np.ndarray,
    times_s: np.ndarray,
    chosen: SceneSet,
) -> Actor:
    """Somebody further from the camera, or beside, who mostly stands."""
    person = people.make(rng, palette)
    movement, _ = _movement(rng, person, str(rng.choice(list(chosen.tasks))), chosen, {}, times_s * 0.3)
    centre = worker.joints_m[:, 0].mean(axis=0)
    away = np.arctan2(*(centre - camera_m)[[0, 2]]) + rng.uniform(-1.2, 1.2)
    reach = float(np.linalg.norm((worker.joints_m[:, :, [0, 2]] - centre[[0, 2]]), axis=-1).max())
    shift = (reach + rng.uniform(0.8, 2.0)) * np.array([np.sin(away), 0, np.cos(away)])
    middle = movement.joints_m[:, 0].mean(axis=0)
    movement = movement.moved(0.0, -middle * [1, 0, 1]).moved(float(rng.uniform(-180, 180)), centre * [1, 0, 1] + shift)
    return Actor(person=person, movement=movement)


def _furniture(rng: np.random.Generator, palette: Palette, piece: tuple, yaw_deg: float, scale: float) -> Mesh:
    centre, size = scale * np.array(piece[0]), scale * np.array(piece[1])
    yaw = np.radians(yaw_deg)
    c, s = np.cos(yaw), np.sin(yaw)
    return surroundings.any_box(rng, palette, np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]) @ centre, size, yaw)


def _carried(
    rng: np.random.Generator, palette: Palette, task: Task, movement: Movement, times_s: np.ndarray
) -> tuple[np.ndarray, np.ndarray, Mesh] | None:
    if task.carried_m is None:
        return None
    keys = interpolate(task.keys, times_s)
    held = np.minimum(np.asarray(keys.left_reach), np.asarray(keys.right_reach)) > HELD_REACH
    size = movement.figure.scale * np.array(task.carried_m)
    centre, yaw = surroundings.in_hands(movement.joints_m, held, size)
    return centre, yaw, surroundings.any_box(rng, palette, np.zeros(3), size, 0.0)


def _vertices(actor: Actor, chosen: slice) -> Iterator[np.ndarray]:
    """Skin and clothes in the world, frame by frame."""
    figure, movement = actor.person.figure, actor.movement
    blocks = skin_blocks(figure.body, actor.person.dressed, movement.rotations[chosen], movement.transl_m[chosen])
    for _, vertices in blocks:
        yield from vertices


def _dressed(actor: Actor, vertices_m: np.ndarray) -> Mesh:
    person = actor.person
    return Mesh(
        vertices_m=vertices_m, triangles=person.figure.body.faces, material_of=person.material_of,
        rest_m=person.dressed.vertices_m, rgb=person.rgb,
    )  # fmt: skip


def _visible(xy_px: np.ndarray, z_m: np.ndarray, depth_m: np.ndarray) -> np.ndarray:
    height, width = depth_m.shape
    inside = np.isfinite(xy_px).all(axis=1) & (xy_px >= 0).all(axis=1) & (xy_px < [width, height]).all(axis=1)
    column, row = np.where(inside[:, None], xy_px, 0).astype(int).T
    return inside & (z_m - depth_m[row, column] < HIDDEN_M)
