"""What the page shows of a long film that is still being looked at."""

from ergo.jobs.ledger import Ledger
from ergo.jobs.preliminary import Preliminary
from ergo.looking.glimpse import Glimpse, encode_glimpse
from ergo.storage.local import LocalStore
from ergo.storage.signing import UrlSigner
from ergo.ui import texts
from ergo.ui.preliminary import preliminary

JOB = "0" * 32
SEEN = Glimpse(begin_s=0.0, end_s=4.0, film_s=16.0, trunk_deg=(10.0, None, 30.0, 95.0))
LATER = Glimpse(begin_s=8.0, end_s=12.0, film_s=16.0, trunk_deg=(None,) * 4)


def test_finished_pieces_stand_where_they_belong_and_say_what_they_are_not():
    html = preliminary([SEEN, LATER])
    assert texts.PRELIMINARY in html and texts.PRELIMINARY_NOTE in html and "50 % of the film seen" in html
    assert html.count('class="seen"') == 2 and 'x="500.0"' in html
    assert html.count("<path") == 1 and html.count("M") >= 2  # broken where nobody was seen
    assert preliminary([]) == ""


def test_they_are_read_from_the_store_in_order_those_of_the_latest_plan_only(tmp_path):
    store = LocalStore(tmp_path, UrlSigner(b"k" * 32))
    known = Preliminary(Ledger(store), 0.0)
    assert known.of(JOB) == ()
    store.put(f"jobs/{JOB}/segments/{'b' * 16}/0.json", encode_glimpse(LATER))
    assert known.of(JOB) == (LATER,)
    for number, seen in ((1, LATER), (0, SEEN)):
        store.put(f"jobs/{JOB}/segments/{'a' * 16}/{number}.json", encode_glimpse(seen))
    store.put(f"jobs/{JOB}/segments/{'a' * 16}/2.json", b"damaged")
    assert known.of(JOB) == (SEEN, LATER)
    store.delete_prefix(f"jobs/{JOB}/segments/")
    assert known.of(JOB) == ()
