"""Gathers a finished run into its bundle: what was planned, run, measured and written, and what others need for it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from scientist import __version__
from scientist.bundle.archive import Content, write_bundle
from scientist.bundle.crate import METADATA, crate
from scientist.bundle.environment import Environment, imported_modules, record_environment, requirements
from scientist.bundle.private import Replacements, leaking, public_settings, replacements, without_folders
from scientist.bundle.readme import readme, script
from scientist.bundle.study import PAPER, STUDY, Study
from scientist.errors import UsageError
from scientist.events import read_lines
from scientist.types import Evidence, Frozen, Plan, TemplateSpec
from scientist.workspace import RunFolder, canonical_json, read_json, sha256_file, write_json

LEFT_OUT = frozenset(
    {"checkpoint.sqlite", "checkpoint.sqlite-wal", "checkpoint.sqlite-shm", "calls.sqlite", "calls.sqlite-wal",
     "calls.sqlite-shm", "passages.jsonl", "reading.json", "environment.json", "manuscript/main.pdf",
     "search/work.sqlite", "search/work.sqlite-wal", "search/work.sqlite-shm", "manuscript/build.log", "evidence.json",
     "decision.json"}
)  # fmt: skip
"""Files of a run folder that a bundle does not hold: databases that it holds in another form, the text of other
people's papers, what a search cost in time, what the compiler left, and files of which it holds the published
version."""

PUBLISHED = {
    "paper.pdf": PAPER,
    "review.md": "paper/review.md",
    "review.json": "paper/review.json",
    "evidence.json": "evidence.json",
    "decision.json": "decision.json",
}
"""Where the files of the papers folder lie in the bundle."""

RECORDS = (".json", ".jsonl", ".toml", ".md", ".tex", ".txt", ".diff")


class Exported(Frozen):
    """A written bundle: its file, hash and size, and the result files that name a folder of this machine.

    Those are kept as they are, since their hashes are part of the evidence.
    """

    path: str
    sha256: str
    bytes: int
    files: int
    naming_folders: tuple[str, ...]


def export_bundle(
    folder: RunFolder, *, spec: TemplateSpec, look: int, seeds: Sequence[int], out: Path, licence: Path | None = None
) -> Exported:
    """Write the bundle of a published run to ``out``; the same run folder gives the same bytes.

    ``look`` and ``seeds`` are those of the published evidence. ``licence`` is a file to put in place of the licence of
    the template's code. Raises UsageError for a run that has no paper yet.
    """
    known = replacements({"run": folder.root, "papers": folder.papers.parent, "template": Path(spec.path)})
    files = dict(_run_files(folder, known)) | dict(_published(folder))
    files |= _template(folder, files, spec)
    plan = Plan.model_validate(read_json(folder.plan))
    study = _study(folder, plan, spec, look, seeds)
    environment = recorded_environment(folder)
    files |= {
        STUDY: _json(study),
        "environment.json": _json(environment),
        "requirements.txt": requirements(environment).encode(),
        "LICENSE": licence.read_bytes() if licence is not None else _licence(spec),
        "README.md": readme(
            study, plan, environment, calls="calls.jsonl" in files, searched="search/search.json" in files
        ).encode(),
        "reproduce.sh": script(study).encode(),
    }
    sizes = {name: len(c) if isinstance(c, bytes) else c.stat().st_size for name, c in files.items()}
    named = licence.name if licence is not None else study.licence
    files[METADATA] = _json(crate(study, environment, sizes, named))
    write_bundle(out, files)
    return Exported(
        path=str(out),
        sha256=sha256_file(out),
        bytes=out.stat().st_size,
        files=len(files) + 1,
        naming_folders=leaking(((n, _bytes(c)) for n, c in files.items() if _is_text(n)), known),
    )


def recorded_environment(folder: RunFolder) -> Environment:
    """The environment that the run noted when its paper was published; noted now if it was not."""
    file = folder.root / "environment.json"
    if not file.is_file():
        sources = (p.read_text(encoding="utf-8", errors="replace") for p in sorted(folder.nodes.glob("*/code/**/*.py")))
        write_json(file, record_environment(imported_modules(sources)))
    return Environment.model_validate(read_json(file))


def source_hashes(root: Path, evidence: Evidence) -> dict[str, str]:
    """sha256 of every file that the evidence names, by its path in the run folder."""
    names = sorted({s.partition("#")[0] for q in evidence.quantities for s in q.sources})
    return {name: sha256_file(root / name) for name in names if name and (root / name).is_file()}


# ------------------------------------------------------------------------------------------- the files


def _run_files(folder: RunFolder, known: Replacements) -> Iterator[tuple[str, Content]]:
    for path in sorted(folder.root.rglob("*")):
        name = path.relative_to(folder.root).as_posix()
        hidden = any(part.startswith(".") or part == "__pycache__" for part in Path(name).parts)
        if name in LEFT_OUT or hidden or path.is_symlink() or not path.is_file():
            continue
        yield name, _content(folder, name, path, known)
    if folder.calls.exists():
        yield "calls.jsonl", _calls(folder.calls, known)


def _content(folder: RunFolder, name: str, path: Path, known: Replacements) -> Content:
    """A file as it goes into the bundle. Plan, code and what runs left keep their bytes, which are hashed elsewhere."""
    if name == "run.toml":
        return without_folders(public_settings(path.read_text(encoding="utf-8")), known).encode()
    if name == "events.jsonl":
        return without_folders(_events(folder), known).encode()
    hashed = name in ("plan.json", "plan.sha256") or name.startswith(("nodes/", "drafts/")) or "/code/" in name
    if hashed or path.suffix not in RECORDS:
        return path
    return without_folders(path.read_text(encoding="utf-8", errors="replace"), known).encode()


def _events(folder: RunFolder) -> str:
    """The events until the paper was published, so that a bundle made later is the same."""
    lines = list(read_lines(folder.events))
    ends = [i for i, e in enumerate(lines) if e["kind"] == "stage.started" and e.get("stage") == "publish"]
    kept = lines[: ends[-1]] if ends else lines
    return "".join(json.dumps(e, ensure_ascii=False) + "\n" for e in kept)


def _calls(path: Path, known: Replacements) -> bytes:
    """The calls of models, one JSON object a line. Keys of providers are never in the record of calls."""
    from scientist.models.ledger import read_calls

    lines = (json.dumps(asdict(call), ensure_ascii=False, sort_keys=True) + "\n" for call in read_calls(path))
    return without_folders("".join(lines), known).encode()


def _published(folder: RunFolder) -> Iterator[tuple[str, Content]]:
    for name, place in PUBLISHED.items():
        if not (folder.papers / name).is_file():
            raise UsageError(
                f"run {folder.run_id} has no {folder.papers / name}", f"finish it first: scientist resume {folder.root}"
            )
        yield place, folder.papers / name


def _template(folder: RunFolder, files: dict[str, Content], spec: TemplateSpec) -> dict[str, Content]:
    """The template as it was when the plan was made: the code of the first node that runs it unchanged."""
    plan = Plan.model_validate(read_json(folder.plan))
    node = next(c for c in plan.conditions if c.code_sha256 is None)
    head = f"nodes/{node.id}/code/"
    return {f"template/{spec.name}/{n.removeprefix(head)}": c for n, c in files.items() if n.startswith(head)}


def _study(folder: RunFolder, plan: Plan, spec: TemplateSpec, look: int, seeds: Sequence[int]) -> Study:
    events = list(read_lines(folder.events))
    run = tomllib.loads(folder.config.read_text(encoding="utf-8"))
    decision = read_json(folder.papers / "decision.json")
    drafts = folder.root / "drafts" / f"round_{decision['best_round']}" / "draft.json"
    published = [e["at"] for e in events if e["kind"] == "stage.started" and e.get("stage") == "publish"]
    return Study(
        run_id=folder.run_id,
        topic=run["topic"],
        title=read_json(drafts)["title"] if drafts.is_file() else run["topic"],
        keywords=spec.keywords,
        scientist=run.get("scientist", __version__),
        mind=run["config"].get("model") or run["config"].get("mind", ""),
        template=spec.name,
        template_hash=plan.template_hash,
        licence=spec.licence or "not declared",
        plan_sha256=folder.plan_hash.read_text(encoding="utf-8").strip(),
        idea_id=plan.idea_id,
        look=look,
        seeds=tuple(seeds),
        started_at=_utc(_at(events, "run.opened")),
        plan_frozen_at=_utc(_at(events, "plan.frozen")),
        first_run_at=_utc(_at(events, "run.started")),
        finished_at=_utc(published[-1] if published else ""),
        decision=decision["action"],
        brought=any(read_json(p).get("brought", False) for p in sorted(folder.nodes.glob("*/seed_*/run.json"))),
    )


def _at(events: list[dict[str, Any]], kind: str) -> str:
    """When the first event of a kind was; "" if there is none."""
    return next((str(e["at"]) for e in events if e["kind"] == kind), "")


def _utc(at: str) -> str:
    return datetime.fromisoformat(at).isoformat(timespec="milliseconds") if at else ""


def _licence(spec: TemplateSpec) -> bytes:
    """The licence of the template's code: the file in its folder, else the package's own if it is the same one."""
    for name in ("LICENSE", "LICENSE.txt", "LICENSE.md", "COPYING"):
        if (Path(spec.path) / name).is_file():
            return (Path(spec.path) / name).read_bytes()
    own = _own_licence() if spec.licence == "Apache-2.0" else ""
    said = (
        f"The code in this bundle is the template {spec.name}, under the licence {spec.licence or '(not declared)'}.\n"
        "The results, the evidence and the paper were made by running it; they are offered under the same licence,\n"
        "unless whoever ran it says otherwise (scientist bundle RUN --licence FILE).\n"
    )
    return f"{said}\n{own}".encode() if own else said.encode()


def _own_licence() -> str:
    try:
        found = [f for f in metadata.files("scientist") or () if f.name == "LICENSE"]
    except metadata.PackageNotFoundError:
        found = []
    places = [Path(str(f.locate())) for f in found] + [Path(__file__).parents[2] / "LICENSE"]
    return next((p.read_text(encoding="utf-8") for p in places if p.is_file()), "")


def _json(value: Any) -> bytes:
    return (canonical_json(value, indent=2) + "\n").encode()


def _bytes(content: Content) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()


def _is_text(name: str) -> bool:
    return Path(name).suffix in (*RECORDS, ".py", ".log", ".csv", ".sh", "")
