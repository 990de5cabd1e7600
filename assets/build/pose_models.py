"""Build ``assets/models/pose_landmarker_{lite,full,heavy}.task`` from the public package ``@mediapipe/pose``.

The package (Apache-2.0) holds MediaPipe's person detector and its three landmark networks as bare TFLite files; the
Tasks API wants each pair as one bundle (``task_bundles.py``).

    python assets/build/pose_models.py [--package FILE.tgz]
"""

from __future__ import annotations

from task_bundles import bundle, image_metadata, sources_asked_for, with_metadata, write_bundles

PACKAGE = "@mediapipe/pose"
VERSION = "0.5.1675469404"

DETECTOR = "pose_solution_packed_assets.data"  # this archive of the web loader holds the detector alone
SOURCES = {
    DETECTOR: "a63c614bef30d35947f13be361820b1e4e3bec9cfeebf4d11216a18373108e85",
    "pose_landmark_lite.tflite": "f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61",
    "pose_landmark_full.tflite": "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    "pose_landmark_heavy.tflite": "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",
}
SIZES = ("lite", "full", "heavy")


def main() -> None:
    """Fetch, check, build, write."""
    sources = sources_asked_for(__doc__, PACKAGE, VERSION, SOURCES)
    # The detector sees pixels in −1…1, the landmark networks in 0…1 (their model cards).
    detector = with_metadata(sources[DETECTOR], image_metadata(127.5, 127.5, "pose"))
    bundles = {}
    for size in SIZES:
        landmarks = with_metadata(sources[f"pose_landmark_{size}.tflite"], image_metadata(0.0, 255.0, "pose"))
        members = {"pose_detector.tflite": detector, "pose_landmarks_detector.tflite": landmarks}
        bundles[f"pose_landmarker_{size}.task"] = bundle(members)
    write_bundles(bundles)


if __name__ == "__main__":
    main()
