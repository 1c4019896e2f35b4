"""RO-Crate 1.1 metadata of a bundle, so that archives and search engines understand what it holds."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from scientist.bundle.environment import Environment
from scientist.bundle.study import Study

METADATA = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
CONFORMS_TO = "https://w3id.org/ro/crate/1.1"

DESCRIPTIONS = {
    "plan.json": "The pre-registered plan",
    "plan.sha256": "Hash of the plan, taken before the first run",
    "amendments.json": "Changes of the plan after a look at the data",
    "evidence.json": "Every number and claim of the paper, with its sources",
    "search/archive.sqlite": "Every step of the search that came before the plan",
    "search/search.json": "What came of the search",
    "journal.jsonl": "What was run, and when",
    "events.jsonl": "What the system did, and when",
    "environment.json": "Software and machine of the run",
    "requirements.txt": "Package versions",
    "literature.jsonl": "Records of the cited literature",
    "calls.jsonl": "Every call of a language model, with its reply",
    "paper/paper.pdf": "The paper",
    "paper/review.md": "The automated review",
    "reproduce.sh": "Runs the study again and compares",
}


def crate(study: Study, environment: Environment, files: Mapping[str, int], licence: str) -> dict[str, Any]:
    """The metadata document; ``files`` maps each path to its size in bytes, ``licence`` names an SPDX licence."""
    names = sorted(files)
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": study.title,
        "description": f"Code, configuration, raw results and evidence of the paper {study.title!r}, "
        "made by an automated research system.",
        "identifier": study.run_id,
        "datePublished": study.finished_at or study.plan_frozen_at or study.started_at,
        "keywords": ", ".join(study.keywords),
        "license": {"@id": "LICENSE"},
        "hasPart": [{"@id": _id(name)} for name in names],
        "mentions": {"@id": "#run"},
    }
    if "paper/paper.pdf" in files:
        root["mainEntity"] = {"@id": "paper/paper.pdf"}
    entities = [
        {"@id": METADATA, "@type": "CreativeWork", "conformsTo": {"@id": CONFORMS_TO}, "about": {"@id": "./"}},
        root,
        *(_file(name, files[name], licence) for name in names),
        *_software(study, environment),
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": f"Run {study.run_id}",
            "startTime": study.started_at,
            "endTime": study.finished_at,
            "instrument": [{"@id": "#scientist"}, {"@id": "#python"}],
            "object": {"@id": "plan.json"},
            "result": [{"@id": _id(n)} for n in names if n.endswith("final_info.json") or n == "evidence.json"],
        },
    ]
    return {"@context": CONTEXT, "@graph": entities}


def _software(study: Study, environment: Environment) -> list[dict[str, Any]]:
    versions = (("#scientist", "scientist", study.scientist), ("#python", "Python", environment.python))
    return [
        {"@id": id, "@type": "SoftwareApplication", "name": name, "softwareVersion": version}
        for id, name, version in versions
    ]


def _file(name: str, size: int, licence: str) -> dict[str, Any]:
    kind = "application/jsonlines" if name.endswith(".jsonl") else mimetypes.guess_type(name)[0]
    code = name.endswith((".py", ".sh"))
    entity: dict[str, Any] = {
        "@id": _id(name),
        "@type": ["File", "SoftwareSourceCode"] if code else "File",
        "name": DESCRIPTIONS.get(name, name),
        "contentSize": str(size),
        "encodingFormat": kind or "application/octet-stream",
    }
    if name == "LICENSE":
        entity |= {"@type": ["File", "CreativeWork"], "name": licence, "description": "The licence of this bundle"}
    return entity


def _id(name: str) -> str:
    return quote(name)
