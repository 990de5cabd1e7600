"""Task bundles for MediaPipe's Tasks API out of the bare TFLite files of its npm packages.

A bundle is a zip archive, stored uncompressed, whose members carry TFLite metadata telling how the picture is
normalised. Packages are fetched with ``npm pack``, every source file is checked against its digest, and the digests
of the bundles are recorded in ``manifest.json`` and ``LICENSE`` beside them. The same input gives the same bytes.
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
from collections.abc import Mapping
from pathlib import Path

import flatbuffers
from mediapipe.tasks.metadata import metadata_schema_py_generated as metadata_schema
from mediapipe.tasks.metadata import schema_py_generated as tflite_schema

MODELS = Path(__file__).resolve().parents[1] / "models"
METADATA_NAME = "TFLITE_METADATA"
METADATA_IDENTIFIER = b"M001"
MODEL_IDENTIFIER = b"TFL3"
METADATA_PARSER_VERSION = "1.0.0"
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def fetch_package(package: str, version: str, folder: Path) -> Path:
    """Download the package as a tarball into `folder` with the npm client, from whatever registry it is set to."""
    done = subprocess.run(
        ["npm", "pack", "--silent", f"{package}@{version}"],  # noqa: S607  npm is looked up on the PATH on purpose
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return folder / done.stdout.strip().splitlines()[-1]


def read_sources(package: Path, digests: Mapping[str, str]) -> dict[str, bytes]:
    """The networks in the tarball by file name, each equal to its pinned digest."""
    found = {}
    with tarfile.open(package) as archive:
        for name, digest in digests.items():
            member = archive.extractfile(f"package/{name}")
            assert member is not None, f"{package.name} has no {name}"
            content = member.read()
            actual = hashlib.sha256(content).hexdigest()
            if actual != digest:
                raise SystemExit(f"{name} in {package.name} is {actual}, expected {digest}")
            found[name] = content
    return found


def sources_asked_for(about: str | None, package: str, version: str, digests: Mapping[str, str]) -> dict[str, bytes]:
    """The networks that a build script needs: out of ``--package FILE.tgz`` where that is given, else fetched.

    `about` is what the script says of itself under ``--help``.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", type=Path, help=f"a tarball of {package} {version} that is already here")
    given = parser.parse_args().package
    with tempfile.TemporaryDirectory() as folder:
        return read_sources(given or fetch_package(package, version, Path(folder)), digests)


def image_metadata(mean: float, std: float, name: str) -> bytes:
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
    model.name = name
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


def bundle(members: Mapping[str, bytes]) -> bytes:
    """A task bundle: networks by file name in a zip archive, stored so that the runtime can map them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, ZIP_DATE), content)
    return out.getvalue()


def write_bundles(bundles: Mapping[str, bytes]) -> None:
    """Write the bundles by file name, and bring manifest and licence up to date; other bundles stay listed."""
    MODELS.mkdir(parents=True, exist_ok=True)
    manifest = MODELS / "manifest.json"
    digests = json.loads(manifest.read_text())["sha256"] if manifest.exists() else {}
    for name, content in bundles.items():
        (MODELS / name).write_bytes(content)
        digests[name] = hashlib.sha256(content).hexdigest()
        print(f"{name}  {len(content) / 1e6:.1f} MB  {digests[name]}")
    digests = dict(sorted(digests.items()))
    manifest.write_text(json.dumps({"sha256": digests}, indent=2) + "\n")
    (MODELS / "LICENSE").write_text(licence_text(digests))


def licence_text(digests: Mapping[str, str]) -> str:
    """What the files are, where they come from, and the licence they come under."""
    files = importlib.metadata.files("mediapipe") or []
    [apache] = [f for f in files if f.name == "LICENSE"]
    text = apache.read_text().split("\n====")[0].rstrip() + "\n"  # the rest is about parts of the wheel not used here
    lines = "\n".join(f"    {digest}  {name}" for name, digest in digests.items())
    return (
        "The models in this folder are MediaPipe networks (BlazePose, Hands' landmark networks, and BlazeFace),\n"
        "copyright the MediaPipe authors, licensed under the Apache License, Version 2.0. They come from the packages\n"
        "@mediapipe/pose, @mediapipe/hands and @mediapipe/face_detection; the networks are unchanged but for how\n"
        "their input is normalised, which is written into their metadata (assets/build/{pose,hand,face}_models.py).\n"
        "hand_detector.tflite in the hand bundles is Ergo's own: constants that aim at the middle of the picture.\n\n"
        f"SHA-256:\n\n{lines}\n\n{'-' * 80}\n\n{text}"
    )
