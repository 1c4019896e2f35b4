"""Templates on disk: load and check ``template.toml``, find the folders, and hash what will be run."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from scientist.errors import TemplateError
from scientist.experiments.consistency import contradictions
from scientist.experiments.v1 import v1_spec
from scientist.types import (
    CurveSpec,
    DatasetSpec,
    FactorSpec,
    HypothesisSpec,
    MetricSpec,
    PresetSpec,
    RelatedSpec,
    SlotSpec,
    TemplateSpec,
    TemplateText,
)
from scientist.workspace import sha256_file

TOML_NAME = "template.toml"
HINT = "docs/templates.md describes every key; scientist templates check FOLDER tries the template"


def load_template(folder: Path) -> TemplateSpec:
    """The template in ``folder``: of our contract with a ``template.toml``, else of the published v1 contract.

    Raises TemplateError with every problem of the file at once, each with the key that it is about.
    """
    folder = folder.expanduser().resolve()
    if not folder.is_dir():
        raise TemplateError(f"{folder} is not a folder", "give the folder that holds experiment.py")
    if not (folder / "experiment.py").is_file():
        raise TemplateError(f"{folder} has no experiment.py", "scientist templates new NAME writes a working example")
    if not (folder / TOML_NAME).is_file():
        return v1_spec(folder)
    file = folder / TOML_NAME
    spec, problems = _parse(_read_toml(file), folder)
    if spec is not None:
        problems += contradictions(spec)
    if spec is None or problems:
        listed = "\n".join(f"  {p}" for p in problems)
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise TemplateError(f"{file} has {count}:\n{listed}", HINT)
    return spec


def template_hash(folder: Path) -> str:
    """sha256 over the sorted (relative path, sha256 of content) of the template's own files, in hexadecimal."""
    lines = [f"{relative} {sha256_file(path)}" for relative, path in template_files(folder)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def template_files(folder: Path) -> list[tuple[str, Path]]:
    """(POSIX path relative to ``folder``, path) of every file that belongs to the template, sorted.

    Left out: hidden files, byte code, and the ``run_*`` folders that earlier runs left. A symbolic link is an error,
    because what it points to could change without the template changing.
    """
    folder = folder.resolve()
    return sorted(_walk(folder, folder))


def find_templates(extra: Sequence[Path] = ()) -> tuple[TemplateSpec, ...]:
    """Every template of the package, of ``./templates`` and of the folders in ``extra``, sorted by name.

    A folder in ``extra`` is a template itself or holds templates. A later place wins over an earlier one of the same
    name. Raises TemplateError for a broken template: leaving it out would let another one answer the topic.
    """
    found = {spec.name: spec for spec in (load_template(folder) for folder in _candidates(extra))}
    return tuple(found[name] for name in sorted(found))


def resolve_template(name_or_path: str, extra: Sequence[Path] = ()) -> TemplateSpec:
    """The template called so, or in the folder of that path. Raises TemplateError, listing what is known."""
    path = Path(name_or_path).expanduser()
    if (path / "experiment.py").is_file():
        return load_template(path)
    if len(path.parts) > 1 or path.is_absolute():
        raise TemplateError(f"{path} is not a template: it has no experiment.py", "give a template's name or folder")
    wanted = name_or_path.lower()
    candidates = _candidates(extra)
    for folder in reversed(candidates):
        if folder.name.lower() == wanted:
            return load_template(folder)
    known = sorted({folder.name.lower() for folder in candidates})
    close = difflib.get_close_matches(wanted, known, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    raise TemplateError(f"no template is called {name_or_path!r}", f"{hint}known: {', '.join(known) or 'none'}")


def builtin_folder() -> Path:
    """Where the package's own templates lie: inside an installed wheel, else at the top of the checkout."""
    installed = Path(str(files("scientist") / "_templates"))
    return installed if installed.is_dir() else Path(str(files("scientist"))).parent / "templates"


# ------------------------------------------------------------------------------------------- finding


def _candidates(extra: Sequence[Path]) -> list[Path]:
    roots = [builtin_folder(), Path("templates"), *(p.expanduser() for p in extra)]
    folders: dict[Path, None] = {}
    for root in roots:
        if (root / "experiment.py").is_file():
            folders[root.resolve()] = None
        elif root.is_dir():
            inside = (p for p in sorted(root.iterdir()) if (p / "experiment.py").is_file())
            folders.update(dict.fromkeys(p.resolve() for p in inside if not p.name.startswith(".")))
    return list(folders)


def _walk(folder: Path, top: Path) -> Iterator[tuple[str, Path]]:
    for path in folder.iterdir():
        hidden = path.name.startswith(".") or path.name == "__pycache__" or path.suffix == ".pyc"
        if hidden or (folder == top and path.name.startswith("run_") and path.is_dir()):
            continue
        relative = path.relative_to(top).as_posix()
        if path.is_symlink():
            raise TemplateError(f"{path} is a symbolic link", "put the file itself into the template's folder")
        if path.is_dir():
            yield from _walk(path, top)
        elif path.is_file():
            yield relative, path


# ------------------------------------------------------------------------------------------- reading


_HEAD = (
    *("title", "summary", "keywords", "tags", "licence"),
    *("device", "timeout_factor", "memory_mb", "gpus", "oom_batch", "editable", "locked"),
)
_NAMED: dict[str, type[BaseModel]] = {
    "metrics": MetricSpec,
    "factors": FactorSpec,
    "datasets": DatasetSpec,
    "presets": PresetSpec,
    "slots": SlotSpec,
}
_LISTED: dict[str, type[BaseModel]] = {"hypotheses": HypothesisSpec, "related": RelatedSpec, "curves": CurveSpec}


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as e:
        raise TemplateError(f"{file} is not UTF-8 text: {e.reason} at byte {e.start}", "save it as UTF-8") from e
    except tomllib.TOMLDecodeError as e:
        raise TemplateError(f"{file} is not TOML: {e}", "mend the line that the message names") from e


def _parse(toml: dict[str, Any], folder: Path) -> tuple[TemplateSpec | None, list[str]]:
    problems = [_unknown(key, "", _TABLES) for key in toml if key not in _TABLES]
    head = _table(toml, "template", problems)
    if "template" not in toml:
        problems.append("[template]: the table is missing")
    problems += [_unknown(key, "[template] ", _HEAD) for key in head if key not in _HEAD]
    values: dict[str, Any] = {"locked": ["harness.py"], **{k: v for k, v in head.items() if k in _HEAD}}
    values |= {"path": str(folder), "contract": "scientist", "name": folder.name.lower()}
    for section, model in _NAMED.items():
        values[section] = _validated(_named_entries(toml, section, problems), model, problems)
    for section, model in _LISTED.items():
        values[section] = _validated(_listed_entries(toml, section, problems), model, problems)
    text = _validated([("[text]", _flat_implications(_table(toml, "text", problems)))], TemplateText, problems)
    specs = _validated([("[template]", values | {"text": text[0] if text else {}})], TemplateSpec, problems)
    return (_with_floats(specs[0]) if specs and not problems else None), problems


_TABLES = ("template", *_NAMED, *_LISTED, "text")


def _table(toml: dict[str, Any], key: str, problems: list[str]) -> dict[str, Any]:
    value = toml.get(key, {})
    if isinstance(value, dict):
        return value
    problems.append(f"{key}: must be a table, written [{key}] or [{key}.<name>]")
    return {}


def _named_entries(toml: dict[str, Any], section: str, problems: list[str]) -> list[tuple[str, dict[str, Any]]]:
    table = _table(toml, section, problems)
    flat = [name for name, body in table.items() if not isinstance(body, dict)]
    problems += [f"{section}.{name}: must be a table, written [{section}.{name}]" for name in flat]
    return [(f"[{section}.{name}]", {**body, "name": name}) for name, body in table.items() if name not in flat]


def _listed_entries(toml: dict[str, Any], section: str, problems: list[str]) -> list[tuple[str, dict[str, Any]]]:
    value = toml.get(section, [])
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        problems.append(f"{section}: must be a list of tables, each written [[{section}]]")
        return []
    return [(f"[[{section}]] {v.get('id') or v.get('series') or f'number {i + 1}'}", v) for i, v in enumerate(value)]


def _flat_implications(text: dict[str, Any]) -> dict[str, Any]:
    """TOML reads an unquoted ``h1.increase = ...`` as a table in a table; both spellings mean the same here."""
    given = text.get("implications")
    if not isinstance(given, dict):
        return text
    flat: dict[str, Any] = {}
    for key, value in given.items():
        flat |= {f"{key}.{outcome}": v for outcome, v in value.items()} if isinstance(value, dict) else {key: value}
    return {**text, "implications": flat}


def _with_floats(spec: TemplateSpec) -> TemplateSpec:
    """Whole numbers written for a float factor become floats, so that one level has one spelling everywhere."""
    floats = {f.name for f in spec.factors if f.type == "float"}

    def number(name: str, value: Any) -> Any:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return float(value) if whole and name in floats else value

    factors = tuple(
        f.model_copy(
            update={"levels": tuple(number(f.name, v) for v in f.levels), "baseline": number(f.name, f.baseline)}
        )
        for f in spec.factors
    )
    hypotheses = tuple(
        h.model_copy(update={key: number(h.factor, getattr(h, key)) for key in ("control", "treatment")})
        for h in spec.hypotheses
    )
    presets = tuple(
        p.model_copy(update={"settings": {k: number(k, v) for k, v in p.settings.items()}}) for p in spec.presets
    )
    return spec.model_copy(update={"factors": factors, "hypotheses": hypotheses, "presets": presets})


def _validated(
    entries: Sequence[tuple[str, dict[str, Any]]],
    model: type[BaseModel],
    problems: list[str],
) -> list[Any]:
    valid = []
    for where, body in entries:
        try:
            valid.append(model.model_validate(body))
        except ValidationError as e:
            problems += dict.fromkeys(_explain(where, x, model) for x in e.errors(include_url=False))
    return valid


def _explain(where: str, error: Any, model: type[BaseModel]) -> str:
    key = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return _unknown(key, f"{where} ", [f for f in model.model_fields if f not in ("path", "contract", "name")])
    if error["type"] == "missing":
        return f"{where} {key}: is missing"
    if error["type"] == "string_pattern_mismatch":
        return f"{where} {key}: {error['input']!r} is not an id (lower-case letters, digits, '_', '.', '-')"
    message = re.sub(r"^Input should be", "must be", error["msg"])
    return f"{where} {key}: {message}, not {json.dumps(error['input'], default=str)[:80]}"


def _unknown(key: str, where: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    advice = f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}"
    return f"{where}{key}: unknown key; {advice}"
