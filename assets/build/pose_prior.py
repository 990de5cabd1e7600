"""Makes ``assets/body/pose_prior.npz``: which directions arms and legs take, learned from motion capture.

    python assets/build/pose_prior.py work/*.bvh everyday/*.bvh

Give BVH files with the joints of :data:`RIGS`. Each folder counts as much as every other, however long its
recordings. For each limb the unit directions of its two bones in the frame of the trunk (right limbs mirrored onto
the left) are described by a Gaussian mixture, fitted by expectation–maximisation.

The shipped file was made from 30 recordings of the CMU Graphics Lab Motion Capture Database (mocap.cs.cmu.edu, free
for all uses) and one of box picking with an Xsens suit (motionbox, MIT).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from bvh import poses, read_bvh

TARGET = Path(__file__).parents[1] / "body" / "pose_prior.npz"
COMPONENTS = 16
ROUNDING = 0.02
"""Added to every covariance: a pose a little off those recorded is as good as they are."""
RATE_HZ = 10.0

RIGS: tuple[dict[str, str], ...] = (
    {
        f"{side}_{part}": f"CC_Base_{side[0].upper()}_{bone}"
        for side in ("left", "right")
        for part, bone in zip(
            ("shoulder", "elbow", "wrist", "hip", "knee", "ankle"),
            ("Upperarm", "Forearm", "Hand", "Thigh", "Calf", "Foot"),
            strict=True,
        )
    },
    {
        f"{side}_{part}": f"{side.capitalize()}{part.capitalize()}"
        for side in ("left", "right")
        for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    },
)


def unit(v: np.ndarray) -> np.ndarray:
    """Vectors at length one."""
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def limb_directions(at: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Directions of arms [n, 6] and legs [n, 6]; see the module's text for the frames."""
    up = unit(at["left_shoulder"] + at["right_shoulder"] - at["left_hip"] - at["right_hip"])
    found = []
    for chain in (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle")):
        across = at[f"left_{chain[0]}"] - at[f"right_{chain[0]}"]
        left = unit(across - up * np.sum(across * up, axis=1, keepdims=True))
        frame = np.stack([left, up, np.cross(left, up)], axis=-1)
        rows = []
        for side, mirror in (("left", 1.0), ("right", -1.0)):
            a, b, c = (at[f"{side}_{part}"] for part in chain)
            bones = [np.einsum("tji,tj->ti", frame, unit(v)) * [mirror, 1.0, 1.0] for v in (b - a, c - b)]
            rows.append(np.concatenate(bones, axis=1))
        found.append(np.concatenate(rows))
    return found[0], found[1]


def fit_mixture(x: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means [K, 6], precisions [K, 6, 6] and log weights (with the determinants) [K] of a Gaussian mixture."""
    rng = np.random.default_rng(0)
    size = x.shape[1]
    mean = x[rng.choice(len(x), COMPONENTS, replace=False, p=weights / weights.sum())]
    covariance = np.tile(np.cov(x.T) + ROUNDING * np.eye(size), (COMPONENTS, 1, 1))
    share = np.full(COMPONENTS, 1.0 / COMPONENTS)
    for _ in range(80):
        precision = np.linalg.inv(covariance)
        off = x[:, None] - mean
        log_p = np.log(share) + 0.5 * np.linalg.slogdet(precision)[1]
        log_p = log_p - 0.5 * np.einsum("nka,kab,nkb->nk", off, precision, off)
        duty = np.exp(log_p - log_p.max(axis=1, keepdims=True))
        duty *= weights[:, None] / duty.sum(axis=1, keepdims=True)
        mass = duty.sum(axis=0) + 1e-3
        share = mass / mass.sum()
        mean = duty.T @ x / mass[:, None]
        off = x[:, None] - mean
        covariance = np.einsum("nk,nka,nkb->kab", duty, off, off) / mass[:, None, None] + ROUNDING * np.eye(size)
    precision = np.linalg.inv(covariance)
    return mean, precision, np.log(share) + 0.5 * np.linalg.slogdet(precision)[1]


def main(paths: list[Path]) -> None:
    """Read the recordings, fit both mixtures, write the file."""
    samples: dict[Path, list[tuple[np.ndarray, np.ndarray]]] = {}
    for path in sorted(paths):
        recording = read_bvh(path)
        rig = next((r for r in RIGS if set(r.values()) <= set(recording.names)), None)
        if rig is None:
            print(f"skipped {path.name}: unknown joints")
            continue
        _, found = poses(recording, slice(None, None, max(1, round(1.0 / RATE_HZ / recording.step_s))))
        samples.setdefault(path.parent, []).append(limb_directions({name: found[bone] for name, bone in rig.items()}))
    content = {}
    for index, limb in enumerate(("arm", "leg")):
        folders = [np.concatenate([pair[index] for pair in pairs]) for pairs in samples.values()]
        weights = np.concatenate([np.full(len(f), 1.0 / len(f)) for f in folders])
        mean, precision, log_weight = fit_mixture(np.concatenate(folders), weights * len(weights) / weights.sum())
        content |= {f"{limb}_mean": mean, f"{limb}_precision": precision, f"{limb}_log_weight": log_weight}
    np.savez_compressed(TARGET, **{name: value.astype(np.float32) for name, value in content.items()})
    print(f"{TARGET.name}: {sum(len(p) for p in samples.values())} recordings, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
