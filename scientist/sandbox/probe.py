"""Tries to break out of the box that it runs in; copied into a work folder and run there by the canary.

``python probe.py TARGETS`` with TARGETS a JSON object naming what to attack; prints one JSON object. It judges
nothing: whether an attack worked is looked at from outside. Imports nothing of this package.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any


def main() -> None:
    targets = json.loads(sys.argv[1])
    seen: dict[str, Any] = {"environment": dict(os.environ), "opened_settings": []}
    seen["secrets"] = [attempt(Path(path).read_text) for path in targets["secrets"]]
    seen["stat"] = [attempt(Path(path).stat) for path in targets["secrets"]]
    for path in targets["secrets"]:
        spoil(Path(path))
    for folder in targets["folders"]:
        attempt(partial(Path(folder, "planted").write_text, "planted"))
        attempt(partial(Path(folder, "planted-link").symlink_to, "/"))
    seen["connected"] = [attempt(partial(reach, address)) for address in targets["sockets"]]
    seen["processes"] = [attempt(partial(path.read_text, errors="replace")) for path in environments()]
    seen["opened_settings"] = [p for p in targets["settings"] if attempt(partial(open_for_writing, p))]
    seen["wrote_work"] = attempt(lambda: Path("mine").write_text("mine"))
    if targets["process"] not in (1, os.getpid(), os.getppid()):  # in a namespace the number is somebody else's
        attempt(lambda: os.kill(targets["process"], 9))
    sys.stdout.write(json.dumps(seen))


def attempt(action: Callable[[], Any]) -> str | None:
    """The action's result as text ("done" for none), or None if the system refused it."""
    try:
        result = action()
    except (OSError, ValueError):
        return None
    return "done" if result is None else str(result)


def spoil(path: Path) -> None:
    attempt(lambda: path.chmod(0o666))
    attempt(lambda: os.utime(path, (0, 0)))
    attempt(lambda: os.truncate(path, 0))
    attempt(lambda: path.write_text("spoilt"))
    attempt(lambda: path.rename(path.with_suffix(".moved")))
    attempt(lambda: os.link(path, "hard-link"))
    attempt(path.unlink)


def reach(address: list[Any]) -> None:
    """Connect to ["tcp", host, port], ["abstract", name] or ["unix", path], and say something."""
    kind, *rest = address
    family = socket.AF_INET if kind == "tcp" else socket.AF_UNIX
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(2)
        s.connect(tuple(rest) if kind == "tcp" else "\0" + rest[0] if kind == "abstract" else rest[0])
        s.sendall(b"hello")


def open_for_writing(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY))


def environments() -> list[Path]:
    try:
        return [Path("/proc", name, "environ") for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    except OSError:
        return []


if __name__ == "__main__":
    main()
