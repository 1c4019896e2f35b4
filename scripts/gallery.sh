#!/bin/sh
# Makes the sample papers of papers/ again, each with the one command that papers/README.md names, and checks every one:
# verify with its bundle, reproduce in an empty folder. Best on an idle machine: a run that is starved of its processor
# ends at its time limit and is reported as failed. usage: scripts/gallery.sh [NAME...]; without names, all of them.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
scientist="${SCIENTIST:-$here/.venv/bin/scientist}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ask() { # NAME TOPIC [OPTIONS]: one run, into papers/sample-NAME; exit code 10 (below the gate) is an outcome like any other
  name=$1 topic=$2
  shift 2
  place="$here/papers/sample-$name"
  "$scientist" run "$topic" --offline "$@" --experiments-dir "$work/$name/runs" --papers-dir "$work/$name/papers" ||
    [ $? -eq 10 ]
  made=$(echo "$work/$name"/papers/*)
  "$scientist" verify "$made/paper.pdf" --bundle "$made/bundle.zip"
  mkdir -p "$work/$name/clean"
  (cd "$work/$name/clean" && "$scientist" reproduce "$made/bundle.zip")
  cp "$work/$name"/clean/reproduced-*/reproduction.md "$made/"
  rm -rf "$place"
  mkdir -p "$place"
  for file in paper.pdf paper-source.zip review.md decision.json plan.json evidence.json bundle.zip bundle.sha256 reproduction.md; do
    cp "$made/$file" "$place/"
  done
}

paper() {
  case $1 in
  grokking) ask grokking "does weight decay speed up grokking?" ;;
  digits) ask digits "does weight decay change the classification error of a small network on handwritten digits?" \
    --seeds 24 --budget-minutes 20 ;;
  diffusion) ask diffusion "does the benefit of more diffusion steps depend on the noise schedule?" ;;
  char-lm) ask char-lm "how does dropout affect a small language model trained on little text?" \
    --strategy best_first --nodes 16 --budget-minutes 24 ;;
  *) echo "no sample is called $1: grokking, digits, diffusion, char-lm" >&2 && exit 2 ;;
  esac
}

[ $# -gt 0 ] || set -- grokking digits diffusion char-lm
for name; do paper "$name"; done
