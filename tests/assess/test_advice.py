from ergo.assess.advice import advice
from ergo.assess.items import ITEMS


def test_every_item_of_every_method_with_moments_has_cited_advice():
    known = advice()
    for method in ("rula", "reba"):
        for item in ITEMS[method]:
            assert known[item.id].text, item.id
            assert known[item.id].source, item.id


def test_no_advice_without_an_item():
    assert set(advice()) <= {item.id for items in ITEMS.values() for item in items}


def test_suggestions_are_sentences():
    for item, entry in advice().items():
        for text in entry.text:
            assert text[0].isupper(), item
            assert text.endswith("."), item
