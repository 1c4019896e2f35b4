"""A bundle as a file: a zip of the same bytes for the same content, and a manifest that names whatever was altered."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Literal, NamedTuple

from pydantic import ValidationError

from scientist.errors import BundleError
from scientist.types import Frozen
from scientist.workspace import canonical_json, sha256_file, sync_folder

MANIFEST = "manifest.json"
EARLIEST = (1980, 1, 1, 0, 0, 0)
CHUNK = 2**20
MOST_FILES = 100_000
MOST_BYTES = 16 * 2**30
"""A bundle larger than this when unpacked is refused: it may be a zip bomb."""

Content = bytes | Path
HINT = "ask for the bundle again where you got it; what is named here cannot be trusted"


class Entry(Frozen):
    """What the manifest says of one file."""

    sha256: str
    bytes: int


class Manifest(Frozen):
    """The files of a bundle but for the manifest itself, by their path."""

    format: Literal["scientist-bundle"] = "scientist-bundle"
    version: Literal[1] = 1
    files: dict[str, Entry]


class Damage(NamedTuple):
    """A file that is not as the manifest says."""

    file: str
    what: Literal["altered", "missing", "not in the manifest", "there twice", "not a plain file"]

    def __str__(self) -> str:
        return f"{self.file}: {self.what}"


def write_bundle(path: Path, files: Mapping[str, Content]) -> Manifest:
    """Write ``files`` and their manifest as a zip, atomically; same files, same bytes."""
    manifest = Manifest(files={name: _entry(files[name]) for name in sorted(files)})
    everything: dict[str, Content] = {**files, MANIFEST: (canonical_json(manifest, indent=2) + "\n").encode()}
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
                for name in sorted(everything):
                    _add(archive, name, everything[name])
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return manifest


class Bundle:
    """An open bundle: a zip, or the folder that it was unpacked to."""

    def __init__(self, path: Path, archive: zipfile.ZipFile | None) -> None:
        self.path = path
        self._archive = archive
        self.names = tuple(self._listed())
        self.manifest = self._manifest()

    def read(self, name: str) -> bytes:
        """The bytes of a file. Raises BundleError if it is not there or cannot be unpacked."""
        with self._opened(name) as f:
            return f.read()

    def damage(self) -> tuple[Damage, ...]:
        """Every file that was altered, taken away, added, or put in twice, by name."""
        found = [Damage(name, "there twice") for name in sorted({n for n in self.names if self.names.count(n) > 1})]
        found += [Damage(n, "missing") for n in self.manifest.files if n not in self.names]
        for name in dict.fromkeys(self.names):
            entry = self.manifest.files.get(name)
            if name == MANIFEST:
                continue
            if entry is None:
                found.append(Damage(name, "not in the manifest"))
            elif not self._is_plain(name):
                found.append(Damage(name, "not a plain file"))
            elif self._digest(name) != entry:
                found.append(Damage(name, "altered"))
        return tuple(sorted(found))

    def require_intact(self) -> None:
        """Raise BundleError naming every file that is not as the manifest says."""
        if found := self.damage():
            listed = "\n".join(f"  {d}" for d in found)
            count = "one file" if len(found) == 1 else f"{len(found)} files"
            raise BundleError(f"{self.path}: {count} not as the manifest says:\n{listed}", HINT)

    def unpack(self, folder: Path) -> None:
        """Write every file of the manifest under ``folder``, none outside it."""
        for name in self.manifest.files:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with self._opened(name) as source, target.open("wb") as out:
                shutil.copyfileobj(source, out, CHUNK)

    def _listed(self) -> Iterator[str]:
        if self._archive is None:
            for path in sorted(self.path.rglob("*")):
                if path.is_symlink() or not path.is_dir():
                    yield path.relative_to(self.path).as_posix()
            return
        entries = self._archive.infolist()
        if len(entries) > MOST_FILES or sum(e.file_size for e in entries) > MOST_BYTES:
            raise BundleError(f"{self.path} holds more than a bundle may", "it is not unpacked")
        yield from (e.filename for e in entries)

    def _manifest(self) -> Manifest:
        try:
            manifest = Manifest.model_validate(json.loads(self.read(MANIFEST)))
        except (ValidationError, ValueError) as e:
            raise BundleError(f"{self.path}: {MANIFEST} cannot be read: {e}", HINT) from e
        for name in manifest.files:
            if not _is_safe(name):
                raise BundleError(f"{self.path}: the file name {name!r} leads out of the bundle", "it is not unpacked")
        return manifest

    def _is_plain(self, name: str) -> bool:
        if self._archive is None:
            path = self.path / name
            return path.is_file() and not path.is_symlink()
        mode = self._archive.getinfo(name).external_attr >> 16
        return stat.S_IFMT(mode) in (0, stat.S_IFREG)

    def _digest(self, name: str) -> Entry | None:
        """Hash and size; None where the file cannot even be unpacked."""
        digest, size = hashlib.sha256(), 0
        try:
            with self._opened(name) as f:
                while chunk := f.read(CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
        except BundleError:
            return None
        return Entry(sha256=digest.hexdigest(), bytes=size)

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with (self.path / name).open("rb") if self._archive is None else self._archive.open(name) as f:
                yield f
        except (KeyError, FileNotFoundError):
            raise BundleError(f"{self.path} has no file {name}", "is it a bundle of scientist?") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as e:
            raise BundleError(f"{self.path}: {name} cannot be unpacked: {e}", HINT) from e


@contextmanager
def open_bundle(path: Path) -> Iterator[Bundle]:
    """A bundle to read: a zip or the folder that one was unpacked to. Raises BundleError if it is neither."""
    if path.is_dir():
        yield Bundle(path, None)
        return
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as e:
        reason = e.strerror if isinstance(e, OSError) else str(e)
        raise BundleError(f"{path} is not a bundle: {reason}", "give the bundle.zip that lies beside a paper") from e
    with archive:
        yield Bundle(path, archive)


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts and "\\" not in name and "\0" not in name


def _entry(content: Content) -> Entry:
    if isinstance(content, bytes):
        return Entry(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
    return Entry(sha256=sha256_file(content), bytes=content.stat().st_size)


def _add(archive: zipfile.ZipFile, name: str, content: Content) -> None:
    entry = zipfile.ZipInfo(name, EARLIEST)
    entry.create_system = 3
    entry.external_attr = (stat.S_IFREG | (0o755 if name.endswith(".sh") else 0o644)) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    if isinstance(content, bytes):
        archive.writestr(entry, content)
        return
    entry.file_size = content.stat().st_size
    with content.open("rb") as source, archive.open(entry, "w") as target:
        shutil.copyfileobj(source, target, CHUNK)
