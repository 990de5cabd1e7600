"""Build ``assets/models/pose_landmarker_{lite,full,heavy}.task`` from the public package ``@mediapipe/pose``.

The package (Apache-2.0) holds MediaPipe's person detector and its three landmark networks as bare TFLite files.
The Tasks API wants each pair as one bundle: a zip archive, stored uncompressed, whose members carry TFLite
metadata telling how the picture is normalised. This script fetches the package with ``npm pack``, checks every
source file against its digest, writes that metadata, and records the digests of the bundles in ``manifest.json``
and ``LICENSE`` beside them. The same input gives the same bytes.

    python assets/build/pose_models.py [--package FILE.tgz]
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import io
import json
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

import flatbuffers
from mediapipe.tasks.metadata import metadata_schema_py_generated as metadata_schema
from mediapipe.tasks.metadata import schema_py_generated as tflite_schema

PACKAGE = "@mediapipe/pose"
VERSION = "0.5.1675469404"
MODELS = Path(__file__).resolve().parents[1] / "models"

DETECTOR = "pose_solution_packed_assets.data"  # this archive of the web loader holds the detector alone
SOURCES = {
    DETECTOR: "a63c614bef30d35947f13be361820b1e4e3bec9cfeebf4d11216a18373108e85",
    "pose_landmark_lite.tflite": "f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61",
    "pose_landmark_full.tflite": "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    "pose_landmark_heavy.tflite": "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",
}
SIZES = ("lite", "full", "heavy")

METADATA_NAME = "TFLITE_METADATA"
METADATA_IDENTIFIER = b"M001"
MODEL_IDENTIFIER = b"TFL3"
METADATA_PARSER_VERSION = "1.0.0"
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def fetch_package(folder: Path) -> Path:
    """Download the package as a tarball into `folder` with the npm client, from whatever registry it is set to."""
    done = subprocess.run(
        ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"],  # noqa: S607  npm is looked up on the PATH on purpose
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return folder / done.stdout.strip().splitlines()[-1]


def read_sources(package: Path) -> dict[str, bytes]:
    """The four networks in the tarball, each equal to its pinned digest."""
    found = {}
    with tarfile.open(package) as archive:
        for name, digest in SOURCES.items():
            member = archive.extractfile(f"package/{name}")
            assert member is not None, f"{package.name} has no {name}"
            content = member.read()
            actual = hashlib.sha256(content).hexdigest()
            if actual != digest:
                raise SystemExit(f"{name} in {package.name} is {actual}, expected {digest}")
            found[name] = content
    return found


def image_metadata(mean: float, std: float) -> bytes:
    """TFLite metadata for one RGB input, normalised as (value − mean) / std of values 0–255."""
    options = metadata_schema.NormalizationOptionsT()
    options.mean, options.std = [mean], [std]
    normalisation = metadata_schema.ProcessUnitT()
    normalisation.optionsType = metadata_schema.ProcessUnitOptions.NormalizationOptions
    normalisation.options = options
    picture = metadata_schema.ImagePropertiesT()
    picture.colorSpace = metadata_schema.ColorSpaceType.RGB
    content = metadata_schema.ContentT()
    content.contentPropertiesType = metadata_schema.ContentProperties.ImageProperties
    content.contentProperties = picture
    tensor = metadata_schema.TensorMetadataT()
    tensor.name = "image"
    tensor.content = content
    tensor.processUnits = [normalisation]
    subgraph = metadata_schema.SubGraphMetadataT()
    subgraph.inputTensorMetadata = [tensor]
    model = metadata_schema.ModelMetadataT()
    model.name = "pose"
    model.minParserVersion = METADATA_PARSER_VERSION
    model.subgraphMetadata = [subgraph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), METADATA_IDENTIFIER)
    return bytes(builder.Output())


def with_metadata(network: bytes, metadata: bytes) -> bytes:
    """The TFLite file `network` with `metadata` added to its buffers."""
    model = tflite_schema.ModelT.InitFromObj(tflite_schema.Model.GetRootAsModel(bytearray(network), 0))
    buffer = tflite_schema.BufferT()
    buffer.data = list(metadata)
    model.buffers = [*model.buffers, buffer]
    entry = tflite_schema.MetadataT()
    entry.name = METADATA_NAME
    entry.buffer = len(model.buffers) - 1
    model.metadata = [m for m in model.metadata or [] if m.name.decode() != METADATA_NAME] + [entry]
    builder = flatbuffers.Builder(len(network) + 4096)
    builder.Finish(model.Pack(builder), MODEL_IDENTIFIER)
    return bytes(builder.Output())


def bundle(detector: bytes, landmarks: bytes) -> bytes:
    """A task bundle: both networks in a zip archive, stored so that the runtime can map them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        members = {"pose_detector.tflite": detector, "pose_landmarks_detector.tflite": landmarks}
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, ZIP_DATE), content)
    return out.getvalue()


def licence_text(digests: dict[str, str]) -> str:
    """What the files are, where they come from, and the licence they come under."""
    files = importlib.metadata.files("mediapipe") or []
    [apache] = [f for f in files if f.name == "LICENSE"]
    text = apache.read_text().split("\n====")[0].rstrip() + "\n"  # the rest is about parts of the wheel not used here
    lines = "\n".join(f"    {digest}  {name}" for name, digest in digests.items())
    return (
        "The pose models in this folder are MediaPipe BlazePose networks, copyright the MediaPipe authors, licensed\n"
        f"under the Apache License, Version 2.0. They come from the package {PACKAGE} {VERSION}; each .task file\n"
        "joins the person detector and one landmark network of that package, unchanged but for the input\n"
        "normalisation written into their metadata (assets/build/pose_models.py).\n\n"
        f"SHA-256:\n\n{lines}\n\n{'-' * 80}\n\n{text}"
    )


def main() -> None:
    """Fetch, check, build, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", type=Path, help=f"a tarball of {PACKAGE} {VERSION} that is already here")
    package = parser.parse_args().package
    with tempfile.TemporaryDirectory() as folder:
        sources = read_sources(package or fetch_package(Path(folder)))
    # The detector sees pixels in −1…1, the landmark networks in 0…1 (their model cards).
    detector = with_metadata(sources[DETECTOR], image_metadata(127.5, 127.5))
    MODELS.mkdir(parents=True, exist_ok=True)
    digests = {}
    for size in SIZES:
        landmarks = with_metadata(sources[f"pose_landmark_{size}.tflite"], image_metadata(0.0, 255.0))
        content = bundle(detector, landmarks)
        name = f"pose_landmarker_{size}.task"
        (MODELS / name).write_bytes(content)
        digests[name] = hashlib.sha256(content).hexdigest()
        print(f"{name}  {len(content) / 1e6:.1f} MB  {digests[name]}")
    (MODELS / "manifest.json").write_text(json.dumps({"sha256": digests}, indent=2) + "\n")
    (MODELS / "LICENSE").write_text(licence_text(digests))


if __name__ == "__main__":
    main()
