"""Build ``assets/models/face_detector_full_range.tflite`` from the public package ``@mediapipe/face_detection``.

The package (Apache-2.0) holds BlazeFace for near and for far faces. Ergo takes the far one: in squares of the picture
it finds faces from 8 to 120 of its 192 pixels. The Tasks API's FaceDetector knows the anchors of the near one only, so
the network is run as a picture embedder whose "embeddings" are raw boxes and scores (``ergo/pose/face_finder.py``).

    python assets/build/face_models.py [--package FILE.tgz]
"""

from __future__ import annotations

from task_bundles import image_metadata, sources_asked_for, with_metadata, write_bundles

PACKAGE = "@mediapipe/face_detection"
VERSION = "0.4.1657300184"
SOURCES = {
    "face_detection_full_range.tflite": "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
}


def main() -> None:
    """Fetch, check, build, write."""
    sources = sources_asked_for(__doc__, PACKAGE, VERSION, SOURCES)
    # The network sees pixels in −1…1 (its model card).
    metadata = image_metadata(127.5, 127.5, "face")
    write_bundles({"face_detector_full_range.tflite": with_metadata(*sources.values(), metadata)})


if __name__ == "__main__":
    main()
