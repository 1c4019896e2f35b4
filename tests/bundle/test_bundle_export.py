"""What goes into a bundle, and what does not."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from scientist.bundle.archive import open_bundle
from scientist.bundle.environment import (
    Environment,
    differences,
    environment_here,
    fresh_python,
    imported_modules,
    record_environment,
    requirements,
)
from scientist.bundle.private import public_settings, replacements, without_folders
from scientist.errors import BundleError
from scientist.graph.publish import publish_bundle
from tests.bundle.study import PublishedStudy


def test_everything_that_a_reader_needs_is_there(study: PublishedStudy) -> None:
    with open_bundle(study.bundle) as bundle:
        names = set(bundle.names)
        assert bundle.damage() == ()
    for name in (
        "plan.json", "plan.sha256", "journal.jsonl", "events.jsonl", "literature.jsonl", "evidence.json", "run.toml",
        "environment.json", "requirements.txt", "ro-crate-metadata.json", "LICENSE", "README.md", "reproduce.sh",
        "manifest.json", "study.json", "paper/paper.pdf", "paper/review.md", "template/tiny/harness.py",
        "nodes/c1/code/experiment.py", "nodes/c1/config.json", "nodes/c1/seed_3/config.json",
        "nodes/c1/seed_3/final_info.json", "nodes/c1/seed_3/run.json", "nodes/c1/seed_3/stdout.log",
    ):  # fmt: skip
        assert name in names
    assert not {"passages.jsonl", "checkpoint.sqlite", "calls.sqlite", ".lock"} & names


def test_a_bundle_made_again_has_the_same_bytes(study: PublishedStudy, tmp_path: Path) -> None:
    again = publish_bundle(study.folder, study.spec, out=tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == study.bundle.read_bytes()
    assert (tmp_path / "again.sha256").read_text() == f"{again.sha256}  again.zip\n"


def test_no_folder_of_this_machine_is_named(study: PublishedStudy) -> None:
    with zipfile.ZipFile(study.bundle) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            assert str(study.root).encode() not in data, name
            assert b"inner.example" not in data, name
        assert b"<run>" in archive.read("events.jsonl")


def test_the_crate_describes_files_that_are_there(study: PublishedStudy) -> None:
    with open_bundle(study.bundle) as bundle:
        document = json.loads(bundle.read("ro-crate-metadata.json"))
        names = set(bundle.names)
    entities = {e["@id"]: e for e in document["@graph"]}
    assert len(entities) == len(document["@graph"])
    assert document["@context"] == "https://w3id.org/ro/crate/1.1/context"
    assert entities["ro-crate-metadata.json"]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = entities["./"]
    assert all(root[key] for key in ("name", "description", "datePublished", "license"))
    parts = {part["@id"] for part in root["hasPart"]}
    assert parts == names - {"manifest.json", "ro-crate-metadata.json"}
    assert all(entities[part]["contentSize"].isdigit() for part in parts)
    assert {r["@id"] for e in document["@graph"] for r in e.get("result", ())} <= parts


def test_settings_lose_folders_and_addresses_only() -> None:
    text = 'topic = "a / b"\n[config]\nreplay = "/srv/ann/run-3"\nbase_url = "http://x"\nsources = ["library"]\n'
    text += 'executor = "ray:10.0.0.5:6379"\n'
    shown = public_settings(text)
    assert "/srv/ann" not in shown and "http://x" not in shown
    assert 'executor = "ray:<place>"' in shown
    assert '"<folder>/run-3"' in shown and '"a / b"' in shown and '"library"' in shown


def test_only_whole_folders_are_renamed() -> None:
    known = replacements({"run": Path("/data/runs/one")})
    assert without_folders("in /data/runs/one/nodes, /data/runs/one.", known) == "in <run>/nodes, <run>."
    assert (
        without_folders("/data/runs/one-more and x/data/runs/one", known) == "/data/runs/one-more and x/data/runs/one"
    )


def test_the_environment_holds_what_is_imported_and_what_that_needs() -> None:
    assert imported_modules(
        ["import numpy.linalg as l\nfrom scipy import stats\nfrom . import x\n", "not python ("]
    ) == {
        "numpy",
        "scipy",
    }
    recorded = record_environment({"scipy"})
    assert {"scipy", "numpy", "pydantic", "langgraph"} <= set(recorded.packages)
    assert "ruff" not in recorded.packages  # only an extra needs it
    assert differences(recorded, environment_here(recorded)) == ()


@pytest.mark.parametrize("line", ["-e git+https://x/y", "--index-url http://x", "numpy", "numpy @ file:///x", "a==1;x"])
def test_pins_that_are_more_than_versions_are_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(BundleError, match="no pinned version"):
        fresh_python(tmp_path / "env", f"# Python\nnumpy==2.0.0\n{line}\n")
    assert not (tmp_path / "env").exists()


def test_differences_are_told_and_local_labels_are_not_pinned() -> None:
    here = record_environment()
    there = here.model_copy(update={"python": "3.0.0", "packages": {"torch": "2.0.0+cpu", "nowhere": "1.0"}})
    found = {d.what: (d.published, d.here) for d in differences(there, environment_here(there))}
    assert found["python"] == ("3.0.0", here.python)
    assert found["nowhere"] == ("1.0", "")
    assert "torch==2.0.0\n" in requirements(there)
    assert Environment.model_validate_json(there.model_dump_json()) == there
