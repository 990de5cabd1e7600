"""The filming guide is drawn: each rule a picture, right beside wrong, well-formed."""

from __future__ import annotations

from xml.etree import ElementTree

from ergo.ui.filming import filming_guide


def test_every_rule_has_a_drawing_of_right_and_wrong() -> None:
    guide = ElementTree.fromstring(filming_guide())  # noqa: S314 - our own
    cards = guide.findall("./ul/li")
    assert len(cards) == 4
    for card in cards:
        drawing = card.find("svg")
        assert drawing is not None
        classes = [node.get("class") for node in drawing.iter()]
        assert classes.count("yes") == classes.count("no") == 1
        assert drawing.findall(".//rect[@class='phone']") or drawing.findall("rect[@class='frame']")
        assert all(card.findtext(name) for name in ("strong", "span"))
