"""Proposition 3.1 with NumPy and SciPy: seconds per 1000 replicates on all cores.

A replicate draws W = R/sqrt(N) + S, R from the GOE, and takes Tr (W - z)^{-1} at the points z of the
claim abk/proposition-3.1 from the eigenvalues of W. S is in turn each of the claim's signals. The
counterpart is examples/replicates.rs; README.md has both commands.
"""

import os

# Before NumPy is loaded: replicates are spread over the cores, so BLAS gets one thread each.
for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = "1"

import argparse
import math
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import scipy.linalg

POINTS = np.array([0.5 + 1.5j, 2.0j])


def signals(n):
    """Eigenvalues of S by name: 0, two atoms (-0.4 with weight 3/4, 1.2 with 1/4), uniform on [-1, 1]."""
    high = round(n / 4)
    return {
        "zero": np.zeros(n),
        "two atoms": np.repeat([1.2, -0.4], [high, n - high]),
        "uniform": 1 - (2 * np.arange(n) + 1) / n,
    }


def matrix(rng, n, signal):
    a = rng.standard_normal((n, n))
    return (a + a.T) / math.sqrt(2 * n) + np.diag(signal)


def traces(eigenvalues):
    return (1 / (eigenvalues[..., None] - POINTS)).sum(axis=-2)


def by_numpy(rng, n, signal, count):
    return np.array([traces(np.linalg.eigvalsh(matrix(rng, n, signal))) for _ in range(count)])


def by_numpy_stacked(rng, n, signal, count):
    """All matrices of a block in one array: no Python between one and the next."""
    a = rng.standard_normal((count, n, n))
    w = (a + a.transpose(0, 2, 1)) / math.sqrt(2 * n)
    w[:, np.arange(n), np.arange(n)] += signal
    return traces(np.linalg.eigvalsh(w))


def by_scipy(rng, n, signal, count):
    def values(w):
        return scipy.linalg.eigvalsh(w, driver="evd", overwrite_a=True, check_finite=False)

    return np.array([traces(values(matrix(rng, n, signal))) for _ in range(count)])


WAYS = {"numpy": by_numpy, "numpy stacked": by_numpy_stacked, "scipy evd": by_scipy}


def block(task):
    way, seed, n, signal, count = task
    rng = np.random.default_rng(seed)
    return WAYS[way](rng, n, signals(n)[signal], count)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--replicates", type=int, default=3000, help="over all signals, for each way")
    parser.add_argument("--rounds", type=int, default=3, help="ways take turns; medians are printed")
    parser.add_argument("--block", type=int, default=50, help="replicates a task")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    n, names = options.n, list(signals(options.n))
    blocks = max(1, round(options.replicates / (options.block * len(names))))
    replicates = blocks * options.block * len(names)
    print(f"N = {n}, {replicates} replicates, {options.workers} workers, NumPy {np.__version__}, "
          f"SciPy {scipy.__version__}")

    def tasks(way, round_number):
        seeds = np.random.SeedSequence(round_number).spawn(blocks * len(names))
        return [(way, seed, n, names[k % len(names)], options.block) for k, seed in enumerate(seeds)]

    pools = {
        "processes": ProcessPoolExecutor(options.workers),
        "threads": ThreadPoolExecutor(options.workers),
    }
    times = {(way, kind): [] for way in WAYS for kind in pools}
    drawn = {}
    for way, kind in times:  # starts the workers, loads the libraries
        list(pools[kind].map(block, tasks(way, 0)[: 2 * options.workers]))
    for round_number in range(1, options.rounds + 1):
        for (way, kind), seconds in times.items():
            start = time.perf_counter()
            drawn[way, kind] = list(pools[kind].map(block, tasks(way, round_number)))
            seconds.append(time.perf_counter() - start)

    medians = {key: sorted(seconds)[len(seconds) // 2] for key, seconds in times.items()}
    for (way, kind), seconds in sorted(medians.items(), key=lambda item: item[1]):
        print(f"{way:14} {kind:10} {1000 * seconds / replicates:8.4f} s per 1000 replicates")
    best = min(medians, key=medians.get)
    print(f"fastest: {best[0]}, {best[1]}: {1000 * medians[best] / replicates:.4f} s per 1000 replicates")
    for k, name in enumerate(names):
        found = np.concatenate(drawn[best][k :: len(names)])
        for z, t in zip(POINTS, found.T):
            error = np.array([t.real.std(ddof=1), t.imag.std(ddof=1)]) / math.sqrt(len(t))
            print(f"{name:10} E Tr G({z}) = {t.real.mean():.4f} ± {error[0]:.4f}, "
                  f"{t.imag.mean():.4f} ± {error[1]:.4f} i")
    for pool in pools.values():
        pool.shutdown()


if __name__ == "__main__":
    main()
