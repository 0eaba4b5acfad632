"""The market dies right before one of its operations, whichever it is: money and machine are right.

`./test` takes the first of each operation that writes, and some evenly spread; `./test --long`
takes every one. test_crash_points_host.py does the same to the host."""
import crash_keeper
import crashes
import pytest
from stack import BIN
from test_reindex import Index, dump, from_nothing

# The first of what changes something outside the process, in the order of a rental.
WRITING = ["store.put_listing:1", "store.insert_quote:1", "store.apply:1", "outbox.tell_host:1",
           "link.send_lease:1", "store.outbox_done:1", "outbox.log_in:1", "outbox.send_ready:1",
           "chain.send:1", "outbox.attest:1", "link.send_attestation:1", "outbox.read_close:1"]
AT_THE_END = ["outbox.settle_end:1", "chain.send:2"]
OF_THE_INDEX = ["index.put_page:1", "index.write:1"]


@pytest.fixture(name="market", scope="module")
def fixture_market(make_world):
    return crashes.Crashes(make_world, "market")


@pytest.fixture(name="counted", scope="module")
def fixture_counted(market):
    return {ending: market.count(ending) for ending in crashes.ENDINGS}


def test_what_people_run_has_no_crash_points():
    for name in ("obelisk-market", "obelisk-host"):
        assert b"OBELISK_CRASH" in (crash_keeper.CRASH / name).read_bytes()
        assert b"OBELISK_CRASH" not in (BIN / name).read_bytes()


def test_every_kind_of_operation_is_counted(counted):
    for ending, more in (("stop", []), ("end", AT_THE_END)):
        reading = {"store.not_ended", "store.outbox_due", "chain.watch_program", "chain.now",
                   "chain.accounts", "watch.log_in"}
        writing = {name.split(":")[0] for name in WRITING + more + OF_THE_INDEX}
        assert not (writing | reading) - set(counted[ending])


@pytest.mark.parametrize("at", WRITING)
def test_before_what_writes(market, at):
    market.crash(at, "stop")


@pytest.mark.parametrize("at", AT_THE_END)
def test_before_what_writes_at_the_end(market, at):
    market.crash(at, "end")


@pytest.mark.parametrize("ending, share", [("stop", 0.3), ("end", 0.6), ("end", 0.9)])
def test_anywhere(market, counted, ending, share):
    market.crash(round(share * len(counted[ending])), ending)


def test_it_stays_away_until_the_deadline_has_passed(market):
    market.crash_and_stay_away("outbox.log_in:1")


@pytest.mark.parametrize("at", OF_THE_INDEX)
def test_before_the_index_is_written(market, at):
    market.crash(at, "stop")


def test_after_all_that_the_index_is_what_a_new_one_is(market):
    index = Index(market.world)
    index.wait_still()
    made, _ = from_nothing(market.world, "reindexed")
    assert dump(index.path) == made


@pytest.mark.long
@pytest.mark.parametrize("ending", crashes.ENDINGS)
def test_before_every_operation(market, counted, ending):
    market.crash_at_each(len(counted[ending]), ending)
