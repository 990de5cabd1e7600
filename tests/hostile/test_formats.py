"""Files of Ergo's own that somebody changed: read, or refused with a typed error; never anything else."""

import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ergo.arrays import read_arrays
from ergo.assess.overrides import parse_override
from ergo.errors import ErgoError, JobFailed, SettingsError, VideoError
from ergo.jobs.wire import (
    SCHEMAS,
    Claim,
    Heartbeat,
    JobErrorInfo,
    PieceClaim,
    Submission,
    decode,
    encode,
    settings_from,
)
from ergo.looking.plan import decode_plan
from ergo.report.compare import compare, read_result
from ergo.report.measured import read_measured
from ergo.report.seen import read_seen
from ergo.storage.backup import restore
from ergo.types import AnalysisSettings, Override
from ergo.video.sniff import container_format

DOCUMENTS = (
    Claim(attempt=1, runner_id="r", claimed_s=1.5),
    Heartbeat(attempt=1, beat=3, machine="m", pid=7),
    PieceClaim(worker="w", machine="m", pid=7, claimed_s=2.0),
    Submission(attempt=1, remote_id="x", submitted_s=2.0),
    JobErrorInfo(code="NotAVideo", message="text", hint="film"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def changed(draw, data: bytes) -> bytes:
    """Bytes with some replaced, taken out or put in."""
    text = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(0, len(text) - 1)))
        text[start : start + draw(st.integers(0, 8))] = draw(st.binary(max_size=8))
    return bytes(text)


@given(st.sampled_from(DOCUMENTS), st.data())
def test_documents_of_a_job(document, data):
    raw = data.draw(changed(encode(document)))
    try:
        assert isinstance(decode(type(document), raw), type(document))
    except JobFailed as error:
        assert error.hint


@pytest.mark.parametrize("raw", [b"", b"[" * 100_000, b'{"schema": NaN}', b"\xff\xfe", b"null"])
@pytest.mark.parametrize("kind", list(SCHEMAS), ids=lambda kind: kind.__name__)
def test_no_document_at_all(kind, raw):
    with pytest.raises(JobFailed):
        decode(kind, raw)


@given(JSON)
def test_a_plan_of_anything(content):
    with pytest.raises(JobFailed):
        decode_plan(json.dumps(content).encode())


@given(
    st.text(max_size=40)
    | st.from_regex(r"[a-z_]{1,20}(\.left)?(=|<=|>=)[-a-z0-9.e]{1,8}(@[-0-9.]{1,9})?", fullmatch=True)
)
def test_an_override_of_anything(text):
    try:
        assert isinstance(parse_override(text), Override)
    except SettingsError as error:
        assert error.hint


@given(JSON)
def test_settings_of_anything(content):
    try:
        assert isinstance(settings_from(content), AnalysisSettings)
    except ErgoError as error:
        assert error.hint


def npz() -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, about=np.array("{}"), values=np.arange(200.0))
    return file.getvalue()


@given(changed(npz()))
def test_arrays(data):
    try:
        assert all(isinstance(array, np.ndarray) for array in read_arrays(io.BytesIO(data)).values())
    except ValueError:
        return


@given(changed(npz()) | st.binary(max_size=60))
def test_results(data):
    with pytest.raises(SettingsError):
        read_measured(data, data)


def test_nothing_is_unpickled(tmp_path):
    path = tmp_path / "keypoints.npz"
    np.savez(path, about=np.array([print], dtype=object))
    with pytest.raises(SettingsError):
        read_seen(path)
    np.save(tmp_path / "plain.npy", np.arange(3))
    with pytest.raises(SettingsError):
        read_seen(tmp_path / "plain.npy")


@given(JSON, st.booleans())
def test_comparing_anything(tmp_path_factory, content, named):
    path = tmp_path_factory.getbasetemp() / "result.json"
    path.write_text(json.dumps({"schema": "ergo.result/1", "methods": content} if named else content))
    with pytest.raises(SettingsError):
        compare(read_result(path), read_result(path))


@given(JSON)
def test_a_backup_of_anything(tmp_path_factory, content):
    folder = tmp_path_factory.getbasetemp() / "backup"
    folder.mkdir(exist_ok=True)
    (folder / "index.json").write_text(json.dumps(content))
    with pytest.raises(ErgoError):
        restore(None, folder)


@given(
    st.sampled_from([b"", b"\x00\x00\x00\x18ftyp", b"RIFF", b"OggS", b"G", b"\x1a\x45\xdf\xa3"]),
    st.binary(max_size=1200),
)
def test_first_bytes(tmp_path_factory, magic, data):
    path = tmp_path_factory.getbasetemp() / "clip.mp4"
    path.write_bytes(magic + data)
    try:
        assert container_format(path)
    except VideoError as error:
        assert error.hint and "clip.mp4" in error.message
