#!/usr/bin/env python3
"""The net of `rmt-verify appendix-a` in NumPy: seconds an epoch, and the accuracy it reaches.

    OPENBLAS_CORETYPE=SkylakeX python3 benches/peers/mlp.py [FOLDER] [--widths 200,1000] [--epochs 1]

FOLDER holds the idx files (default: Debian's Fashion-MNIST). Written as one would write it, in f32,
one sample a row, all cores for the products; images are scaled once, before the clock starts.
"""

import argparse
import gzip
import pathlib
import time

import numpy as np

RATE, MOMENTUM, BATCH = np.float32(0.02), np.float32(0.9), 128


def read(folder, name, header):
    data = gzip.decompress((folder / f"{name}.gz").read_bytes())
    return np.frombuffer(data, np.uint8, offset=header)


def part(folder, prefix):
    labels = read(folder, f"{prefix}-labels-idx1-ubyte", 8)
    images = read(folder, f"{prefix}-images-idx3-ubyte", 16).reshape(len(labels), -1)
    return (images.astype(np.float32) / 255 - np.float32(0.5)) / np.float32(0.5), labels


class Net:
    def __init__(self, sizes, rng):
        self.w, self.b = [], []
        for d, n in zip(sizes, sizes[1:]):
            bound = d**-0.5
            self.w.append(rng.uniform(-bound, bound, (n, d)).astype(np.float32))
            self.b.append(rng.uniform(-bound, bound, n).astype(np.float32))
        self.vw = [np.zeros_like(w) for w in self.w]
        self.vb = [np.zeros_like(b) for b in self.b]

    def forward(self, x):
        h = [x]
        for k, (w, b) in enumerate(zip(self.w, self.b)):
            z = h[-1] @ w.T
            z += b
            h.append(z if k + 1 == len(self.w) else np.maximum(z, 0, out=z))
        return h

    def step(self, x, y):
        h = self.forward(x)
        p = np.exp(h[-1] - h[-1].max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        p[np.arange(len(y)), y] -= 1
        delta = p / np.float32(len(y))
        for k in reversed(range(len(self.w))):
            gw, gb = delta.T @ h[k], delta.sum(axis=0)
            if k:
                delta = delta @ self.w[k]
                delta *= h[k] > 0
            for v, g, parameter in ((self.vw[k], gw, self.w[k]), (self.vb[k], gb, self.b[k])):
                v *= MOMENTUM
                v += g
                parameter -= RATE * v


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", default="/usr/share/datasets/fashion-mnist", type=pathlib.Path)
    parser.add_argument("--widths", default="200,1000")
    parser.add_argument("--epochs", default=1, type=int)
    args = parser.parse_args()
    x, y = part(args.folder, "train")
    test_x, test_y = part(args.folder, "t10k")
    for width in map(int, args.widths.split(",")):
        rng = np.random.default_rng(width)
        net = Net([x.shape[1], width, width, 10], rng)
        for epoch in range(args.epochs):
            started = time.perf_counter()
            order = rng.permutation(len(y))
            for begin in range(0, len(y), BATCH):
                chosen = order[begin : begin + BATCH]
                net.step(x[chosen], y[chosen])
            right = (net.forward(test_x)[-1].argmax(axis=1) == test_y).mean()
            seconds = time.perf_counter() - started
            print(f"N {width}: epoch {epoch + 1}, {seconds:.2f} s, test accuracy {right:.4f}", flush=True)


main()
