"""The loader: licensed files as users have them, and every way they can be wrong."""

import zipfile

import numpy as np
import pytest

from ergo.body.files import write_smplx_npz
from ergo.body.load import FREE_BODY, load_body
from ergo.body.model import betas_for_stature
from ergo.errors import ModelError

BODY = load_body(None)


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    path = tmp_path_factory.mktemp("full") / "SMPLX_NEUTRAL.npz"
    write_smplx_npz(BODY, path)
    with np.load(path) as archive:
        return {key: archive[key] for key in archive.files}


@pytest.fixture(scope="module")
def small(full):
    """The older layout with 10 + 10 columns and no pose correctives, which is quick to write."""
    thin = {**full, "shapedirs": full["shapedirs"][..., [*range(10), *range(300, 310)]]}
    del thin["posedirs"]
    return thin


def _write(folder, arrays, name="SMPLX_NEUTRAL.npz"):
    np.savez(folder / name, **arrays)
    return folder


def test_written_file_reads_back_equal(tmp_path, full):
    read = load_body(_write(tmp_path, full))
    assert read.name == "smplx"
    assert read.posedirs is None  # all zero
    for name in ("v_template_m", "shapedirs", "exprdirs", "weights", "joint_regressor", "faces", "hands_mean"):
        assert np.array_equal(getattr(read, name), getattr(BODY, name)), name
    assert len(np.unique(read.vertex_rgb, axis=0)) > 5  # painted, though the file has no colours


def test_older_layout_reads_back_equal(tmp_path, small):
    read = load_body(_write(tmp_path, small))
    assert np.array_equal(read.shapedirs, BODY.shapedirs)
    assert np.array_equal(read.exprdirs, BODY.exprdirs)


def test_pickled_members_are_left_alone(tmp_path, small):
    trap = {"joint2num": np.array({"pelvis": 0}, dtype=object), "part2num": np.array([print], dtype=object)}
    arrays = {**small, **trap, "kintree_table": small["kintree_table"].astype(np.uint32)}
    assert load_body(_write(tmp_path, arrays)).vertex_count == BODY.vertex_count


def test_pose_correctives_are_kept_in_the_order_of_the_features(tmp_path, full):
    posedirs = np.zeros_like(full["posedirs"])
    posedirs[11, 2, 485] = 0.25
    body = load_body(_write(tmp_path, {**full, "posedirs": posedirs}))
    assert body.posedirs is not None
    assert body.posedirs[485, 11 * 3 + 2] == 0.25
    assert np.count_nonzero(body.posedirs) == 1


def test_double_precision_files_become_single(tmp_path, small):
    arrays = {k: a.astype(np.float64) if a.dtype.kind == "f" else a for k, a in small.items()}
    body = load_body(_write(tmp_path, arrays))
    assert body.weights.dtype == body.v_template_m.dtype == np.float32
    assert body.shaped(betas_for_stature(body, 1.7)).stature_m == pytest.approx(1.7, abs=1e-4)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"SMPLX_FEMALE\.npz") as caught:
        load_body(tmp_path, "female")
    assert "ERGO_SMPLX_DIR" in caught.value.hint


@pytest.mark.parametrize(
    "content", [b"", b"not a zip archive", b"PK\x03\x04" + b"\0" * 200], ids=["empty", "text", "cut"]
)
def test_damaged_file_is_named(tmp_path, content):
    (tmp_path / "SMPLX_MALE.npz").write_bytes(content)
    with pytest.raises(ModelError, match=r"SMPLX_MALE\.npz cannot be read") as caught:
        load_body(tmp_path, "male")
    assert "smpl-x.is.tue.mpg.de" in caught.value.hint


def test_half_downloaded_file_is_named(tmp_path, small):
    path = _write(tmp_path, small) / "SMPLX_NEUTRAL.npz"
    data = path.read_bytes()
    for cut in (len(data) // 2, len(data) - 100):
        path.write_bytes(data[:cut])
        with pytest.raises(ModelError, match="cannot be read"):
            load_body(tmp_path)


def test_flipped_bytes_are_found(tmp_path, small):
    path = _write(tmp_path, small) / "SMPLX_NEUTRAL.npz"
    data = bytearray(path.read_bytes())
    data[2000:2050] = bytes(50)
    path.write_bytes(data)
    with pytest.raises(ModelError, match=r"SMPLX_NEUTRAL\.npz"):
        load_body(tmp_path)


def test_any_damage_is_a_model_error_or_harmless(tmp_path):
    data = FREE_BODY.read_bytes()
    with zipfile.ZipFile(FREE_BODY) as archive:
        headers = [member.header_offset for member in archive.infolist()]
        directory = archive.start_dir
    rng = np.random.default_rng(0)
    refused = 0
    for turn in range(60):
        where = (
            rng.integers(len(data)),
            rng.integers(directory, len(data)),
            rng.choice(headers) + rng.integers(260),
        )[turn % 3]
        damaged = bytearray(data)
        damaged[where] ^= 1 << rng.integers(8)
        (tmp_path / "SMPLX_NEUTRAL.npz").write_bytes(damaged)
        try:
            load_body(tmp_path)
        except ModelError:
            refused += 1
    assert refused > 20


def _put(array, where, value):
    out = array.copy()
    out[where] = value
    return out


WRONG = {
    "weights missing": ("weights", lambda a: None, "weights missing"),
    "joints of SMPL-H": ("weights", lambda a: a[:, :52], "weights has the shape"),
    "fewer vertices": ("v_template", lambda a: a[:-1], "weights has the shape"),
    "no expressions": ("shapedirs", lambda a: a[..., :10], "shapedirs has the shape"),
    "posedirs of SMPL": (
        "posedirs",
        lambda _: np.zeros((BODY.vertex_count, 3, 207), np.float32),
        "posedirs has the shape",
    ),
    "not finite": ("v_template", lambda a: _put(a, (5, 1), np.nan), "not finite"),
    "other tree": ("kintree_table", lambda a: _put(a, (0, 5), 0), "connected in another way"),
    "foreign faces": ("f", lambda a: _put(a, 7, 10**6), "triangles"),
    "weights not normalised": ("weights", lambda a: 2 * a, "do not sum to 1"),
    "an object where numbers belong": ("weights", lambda a: np.array({}, dtype=object), "cannot be read"),
    "a scalar": ("v_template", lambda a: np.float32(1), "has the shape"),
    "text": ("weights", lambda a: np.full(a.shape, "x"), "weights holds no numbers"),
    "a bad hand": ("hands_meanl", lambda a: a[:12], "hand"),
}


@pytest.mark.parametrize("case", list(WRONG))
def test_wrong_files_say_what_is_wrong(tmp_path, small, case):
    key, change, says = WRONG[case]
    arrays = {name: a for name, a in {**small, key: change(small.get(key))}.items() if a is not None}
    with pytest.raises(ModelError, match=says) as caught:
        load_body(_write(tmp_path, arrays))
    assert caught.value.hint
    assert "SMPLX_NEUTRAL.npz" in caught.value.message


def test_licensed_bodies_are_not_copied(tmp_path, small):
    licensed = load_body(_write(tmp_path, small))
    with pytest.raises(ModelError, match="Only the free body"):
        write_smplx_npz(licensed, tmp_path / "copy.npz")
    assert not (tmp_path / "copy.npz").exists()
