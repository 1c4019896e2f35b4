"""Job folders travel whole, arrive as plain files, and leave nothing behind."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest
from jobs import maker, sandbox

from scientist.errors import EnvironmentProblem
from scientist.execution import check_executor
from scientist.execution.shipping import (
    MARKER,
    PREFIX,
    TooLarge,
    bring_back,
    is_shared,
    lodging,
    mark,
    pack,
    unmark,
    unpack,
)


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_folder_there_and_back_is_what_the_node_made_of_it(tmp_path: Path) -> None:
    home, node = tmp_path / "home", tmp_path / "node"
    home.mkdir()
    node.mkdir()
    (home / "experiment.py").write_text("print()")
    (home / "old.txt").write_text("to be removed by the job")
    mark(home, "token")
    unpack(pack(home), node)
    assert contents(node) == {"experiment.py": b"print()", "old.txt": b"to be removed by the job"}, "and no marker"
    (node / "old.txt").unlink()
    (node / "run_0/deep").mkdir(parents=True)
    (node / "run_0/deep/x.bin").write_bytes(bytes(range(256)))
    (node / "run_0/link").symlink_to("deep/x.bin")
    bring_back(pack(node), home)
    assert contents(home) == {
        "experiment.py": b"print()", "run_0/deep/x.bin": bytes(range(256)), "run_0/link": bytes(range(256)),
    }  # fmt: skip
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_what_leads_out_of_the_folder_does_not_arrive(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "kept.txt").write_text("as it was")
    for name, link in (("../escaped.txt", None), ("way", "/etc/passwd"), ("up", "../../x")):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            member = tarfile.TarInfo(name)
            if link is not None:
                member.type, member.linkname = tarfile.SYMTYPE, link
            archive.addfile(member, io.BytesIO(b""))
        with pytest.raises(tarfile.TarError):
            bring_back(buffer.getvalue(), home)
    assert contents(home) == {"kept.txt": b"as it was"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["home"]


def test_a_folder_is_shared_where_its_marker_is_seen(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("as it was")
    folder = tmp_path / "job"
    folder.mkdir()
    (folder / MARKER).symlink_to(precious)
    mark(folder, "token")
    assert precious.read_text() == "as it was", "a link in its place is not followed"
    assert is_shared(folder, "token") and not is_shared(folder, "other") and not is_shared(tmp_path / "no", "token")
    unmark(folder)
    unmark(tmp_path / "gone")
    assert not is_shared(folder, "token")


def test_too_much_does_not_travel_however_small_it_packs(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as f:
        f.truncate(50 * 2**20)
    with pytest.raises(TooLarge, match="more than 10 MiB"):
        pack(tmp_path, 10)


def test_folders_of_killed_workers_are_cleared_and_those_in_use_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead, new = tmp_path / f"{PREFIX}dead", tmp_path / f"{PREFIX}new"
    for folder in (dead, new):
        folder.mkdir()
    program = "import sys\nfrom scientist.execution.shipping import lodging\n"
    program += "with lodging() as f:\n    print(f, flush=True)\n    sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as other:  # fmt: skip
        assert other.stdout is not None and other.stdin is not None
        used = Path(other.stdout.readline().strip()).parent
        for folder in (dead, used):
            os.utime(folder, (0, 0))
        with lodging() as mine:
            assert mine.is_dir() and used.is_dir() and new.is_dir() and not dead.exists()
        assert not mine.parent.exists()
        other.stdin.close()
    assert not used.exists()


# ------------------------------------------------------------------------------------------- through Ray


def test_on_a_node_that_does_not_share_it_the_folder_is_sent_and_comes_back(tmp_path: Path) -> None:
    try:
        check_executor("ray")
    except EnvironmentProblem as e:
        pytest.skip(f"{e.message}: {e.hint}")
    from scientist.execution.ray import RayExecutor

    make = maker(tmp_path)
    code = "import os; os.mkdir('run_0'); open('run_0/x', 'w').write('made'); os.remove('p.py'); print('there')"
    too_much = "import os; f = [open(f'{i}', 'wb').truncate(7 * 2**20) for i in range(9)]"
    jobs = [make("sent", code), make("failed", "raise ValueError('no')"), make("sparse", too_much)]
    executor = RayExecutor(sandbox("bubblewrap"), 4, cores=4, gpus=("0", "1"), shared=False)
    results = {r.id: r for r in executor.run(jobs)}
    assert (results["sent"].status, results["sent"].attempts) == ("ok", 1), results["sent"]
    assert contents(Path(jobs[0].folder)) == {"run_0/x": b"made", "stdout.log": b"there\n"}
    assert results["failed"].reason == "exit status 1: ValueError: no"
    assert "ValueError: no" in Path(jobs[1].folder, "stdout.log").read_text()
    assert (results["sparse"].status, results["sparse"].reason) == (
        "output_limit",
        "it left more than 8 MiB in its folder",
    )
    assert not list(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")), "nothing is left on the node"
