import pytest
from job_places import opened, submit

from ergo.errors import AccessDenied, JobNotFound, SettingsError
from ergo.jobs.ledger import Ledger
from ergo.jobs.shares import SPANS_S, Shares


@pytest.fixture
def services(tmp_path):
    return opened(tmp_path / "data")


def shares_at(services, now):
    return Shares(Ledger(services.store), services.signer, clock=lambda: now[0])


def test_a_link_holds_for_its_span_and_no_longer(services):
    now = [1_700_000_000.0]
    shares, job = shares_at(services, now), submit(services)
    for span, seconds in SPANS_S.items():
        share = shares.make(job, span, film=False)
        token = shares.token(share)
        assert shares.open(token) == share
        before, now[0] = now[0], now[0] + seconds
        with pytest.raises(AccessDenied, match="expired"):
            shares.open(token)
        now[0] = before
    assert [share.expires_s for share in shares.of(job)] == [1_700_000_000 + s for s in SPANS_S.values()]


def test_a_link_cannot_be_made_up_or_made_longer(services):
    shares, job = shares_at(services, [1_700_000_000.0]), submit(services)
    token = shares.token(shares.make(job, "1h", film=False))
    other = submit(services)
    for forged in ("", token[:-1], token + "0", token.replace(".1700003600.", ".1900003600."), other + token[32:]):
        with pytest.raises(AccessDenied, match="not complete"):
            shares.open(forged)
    for span in ("", "2d", "100000h"):
        with pytest.raises(SettingsError):
            shares.make(job, span, film=False)


def test_an_owner_ends_a_link_at_once(services):
    shares, job = shares_at(services, [1_700_000_000.0]), submit(services)
    first, second = (shares.make(job, "1d", film=film) for film in (True, False))
    shares.end(job, first.share_id)
    shares.end(job, "../manifest")
    assert shares.of(job) == [second]
    with pytest.raises(AccessDenied, match="expired"):
        shares.open(shares.token(first))
    services.jobs.delete(job)
    with pytest.raises(AccessDenied, match="expired"):
        shares.open(shares.token(second))
    with pytest.raises(JobNotFound):
        shares.make("x", "1d", film=False)
