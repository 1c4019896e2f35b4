"""Two hosts joined by a cable: network namespaces with a veth pair, a Ray node in each, and only the disk in common.

The second host does not even share the folder of the jobs: a file system of its own lies over it. It takes root, and is
run by name: SCIENTIST_TEST_HOSTS=1.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

LACKING = [
    what
    for what, there in (
        ("SCIENTIST_TEST_HOSTS=1", os.environ.get("SCIENTIST_TEST_HOSTS") == "1"),
        ("root", os.geteuid() == 0),
        ("ip (apt-get install iproute2)", shutil.which("ip")),
        ("unshare", shutil.which("unshare")),
        ('ray (pip install -e ".[ray]")', find_spec("ray")),
    )
    if not there
]
pytestmark = pytest.mark.skipif(bool(LACKING), reason=f"two hosts need {', '.join(LACKING)}")

NET, PORT = "10.201.77", 6399
PORTS = (
    "--dashboard-agent-grpc-port 52366 --dashboard-agent-listen-port 52365 --runtime-env-agent-port 52367 "
    "--metrics-export-port 52368"
)
"""Named, or a node waits only a while for its agents to say theirs, and gives up on a busy machine."""
FIRST, SECOND = f"sci-a-{os.getpid()}", f"sci-b-{os.getpid()}"


@dataclass
class Hosts:
    """The folder of the jobs, which the second host does not see, and the address of the cluster."""

    jobs: Path
    address: str

    def program(self) -> subprocess.Popen[str]:
        here = Path(__file__)
        command = [sys.executable, str(here.with_name("two_hosts.py")), str(self.jobs), self.address]
        environment = {**os.environ, "PYTHONPATH": str(here.parents[2])}
        return subprocess.Popen(on(FIRST, *command), stdout=subprocess.PIPE, text=True, env=environment)

    def lose_second(self) -> None:
        """Its processes go at once, and so does the cable."""
        end_all(SECOND)
        sh("ip", "-n", SECOND, "link", "set", "eth0", "down")


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    # Short, since the paths of sockets lie below it.
    with tempfile.TemporaryDirectory(prefix="sci-", ignore_cleanup_errors=True) as scratch:
        root = Path(scratch)
        (root / "jobs").mkdir()
        try:
            lay_cable()
            ray = str(Path(sys.executable).with_name("ray"))
            start = f"{ray} start --block --disable-usage-stats --object-store-memory {100 * 2**20} {PORTS}"
            first = f"{start} --head --port {PORT} --node-ip-address {NET}.1 --num-cpus 1 --temp-dir {root / 'ray'}"
            background(root / "first.log", *on(FIRST, "sh", "-c", again(first)))
            wait_for_nodes(1, ray, root / "first.log")
            second = f"{start} --address {NET}.1:{PORT} --node-ip-address {NET}.2 --num-cpus 2"
            second = f"hostname second && mount -t tmpfs none {root / 'jobs'} && {again(second)}"
            background(root / "second.log", *on(SECOND, "unshare", "--mount", "--uts", "sh", "-c", second))
            wait_for_nodes(2, ray, root / "second.log")
            yield Hosts(root / "jobs", f"{NET}.1:{PORT}")
        finally:
            for host in (FIRST, SECOND):
                end_all(host)
                sh("ip", "netns", "del", host, check=False)


def test_jobs_run_on_both_hosts_and_survive_the_loss_of_one(hosts: Hosts) -> None:
    program = hosts.program()
    heard: list[dict[str, Any]] = []
    try:
        assert program.stdout is not None
        for line in program.stdout:
            heard.append(json.loads(line))
            if [h["id"] for h in heard if h["what"] == "started"].count("loss2") and heard[-1]["what"] == "started":
                time.sleep(2)
                hosts.lose_second()
    finally:
        program.kill()
        program.wait()
    ended = {h["id"]: h for h in heard if h["what"] == "ended"}
    assert heard[-1]["what"] == "over", heard
    assert {r["status"] for r in ended.values()} == {"ok"} and len(ended) == 6, ended
    both = [r for id, r in ended.items() if id.startswith("both")]
    assert {r["host"] for r in both} == {os.uname().nodename, "second"}
    for r in ended.values():
        assert {k: v for k, v in r["left"].items() if k != "p.py"} == {
            "out.txt": f"# {r['id']}\n", "run_0/result.txt": "42", "stdout.log": "done\n",
        }, "what it left is here, from whichever host"  # fmt: skip
    loss = [r for id, r in ended.items() if id.startswith("loss")]
    assert {r["host"] for r in loss} == {os.uname().nodename}, "the second host is gone"
    again = [r for r in loss if r["attempts"] > 1]
    assert len(again) == 2 and all("started 2 times: its node died" in r["reason"] for r in again), loss


def lay_cable() -> None:
    for host in (FIRST, SECOND):
        sh("ip", "netns", "add", host)
    sh("ip", "-n", FIRST, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", SECOND)
    for host, number in ((FIRST, 1), (SECOND, 2)):
        sh("ip", "-n", host, "addr", "add", f"{NET}.{number}/24", "dev", "eth0")
        for device in ("eth0", "lo"):
            sh("ip", "-n", host, "link", "set", device, "up")
        sh("ip", "-n", host, "route", "add", "default", "dev", "eth0")  # Ray asks by it which address is its own


def again(start: str) -> str:
    """On a busy machine a node gives up its own start."""
    return f"for i in 1 2 3 4 5; do {start}; sleep 1; done"


def on(host: str, *command: str) -> list[str]:
    return ["ip", "netns", "exec", host, *command]


def sh(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=check, capture_output=True, text=True)


def background(log: Path, *command: str) -> None:
    with log.open("w") as f:
        subprocess.Popen(command, stdout=f, stderr=subprocess.STDOUT, start_new_session=True)


def wait_for_nodes(count: int, ray: str, log: Path) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        told = sh(*on(FIRST, ray, "status", "--address", f"{NET}.1:{PORT}"), check=False).stdout
        if told.partition("Pending:")[0].count(" node_") >= count:
            return
        time.sleep(3)
    raise AssertionError(f"{count} nodes did not come up: {log.read_text()[-2000:]}")


def end_all(host: str) -> None:
    """Kill every process of a host, by its number."""
    while numbers := sh("ip", "netns", "pids", host, check=False).stdout.split():
        for number in numbers:
            with suppress(ProcessLookupError):
                os.kill(int(number), signal.SIGKILL)
        time.sleep(0.1)
