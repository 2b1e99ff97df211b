//! The tridiagonal model has the law of the dense ensemble.

use super::*;

/// Tr T² and Tr T⁴ from the entries: (T²)_ii = a_i² + b_{i−1}² + b_i² and so on.
fn traces(t: &Tridiagonal) -> [f64; 2] {
    let n = t.n();
    let (a, b) = (&t.diagonal, &t.off_diagonal);
    let off = |i: usize| if i < n - 1 { b[i] } else { 0.0 };
    let before = |i: usize| if i > 0 { b[i - 1] } else { 0.0 };
    let (mut second, mut fourth) = (0.0, 0.0);
    for i in 0..n {
        let d = a[i] * a[i] + off(i).powi(2) + before(i).powi(2);
        second += d;
        fourth += d * d;
        if i + 1 < n {
            fourth += 2.0 * (b[i] * (a[i] + a[i + 1])).powi(2);
        }
        if i + 2 < n {
            fourth += 2.0 * (b[i] * b[i + 1]).powi(2);
        }
    }
    [second, fourth]
}

/// σ = 0.8, no spike: E Tr W² = σ²(N + 1), E Tr W⁴ = σ⁴(2N² + 5N + 5)/N for the GOE; σ²N and
/// σ⁴(2N² + 1)/N for the GUE (counting pairings). Means within seven standard errors.
#[test]
fn means_of_the_second_and_fourth_trace_are_those_of_the_ensembles() {
    const M: usize = 15_000;
    let sigma = 0.8f64;
    for n in [1, 2, 5, 12] {
        let size = n as f64;
        let exact = [
            (Ensemble::goe(), [size + 1.0, 2.0 * size + 5.0 + 5.0 / size]),
            (Ensemble::gue(), [size, 2.0 * size + 1.0 / size]),
        ];
        for (ensemble, means) in exact {
            let model = TridiagonalModel::new(&ensemble.with_sigma(sigma)).unwrap();
            let mut sums = [[0.0; 2]; 2];
            for replicate in 0..M {
                let rng = &mut generator("traces", replicate as u64);
                let t = sample(&model, n, 0.0, rng);
                for (sum, x) in sums.iter_mut().zip(traces(&t)) {
                    sum[0] += x / M as f64;
                    sum[1] += x * x / M as f64;
                }
            }
            for (k, ([mean, square], exact)) in sums.into_iter().zip(means).enumerate() {
                let exact = exact * sigma.powi(2 * (k as i32 + 1));
                let error = ((square - mean * mean) / M as f64).sqrt();
                assert!(
                    (mean - exact).abs() < 7.0 * error,
                    "{} N = {n}, trace {k}: {mean} for {exact}, error {error}",
                    ensemble.name()
                );
            }
        }
    }
}

/// sup |F_M − G_M| of two samples.
fn kolmogorov(mut x: Vec<f64>, mut y: Vec<f64>) -> f64 {
    x.sort_by(f64::total_cmp);
    y.sort_by(f64::total_cmp);
    let (mut i, mut j, mut worst) = (0, 0, 0.0f64);
    while i < x.len() && j < y.len() {
        if x[i] <= y[j] {
            i += 1;
        } else {
            j += 1;
        }
        let gap = i as f64 / x.len() as f64 - j as f64 / y.len() as f64;
        worst = worst.max(gap.abs());
    }
    worst
}

const M: usize = 20_000;

/// λ₁ and |⟨u₁, e₁⟩|² of M matrices drawn densely.
fn from_dense(ensemble: Ensemble, n: usize, theta: f64) -> [Vec<f64>; 2] {
    let model = Deformed {
        ensemble,
        signal: spiked(n, theta),
    };
    let (mut values, mut weights) = (vec![], vec![]);
    for replicate in 0..M {
        let w = model
            .sample(n, &mut generator("dense", replicate as u64))
            .unwrap();
        let Eigen { spectrum, vectors } = Faer.eigen(&w).unwrap();
        values.push(spectrum.eigenvalues()[0]);
        weights.push(match vectors {
            Eigenvectors::Real(v) => v[(0, 0)] * v[(0, 0)],
            Eigenvectors::Complex(v) => v[(0, 0)].norm_sqr(),
        });
    }
    [values, weights]
}

fn from_tridiagonal(ensemble: Ensemble, n: usize, theta: f64) -> [Vec<f64>; 2] {
    let model = TridiagonalModel::new(&ensemble).unwrap();
    let (mut values, mut weights) = (vec![], vec![]);
    for replicate in 0..M {
        let rng = &mut generator("tridiagonal", replicate as u64);
        let t = sample(&model, n, theta, rng);
        let largest = t.largest(1e-13).unwrap().value;
        values.push(largest);
        weights.push(t.first_weight(largest));
    }
    [values, weights]
}

/// Two Dvoretzky–Kiefer–Wolfowitz bands at level 1e-9 each.
fn band() -> f64 {
    2.0 * ((2e9f64).ln() / (2.0 * M as f64)).sqrt()
}

#[test]
fn largest_eigenvalue_and_its_weight_have_the_law_of_the_dense_ensemble() {
    for (ensemble, n, theta) in [
        (Ensemble::goe(), 6, 1.5),
        (Ensemble::gue(), 6, 1.5),
        (Ensemble::goe().with_sigma(0.7), 9, 0.4),
        (Ensemble::gue(), 12, 0.0),
    ] {
        let dense = from_dense(ensemble, n, theta);
        let short = from_tridiagonal(ensemble, n, theta);
        for (name, (a, b)) in ["λ₁", "weight"].iter().zip(dense.into_iter().zip(short)) {
            let distance = kolmogorov(a, b);
            assert!(
                distance < band(),
                "{} N = {n}, θ = {theta}, {name}: {distance}",
                ensemble.name()
            );
        }
    }
}

/// The same comparison sees the other β, a spike in the wrong scale and the other size.
#[test]
fn the_comparison_of_laws_sees_wrong_models() {
    let [dense, _] = from_dense(Ensemble::goe(), 6, 1.5);
    for (ensemble, n, theta) in [
        (Ensemble::gue(), 6, 1.5),
        (Ensemble::goe(), 6, 1.5 / 6f64.sqrt()),
        (Ensemble::goe(), 12, 1.5),
    ] {
        let [wrong, _] = from_tridiagonal(ensemble, n, theta);
        let distance = kolmogorov(dense.clone(), wrong);
        assert!(distance > 1.5 * band(), "{n} {theta}: {distance}");
    }
}
