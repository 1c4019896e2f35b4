"""Is the published wire length of ariane133 found again? python benchmarks/evolution/ariane.py FOLDER

FOLDER holds the clustered netlist and the legalised placement of ariane133 in NanGate45 from TILOS MacroPlacement
(BSD-3), Flows/NanGate45/ariane133/netlist/output_CT_Grouping: netlist.pb.txt (or ariane133.pb.txt, either may be
gzipped) and legalized.plc (or ariane133.plc). Exits with 1 where the wire length is off by more than a millionth.
"""

from __future__ import annotations

import sys
from pathlib import Path

from baselines import TASKS, load

PUBLISHED = 4_763_106.8
NETLISTS = ("netlist.pb.txt", "netlist.pb.txt.gz", "ariane133.pb.txt", "ariane133.pb.txt.gz")
PLACEMENTS = ("legalized.plc", "ariane133.plc")


def main(folder: Path) -> int:
    module = load(TASKS / "macro_placement" / "netlist.py")
    netlist = module.parse_netlist(module.read_text(first(folder, NETLISTS)))
    netlist = module.placed(netlist, module.read_text(first(folder, PLACEMENTS)))
    found = module.wire_length(netlist)
    print(
        f"{len(netlist.names)} nodes, {len(netlist.starts)} nets, wire length {found:,.1f}; published {PUBLISHED:,.1f}"
    )
    return int(abs(found / PUBLISHED - 1) > 1e-6)


def first(folder: Path, names: tuple[str, ...]) -> Path:
    found = [folder / name for name in names if (folder / name).is_file()]
    if not found:
        raise SystemExit(f"{folder} holds none of: {', '.join(names)}")
    return found[0]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
