"""Writes scored rows and the figures scikit-learn computes from them.

Run with Debian's python3-sklearn:  python3 make_evaluation.py
"""
import json
from pathlib import Path

import numpy as np
from sklearn import metrics

CLASSES = 5
ROWS = 200
here = Path(__file__).parent
random = np.random.default_rng(20240501)

labels = random.integers(0, CLASSES, ROWS)
labels[labels == 3] = 2  # a class without rows
logits = random.normal(size=(ROWS, CLASSES))
logits[np.arange(ROWS), labels] += 1.0
scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
scores = scores.astype(np.float32)

with open(here / "evaluation.tsv", "w") as file:
    file.write("label\t" + "\t".join(f"p{i}" for i in range(CLASSES)) + "\n")
    for label, row in zip(labels, scores):
        file.write(f"{label}\t" + "\t".join(f"{value:.9g}" for value in row) + "\n")

scores = scores.astype(np.float64)
predicted = scores.argmax(axis=1)
every = list(range(CLASSES))
losses = -np.log(scores[np.arange(ROWS), labels])
counts = np.bincount(labels, minlength=CLASSES)
entropy = -sum(count / ROWS * np.log(count / ROWS) for count in counts if count)
normalized = scores / scores.sum(axis=1, keepdims=True)
log_loss = metrics.log_loss(labels, normalized, labels=every)
assert abs(log_loss - losses.mean()) < 1e-6

golden = {
    "MicroAccuracy": metrics.accuracy_score(labels, predicted),
    "MacroAccuracy": metrics.balanced_accuracy_score(labels, predicted),
    "LogLoss": log_loss,
    "LogLossReduction": 1 - log_loss / entropy,
    "TopKAccuracy": [
        metrics.top_k_accuracy_score(labels, scores, k=k, labels=every) if k < CLASSES else 1.0
        for k in range(1, CLASSES + 1)
    ],
    "PerClassLogLoss": [losses[labels == c].mean() if counts[c] else 0.0 for c in every],
    "Confusion": metrics.confusion_matrix(labels, predicted, labels=every).tolist(),
    "Precision": metrics.precision_score(labels, predicted, labels=every, average=None, zero_division=0).tolist(),
    "Recall": metrics.recall_score(labels, predicted, labels=every, average=None, zero_division=0).tolist(),
}
(here / "evaluation.json").write_text(json.dumps(golden, indent=2) + "\n")
