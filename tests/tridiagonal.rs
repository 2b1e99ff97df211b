//! The tridiagonal model against dense matrices, and single eigenvalues by Sturm counts.

use rand_chacha::ChaCha8Rng;
use rmt_verify::ensemble::{Deformed, Ensemble, Signal, SignalShape, StreamKey, TridiagonalModel};
use rmt_verify::spectrum::{
    Eigen, Eigendecomposition, Eigensolver, Eigenvectors, Faer, Hermitian, LocateError, Tridiagonal,
};

fn generator(test: &str, replicate: u64) -> ChaCha8Rng {
    StreamKey {
        epoch: 0,
        claim: test.into(),
        law: String::new(),
        n: 0,
        signal: String::new(),
    }
    .generator(replicate)
}

fn spiked(n: usize, theta: f64) -> Signal {
    let mut values = vec![0.0; n];
    values[0] = theta;
    Signal::diagonal(SignalShape::Prescribed(values))
}

fn sample(model: &TridiagonalModel, n: usize, theta: f64, rng: &mut ChaCha8Rng) -> Tridiagonal {
    let mut entries = model.sample(n, rng).unwrap();
    entries.add_spike(theta);
    entries.into()
}

/// The same T as a full matrix.
fn dense(t: &Tridiagonal) -> Hermitian {
    let n = t.n();
    let mut m = nalgebra::DMatrix::zeros(n, n);
    for i in 0..n {
        m[(i, i)] = t.diagonal[i];
        if i + 1 < n {
            m[(i, i + 1)] = t.off_diagonal[i];
            m[(i + 1, i)] = t.off_diagonal[i];
        }
    }
    Hermitian::real(m).unwrap()
}

mod law {
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
}

mod sturm {
    use super::*;

    fn examples() -> Vec<Tridiagonal> {
        let goe = TridiagonalModel::new(&Ensemble::goe()).unwrap();
        let gue = TridiagonalModel::new(&Ensemble::gue().with_sigma(3.0)).unwrap();
        let mut all = vec![];
        for (replicate, n) in [1, 2, 3, 16, 17, 100, 400].into_iter().enumerate() {
            for theta in [-3.0, 0.0, 0.9, 1.5, 4.0] {
                let rng = &mut generator("sturm", replicate as u64);
                all.push(sample(&goe, n, theta, rng));
                all.push(sample(&gue, n, theta, rng));
            }
        }
        // No randomness, blocks, a constant matrix, and a Wilkinson matrix with its close pairs.
        all.push(Tridiagonal {
            diagonal: vec![0.0; 50],
            off_diagonal: vec![1.0; 49],
        });
        all.push(Tridiagonal {
            diagonal: vec![2.0, 2.0, 2.0, 1.0],
            off_diagonal: vec![0.0, 0.0, 0.0],
        });
        all.push(Tridiagonal {
            diagonal: (0..41i32).map(|i| f64::from(20 - i).abs()).collect(),
            off_diagonal: vec![1.0; 40],
        });
        all
    }

    #[test]
    fn eigenvalues_agree_with_the_dense_solver_within_their_bounds() {
        for t in examples() {
            let w = dense(&t);
            let spectrum = Faer.eigenvalues(&w).unwrap();
            let solver = 8.0 * w.n() as f64 * f64::EPSILON * w.frobenius_squared().sqrt();
            let n = t.n();
            for index in [0, 1, n / 2, n - 1] {
                let Ok(found) = t.eigenvalue(index, 1e-13) else {
                    assert!(index >= n);
                    continue;
                };
                let gap = (found.value - spectrum.eigenvalues()[index]).abs();
                assert!(
                    gap <= found.error_bound + solver,
                    "N = {n}, {index}: {gap:e} > {:e}",
                    found.error_bound
                );
                assert!(found.error_bound <= 1e-13 + 64.0 * f64::EPSILON * 20.0);
            }
        }
    }

    #[test]
    fn counts_are_those_of_the_dense_spectrum_off_the_eigenvalues() {
        for t in examples() {
            let spectrum = Faer.eigenvalues(&dense(&t)).unwrap();
            let values = spectrum.eigenvalues();
            for pair in values.windows(2) {
                let x = 0.5 * (pair[0] + pair[1]);
                if pair[0] - pair[1] < 1e-10 {
                    continue;
                }
                let (count, eta) = t.count_above(x).unwrap();
                assert!(eta < 1e-12);
                assert_eq!(count, values.iter().filter(|&&v| v > x).count());
            }
            assert_eq!(t.count_above(values[0] + 1e-9).unwrap().0, 0);
            assert_eq!(t.count_above(values[t.n() - 1] - 1e-9).unwrap().0, t.n());
        }
    }

    #[test]
    fn closed_form_of_the_second_difference_is_met_to_rounding() {
        // 2cos(kπ/(N + 1)), at a size where nothing is left out and one where most is.
        for n in [10usize, 100_000] {
            let t = Tridiagonal {
                diagonal: vec![0.0; n],
                off_diagonal: vec![1.0; n - 1],
            };
            let found = t.largest(1e-15).unwrap();
            let exact = 2.0 * (std::f64::consts::PI / (n as f64 + 1.0)).cos();
            assert!((found.value - exact).abs() <= found.error_bound + 4e-16);
            assert!(found.error_bound < 4e-15, "{:e}", found.error_bound);
        }
    }

    #[test]
    fn weight_is_the_derivative_in_the_spike_and_that_of_the_dense_eigenvector() {
        let model = TridiagonalModel::new(&Ensemble::goe()).unwrap();
        for theta in [1.2, 1.5, 3.0] {
            for replicate in 0..20 {
                let t = sample(&model, 200, theta, &mut generator("weight", replicate));
                let weight = t.first_weight(t.largest(1e-14).unwrap().value);
                let Eigenvectors::Real(v) = Faer.eigen(&dense(&t)).unwrap().vectors else {
                    unreachable!("T is real")
                };
                let expected = v[(0, 0)] * v[(0, 0)];
                assert!(
                    (weight - expected).abs() <= 1e-9 * expected,
                    "{weight} {expected}"
                );
                let moved = |by: f64| {
                    let mut t = t.clone();
                    t.diagonal[0] += by;
                    t.largest(1e-14).unwrap().value
                };
                let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                assert!((weight - slope).abs() < 1e-6, "{weight} {slope}");
            }
        }
    }

    #[test]
    fn ill_posed_questions_are_errors() {
        let t = Tridiagonal {
            diagonal: vec![0.0, f64::NAN],
            off_diagonal: vec![1.0],
        };
        assert_eq!(
            t.largest(1e-9).unwrap_err(),
            LocateError::NotFinite { index: 1 }
        );
        assert!(t.count_above(0.0).is_err());
        let t = Tridiagonal {
            diagonal: vec![0.0],
            off_diagonal: vec![],
        };
        assert_eq!(
            t.eigenvalue(1, 1e-9).unwrap_err(),
            LocateError::NoSuchIndex { index: 1, n: 1 }
        );
    }
}
