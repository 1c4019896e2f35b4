"""Data, splits and the metric. This file is locked: a run always gets the template's own copy of it."""

import random


def make_data(dataset, config, seed):
    """Training, validation and test split, each a list of (inputs, label); the test labels carry no noise."""
    rng = random.Random(f"{dataset}-{seed}")
    weights = [rng.gauss(0.0, 1.0) for _ in range(config["dimension"])]
    train = [_example(rng, weights, dataset, config["noise"]) for _ in range(config["n_train"])]
    validation = [_example(rng, weights, dataset, config["noise"]) for _ in range(config["n_train"])]
    test = [_example(rng, weights, dataset, 0.0) for _ in range(config["n_test"])]
    return train, validation, test


def _example(rng, weights, dataset, noise):
    inputs = [rng.gauss(0.0, 1.0) for _ in weights]
    return inputs, predict(weights, inputs) + noise * _draw(rng, dataset)


def _draw(rng, dataset):
    if dataset == "gaussian":
        return rng.gauss(0.0, 1.0)
    if dataset == "heavy_tailed":  # one label in ten is off by three times as much; the variance stays about one
        return rng.gauss(0.0, 2.3 if rng.random() < 0.1 else 0.72)
    raise ValueError(f"unknown data set {dataset!r}")


def predict(weights, inputs):
    return sum(w * x for w, x in zip(weights, inputs, strict=True))


def error(weights, examples):
    """Mean squared error."""
    return sum((predict(weights, inputs) - label) ** 2 for inputs, label in examples) / len(examples)
