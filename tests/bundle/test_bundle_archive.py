"""The bundle as a file: the same bytes for the same content, and every kind of tampering named."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from scientist.bundle.archive import MANIFEST, Damage, open_bundle, write_bundle
from scientist.errors import BundleError

FILES: dict[str, bytes | Path] = {"a.txt": b"one", "deep/b.json": b"{}", "run.sh": b"#!/bin/sh\n"}


def rewrite(
    source: Path, target: Path, changes: dict[str, bytes | None], extra: dict[str, bytes] | None = None
) -> Path:
    """A copy of a zip with files changed (None: left out) and others added."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            data = changes.get(entry.filename, old.read(entry))
            if data is not None:
                new.writestr(entry, data)
        for name, data in (extra or {}).items():
            new.writestr(name, data)
    return target


def damage(path: Path) -> tuple[Damage, ...]:
    with open_bundle(path) as bundle:
        return bundle.damage()


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    write_bundle(tmp_path / "a.zip", FILES)
    write_bundle(tmp_path / "b.zip", dict(reversed(FILES.items())))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert damage(tmp_path / "a.zip") == ()


def test_an_unpacked_bundle_is_a_bundle(tmp_path: Path) -> None:
    write_bundle(tmp_path / "a.zip", FILES)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    assert damage(tmp_path / "unpacked") == ()
    (tmp_path / "unpacked" / "a.txt").unlink()
    (tmp_path / "unpacked" / "a.txt").symlink_to("deep/b.json")
    assert damage(tmp_path / "unpacked") == (Damage("a.txt", "not a plain file"),)


@pytest.mark.parametrize("name", sorted(FILES))
def test_an_altered_file_is_named(tmp_path: Path, name: str) -> None:
    write_bundle(tmp_path / "a.zip", FILES)
    assert damage(rewrite(tmp_path / "a.zip", tmp_path / "b.zip", {name: b"other"})) == (Damage(name, "altered"),)
    assert damage(rewrite(tmp_path / "a.zip", tmp_path / "c.zip", {name: None})) == (Damage(name, "missing"),)


def test_added_and_doubled_files_are_named(tmp_path: Path) -> None:
    write_bundle(tmp_path / "a.zip", FILES)
    assert damage(rewrite(tmp_path / "a.zip", tmp_path / "b.zip", {}, {"new.txt": b"x"})) == (
        Damage("new.txt", "not in the manifest"),
    )
    with pytest.warns(UserWarning, match="Duplicate"):
        rewrite(tmp_path / "a.zip", tmp_path / "c.zip", {}, {"a.txt": b"one"})
    assert Damage("a.txt", "there twice") in damage(tmp_path / "c.zip")
    with open_bundle(tmp_path / "b.zip") as bundle, pytest.raises(BundleError, match=r"new\.txt: not in the manifest"):
        bundle.require_intact()


def test_flipped_bits_inside_the_zip_are_named(tmp_path: Path) -> None:
    write_bundle(tmp_path / "a.zip", {"big.bin": bytes(range(256)) * 64})
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[60] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(bytes(data))
    assert damage(tmp_path / "a.zip") == (Damage("big.bin", "altered"),)


def test_a_name_that_leads_out_is_refused(tmp_path: Path) -> None:
    write_bundle(tmp_path / "a.zip", {"../evil.txt": b"x"})
    with pytest.raises(BundleError, match="leads out"), open_bundle(tmp_path / "a.zip"):
        pass


@pytest.mark.parametrize("content", [b"no zip at all", None])
def test_what_is_no_bundle_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.zip"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BundleError, match="is not a bundle"), open_bundle(path):
        pass


def test_a_zip_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.txt", b"one")
    with pytest.raises(BundleError, match=MANIFEST), open_bundle(tmp_path / "x.zip"):
        pass
