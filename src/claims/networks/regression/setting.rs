//! What the claims about regression share: models, their data, their constants, their cells.

use crate::claims::common::cell;
use crate::design::{
    Cell, Experiment, Observable, Plan, Replicate, ReplicateError, Rival, RivalCell, Side, Tail,
};
use crate::ensemble::{EntryLaw, Samples};
use crate::equivalent::regression::Regression;
use faer::Mat;
use nalgebra::{Cholesky, DMatrix};
use rand_chacha::ChaCha8Rng;

/// A linear model with data of one law.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub name: &'static str,
    pub law: EntryLaw,
    /// (λ_j, β_j²), in the order of the rows of X.
    pub features: Vec<(f64, f64)>,
    pub n: usize,
    pub noise: f64,
}

impl Setting {
    /// λ = ¼ for the first half of the features, 3/2 for the second; |β|² = 1, seven tenths of it on the weak half, where it is hard to learn.
    pub fn aligned(law: EntryLaw, p: usize, n: usize) -> Self {
        Self::two("aligned", law, (p, n), [(0.25, 0.7), (1.5, 0.3)])
    }

    /// λ = ½ for the first half, 3/2 for the second; |β|² = 1, evenly.
    pub fn even(law: EntryLaw, p: usize, n: usize) -> Self {
        Self::two("even", law, (p, n), [(0.5, 0.5), (1.5, 0.5)])
    }

    /// Two halves of features, each with its λ and its part of |β|².
    fn two(
        name: &'static str,
        law: EntryLaw,
        (p, n): (usize, usize),
        halves: [(f64, f64); 2],
    ) -> Self {
        let feature = |j: usize| {
            let (lambda, energy) = halves[usize::from(j >= p / 2)];
            (lambda, energy / (p as f64 / 2.0))
        };
        Self {
            name,
            law,
            features: (0..p).map(feature).collect(),
            n,
            noise: 0.5,
        }
    }

    /// C = I, |β|² = 1.
    pub fn isotropic(law: EntryLaw, p: usize, n: usize) -> Self {
        Self {
            name: "isotropic",
            law,
            features: vec![(1.0, 1.0 / p as f64); p],
            n,
            noise: 0.5,
        }
    }

    pub fn p(&self) -> usize {
        self.features.len()
    }

    pub fn model(&self) -> Regression {
        self.model_with(self.n as f64)
    }

    /// The model with another number of samples.
    pub fn model_with(&self, samples: f64) -> Regression {
        Regression::new(&self.features, samples, self.noise).expect("claims use models that exist")
    }

    pub fn samples(&self) -> Samples {
        let lambda = self.features.iter().map(|f| f.0).collect();
        Samples::new(self.law, lambda, self.n).expect("claims use populations that exist")
    }

    /// κ₄ of the entries.
    pub fn kurtosis(&self) -> f64 {
        self.law.cumulant(4).expect("laws with four moments")
    }

    /// ‖C‖.
    pub fn norm(&self) -> f64 {
        self.features.iter().map(|f| f.0).fold(0.0, f64::max)
    }

    /// ‖D‖_F, D = diag(β²).
    pub fn signal_norm(&self) -> f64 {
        self.features.iter().map(|f| f.1 * f.1).sum::<f64>().sqrt()
    }

    /// √min(p, n), the root of the rank of X.
    pub fn root_rank(&self) -> f64 {
        (self.p().min(self.n) as f64).sqrt()
    }

    /// A sub-Gaussian tail for what moves by at most `slope`·‖dX‖_F/√n: dX = C^{1/2}dZ, and Z is L-Lipschitz in normals.
    pub fn tail(&self, slope: f64) -> Tail {
        let lipschitz = self
            .law
            .lipschitz()
            .expect("laws that are Lipschitz images of the normal");
        Tail::SubGaussian {
            variance_proxy: (slope * lipschitz).powi(2) * self.norm() / self.n as f64,
        }
    }

    /// [`tail`](Self::tail), or for entries that are no Lipschitz images the sure range 0 ≤ F ≤ `top`.
    pub fn tail_or_range(&self, slope: f64, top: f64, value: f64) -> Tail {
        match self.law.lipschitz() {
            Some(_) => self.tail(slope),
            None => self.range(top, value),
        }
    }

    /// 0 ≤ F ≤ `top` surely. Averages over the signs of β are traces, and move by the order 1/n: the design reckons with a standard deviation of 2/n
    /// of the value. No interval uses it.
    pub fn range(&self, top: f64, value: f64) -> Tail {
        Tail::Bounded {
            lo: 0.0,
            hi: top,
            design_variance: (2.0 * value / self.n as f64).powi(2),
        }
    }

    /// An experiment with values from X. Replicates are set later.
    pub fn experiment(
        &self,
        observables: Vec<Observable>,
        values: impl Fn(&Mat<f64>, &mut ChaCha8Rng) -> Result<Vec<f64>, ReplicateError>
        + Send
        + Sync
        + 'static,
    ) -> Experiment {
        let samples = self.samples();
        Experiment {
            law: self.law.name().into(),
            signal: format!("{}, p = {}", self.name, self.p()),
            n: self.n,
            replicates: 1,
            observables,
            replicate: Replicate::alone(move |rng, _| {
                let x = samples.draw(rng);
                values(&x, rng)
            }),
        }
    }
}

/// X as a dense matrix of the other library.
pub(super) fn dense(x: &Mat<f64>) -> DMatrix<f64> {
    DMatrix::from_fn(x.nrows(), x.ncols(), |i, j| x[(i, j)])
}

/// XXᵀ/n.
pub(super) fn covariance(x: &Mat<f64>) -> DMatrix<f64> {
    let (p, n) = (x.nrows(), x.ncols());
    let x = dense(x);
    let mut product = DMatrix::zeros(p, p);
    product.gemm(1.0 / n as f64, &x, &x.transpose(), 0.0);
    product
}

/// Q = (Ĉ + γ)⁻¹.
pub(super) fn resolvent(
    covariance: &DMatrix<f64>,
    gamma: f64,
) -> Result<DMatrix<f64>, ReplicateError> {
    let mut shifted = covariance.clone();
    for i in 0..shifted.nrows() {
        shifted[(i, i)] += gamma;
    }
    inverse(shifted)
}

/// The inverse of a positive definite matrix.
pub(super) fn inverse(matrix: DMatrix<f64>) -> Result<DMatrix<f64>, ReplicateError> {
    let factored =
        Cholesky::new(matrix).ok_or("a matrix that is positive definite almost surely was not")?;
    Ok(factored.inverse())
}

/// Risks of one X at one ridge, averaged over the noise and over the signs of β.
#[derive(Debug, Clone, Copy)]
pub(super) struct RidgeSums {
    /// γ²tr DQCQ.
    pub bias: f64,
    /// (s²/n)tr C(Q − γQ²).
    pub variance: f64,
    /// γ²tr D(Q − γQ²) + (s²/n)(γ²tr Q² + n − p).
    pub train: f64,
    /// γ²tr D(Q − γQ²) + (s²/n)(p − 2γtr Q + γ²tr Q²).
    pub in_sample: f64,
}

impl RidgeSums {
    pub fn new(setting: &Setting, gamma: f64, q: &DMatrix<f64>) -> Self {
        let (p, n) = (setting.p(), setting.n as f64);
        let features = &setting.features;
        let (mut trace, mut trace_square, mut signal, mut signal_square) = (0.0, 0.0, 0.0, 0.0);
        let (mut risk, mut risk_square, mut bias) = (0.0, 0.0, 0.0);
        for (j, &(lambda, energy)) in features.iter().enumerate() {
            trace += q[(j, j)];
            signal += energy * q[(j, j)];
            risk += lambda * q[(j, j)];
            // Row j of Q is its column.
            let (mut square, mut weighted) = (0.0, 0.0);
            for (x, feature) in q.column(j).iter().zip(features) {
                square += x * x;
                weighted += x * x * feature.0;
            }
            trace_square += square;
            signal_square += energy * square;
            risk_square += lambda * square;
            bias += energy * weighted;
        }
        let per_sample = setting.noise / n;
        let kept = gamma * gamma * (signal - gamma * signal_square);
        let p = p as f64;
        Self {
            bias: gamma * gamma * bias,
            variance: per_sample * (risk - gamma * risk_square),
            train: kept + per_sample * (gamma * gamma * trace_square + n - p),
            in_sample: kept + per_sample * (p - 2.0 * gamma * trace + gamma * gamma * trace_square),
        }
    }
}

/// A wrong theory value, judged on the claim's samples in the place of a cell.
pub(super) fn mistaken(
    experiments: &[Experiment],
    at: (usize, usize),
    right: &Cell,
    wrong: f64,
) -> RivalCell {
    RivalCell {
        cell: cell(experiments, at, wrong, right.inner, right.outer),
        expected: right.theory,
        uncertainty: right.inner,
    }
}

/// Cells for the observables of experiment e: (θ, τ0) each, and the margin relative to θ.
pub(super) fn judge<const K: usize>(
    plan: &mut Plan,
    e: usize,
    theory: [(f64, f64); K],
    margin: f64,
) {
    for (o, (value, inner)) in theory.into_iter().enumerate() {
        let judged = cell(
            &plan.experiments,
            (e, o),
            value,
            inner,
            inner + margin * value,
        );
        plan.cells.push(judged);
    }
}

/// A rival with data of its own.
pub(super) fn other_data(
    name: &str,
    side: Side,
    experiment: Experiment,
    judged: impl Fn(&[Experiment]) -> Vec<RivalCell>,
) -> Rival {
    let experiments = vec![experiment];
    let cells = judged(&experiments);
    Rival {
        name: name.into(),
        side,
        experiments,
        cells,
    }
}

/// The largest ‖∇_Z F‖ over the proved root of the proxy, for each observable: at X of several sizes, by central differences.
#[cfg(test)]
pub(super) fn steepness(
    setting: &Setting,
    experiment: &Experiment,
    values: impl Fn(&Mat<f64>) -> Vec<f64>,
) -> Vec<f64> {
    use crate::ensemble::StreamKey;
    let key = StreamKey {
        epoch: 0,
        claim: "test".into(),
        law: setting.law.name().into(),
        n: setting.n,
        signal: "steepness".into(),
    };
    let step = 1e-5;
    let mut worst = vec![0.0f64; experiment.observables.len()];
    for index in 0..12 {
        let drawn = setting.samples().draw(&mut key.generator(index));
        let size = [0.1, 0.3, 1.0, 3.0][index as usize % 4];
        let x = Mat::from_fn(drawn.nrows(), drawn.ncols(), |i, j| size * drawn[(i, j)]);
        let mut squares = vec![0.0; worst.len()];
        for i in 0..x.nrows() {
            for j in 0..x.ncols() {
                let moved = |by: f64| {
                    let mut x = x.clone();
                    x[(i, j)] += by * setting.features[i].0.sqrt();
                    values(&x)
                };
                let (up, down) = (moved(step), moved(-step));
                for (sum, (up, down)) in squares.iter_mut().zip(up.iter().zip(&down)) {
                    *sum += ((up - down) / (2.0 * step)).powi(2);
                }
            }
        }
        for (k, observable) in experiment.observables.iter().enumerate() {
            if let Tail::SubGaussian { variance_proxy } = observable.tail {
                worst[k] = worst[k].max((squares[k] / variance_proxy).sqrt());
            }
        }
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::StreamKey;

    /// Against the definitions with explicit matrices, β with random signs summed over all of them by its second moments.
    #[test]
    fn risks_are_those_of_the_estimator_itself() {
        let setting = Setting::aligned(EntryLaw::Gaussian, 6, 4);
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: "gaussian".into(),
            n: 4,
            signal: "aligned".into(),
        };
        let x = setting.samples().draw(&mut key.generator(0));
        let gamma = 0.3;
        let hat = covariance(&x);
        let q = resolvent(&hat, gamma).unwrap();
        let ours = RidgeSums::new(&setting, gamma, &q);
        let dense = DMatrix::from_fn(6, 4, |i, j| x[(i, j)]);
        let (mut bias, mut variance, mut train, mut in_sample) = (0.0, 0.0, 0.0, 0.0);
        // w is linear in (β, ε): sum over the unit vectors of both.
        for j in 0..6 {
            let beta = DMatrix::from_fn(6, 1, |i, _| {
                if i == j {
                    setting.features[j].1.sqrt()
                } else {
                    0.0
                }
            });
            let y = dense.transpose() * &beta;
            let w = &q * &dense * &y / 4.0;
            let off = &w - &beta;
            bias += (0..6)
                .map(|i| setting.features[i].0 * off[i] * off[i])
                .sum::<f64>();
            train += (&y - dense.transpose() * &w).norm_squared() / 4.0;
            in_sample += (dense.transpose() * off).norm_squared() / 4.0;
        }
        for j in 0..4 {
            let epsilon =
                DMatrix::from_fn(4, 1, |i, _| if i == j { setting.noise.sqrt() } else { 0.0 });
            let w = &q * &dense * &epsilon / 4.0;
            variance += (0..6)
                .map(|i| setting.features[i].0 * w[i] * w[i])
                .sum::<f64>();
            train += (&epsilon - dense.transpose() * &w).norm_squared() / 4.0;
            in_sample += (dense.transpose() * w).norm_squared() / 4.0;
        }
        for (a, b) in [
            (ours.bias, bias),
            (ours.variance, variance),
            (ours.train, train),
            (ours.in_sample, in_sample),
        ] {
            assert!((a - b).abs() < 1e-13, "{a} {b}");
        }
    }
}
