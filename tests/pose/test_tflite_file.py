"""Networks read from the files that ship."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ergo.errors import ModelError
from ergo.pose.models import MODELS_DIR, read_manifest
from ergo.pose.tflite_file import densified, read_bundle, read_network

LITE = MODELS_DIR / "pose_landmarker_lite.task"


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 6)),
        elements=st.floats(0, 2, width=32),
    )
)
def test_what_is_stored_sparsely_comes_back_whole(dense: np.ndarray) -> None:
    rows = dense.reshape(-1, dense.shape[-1])
    segments = np.concatenate([[0], np.cumsum((rows != 0).sum(axis=1))])
    stored = (segments, np.nonzero(rows)[1])
    assert np.array_equal(densified(rows[rows != 0], dense.shape, (None, None, stored)), dense)


def test_the_detector_is_read_whole() -> None:
    graph = read_bundle(LITE, "pose_detector.tflite")
    assert [graph.shapes[number] for number in graph.outputs] == [(1, 2254, 12), (1, 2254, 1)]
    assert not {"DEQUANTIZE", "DENSIFY"} & {node.kind for node in graph.nodes}
    kinds = {values.dtype for values in graph.constants.values()}
    assert kinds == {np.dtype(np.float32), np.dtype(np.int32)}
    assert all(graph.constants[number].shape == graph.shapes[number] for number in graph.constants)


def test_what_an_output_does_not_need_is_left_out() -> None:
    graph = read_bundle(LITE, "pose_landmarks_detector.tflite")
    without_silhouette = graph.needed_for((graph.outputs[0], graph.outputs[3]))
    assert len(without_silhouette.nodes) < len(graph.nodes)
    made = {number for node in without_silhouette.nodes for number in node.outputs}
    assert {graph.outputs[0], graph.outputs[3]} <= made
    assert graph.outputs[2] not in made


def test_what_is_no_network_is_told() -> None:
    with pytest.raises(ModelError, match="no network palm"):
        read_bundle(LITE, "palm")
    with pytest.raises(ModelError, match="no network"):
        read_bundle(MODELS_DIR / "manifest.json", "pose_detector.tflite")
    with pytest.raises(ModelError, match="TFLite"):
        read_network(b"x" * 64)
    assert LITE.name in read_manifest()
