"""Make the bibliography that the package carries from a larger harvest: facts only, the same bytes every time.

    python benchmarks/literature/make_bibliography.py HARVEST.jsonl.gz [OUT.jsonl.gz]

HARVEST holds one JSON object a line with ``id, title, authors, year, venue, tier`` and, where known, ``arxiv_id``,
``doi``, ``authors_complete``. Records of tier 1 are kept, and those that a template of this repository names as
related work, sorted by id. Facts that cannot be right are mended or dropped, and counted.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import re
import tomllib
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
OUT = ROOT / "scientist" / "literature" / "data" / "bibliography.jsonl.gz"
LIMIT = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("harvest", type=Path)
    parser.add_argument("out", type=Path, nargs="?", default=OUT)
    options = parser.parse_args()
    mended: Counter[str] = Counter()
    named = named_titles(ROOT / "templates")
    with gzip.open(options.harvest, "rt", encoding="utf-8") as f:
        harvest = [json.loads(line) for line in f]
    kept = [facts(r, mended) for r in harvest if r.get("tier") == 1 or title_key(r["title"]) in named]
    drop_shared_ids(kept, mended)
    data = pack(sorted(kept, key=lambda r: str(r["id"])))
    if len(data) >= LIMIT:
        raise SystemExit(f"{len(data)} bytes: too large to carry (limit {LIMIT})")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(data)
    print(f"{len(kept)} papers, {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")
    print("mended:", dict(sorted(mended.items())))


def named_titles(templates: Path) -> set[str]:
    """Titles of the papers that templates name as related."""
    specs = [tomllib.loads(p.read_text(encoding="utf-8")) for p in sorted(templates.glob("*/template.toml"))]
    return {title_key(entry["title"]) for spec in specs for entry in spec.get("related", ())}


def title_key(title: str) -> str:
    return re.sub(r"\W", "", title).casefold()


def facts(record: dict[str, Any], mended: Counter[str]) -> dict[str, Any]:
    """The facts of one record, with impossible dates and identifiers mended."""
    fact = {k: record[k] for k in ("id", "year", "venue", "arxiv_id", "doi") if record.get(k) not in (None, "")}
    fact["title"] = clean(record["title"])
    fact["authors"] = [name for name in (clean_name(a) for a in record["authors"]) if name]
    half = len(fact["authors"]) // 2
    if half and fact["authors"][:half] == fact["authors"][half:]:
        fact["authors"] = fact["authors"][:half]
        mended["author list given twice"] += 1
    if record.get("authors_complete") is False:
        fact["authors_complete"] = False
    posted = arxiv_year(fact.get("arxiv_id"))
    if posted and fact["venue"] == "ECCV" and fact["year"] == 2018 and posted >= 2021:
        # The harvest dates this conference's 2022 volumes by its 2018 edition; the preprint shows which it was.
        fact["year"] = 2022
        mended["year of ECCV 2022"] += 1
    elif posted and posted - fact["year"] > 5:
        # A preprint posted years after the paper is another paper's identifier.
        drop_arxiv_id(fact)
        mended["arXiv id too late"] += 1
    return fact


def drop_shared_ids(records: list[dict[str, Any]], mended: Counter[str]) -> None:
    """An arXiv id that two records claim stays with the one that is named by it."""
    owners: dict[str, list[dict[str, Any]]] = {}
    for r in records:
        if "arxiv_id" in r:
            owners.setdefault(r["arxiv_id"], []).append(r)
    for arxiv_id, claimants in owners.items():
        for r in claimants:
            if len(claimants) > 1 and r["id"] != f"arxiv:{arxiv_id}":
                drop_arxiv_id(r)
                mended["arXiv id shared"] += 1


def drop_arxiv_id(fact: dict[str, Any]) -> None:
    del fact["arxiv_id"]
    if fact["id"].startswith("arxiv:"):
        digest = hashlib.sha256(f"{fact['title']}|{fact['year']}".encode()).hexdigest()[:12]
        fact["id"] = f"doi:{fact['doi']}" if "doi" in fact else f"t:{digest}"


def arxiv_year(arxiv_id: str | None) -> int | None:
    match = re.match(r"(?:.*/)?(\d\d)\d\d", arxiv_id or "")
    if not match:
        return None
    year = int(match[1])
    return 1900 + year if year > 90 else 2000 + year


def clean(text: str) -> str:
    """NFC, without invisible characters and doubled spaces; ligatures spelt out."""
    text = "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) not in ("Cf", "Cc"))
    for ligature, letters in (("ﬁ", "fi"), ("ﬀ", "ff"), ("ﬂ", "fl")):
        text = text.replace(ligature, letters)
    return " ".join(text.split())


def clean_name(name: str) -> str:
    """A name without an "and" left over from a list, and with hyphens for the dashes that some harvests use."""
    name = re.sub(r"^and\s+|\s+and$", "", clean(name))
    return re.sub(r"\s+and\s+", " ", re.sub(r"[–—]", "-", name))


def pack(records: list[dict[str, Any]]) -> bytes:
    lines = "".join(json.dumps(r, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n" for r in records)
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as f:
        f.write(lines.encode())
    return buffer.getvalue()


if __name__ == "__main__":
    main()
