"""A long while of renting under random kills, and nothing wrong at its end: ./test --long.

OBELISK_SOAK_SECONDS makes it shorter (1800 if not said), OBELISK_SOAK_SEED makes it the same again.
"""
import os
import random

import pytest
from soak import Soak


@pytest.mark.long
def test_nothing_is_wrong_after_a_long_while_of_killing(make_world):
    seconds = int(os.environ.get("OBELISK_SOAK_SECONDS", "1800"))
    seed = int(os.environ.get("OBELISK_SOAK_SEED", random.randrange(1 << 31)))
    print(f"seed {seed}, {seconds} s", flush=True)
    soak = Soak(make_world, seconds, seed)
    soak.begin()
    soak.go()
    soak.settle()
    leases = soak.check()
    print(soak.summary(leases), flush=True)
    assert not soak.wrong, "\n".join(soak.wrong)
    assert len(leases) >= seconds // 60, "too little was rented to say anything"
    assert sum(soak.killed.values()) >= seconds // 20
