"""A node's own record: its code, what differs from the baseline, and its settings; written once per condition."""

from __future__ import annotations

import shutil
from pathlib import Path

from scientist.errors import RunInterrupted
from scientist.experiments.change import change_folder
from scientist.experiments.journal import Journal
from scientist.experiments.run import device_of, remove_tree, run_config, settings_of, verify_locked
from scientist.experiments.template import template_files, template_hash
from scientist.search.candidate import difference, read_candidate
from scientist.types import Condition, Plan, TemplateSpec
from scientist.workspace import RunFolder, read_json, sync_folder, write_json, write_text


def write_nodes(plan: Plan, spec: TemplateSpec, folder: RunFolder, journal: Journal) -> None:
    """Write ``nodes/<condition>/{code/, change.diff, config.json}`` where they are not, and check them where they are.

    A condition that pins a hash gets the changed code of the plan's idea, the others the template's own.
    ``config.json`` is written last: its presence says that the rest is whole. Raises TemplateError if a locked file
    of a node was changed, RunInterrupted if another file was, or if the changed code is not what was pre-registered.
    """
    for condition in plan.conditions:
        node = folder.nodes / condition.id
        if (node / "config.json").is_file():
            _verify(node, spec)
        else:
            changed = change_folder(folder, plan.idea_id) / "code"
            source = Path(spec.path) if condition.code_sha256 is None else changed
            _write(node, condition, plan, spec, source)
            journal.record(condition.id, "code_written", code_sha256=template_hash(node / "code"))


def _write(node: Path, condition: Condition, plan: Plan, spec: TemplateSpec, source: Path) -> None:
    code = node / "code"
    remove_tree(code)
    if condition.code_sha256 is not None and (not source.is_dir() or template_hash(source) != condition.code_sha256):
        raise RunInterrupted(
            f"{source} does not hold the changed code that the plan was pre-registered with",
            "restore that folder, or start a new run",
        )
    for relative, file in template_files(source):
        target = code / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    verify_locked(spec, code)
    write_text(node / "change.diff", _change(condition, plan, spec) + _code_change(condition, code, spec))
    settings = settings_of(plan, condition, spec)
    config = run_config(settings, datasets=plan.datasets, phase="confirmatory", device=device_of(spec, plan.preset))
    record = {
        "condition": condition.id,
        "label": condition.label,
        "config": config if spec.contract == "scientist" else {},
        "code_sha256": template_hash(code),
    }
    write_json(node / "config.json", record)
    sync_folder(node.parent)


def _verify(node: Path, spec: TemplateSpec) -> None:
    verify_locked(spec, node / "code")
    if template_hash(node / "code") != read_json(node / "config.json")["code_sha256"]:
        raise RunInterrupted(
            f"the code in {node / 'code'} is not the code that this node was written with",
            f"restore it from {spec.path}, then: scientist resume",
        )


def _code_change(condition: Condition, code: Path, spec: TemplateSpec) -> str:
    """The hunks that turn the template's editable files into the node's; "" where the node runs the template's own."""
    if condition.code_sha256 is None:
        return ""
    before, after = (read_candidate(folder, spec.editable).files for folder in (Path(spec.path), code))
    return difference(before, after)


def _change(condition: Condition, plan: Plan, spec: TemplateSpec) -> str:
    """Comment lines of a patch, which say in what settings the node differs from the baseline."""
    base = next((c for c in plan.conditions if c.baseline), Condition(id="none", label="none"))
    usual = settings_of(plan, base, spec)
    lines = [
        f"#   {name}: {usual.get(name, 'unset')} -> {value}"
        for name, value in sorted(condition.settings.items())
        if usual.get(name) != value
    ]
    if condition.baseline:
        return "# No code is changed: this node is the baseline.\n"
    if not lines:
        return "# No code is changed, and no setting differs from the baseline.\n"
    code = "No code is changed" if condition.code_sha256 is None else "The code is changed"
    return "\n".join([f"# {code}; the settings differ from the baseline:", *lines]) + "\n"
