"""Stochastic gradient descent on linear regression: one seed, every requested data set."""

import argparse
import json
import random
from pathlib import Path

from harness import error, make_data, predict


def train(examples, validation, config, seed):
    """The final weights (or the mean of the iterates of the second half) and the validation curve."""
    rng = random.Random(f"order-{seed}")
    weights = [0.0] * config["dimension"]
    mean = [0.0] * config["dimension"]
    steps, curve = config["steps"], []
    for step in range(1, steps + 1):
        inputs, label = rng.choice(examples)
        residual = predict(weights, inputs) - label
        weights = [w - config["step_size"] * residual * x for w, x in zip(weights, inputs, strict=True)]
        if step > steps // 2:
            count = step - steps // 2
            mean = [m + (w - m) / count for m, w in zip(mean, weights, strict=True)]
        if step % max(1, steps // 20) == 0:
            curve.append([step, error(weights, validation)])
    return (mean if config["averaging"] else weights), curve


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out_dir", required=True)
    parser.add_argument("--config", required=True)
    parser.add_argument("--seed", type=int, required=True)
    args = parser.parse_args()
    config = json.loads(Path(args.config).read_text())
    results, curves = {}, {}
    for dataset in config["datasets"]:
        examples, validation, test = make_data(dataset, config, args.seed)
        weights, curve = train(examples, validation, config, args.seed)
        # The held-out split is read in confirmatory runs only; a pilot run reports the validation split instead.
        held_out = test if config["phase"] == "confirmatory" else validation
        means = {"test_error": error(weights, held_out), "train_error": error(weights, examples)}
        results[dataset] = {"means": means}
        curves[dataset] = {"x": "step", "series": {"error": curve}}
        print(f"{dataset}: test error {means['test_error']:.4f}", flush=True)
    out = Path(args.out_dir)
    out.mkdir(exist_ok=True)
    (out / "curves.json").write_text(json.dumps(curves, indent=1))
    (out / "final_info.json").write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
