//! Inner product kernels with small arguments off the diagonal.

mod flips;

use super::deep::scaled_gram;
use super::events::{Event, add_events, add_rivals};
use super::layers::mean_inverse;
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::design::{Plan, ReplicateError, Tier};
use crate::ensemble::{EntryLaw, Hermitian, Samples};
use crate::equivalent::kernel::TaylorKernel;
use crate::equivalent::{Population, SampleCovariance};
use crate::spectrum::Tridiagonal;
use nalgebra::DMatrix;
use rand_chacha::ChaCha8Rng;

/// C0a.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/taylor-kernel",
            title: "Linear equivalent of an inner product kernel",
            statement: "K_ij = f(x_iᵀx_j/p), x = C^{1/2}z, z with independent entries of variance 1, τ = tr C/p, f = exp. K is within O(n^{−1/2}) of K̃ = [f(0) + f″(0)tr C²/(2p²)]11ᵀ + \
                        f′(0)XᵀX/p + D in operator norm, D the diagonal f(|x_i|²/p) − f(0) − f′(0)|x_i|²/p → f(τ) − f(0) − τf′(0). Judged by \
                        counting draws, probability at least 0.45 each: (1/n)tr(K + γ)⁻¹ and 1ᵀ(K − XᵀX/p)1/n − n; from the standard tier on ‖K − K̃‖√n. \
                        For z = ±1 also the mean of 1ᵀ(K − XᵀX/p)1/n − n, to order 1/p.",
            formula: r"K\simeq\Bigl[f(0)+\tfrac{f''(0)}{2p^2}\operatorname{tr}C^2\Bigr]\mathbf 1\mathbf 1^{\mathsf T}+f'(0)\tfrac{X^{\mathsf T}X}{p}+\bigl[f(\tau)-f(0)-\tau f'(0)\bigr]I",
            meaning: "A smooth kernel of high-dimensional data is its linear part, a constant and a ridge, up to the stated radii. \
                      Versions without the ridge, without the second-order constant or without the linear part are refuted. The law of the entries is \
                      seen through κ₄ only, in the 1/p term of the diagonal: that of normal entries is refuted for signs.",
            source: Source {
                work: "lm",
                locus: "our C0a",
            },
            strength: Strength::Trend,
        },
        plan,
    }
}

/// τ.
const TAU: f64 = 1.25;
/// γ.
const RIDGE: f64 = 0.5;
/// n·r of the resolvent trace: the two directions of low rank move it by at most 2/(nγ), and 1/n is left for the bias of the spectrum, to
/// which κ₄ adds less than 0.6/n (A7).
const TRACE: f64 = 5.0;
/// r of 1ᵀ(K − XᵀX/p)1/n − n in standard deviations.
const ONES: f64 = 2.5;
/// ‖K − K̃‖√n: an earlier simulation has 4.4 to 4.8 from n = 200 to 1600 at τ = 1; twice that, times τ³ for the third order.
const NORM: f64 = 9.6;

/// C has the eigenvalues 1 and 1.5, half each.
fn population(p: usize) -> Vec<f64> {
    (0..p).map(|i| if i < p / 2 { 1.0 } else { 1.5 }).collect()
}

fn plan(tier: Tier) -> Plan {
    use EntryLaw::{Gaussian, Rademacher, Uniform};
    // Law, n and whether the norm is looked at; p = n/2.
    let rows: &[(EntryLaw, usize, bool)] = match tier {
        Tier::Quick => &[(Gaussian, 96, false), (Uniform, 40, false)],
        Tier::Standard => &[
            (Gaussian, 96, false),
            (Gaussian, 256, true),
            (Uniform, 192, true),
            (Rademacher, 192, true),
        ],
        Tier::Deep => &[
            (Gaussian, 384, true),
            (Gaussian, 1600, true),
            (Uniform, 1600, true),
            (Rademacher, 1600, true),
        ],
    };
    // n for signs, and what is called agreement in units of tr C²/p².
    let (signs, margin) = match tier {
        Tier::Quick => (32, 1.0),
        Tier::Standard => (128, 0.5),
        Tier::Deep => (512, 0.25),
    };
    let (mut plan, mut rivals) = (Plan::default(), vec![]);
    for &(law, n, norms) in rows {
        let data = Data::new(law, n);
        let tag = (law.name(), format!("exp, two-atom, p = {}", data.p()), n);
        add_events(
            &mut plan,
            &mut rivals,
            tag,
            data.events(norms),
            move |rng| data.values(norms, rng),
        );
    }
    add_rivals(&mut plan, rivals);
    flips::add(&mut plan, signs, margin);
    plan
}

/// Samples whose entries have a law, n = 2p of them, and the equivalent of their kernel.
struct Data {
    samples: Samples,
    kernel: TaylorKernel,
}

impl Data {
    fn new(law: EntryLaw, n: usize) -> Self {
        let p = n / 2;
        Self {
            samples: Samples::new(law, population(p), n).expect("n, p > 0"),
            kernel: equivalent(p),
        }
    }

    fn p(&self) -> usize {
        self.samples.p()
    }

    /// κ₄ of the entries.
    fn excess(&self) -> f64 {
        let law = self.samples.law();
        law.cumulant(4).expect("these laws have fourth moments")
    }

    /// s = tr C²/p², the variance of x_iᵀx_j/p.
    fn square(&self) -> f64 {
        let p = self.p() as f64;
        self.samples.population().iter().map(|x| x * x).sum::<f64>() / (p * p)
    }

    /// 1ᵀ(K − XᵀX/p)1/n − n as K̃ has it, with what the diagonal adds at order 1/p: the constant s/2 is not on it, and its entries
    /// e^q − q − 1, q = |x|²/p, have the curvature e^τ and Var q = (2 + κ₄)s, hence e^τ(1 + κ₄/2)s.
    fn ones(&self, excess: f64) -> f64 {
        let (n, s) = (self.samples.n() as f64, self.square());
        let curvature = TAU.exp() * (1.0 + 0.5 * excess) * s;
        0.5 * (n - 1.0) * s + self.kernel.identity() + curvature
    }

    /// The fourth order of x_iᵀx_j, n·3s²/24 in the mean of 1ᵀK1/n; twice that covers the orders after it, as s is small.
    fn fourth_order(&self) -> f64 {
        let s = self.square();
        0.25 * self.samples.n() as f64 * s * s
    }

    /// Standard deviation of 1ᵀ(K − XᵀX/p)1/n, to first order.
    ///
    /// Linear in z_k² − 1 of one sample: (e^τ − 1)λ_k/(pn) from the diagonal and λ_k²/p² from its row and column, with Var z² = 2 + κ₄. The rest
    /// is (1/n)Σ_{i≠j}½(r_ij² − s) without its projections, of variance s². For signs only this is left.
    fn spread(&self) -> f64 {
        let (n, p, s) = (self.samples.n() as f64, self.p() as f64, self.square());
        let terms = self.samples.population().iter().map(|lambda| {
            let linear = (TAU.exp() - 1.0) * lambda / (p * n) + lambda * lambda / (p * p);
            linear * linear
        });
        let linear = n * (2.0 + self.excess()) * terms.sum::<f64>();
        (linear + s * s).sqrt()
    }

    fn values(&self, norms: bool, rng: &mut ChaCha8Rng) -> Result<Vec<f64>, ReplicateError> {
        let gram = scaled_gram(&self.samples, &self.samples.draw(rng));
        let n = gram.nrows() as f64;
        let k = gram.map(libm::exp);
        let mut values = vec![0.0, ones(&k, &gram)];
        if norms {
            let error = &k - self.kernel.sharp(&gram, libm::exp);
            values.push(norm(error)? * n.sqrt());
        }
        values[0] = mean_inverse(k, RIDGE)?;
        Ok(values)
    }
}

/// 1ᵀ(K − XᵀX/p)1/n − n.
fn ones(k: &DMatrix<f64>, gram: &DMatrix<f64>) -> f64 {
    let n = gram.nrows() as f64;
    (k.sum() - gram.sum()) / n - n
}

fn equivalent(p: usize) -> TaylorKernel {
    let square = population(p).iter().map(|x| x * x).sum::<f64>() / (p * p) as f64;
    TaylorKernel::new([1.0; 3], TAU.exp(), TAU, square).expect("exp is finite")
}

fn norm(matrix: DMatrix<f64>) -> Result<f64, ReplicateError> {
    let spectrum = Tridiagonal::reduce(&Hermitian::real(matrix)?)?.eigenvalues()?;
    let values = spectrum.eigenvalues();
    Ok(values[0].max(-values[values.len() - 1]))
}

impl Data {
    fn events(&self, norms: bool) -> Vec<Event> {
        let known = "the claims' own populations have a limit";
        let (n, p) = (self.samples.n() as f64, self.p() as f64);
        let h = n / p;
        let law = Population::eigenvalues(self.samples.population()).expect(known);
        let limit = SampleCovariance::new(law, 1.0 / h).expect(known);
        // (1/n)tr(aXᵀX/p + t)⁻¹ with XᵀX/p = h·XᵀX/n.
        let trace = |gram: f64, identity: f64| {
            let ridge = (identity + RIDGE) / (gram * h);
            1.0 / (gram * h * limit.kappa(ridge).expect(known).value)
        };
        let ridge = self.kernel.identity();
        let second = n * (self.kernel.ones() - 1.0);
        let right = self.ones(self.excess());
        let mut events = vec![
            Event {
                name: format!("tr(K + γ)⁻¹/n, γ = {RIDGE}"),
                theory: Some(trace(1.0, ridge)),
                radius: TRACE / n,
                wrong: vec![
                    ("no ridge", trace(1.0, 0.0)),
                    ("ridge f(τ) − f(0)", trace(1.0, ridge + TAU)),
                    ("no linear part", 1.0 / (ridge + TAU + RIDGE)),
                ],
            },
            Event {
                name: "1ᵀ(K − XᵀX/p)1/n − n".into(),
                theory: Some(right),
                radius: ONES * self.spread() + self.fourth_order(),
                wrong: vec![
                    ("no second order", right - second),
                    ("f″(0) for f″(0)/2", right + second),
                    ("no ridge", right - ridge),
                ],
            },
        ];
        if norms {
            events.push(Event {
                name: "‖K − K̃‖√n".into(),
                theory: Some(0.0),
                radius: NORM * TAU.powi(3),
                wrong: vec![],
            });
        }
        events
    }
}
