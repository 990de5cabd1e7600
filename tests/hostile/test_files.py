"""Every file of the corpus gets a typed answer, soon, from a decoder that stays small; nothing is left behind."""

import pytest
from corpus import FILES
from judging import MOST_BYTES, answer_to


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_a_file_from_anywhere(file, tmp_path):
    path = file.make(tmp_path)
    there = sorted(tmp_path.iterdir())
    answer = answer_to(path)
    if file.refused is not None:
        assert bool(answer.code) == file.refused, answer
    assert "/etc/passwd" not in answer.said and str(tmp_path) not in answer.said
    assert answer.left_running == 0
    assert answer.peak_bytes < MOST_BYTES
    assert sorted(tmp_path.iterdir()) == there
