"""A small published study for tests: real runs of a tiny template, their evidence, a PDF that carries it, a bundle."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

from scientist import __version__
from scientist.analysis.ledger import build_evidence
from scientist.bundle.attachment import attach
from scientist.bundle.export import source_hashes
from scientist.events import EventLog
from scientist.experiments.plan import freeze
from scientist.experiments.stage import load_results
from scientist.experiments.study import study_spec
from scientist.experiments.template import load_template, template_hash
from scientist.graph.publish import publish_bundle
from scientist.types import Contrast, Evidence, Idea, IdeaKind, Intervention, Plan, TemplateSpec
from scientist.workspace import RunFolder, canonical_json, read_json, sha256_file, sha256_text, write_json, write_text
from tests.experiments.tiny_template import make_plan, run, run_folder, write_template

NOISY = """
import math

def score(level, seed):
    return level + math.sin(7 * level * seed) / 5
"""


CHANGED = NOISY.replace("/ 5", "/ 4")


class PublishedStudy:
    """The study in ``root``: its template, plan and run folder. ``publish`` writes evidence, paper and bundle.

    With ``changes_code`` the second condition runs another ``helper.py`` than the template's.
    """

    def __init__(self, root: Path, *, changes_code: bool = False) -> None:
        self.root = root
        self.changes_code = changes_code
        write_template(root / "tiny")
        write_text(root / "tiny" / "harness.py", "from helper import score\n")
        write_text(root / "tiny" / "helper.py", NOISY)
        self.spec: TemplateSpec = load_template(root / "tiny")
        self.plan = _plan(self.spec)
        self.folder: RunFolder = run_folder(root)
        if changes_code:
            self.spec = study_spec(self.spec, _idea())
            self._change_code()
        self._write_records()
        run(self.plan, self.spec, self.folder)

    @property
    def bundle(self) -> Path:
        return self.folder.papers / "bundle.zip"

    @property
    def paper(self) -> Path:
        return self.folder.papers / "paper.pdf"

    def evidence(self) -> Evidence:
        results = load_results(plan=self.plan, seeds=self.plan.seeds, folder=self.folder)
        digest = self.folder.plan_hash.read_text().strip()
        return build_evidence(plan=self.plan, plan_sha256=digest, spec=self.spec, results=results, look=1)

    def publish(self, evidence: Evidence | None = None) -> None:
        """Publish the evidence of the runs, or another one in its place."""
        told = evidence or self.evidence()
        papers, kept = self.folder.papers, self.folder.root / "drafts" / "round_0"
        for place in (kept / "evidence.json", papers / "evidence.json", self.folder.evidence):
            write_json(place, told)
        write_json(kept / "draft.json", {"title": "On levels"})
        write_json(papers / "decision.json", {"action": "publish", "best_round": 0})
        write_json(papers / "review.json", {})
        write_text(papers / "review.md", "A review.\n")
        data = (papers / "evidence.json").read_bytes()
        lines = [told.plan_sha256, sha256_text(canonical_json(told, indent=2) + "\n")]
        pdf = attach(
            printed(lines), run_id=self.folder.run_id, scientist=__version__, evidence=data,
            sources=source_hashes(self.folder.root, told),
        )  # fmt: skip
        self.paper.write_bytes(pdf)
        publish_bundle(self.folder, self.spec)

    def forge_result(self, condition: str, seed: int, value: float) -> None:
        """Give a run another result than it had, with a record that fits."""
        place = self.folder.seed_folder(condition, seed)
        info = read_json(place / "final_info.json")
        info["one"]["means"]["score"] = value
        (place / "final_info.json").write_text(json.dumps(info))
        record = read_json(place / "run.json")
        record["files"]["final_info.json"] = sha256_file(place / "final_info.json")
        write_json(place / "run.json", record)

    def _change_code(self) -> None:
        """What ``make_change`` leaves, and a plan that pins it."""
        code = self.folder.root / "change" / "idea" / "code"
        shutil.copytree(self.root / "tiny", code)
        write_text(code / "helper.py", CHANGED)
        off, on = self.plan.conditions
        conditions = (
            off.model_copy(update={"settings": {"level": 1, "code_change": False}}),
            on.model_copy(update={"settings": {"level": 3, "code_change": True}, "code_sha256": template_hash(code)}),
        )
        self.plan = self.plan.model_copy(update={"conditions": conditions})

    def _write_records(self) -> None:
        folder = self.folder
        papers = folder.papers.parent
        write_text(
            folder.config,
            f'topic = "levels"\nscientist = "{__version__}"\npapers = "{papers}"\n\n[config]\nmind = "offline"\n'
            f'base_url = "http://inner.example:8000"\nexperiments_dir = "{folder.root.parent}"\n',
        )
        write_json(folder.choice, {"template_path": self.spec.path, "choice": {"template": self.spec.name}})
        ranked = [{"idea": _idea().model_dump(mode="json")}] if self.changes_code else []
        write_json(folder.ideas, {"ranked": ranked})
        write_text(folder.literature, "")
        events = EventLog(folder.events)
        events.emit("run.opened", run_id=folder.run_id, folder=str(folder.root))
        freeze(self.plan, folder)
        events.emit("plan.frozen", sha256=folder.plan_hash.read_text().strip())
        write_text(folder.passages, "text of another paper\n")


def printed(lines: list[str]) -> bytes:
    """A PDF of one page with lines of text on it."""
    import matplotlib

    matplotlib.use("pdf")
    from matplotlib import pyplot

    with matplotlib.rc_context({"pdf.fonttype": 42}):
        figure = pyplot.figure(figsize=(8, 3))
        for i, line in enumerate(lines):
            figure.text(0.02, 0.8 - 0.2 * i, line, size=7)
        out = io.BytesIO()
        figure.savefig(out, format="pdf", metadata={"CreationDate": None})
        pyplot.close(figure)
    return out.getvalue()


def _idea() -> Idea:
    return Idea(
        id="idea", template="tiny", kind=IdeaKind.INTERVENTION, title="t", question="q", hypothesis="h",
        datasets=("one",), metric="score", direction="increase",
        intervention=Intervention(label="louder noise", description="d"),
    )  # fmt: skip


def _plan(spec: TemplateSpec) -> Plan:
    contrast = Contrast(
        id="main", label="level 3 minus level 1", weights={"c0": -1.0, "c1": 1.0}, metric="score", dataset="one",
        direction="increase",
    )  # fmt: skip
    plan = make_plan(spec, [{"level": 1}, {"level": 3}], seeds=3)
    return plan.model_copy(update={"contrasts": (contrast,), "test": "paired_t"})
