"""What is asked of Slurm, and how a job and its submitter speak through files: no Slurm and no submitit is needed."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from jobs import LIMITS, maker

from scientist.errors import EnvironmentProblem, UsageError
from scientist.execution.job import JobResult
from scientist.execution.shipping import mark
from scientist.execution.slurm import correspondence, parameters, request
from scientist.execution.slurm_task import ALIVE, Problem, granted, read_answer, run_here, watch_submitter


def test_the_limits_of_a_job_are_asked_for_with_room_for_its_watch(tmp_path: Path) -> None:
    limits = replace(LIMITS, wall_s=3601.0, memory_mb=4096)
    job = maker(tmp_path)("a", "pass", limits=limits, threads=3, gpus=0.25)
    assert request(job, parameters("partition=gpu,account=lab"), stand_in=False) == {
        "name": "scientist", "timeout_min": 66, "mem_gb": 5, "cpus_per_task": 3, "gpus_per_node": 1,
        "slurm_additional_parameters": {"no_requeue": True}, "slurm_partition": "gpu", "slurm_account": "lab",
    }  # fmt: skip


@pytest.mark.parametrize("where", ["gpu", "partition=", "=gpu", "partition=gpu,lab"])
def test_what_is_no_list_of_parameters_is_refused(where: str) -> None:
    with pytest.raises(UsageError, match="is not a list of key=value"):
        parameters(where)


def test_a_job_runs_where_its_folder_is_shared_and_leaves_its_result(tmp_path: Path) -> None:
    job = maker(tmp_path)("a", "print('here')")
    with correspondence(Path(job.folder)) as place:
        mark(Path(job.folder), place.name)
        assert read_answer(place, 1) is None
        run_here(job.model_dump_json(), "none", str(place), 1, ())
        result = read_answer(place, 1)
        assert isinstance(result, JobResult) and (result.id, result.status) == ("a", "ok")
        assert result.host
        mark(Path(job.folder), "another folder of the same name")
        run_here(job.model_dump_json(), "none", str(place), 2, ())
        problem = read_answer(place, 2)
    assert isinstance(problem, Problem)
    assert f"does not see the folder {job.folder}" in problem.message and "--experiments-dir" in problem.hint
    assert not place.exists()


def test_a_device_that_is_granted_and_not_named_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = maker(tmp_path)("a", "pass", gpus=1)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,GPU-8a3f")
    assert granted(job) == ("3", "GPU-8a3f")
    assert granted(job.model_copy(update={"gpus": 0})) == ()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(EnvironmentProblem, match="named none in CUDA_VISIBLE_DEVICES"):
        granted(job)


@pytest.mark.parametrize("lives", [True, False])
def test_a_job_goes_on_only_as_long_as_its_submitter_lives(tmp_path: Path, lives: bool) -> None:
    sign, ended = tmp_path / ALIVE, threading.Event()
    sign.write_text("0")
    watcher = threading.Thread(target=watch_submitter, args=(sign, ended))
    watcher.start()
    try:
        if lives:
            for count in range(10):
                sign.write_text(str(count))
                time.sleep(0.3)
            assert not ended.is_set()
        else:
            sign.unlink()
            assert ended.wait(15)
    finally:
        ended.set()
        watcher.join()
