"""Job folders that travel: is this the folder that the submitter sees, and if not, an archive there and back."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from scientist.execution.watch import disarm
from scientist.sandbox.base import MB

MARKER = ".scientist-marker"
"""The file by which a node recognises a job's folder: it holds the token of the run that put it there."""

PREFIX = "scientist-job-"
COMPRESSION = 1
NEW_S = 60.0
"""A folder this new may have been made by a process that is about to lock it, seconds."""


class TooLarge(Exception):
    """A folder holds more bytes than may travel."""


def mark(folder: Path, token: str) -> None:
    """Leave the marker; a link that lies in its place is removed, not followed."""
    marker = folder / MARKER
    marker.unlink(missing_ok=True)
    fd = os.open(marker, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    with os.fdopen(fd, "w") as f:
        f.write(token)


def unmark(folder: Path) -> None:
    (folder / MARKER).unlink(missing_ok=True)


def is_shared(folder: Path, token: str) -> bool:
    """Whether this machine sees the folder that was marked with ``token``."""
    try:
        return (folder / MARKER).read_text() == token
    except (OSError, UnicodeDecodeError):
        return False


def pack(folder: Path, most_mb: float | None = None) -> bytes:
    """Everything in ``folder`` as a compressed archive. Raises TooLarge above ``most_mb`` MiB, before packing."""
    if most_mb is not None and apparent_size(folder) > most_mb * MB:
        raise TooLarge(f"more than {most_mb:.0f} MiB in its folder")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=COMPRESSION) as archive:
        for path in sorted(folder.iterdir()):
            if path.name != MARKER:
                archive.add(path, arcname=path.name)
    return buffer.getvalue()


def unpack(data: bytes, folder: Path) -> None:
    """Unpack into the empty ``folder``. Raises tarfile.TarError for what would leave it, and for devices."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        archive.extractall(folder, filter="data")


def bring_back(data: bytes, folder: Path) -> None:
    """Put what an archive holds in place of what is in ``folder``; a broken archive leaves ``folder`` as it was."""
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        unpack(data, fresh)
        disarm(fresh)
        for old in folder.iterdir():
            if old.is_dir() and not old.is_symlink():
                shutil.rmtree(old)
            else:
                old.unlink()
        for new in fresh.iterdir():
            new.rename(folder / new.name)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def listing(folder: Path) -> frozenset[str]:
    """The relative paths of all that is in a folder."""
    return frozenset(
        Path(parent, name).relative_to(folder).as_posix()
        for parent, folders, files in os.walk(folder)
        for name in (*folders, *files)
    )


def remove_new(folder: Path, known: frozenset[str]) -> None:
    """Remove what is not in an earlier ``listing``, so that a command finds the folder as its first start did."""
    disarm(folder)
    for parent, folders, files in os.walk(folder, topdown=False):
        for path in (Path(parent, name) for name in (*folders, *files)):
            if path.relative_to(folder).as_posix() in known:
                continue
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink()


def apparent_size(folder: Path) -> int:
    """Bytes as files tell them: a sparse file is as large as what reading it gives."""
    total = 0
    for parent, _, files in os.walk(folder):
        total += sum(Path(parent, name).lstat().st_size for name in files)
    return total


@contextlib.contextmanager
def lodging() -> Iterator[Path]:
    """A folder for a job that came from elsewhere, removed afterwards, as are those whose process was killed.

    A lock, which ends with its process, tells which are still lived in.
    """
    root = Path(tempfile.gettempdir())
    for left in root.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), locked(left):
            if time.time() - left.stat().st_mtime > NEW_S:
                shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
    try:
        with locked(folder):
            work = folder / "job"
            work.mkdir()
            yield work
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder's lock. Raises BlockingIOError, an OSError, where another process does."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(fd)
