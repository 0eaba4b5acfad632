"""The host dies right before one of its operations, whichever it is: money and machine are right.

As test_crash_points.py does to the market."""
import crashes
import pytest

WRITING = ["records.save:1", "machine.reserve:1", "machine.mount:1", "machine.make_network:1",
           "machine.create:1", "machine.save_started:1", "records.save:2", "containers.authorize:1",
           "records.save_attestation:1", "containers.wipe:1", "machine.remove:1",
           "machine.remove_network:1", "machine.delete_files:1", "machine.release:1",
           "records.forget:1"]


@pytest.fixture(name="host", scope="module")
def fixture_host(make_world):
    return crashes.Crashes(make_world, "host")


@pytest.fixture(name="counted", scope="module")
def fixture_counted(host):
    return {ending: host.count(ending) for ending in crashes.ENDINGS}


def test_every_kind_of_operation_is_counted(counted):
    for ending in crashes.ENDINGS:
        reading = {"containers.check", "records.load", "containers.list", "containers.start",
                   "link.welcome", "link.wish", "link.say", "link.attestation", "chain.account",
                   "chain.now", "chain.accounts"}
        writing = {name.split(":")[0] for name in WRITING}
        assert not (writing | reading) - set(counted[ending])


@pytest.mark.parametrize("at", WRITING)
def test_before_what_writes(host, at):
    host.crash(at, "stop")


@pytest.mark.parametrize("ending, share", [("stop", 0.1), ("end", 0.6)])
def test_anywhere(host, counted, ending, share):
    host.crash(round(share * len(counted[ending])), ending)


def test_it_stays_away_until_the_deadline_has_passed(host):
    host.crash_and_stay_away("machine.create:1")


@pytest.mark.long
@pytest.mark.parametrize("ending", crashes.ENDINGS)
def test_before_every_operation(host, counted, ending):
    host.crash_at_each(len(counted[ending]), ending)
