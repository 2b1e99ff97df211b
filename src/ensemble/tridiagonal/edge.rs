//! How far the spectrum of pure noise reaches, with explicit constants at every N.
#![doc = include_str!("../../../docs/derivations/edge_tail.md")]

use super::TridiagonalModel;

impl TridiagonalModel {
    /// r with P(λ₁ > r) ≤ p for the largest eigenvalue λ₁ of the last `rows` rows and columns of T, size N.
    ///
    /// # Domain   1 ≤ `rows` ≤ N, 0 < p ≤ 1
    /// # Value    with n = `rows`, P = p for the GUE and P = p² for the GOE, any integer k ≥ 1 and
    /// δ = (k³/(12n²) + ln(n/(2√π k^{3/2} P)))/(2k): r = 2σ√(n/N) e^δ. k ≈ (6n² ln(1/P))^{1/3} makes it smallest;
    /// r = √(n/N)·σ(2 + x n^{-2/3}) with x ≈ (¾ ln(1/P))^{2/3}, the exponent of the Tracy–Widom laws
    /// # Source   derivation above
    ///
    /// # Examples
    /// ```
    /// use rmt_verify::ensemble::{Ensemble, TridiagonalModel};
    /// let gue = TridiagonalModel::new(&Ensemble::gue())?;
    /// let n = 1_000_000;
    /// let r = gue.largest_bound(n, n, 1e-12);
    /// assert!(2.0 < r && r < 2.0 + 8.0 * 1e-4);
    /// # Ok::<(), rmt_verify::ensemble::TridiagonalError>(())
    /// ```
    #[must_use]
    pub fn largest_bound(&self, rows: usize, n: usize, p: f64) -> f64 {
        let size = rows as f64;
        // GOE: P(λ₁ > x)² is at most the probability of the GUE.
        let log_p = p.ln() * 2.0 / self.beta;
        // ln(n/(2√π k^{3/2} P))
        let logarithm =
            |k: f64| size.ln() - (2.0 * std::f64::consts::PI.sqrt()).ln() - 1.5 * k.ln() - log_p;
        let power = |l: f64| (6.0 * size * size * l.max(1.0)).cbrt().ceil();
        let k = power(logarithm(power(-log_p)));
        let delta = (k * k * k / (12.0 * size * size) + logarithm(k)) / (2.0 * k);
        // Every operation is right to an ulp or two; 32 of them are a margin.
        self.sigma * 2.0 * (size / n as f64).sqrt() * delta.exp() * (1.0 + 32.0 * f64::EPSILON)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::{Ensemble, StreamKey};
    use crate::spectrum::Tridiagonal;

    fn model(ensemble: Ensemble) -> TridiagonalModel {
        TridiagonalModel::new(&ensemble).unwrap()
    }

    fn key(n: usize) -> StreamKey {
        StreamKey {
            epoch: 0,
            claim: "edge bound".into(),
            law: String::new(),
            n,
            signal: String::new(),
        }
    }

    /// C_k = E Tr H^{2k} of the recursion of Harer and Zagier against n^{k+1} Cat_k e^{k³/(12n²)}.
    #[test]
    fn moments_of_the_gue_stay_below_their_bound() {
        for n in [1.0, 2.0, 7.0, 40.0f64] {
            // In units n^{k+1} Cat_k.
            let (mut before, mut now) = (1.0, 1.0);
            for k in 1..60 {
                let k = f64::from(k);
                let bound = (k.powi(3) / (12.0 * n * n)).exp();
                assert!(now <= bound * (1.0 + 1e-12), "n = {n}, k = {k}");
                (before, now) = (now, now + k * (k + 1.0) / (4.0 * n * n) * before);
            }
        }
        // n = 2: E Tr H² = 4, E Tr H⁴ = 2·2³ + 2 = 18 = 2³·2·(1 + 2/16).
        assert_eq!(16.0 * (1.0 + 2.0 / 16.0), 18.0);
    }

    /// How often λ₁ exceeds the bound for p = 0.05: at most p, and not never, or the bound would be idle.
    #[test]
    fn largest_eigenvalues_exceed_the_bound_no_more_often_than_it_says() {
        const M: usize = 4000;
        let p = 0.05;
        for ensemble in [Ensemble::goe(), Ensemble::gue().with_sigma(0.8)] {
            let (model, n) = (model(ensemble), 60);
            let mut over = [0.0; 2];
            for replicate in 0..M {
                let rng = &mut key(n).generator(replicate as u64);
                let t: Tridiagonal = model.sample_by_rows(n, rng).unwrap().into();
                let largest = t.largest(1e-9).unwrap().value;
                for (over, p) in over.iter_mut().zip([p, 0.9999]) {
                    let exceeded = largest > model.largest_bound(n, n, p);
                    *over += f64::from(u8::from(exceeded)) / M as f64;
                }
            }
            // Hoeffding at level 1e-9.
            let error = (1e9f64.ln() / (2.0 * M as f64)).sqrt();
            assert!(over[0] <= p + error, "{}: {}", ensemble.name(), over[0]);
            assert!(over[1] > 0.0, "{}", ensemble.name());
        }
    }

    /// x of r = √(rows/N)σ(2 + x rows^{-2/3}) against (¾ ln 1/P)^{2/3}, P = p² for the GOE.
    #[test]
    fn bound_has_the_exponent_of_the_tracy_widom_laws() {
        for (power, ensemble) in [(2.0, Ensemble::goe()), (1.0, Ensemble::gue())] {
            for n in [1_000_000, 1_000_000_000_000usize] {
                for p in [1e-6, 1e-12, 1e-18f64] {
                    let sigma = 1.5;
                    let r = model(ensemble.with_sigma(sigma)).largest_bound(n, n, p);
                    let x = (r / sigma - 2.0) * (n as f64).powf(2.0 / 3.0);
                    let limit = (-0.75 * power * p.ln()).powf(2.0 / 3.0);
                    assert!(0.75 * limit < x && x < 1.02 * limit, "{x} for {limit}");
                }
            }
        }
    }

    #[test]
    fn bound_scales_with_the_rows_that_are_left() {
        let gue = model(Ensemble::gue());
        let (whole, rest) = (
            gue.largest_bound(900, 900, 1e-9),
            gue.largest_bound(900, 3600, 1e-9),
        );
        assert!((rest / whole - 0.5).abs() < 1e-14);
    }
}

#[cfg(test)]
mod interlacing {
    use super::*;
    use crate::ensemble::{Ensemble, StreamKey};
    use crate::spectrum::Tridiagonal;

    /// sup |F_M − G_M|.
    fn kolmogorov(mut x: Vec<f64>, mut y: Vec<f64>) -> f64 {
        x.sort_by(f64::total_cmp);
        y.sort_by(f64::total_cmp);
        let below = |list: &[f64], at: f64| list.partition_point(|&v| v <= at) as f64;
        let m = x.len() as f64;
        let gap = |at: &f64| (below(&x, *at) - below(&y, *at)).abs() / m;
        x.iter().chain(&y).map(gap).fold(0.0, f64::max)
    }

    /// The second largest of the eigenvalues of a GOE of size n and one of size n + 1 together, and the
    /// largest of a GUE of size n, both with σ = 1 before division by √N.
    #[test]
    fn second_largest_of_two_goe_is_in_law_the_largest_of_a_gue() {
        const M: usize = 20_000;
        let goe = TridiagonalModel::new(&Ensemble::goe()).unwrap();
        let gue = TridiagonalModel::new(&Ensemble::gue()).unwrap();
        for n in [1, 2, 5] {
            let key = StreamKey {
                epoch: 0,
                claim: "Forrester and Rains".into(),
                law: String::new(),
                n,
                signal: String::new(),
            };
            let (mut second, mut largest, mut wrong) = (vec![], vec![], vec![]);
            for replicate in 0..M {
                let rng = &mut key.generator(replicate as u64);
                let mut top = |model: &TridiagonalModel, size: usize| -> [f64; 2] {
                    let t: Tridiagonal = model.sample_by_rows(size, rng).unwrap().into();
                    let value = |i| {
                        t.eigenvalue(i, 1e-10)
                            .map_or(f64::NEG_INFINITY, |x| x.value)
                    };
                    [value(0), value(1)].map(|x| x * (size as f64).sqrt())
                };
                let (a, b) = (top(&goe, n), top(&goe, n + 1));
                let mut all = [a, b].concat();
                all.sort_by(|x, y| y.total_cmp(x));
                second.push(all[1]);
                wrong.push(all[0]);
                largest.push(top(&gue, n)[0]);
            }
            // Two Dvoretzky–Kiefer–Wolfowitz bands at level 1e-9 each.
            let band = 2.0 * ((2e9f64).ln() / (2.0 * M as f64)).sqrt();
            let distance = kolmogorov(second, largest.clone());
            assert!(distance < band, "n = {n}: {distance}");
            assert!(kolmogorov(wrong, largest) > band);
        }
    }
}
