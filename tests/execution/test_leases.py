"""Cores and devices are never leased twice."""

from __future__ import annotations

import threading
import time

import pytest

from scientist.errors import EnvironmentProblem
from scientist.execution.leases import Leases, visible


def test_shares_of_a_device_fill_it_before_the_next_is_begun() -> None:
    leases, never = Leases(8, ("0", "1")), threading.Event()
    first, second = leases.acquire(1, 0.5, never), leases.acquire(1, 0.5, never)
    whole = leases.acquire(1, 1, never)
    assert first and second and whole
    assert first.devices == second.devices
    assert set(whole.devices).isdisjoint(first.devices)
    assert leases.acquire(1, 0.25, set_soon()) is None
    leases.release(second)
    assert leases.acquire(1, 0.25, never) is not None


def test_a_job_of_several_devices_takes_whole_ones() -> None:
    leases, never = Leases(8, ("0", "1", "2")), threading.Event()
    share = leases.acquire(1, 0.1, never)
    two = leases.acquire(1, 2, never)
    assert share and two
    assert len(two.devices) == 2
    assert set(two.devices).isdisjoint(share.devices)


def test_shares_add_up_again_after_many_leases() -> None:
    leases, never = Leases(1, ("0",)), threading.Event()
    for _ in range(1000):
        lease = leases.acquire(1, 0.1, never)
        assert lease is not None
        leases.release(lease)
    assert leases.acquire(1, 1, never) is not None


def test_a_waiting_job_starts_when_a_core_is_free() -> None:
    leases, never = Leases(2), threading.Event()
    held = leases.acquire(2, 0, never)
    assert held is not None
    got: list[object] = []
    waiter = threading.Thread(target=lambda: got.append(leases.acquire(1, 0, never)))
    waiter.start()
    time.sleep(0.05)
    assert got == []
    leases.release(held)
    waiter.join(timeout=5)
    assert len(got) == 1


def test_more_devices_than_there_are_can_never_be_leased() -> None:
    for devices, gpus in (((), 0.1), (("0",), 1.5), (("0",), 2)):
        with pytest.raises(EnvironmentProblem, match="GPU"):
            Leases(4, devices).check(gpus)
    Leases(4, ("0",)).check(1)
    Leases(4).check(0)


def test_devices_are_those_that_the_batch_system_granted() -> None:
    found = ("0", "1", "2")
    assert visible(found, None) == found
    assert visible(found, "2,0") == ("2", "0")
    assert visible(found, "") == ()
    assert visible(found, "-1") == ()
    assert visible(found, "GPU-8a3f") == ("GPU-8a3f",)
    assert visible((), "0") == ()


def set_soon() -> threading.Event:
    event = threading.Event()
    threading.Timer(0.05, event.set).start()
    return event
