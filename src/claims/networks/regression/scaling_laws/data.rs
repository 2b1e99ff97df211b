//! Samples of power-law populations: what is measured, and what the equivalents say for finitely many features.

use super::super::setting::{dense, inverse};
use crate::claims::common::cell;
use crate::confidence::Confidence;
use crate::design::{
    Cell, Estimator, Experiment, Input, Observable, Replicate, ReplicateError, Tail,
};
use crate::ensemble::{EntryLaw, Samples};
use crate::equivalent::regression::{PowerLaw, Regression};
use faer::Mat;
use nalgebra::DMatrix;

/// The limit of no ridge is taken at this one, far below κ(0+).
const TINY: f64 = 1e-9;
/// s², where there is noise.
pub(super) const NOISE: f64 = 0.25;

/// Normal data with the first `features` of a power law, and what is known about them.
#[derive(Debug, Clone)]
pub(super) struct Data {
    pub law: PowerLaw,
    pub features: usize,
    pub n: usize,
    /// Whether b > 2a + 1. There one direction holds nearly all of the risk, which fluctuates by as much as itself.
    pub saturated: bool,
    /// The ridge of the smallest risk; none when saturated, where it is not measured.
    pub best: Option<f64>,
    /// Limits and 1/n terms, in the order of `NAMES`.
    pub means: Vec<(f64, f64)>,
    /// Values and what is left out of them.
    pub theory: Vec<(f64, f64)>,
}

pub(super) const NAMES: [&str; 4] = [
    "risk of interpolation",
    "residual of as many projections",
    "variance/s² of interpolation",
    "risk at the best ridge, noise",
];

impl Data {
    /// (a, b) = (2, 11/4). At b = a all β_i are equal and risk and residual are one number; here they are well apart.
    pub fn plain(features: usize, n: usize) -> Self {
        Self::new(2.75, features, n)
    }

    /// (a, b) = (2, 7): beyond 2a + 1 and a + 1.
    pub fn saturated(features: usize, n: usize) -> Self {
        Self::new(7.0, features, n)
    }

    fn new(source: f64, features: usize, n: usize) -> Self {
        let law = PowerLaw::new(2.0, source).expect("a power law");
        let model = Regression::new(&law.features(features), n as f64, NOISE).expect("a power law");
        let saturated = source > 5.0;
        // Variance and best ridge show nothing of saturation that the risk does not.
        let best = (!saturated).then(|| best_ridge(&model));
        let mut data = Self {
            law,
            features,
            n,
            saturated,
            best,
            means: means(&model, &law.features(features), best),
            theory: vec![],
        };
        data.theory = data.with_remainders();
        data
    }

    /// How many of `NAMES` are measured.
    pub fn kinds(&self) -> usize {
        self.means.len()
    }

    /// Values above this many times their limit are cut.
    pub fn cut(&self) -> f64 {
        if self.saturated { 10.0 } else { 3.0 }
    }

    /// Var F/(E F)² that the design reckons with; no interval uses it.
    fn spread(&self) -> f64 {
        let scale = if self.saturated { 16.0 } else { 1.0 };
        scale / self.n as f64
    }

    /// Values, and half of the 1/n terms, 8/n² of the values and what is cut off above.
    ///
    /// E(F − cμ)₊ ≤ Var F/(4(c − 1)μ), for (F − a)₊ ≤ (F − μ)²/(4(a − μ)).
    fn with_remainders(&self) -> Vec<(f64, f64)> {
        let n = self.n as f64;
        let lost = self.spread() / (4.0 * (self.cut() - 1.0));
        let left = |(limit, shift): (f64, f64)| {
            (
                limit + shift,
                0.5 * shift.abs() + (8.0 / (n * n) + lost) * limit,
            )
        };
        self.means.iter().copied().map(left).collect()
    }

    /// All of `NAMES`, averaged over the signs of β and over the noise. They are cut: no bound of their variances is known, and the cut
    /// makes the intervals sound.
    pub fn experiment(&self) -> Experiment {
        let features = self.law.features(self.features);
        let lambda: Vec<f64> = features.iter().map(|f| f.0).collect();
        let samples = Samples::new(EntryLaw::Gaussian, lambda, self.n).expect("a covariance");
        let cut = self.cut();
        let tops: Vec<f64> = self.means.iter().map(|mean| cut * mean.0).collect();
        let observables =
            self.theory
                .iter()
                .zip(&tops)
                .zip(NAMES)
                .map(|((&(value, _), &top), name)| Observable {
                    name: format!("{name}, cut at {cut} times its limit"),
                    tail: Tail::Bounded {
                        lo: 0.0,
                        hi: top,
                        design_variance: self.spread() * value * value,
                    },
                    typical: value,
                });
        let best = self.best;
        Experiment {
            law: "gaussian".into(),
            signal: format!(
                "power law b = {}, p = {}",
                if self.saturated { "7" } else { "2.75" },
                self.features
            ),
            n: self.n,
            replicates: 1,
            observables: observables.collect(),
            replicate: Replicate::alone(move |rng, _| {
                let sums = Sums::new(&features, &samples.draw(rng));
                let (risk, residual, variance) = sums.at(0.0)?;
                let mut values = vec![risk, residual];
                if let Some(gamma) = best {
                    let (bias, _, noise) = sums.at(gamma)?;
                    values.extend([variance, bias + NOISE * noise]);
                }
                let cut = values.iter().zip(&tops);
                Ok(cut.map(|(value, top)| value.min(*top)).collect())
            }),
        }
    }
}

/// The ridge that minimises the limit of the risk, to 1e-4 of itself: the risk is flat there. Golden section in log γ.
fn best_ridge(model: &Regression) -> f64 {
    let risk = |log: f64| model.ridge(libm::exp(log)).expect("a ridge").excess();
    let golden = 0.5 * (5f64.sqrt() - 1.0);
    let (mut lo, mut hi) = (-12.0, 2.0);
    while hi - lo > 1e-4 {
        let (left, right) = (hi - golden * (hi - lo), lo + golden * (hi - lo));
        if risk(left) <= risk(right) {
            hi = right;
        } else {
            lo = left;
        }
    }
    libm::exp(0.5 * (lo + hi))
}

/// Limits and 1/n terms, in the order of `NAMES`, the last two where there is a ridge. What n projections cannot express is κ₀Σλβ²/(λ + κ₀).
fn means(model: &Regression, features: &[(f64, f64)], best: Option<f64>) -> Vec<(f64, f64)> {
    let kappa = model.covariance().ridgeless_kappa().expect("p > n").value;
    let limit = model.ridgeless().expect("p > n");
    let shift = model.ridge_shift(TINY, 0.0).expect("a ridge");
    let terms = features.iter();
    let residual: f64 = terms.map(|(l, b)| l * b * kappa / (l + kappa)).sum();
    // 1 − P is the limit of γQ.
    let mut moved = 0.0;
    for (lambda, shift) in model.resolvent_shift(TINY, 0.0).expect("a ridge") {
        let own = features.iter().filter(|f| f.0 == lambda);
        moved += TINY * shift * own.map(|f| f.0 * f.1).sum::<f64>();
    }
    let mut all = vec![(limit.bias.value, shift.bias), (residual, moved)];
    if let Some(gamma) = best {
        let risk = model.ridge(gamma).expect("a ridge").excess();
        let shifted = model.ridge_shift(gamma, 0.0).expect("a ridge");
        all.push((limit.variance.value / NOISE, shift.variance / NOISE));
        all.push((risk, shifted.bias + shifted.variance));
    }
    all
}

/// XᵀX, XᵀCX, XᵀDX and XᵀCDX of one X, D = diag(β²): all that the risks need, and n × n.
#[derive(Debug)]
pub(super) struct Sums {
    gram: DMatrix<f64>,
    covariance: DMatrix<f64>,
    signal: DMatrix<f64>,
    both: DMatrix<f64>,
    /// βᵀCβ.
    null: f64,
}

impl Sums {
    pub fn new(features: &[(f64, f64)], x: &Mat<f64>) -> Self {
        let (p, n) = (x.nrows(), x.ncols());
        let both = features.iter().map(|&(lambda, energy)| lambda * energy);
        let weights: [Vec<f64>; 4] = [
            vec![1.0; p],
            features.iter().map(|f| f.0).collect(),
            features.iter().map(|f| f.1).collect(),
            both.collect(),
        ];
        // One product for all four.
        let mut weighted = Vec::with_capacity(4 * n * p);
        for weight in &weights {
            for j in 0..n {
                weighted.extend((0..p).map(|i| weight[i] * x[(i, j)]));
            }
        }
        let weighted = DMatrix::from_vec(p, 4 * n, weighted);
        let mut products = DMatrix::zeros(n, 4 * n);
        products.gemm(1.0, &dense(x).transpose(), &weighted, 0.0);
        let part = |k: usize| products.columns(k * n, n).into_owned();
        Self {
            gram: part(0),
            covariance: part(1),
            signal: part(2),
            both: part(3),
            null: weights[3].iter().sum(),
        }
    }

    /// At ridge γ, H = X(XᵀX + nγ)⁻¹Xᵀ = XGXᵀ: tr D(1 − H)C(1 − H), tr CD(1 − H), tr CXG²Xᵀ.
    ///
    /// The first is a difference of numbers of the size of βᵀCβ: it is good to about 1e-16·cond(XᵀX) of that.
    pub fn at(&self, gamma: f64) -> Result<(f64, f64, f64), ReplicateError> {
        let n = self.gram.nrows();
        let mut shifted = self.gram.clone();
        for i in 0..n {
            shifted[(i, i)] += n as f64 * gamma;
        }
        let inverse = inverse(shifted)?;
        let (left, right) = (&inverse * &self.signal, &inverse * &self.covariance);
        let fitted = inverse.dot(&self.both);
        // tr AB = Σ A_ij B_ji, and G is symmetric.
        let risk = self.null - 2.0 * fitted + left.dot(&right.transpose());
        let variance = right.dot(&inverse);
        Ok((risk, self.null - fitted, variance))
    }
}

/// ln(F(n)/F(n′))/ln(n′/n), the exponent between two sizes.
pub(super) fn exponent(
    experiments: &[Experiment],
    pair: [(usize, &Data); 2],
    o: usize,
    margin: f64,
) -> Cell {
    let [(half, small), (full, large)] = pair;
    let doublings = libm::log(large.n as f64 / small.n as f64);
    let [near, far] = [small, large].map(|data| data.theory[o]);
    let theory = libm::log(near.0 / far.0) / doublings;
    let off = |(value, inner): (f64, f64)| -libm::log1p(-inner / value);
    let inner = (off(near) + off(far)) / doublings;
    let inputs = vec![Input::new(half, o), Input::new(full, o)];
    Cell {
        point: format!("exponent from n = {}, {}", small.n, NAMES[o]),
        estimator: Estimator::general(
            inputs,
            Box::new(move |means| log_ratio(&means[0], &means[1], 1.0 / doublings)),
        ),
        ..cell(experiments, (full, o), theory, inner, inner + margin)
    }
}

/// scale·ln(x/y), which grows in x and falls in y.
fn log_ratio(x: &Confidence, y: &Confidence, scale: f64) -> Confidence {
    let grade = x.grade.max(y.grade);
    if x.lo() <= 0.0 || y.lo() <= 0.0 {
        return Confidence::vacuous(grade);
    }
    let log = |x: f64, y: f64| scale * libm::log(x / y);
    // A few roundings of numbers below 100.
    let slack = 1e-13;
    Confidence::from_bounds(
        log(x.lo(), y.hi()) - slack,
        log(x.hi(), y.lo()) + slack,
        grade,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::StreamKey;

    /// The same with p × p matrices, from the definitions.
    #[test]
    fn sums_are_the_risks_of_the_smoother_itself() {
        for gamma in [0.0, 0.03] {
            let features = PowerLaw::new(2.0, 2.75).unwrap().features(9);
            let lambda = features.iter().map(|f| f.0).collect();
            let key = StreamKey {
                epoch: 0,
                claim: "test".into(),
                law: "gaussian".into(),
                n: 4,
                signal: "power law".into(),
            };
            let samples = Samples::new(EntryLaw::Gaussian, lambda, 4).unwrap();
            let x = samples.draw(&mut key.generator(0));
            let (risk, residual, variance) = Sums::new(&features, &x).at(gamma).unwrap();
            let x = dense(&x);
            let gram = x.transpose() * &x + DMatrix::identity(4, 4) * (4.0 * gamma);
            let weights = &x * gram.try_inverse().unwrap();
            let left = DMatrix::identity(9, 9) - &weights * x.transpose();
            let diagonal = |f: &dyn Fn(&(f64, f64)) -> f64| {
                DMatrix::from_diagonal(&nalgebra::DVector::from_iterator(9, features.iter().map(f)))
            };
            let (c, d) = (diagonal(&|f| f.0), diagonal(&|f| f.1));
            for (ours, direct) in [
                (risk, (&d * &left * &c * &left).trace()),
                (residual, (&c * &d * &left).trace()),
                (variance, (&c * &weights * weights.transpose()).trace()),
            ] {
                assert!(
                    (ours - direct).abs() < 1e-11 * direct.abs(),
                    "{ours} {direct}"
                );
            }
        }
    }

    #[test]
    fn the_best_ridge_of_many_features_is_that_of_all() {
        let data = Data::plain(2000, 20);
        let (ridge, risk) = data.law.optimal_ridge(20.0, NOISE).unwrap();
        let (ours, limit) = (data.best.unwrap(), data.means[3].0);
        assert!((ours / ridge - 1.0).abs() < 0.01, "{ours} {ridge}");
        assert!((limit / risk - 1.0).abs() < 0.01, "{limit} {risk}");
    }

    #[test]
    fn local_exponents_tend_to_those_of_the_law() {
        let between = |data: &dyn Fn(usize) -> Data, o: usize| {
            let at = |n: usize| data(n).means[o].0;
            libm::log2(at(60) / at(120))
        };
        let plain = |n| Data::plain(2500, n);
        let saturated = |n| Data::saturated(2500, n);
        for (found, law) in [
            (between(&plain, 0), 1.75),
            (between(&plain, 1), 1.75),
            (between(&plain, 2), 0.0),
            (between(&plain, 3), 1.75 / 2.75),
            (between(&saturated, 0), 4.0),
            (between(&saturated, 1), 2.0),
        ] {
            assert!((found - law).abs() < 0.12, "{found} {law}");
        }
    }
}
