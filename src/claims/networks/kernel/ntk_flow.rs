//! Training of a wide network in time, with its tangent kernel.

use super::events::{Event, add_events, add_rivals};
use super::layers::gram;
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::design::{Plan, ReplicateError, Tier};
use crate::ensemble::{EntryLaw, Samples};
use crate::equivalent::activation::Activation;
use crate::equivalent::kernel::{DeepKernel, TangentFlow};
use faer::Mat;
use nalgebra::{DMatrix, DVector};
use rand_chacha::ChaCha8Rng;
use std::f64::consts::PI;

/// F3.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/ntk-flow",
            title: "Training error of a wide network in time",
            statement: "X = (μyᵀ + Z)/√p, |μ|² = ρ, y = ±1; N the exact tangent kernel of an infinitely wide erf network. The training error of \
                        gradient flow (1/n)yᵀe^{−2tN}y tends to −(1/2πi)∮e^{−2t(az + b)}m̃/(1 − hρzm_pm̃)dz, N ≃ aXᵀX + bI. Judged: it is within \
                        r of the limit with probability at least 0.45, by counting draws.",
            formula: r"\frac1n\,y^{\mathsf T}e^{-2tN}y\;\longrightarrow\;-\frac1{2\pi i}\oint\frac{e^{-2t(az+b)}\,\tilde m(z)}{1-h\rho\,z\,m_p(z)\tilde m(z)}\,dz,\qquad h=\frac np",
            meaning: "A nonlinear network in the lazy regime learns a mixture as its linear equivalent does, at all times listed, up to r. \
                      Versions without the signal, without the ridge or with half the time are refuted.",
            source: Source {
                work: "lm",
                locus: "our F3",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// √n·r, what is called agreement. The error is Lipschitz in N, and yᵀNy/n fluctuates by O(n^{−1/2}).
const RADIUS: f64 = 0.8;
const TIMES: [f64; 4] = [0.1, 0.25, 0.5, 2.0];
/// ρ.
const SIGNAL: f64 = 2.0;

fn plan(tier: Tier) -> Plan {
    // n, p.
    let sizes: &[(usize, usize)] = match tier {
        Tier::Quick => &[(100, 80)],
        Tier::Standard => &[(160, 320), (320, 160)],
        Tier::Deep => &[(800, 640), (400, 1600), (800, 400)],
    };
    let (mut plan, mut rivals) = (Plan::default(), vec![]);
    for &(n, p) in sizes {
        let network = DeepKernel::new(1.0, &[Activation::Erf]).expect("erf has moments");
        let samples = Samples::new(EntryLaw::Gaussian, vec![1.0; p], n).expect("n, p > 0");
        let tag = (
            "gaussian",
            format!("erf, two means, ρ = {SIGNAL}, p = {p}"),
            n,
        );
        let events = events(&network, n, p);
        add_events(&mut plan, &mut rivals, tag, events, move |rng| {
            errors(&network, &samples, rng)
        });
    }
    add_rivals(&mut plan, rivals);
    plan
}

fn events(network: &DeepKernel, n: usize, p: usize) -> Vec<Event> {
    let known = "the claims' own flows are well posed";
    let tangent = network.tangent();
    let (a, b, h) = (tangent.gram, tangent.identity(), n as f64 / p as f64);
    let with = |a: f64, b: f64, rho: f64, h: f64, t: f64| {
        let flow = TangentFlow::new(a, b, rho, h).expect(known);
        flow.training(t).expect(known)
    };
    let conjugate = network.conjugate();
    let event = |t: f64| Event {
        name: format!("training error, t = {t}"),
        theory: Some(with(a, b, SIGNAL, h, t)),
        radius: RADIUS / (n as f64).sqrt(),
        wrong: vec![
            ("no signal", with(a, b, 1e-9, h, t)),
            ("no ridge", with(a, 0.0, SIGNAL, h, t)),
            ("e^{−tN} for e^{−2tN}", with(a, b, SIGNAL, h, 0.5 * t)),
            (
                "the conjugate kernel",
                with(conjugate.gram, conjugate.identity(), SIGNAL, h, t),
            ),
        ],
    };
    TIMES.map(event).to_vec()
}

fn errors(
    network: &DeepKernel,
    samples: &Samples,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<f64>, ReplicateError> {
    let (n, p) = (samples.n(), samples.p());
    let label = |j: usize| if j < n / 2 { 1.0 } else { -1.0 };
    let noise = samples.draw(rng);
    let mean = (SIGNAL / p as f64).sqrt();
    let root = (p as f64).sqrt().recip();
    let x = Mat::from_fn(p, n, |i, j| (mean * label(j) + noise[(i, j)]) * root);
    let kernel = network.tangent_matrix(&gram(x.as_ref()))?;
    let labels = DVector::from_fn(n, |i, _| label(i));
    let decay = Decay::new(&kernel, &labels);
    Ok(TIMES.map(|t| decay.at(t) / n as f64).to_vec())
}

/// yᵀe^{−2tN}y from yᵀT_k(1 − 2N/R)y, T_k Chebyshev's polynomials, R the largest row sum of |N|, N ⪰ 0.
struct Decay {
    range: f64,
    moments: Vec<f64>,
}

/// Vectors T_k y; products of two of them give twice as many moments.
const VECTORS: usize = 80;
/// Points of the rule for the coefficients, whose k-th is I_k(tR)e^{−tR} up to a factor: below 1e-15 at k = 160 for tR ≤ 200.
const POINTS: usize = 512;

impl Decay {
    fn new(kernel: &DMatrix<f64>, y: &DVector<f64>) -> Self {
        let range = (0..kernel.ncols())
            .map(|j| kernel.column(j).abs().sum())
            .fold(0.0, f64::max);
        let apply = |v: &DVector<f64>| v - kernel * v * (2.0 / range);
        let (mut before, mut here) = (y.clone(), apply(y));
        let (zeroth, first) = (y.dot(y), y.dot(&here));
        let mut moments = vec![zeroth, first];
        // T_{2k} = 2T_k² − 1 and T_{2k+1} = 2T_kT_{k+1} − T_1.
        for _ in 1..VECTORS {
            moments.push(2.0 * here.dot(&here) - zeroth);
            let next = apply(&here) * 2.0 - &before;
            moments.push(2.0 * here.dot(&next) - first);
            (before, here) = (here, next);
        }
        Self { range, moments }
    }

    fn at(&self, t: f64) -> f64 {
        // cos(kπ(j + ½)/M) is one of 4M numbers.
        let table: Vec<f64> = (0..4 * POINTS)
            .map(|m| libm::cos(PI * m as f64 / (2 * POINTS) as f64))
            .collect();
        let values: Vec<f64> = (0..POINTS)
            .map(|j| {
                let eigenvalue = 0.5 * self.range * (1.0 - table[2 * j + 1]);
                libm::exp(-2.0 * t * eigenvalue)
            })
            .collect();
        let coefficient = |k: usize| {
            let terms = values.iter().enumerate();
            let terms = terms.map(|(j, value)| value * table[k * (2 * j + 1) % (4 * POINTS)]);
            let mean = terms.sum::<f64>() / POINTS as f64;
            if k == 0 { mean } else { 2.0 * mean }
        };
        let terms = self.moments.iter().enumerate();
        terms.map(|(k, moment)| coefficient(k) * moment).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decay_is_the_exponential_of_the_kernel() {
        let kernel =
            DMatrix::from_row_slice(3, 3, &[4.0, 1.0, 0.5, 1.0, 3.0, -0.2, 0.5, -0.2, 1.0]);
        let y = DVector::from_vec(vec![1.0, -1.0, 2.0]);
        let eigen = kernel.clone().symmetric_eigen();
        let weights = eigen.eigenvectors.transpose() * &y;
        for t in [0.0, 0.3, 2.0, 10.0f64] {
            let terms = weights.iter().zip(eigen.eigenvalues.iter());
            let exact: f64 = terms
                .map(|(w, l): (&f64, &f64)| w * w * (-2.0 * t * l).exp())
                .sum();
            let found = Decay::new(&kernel, &y).at(t);
            assert!((found - exact).abs() < 1e-12, "{t}: {found} {exact}");
        }
    }
}
