"""Pictures of triangles: the C rasteriser of ``raster.c``, compiled with gcc when it is first used."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

SOURCE = Path(__file__).with_name("raster.c")
NEAR_M = 0.1
SHADOW_SIZE = 512
SHADOW_M = 7.0
"""Side of the square around the people that shadows fall into."""
MATERIAL_TERMS = 9
_LEVELS = np.linspace(0, 1, 4096)
_SRGB = np.round(
    255 * np.where(_LEVELS <= 0.0031308, 12.92 * _LEVELS, 1.055 * _LEVELS ** (1 / 2.4) - 0.055)
).astype(np.uint8)  # fmt: skip
_SCENE = (
    *((name, ctypes.c_void_p) for name in (
        "vertices", "normals", "rest", "rgb", "triangles", "material_of", "materials", "room", "lights")),
    ("light_count", ctypes.c_int32), ("ambient", ctypes.c_void_p), ("shadow", ctypes.c_void_p),
    ("shadow_size", ctypes.c_int32), ("shadow_frame", ctypes.c_void_p), ("R", ctypes.c_void_p),
    ("position", ctypes.c_void_p), ("lens", ctypes.c_void_p), ("width", ctypes.c_int32), ("height", ctypes.c_int32),
    ("exposure", ctypes.c_float),
)  # fmt: skip
"""The fields of ``Scene`` in ``raster.c``."""


class _Scene(ctypes.Structure):
    _fields_ = _SCENE


_FLAGS = ("-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC")
"""Not -ffast-math, which would switch off the smallest numbers for the whole process."""


@cache
def library() -> ctypes.CDLL:
    """The compiled rasteriser, kept in the user's cache folder."""
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ergo-scenes"
    name = hashlib.sha256(SOURCE.read_bytes() + " ".join(_FLAGS).encode()).hexdigest()[:16]
    target = folder / f"raster-{name}.so"
    if not target.exists():
        compiler = shutil.which("gcc") or shutil.which("cc")
        if compiler is None:
            raise RuntimeError("The scenes need a C compiler: install gcc.")
        folder.mkdir(parents=True, exist_ok=True)
        fresh = target.with_suffix(f".{os.getpid()}")
        subprocess.run([compiler, *_FLAGS, str(SOURCE), "-o", str(fresh), "-lm"], check=True)
        fresh.replace(target)
    return ctypes.CDLL(str(target))


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """Triangles in the world (metres, Y up) with their colours (linear) and materials."""

    vertices_m: np.ndarray  # float32[V, 3]
    triangles: np.ndarray  # int32[F, 3]
    material_of: np.ndarray  # int32[F], rows of the materials
    rest_m: np.ndarray  # float32[V, 3], where grain and stripes are fixed to the surface
    rgb: np.ndarray  # float32[V, 3]


@dataclass(frozen=True, kw_only=True)
class Light:
    """Lights and exposure; directions point to the light, the first one throws shadows."""

    directions: np.ndarray  # [L, 3]
    rgb: np.ndarray  # [L, 3]
    ambient: np.ndarray  # [2, 3], from above and below
    exposure: float


@dataclass(frozen=True, kw_only=True)
class Room:
    """A box around everything, seen from the inside; `rgb` of floor, walls, ceiling (materials 0, 1, 2)."""

    low_m: np.ndarray
    high_m: np.ndarray
    rgb: np.ndarray


def merged(meshes: list[Mesh]) -> Mesh:
    """All meshes as one."""
    starts = np.cumsum([0, *(len(mesh.vertices_m) for mesh in meshes[:-1])])
    return Mesh(
        vertices_m=np.concatenate([mesh.vertices_m for mesh in meshes]),
        triangles=np.concatenate([m.triangles + s for m, s in zip(meshes, starts, strict=True)]).astype(np.int32),
        material_of=np.concatenate([mesh.material_of for mesh in meshes]),
        rest_m=np.concatenate([mesh.rest_m for mesh in meshes]),
        rgb=np.concatenate([mesh.rgb for mesh in meshes]),
    )


def picture(
    mesh: Mesh,
    materials: np.ndarray,
    room: Room,
    light: Light,
    K: np.ndarray,
    T_cam_world: np.ndarray,
    size_px: tuple[int, int],
    centre_m: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """One picture.

    Args:
        mesh: everything but the room.
        materials: float32[M, 9], see ``Material`` in ``raster.c``; the first three are the room's.
        room: what is behind all triangles.
        light: lights and exposure.
        K: intrinsics.
        T_cam_world: pose of the camera, which must stand inside the room.
        size_px: width and height.
        centre_m: middle of the square that shadows fall into.

    Returns:
        sRGB uint8[H, W, 3], and the distance along the optical axis of what is seen, float32[H, W], inf for the room.
    """
    c = library()
    width, height = size_px
    keep = [np.ascontiguousarray(a, np.float32) for a in (mesh.vertices_m, mesh.rest_m, mesh.rgb, materials)]
    vertices, rest, rgb, materials = keep
    triangles = np.ascontiguousarray(mesh.triangles, np.int32)
    material_of = np.ascontiguousarray(mesh.material_of, np.int32)
    normals = np.empty_like(vertices)
    c.vertex_normals(_at(vertices), len(vertices), _at(triangles), len(triangles), _at(normals))
    R = np.ascontiguousarray(T_cam_world[:3, :3], np.float32)
    in_camera = vertices @ R.T + T_cam_world[:3, 3].astype(np.float32)
    fine = np.array([2 * K[0, 0], 2 * K[1, 1], 2 * K[0, 2], 2 * K[1, 2], NEAR_M], np.float32)
    near, ids = np.zeros((2 * height, 2 * width), np.float32), np.full((2 * height, 2 * width), -1, np.int32)
    c.draw(_at(in_camera), _at(triangles), len(triangles), _at(fine), 2 * width, 2 * height, _at(near), _at(ids))
    shadow, shadow_frame = _shadow(vertices, triangles, light.directions[0], centre_m)
    arrays = {
        "vertices": vertices,
        "normals": normals,
        "rest": rest,
        "rgb": rgb,
        "triangles": triangles,
        "material_of": material_of,
        "materials": materials,
        "room": np.concatenate([room.low_m, room.high_m, room.rgb.ravel()]).astype(np.float32),
        "lights": np.concatenate([light.directions, light.rgb], axis=1).astype(np.float32),
        "ambient": light.ambient.astype(np.float32),
        "shadow": shadow,
        "shadow_frame": shadow_frame,
        "R": R,
        "position": (-T_cam_world[:3, :3].T @ T_cam_world[:3, 3]).astype(np.float32),
        "lens": (fine * [0.5, 0.5, 0.5, 0.5, 1]).astype(np.float32),
    }
    scene = _Scene(
        light_count=len(light.rgb), shadow_size=SHADOW_SIZE, width=width, height=height, exposure=light.exposure,
        **{name: _at(array) for name, array in arrays.items()},
    )  # fmt: skip
    out = np.empty((height, width, 3), np.uint8)
    c.shade(ctypes.byref(scene), _at(ids), _at(_SRGB), _at(out))
    with np.errstate(divide="ignore"):
        depth_m = 1 / near[::2, ::2]
    return out, depth_m


def _shadow(vertices: np.ndarray, triangles: np.ndarray, towards: np.ndarray, centre_m: np.ndarray) -> tuple:
    """How high towards the light the surfaces reach, on a grid across it."""
    aside = np.cross(towards, [0.0, 0.0, 1.0] if abs(towards[2]) < 0.9 else [1.0, 0.0, 0.0])
    aside /= np.linalg.norm(aside)
    axes = np.stack([aside, np.cross(towards, aside), towards])
    scale = SHADOW_SIZE / SHADOW_M
    middle = axes @ centre_m
    at = (vertices @ axes.T.astype(np.float32)).astype(np.float32)
    at[:, :2] = (at[:, :2] - middle[:2].astype(np.float32)) * np.float32(scale) + np.float32(SHADOW_SIZE / 2)
    near = np.full((SHADOW_SIZE, SHADOW_SIZE), -1e9, np.float32)
    library().draw_flat(_at(at), _at(triangles), len(triangles), SHADOW_SIZE, SHADOW_SIZE, _at(near))
    return near, np.array([*axes.ravel(), *middle[:2], scale], np.float32)


def _at(array: np.ndarray) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)
