//! Inner product kernels with small arguments off the diagonal.

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
            statement: "K_ij = f(x_iᵀx_j/p), x = C^{1/2}z, τ = tr C/p, f = exp. K is within O(n^{−1/2}) of K̃ = [f(0) + f″(0)tr C²/(2p²)]11ᵀ + \
                        f′(0)XᵀX/p + D in operator norm, D the diagonal f(|x_i|²/p) − f(0) − f′(0)|x_i|²/p → f(τ) − f(0) − τf′(0). Judged by \
                        counting draws, probability at least 0.45 each: (1/n)tr(K + γ)⁻¹ and 1ᵀ(K − XᵀX/p)1/n − n; from the standard tier on ‖K − K̃‖√n.",
            formula: r"K\simeq\Bigl[f(0)+\tfrac{f''(0)}{2p^2}\operatorname{tr}C^2\Bigr]\mathbf 1\mathbf 1^{\mathsf T}+f'(0)\tfrac{X^{\mathsf T}X}{p}+\bigl[f(\tau)-f(0)-\tau f'(0)\bigr]I",
            meaning: "A smooth kernel of high-dimensional data is its linear part, a constant and a ridge, up to the stated radii. \
                      Versions without the ridge, without the second-order constant or without the linear part are refuted.",
            source: Source {
                work: "lm",
                locus: "our C0a",
            },
            strength: Strength::Trend,
        },
        plan,
    }
}

/// γ.
const RIDGE: f64 = 0.5;
/// n·r of the resolvent trace: the two directions of low rank move it by at most 2/(nγ), and 1/n is left for the bias of the spectrum.
const TRACE: f64 = 5.0;
/// √n·r of 1ᵀ(K − XᵀX/p)1/n − n. The diagonal has the variance (e^τ − 1)²·2tr C²/p² a sample, 0.42 at p = 48, and there are n of them; its
/// curvature moves the mean by e^τ tr C²/p² = 0.12. Three standard deviations and that.
const ONES: f64 = 3.0;
/// ‖K − K̃‖√n: theory_networks.md has 4.4 to 4.8 from n = 200 to 1600 at τ = 1; twice that, times τ³ for the third order.
const NORM: f64 = 9.6;

/// C has the eigenvalues 1 and 1.5, half each.
fn population(p: usize) -> Vec<f64> {
    (0..p).map(|i| if i < p / 2 { 1.0 } else { 1.5 }).collect()
}

fn plan(tier: Tier) -> Plan {
    // n and whether the norm is looked at; p = n/2.
    let sizes: &[(usize, bool)] = match tier {
        Tier::Quick => &[(96, false)],
        Tier::Standard => &[(96, false), (256, true)],
        Tier::Deep => &[(384, true), (1600, true)],
    };
    let (mut plan, mut rivals) = (Plan::default(), vec![]);
    for &(n, norms) in sizes {
        let p = n / 2;
        let samples = Samples::new(EntryLaw::Gaussian, population(p), n).expect("n, p > 0");
        let kernel = equivalent(p);
        let tag = ("gaussian", format!("exp, two-atom, p = {p}"), n);
        let events = events(n, p, &kernel, norms);
        add_events(&mut plan, &mut rivals, tag, events, move |rng| {
            values(&samples, &kernel, norms, rng)
        });
    }
    add_rivals(&mut plan, rivals);
    plan
}

fn equivalent(p: usize) -> TaylorKernel {
    let lambda = population(p);
    let size = p as f64;
    let norm = lambda.iter().sum::<f64>() / size;
    let square = lambda.iter().map(|x| x * x).sum::<f64>() / (size * size);
    TaylorKernel::new([1.0; 3], norm.exp(), norm, square).expect("exp is finite")
}

fn values(
    samples: &Samples,
    kernel: &TaylorKernel,
    norms: bool,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<f64>, ReplicateError> {
    let gram = scaled_gram(samples, &samples.draw(rng));
    let n = gram.nrows() as f64;
    let k = gram.map(libm::exp);
    let ones = (k.sum() - gram.sum()) / n - n;
    let mut values = vec![0.0, ones];
    if norms {
        let error = &k - kernel.sharp(&gram, libm::exp);
        values.push(norm(error)? * n.sqrt());
    }
    values[0] = mean_inverse(k, RIDGE)?;
    Ok(values)
}

fn norm(matrix: DMatrix<f64>) -> Result<f64, ReplicateError> {
    let spectrum = Tridiagonal::reduce(&Hermitian::real(matrix)?)?.eigenvalues()?;
    let values = spectrum.eigenvalues();
    Ok(values[0].max(-values[values.len() - 1]))
}

fn events(n: usize, p: usize, kernel: &TaylorKernel, norms: bool) -> Vec<Event> {
    let known = "the claims' own populations have a limit";
    let h = n as f64 / p as f64;
    let law = Population::eigenvalues(&population(p)).expect(known);
    let limit = SampleCovariance::new(law, 1.0 / h).expect(known);
    // (1/n)tr(aXᵀX/p + t)⁻¹ with XᵀX/p = h·XᵀX/n.
    let trace = |gram: f64, identity: f64| {
        let ridge = (identity + RIDGE) / (gram * h);
        1.0 / (gram * h * limit.kappa(ridge).expect(known).value)
    };
    let ridge = kernel.identity();
    let second = n as f64 * (kernel.ones() - 1.0);
    let (n, tau) = (n as f64, 1.25f64);
    let mut events = vec![
        Event {
            name: format!("tr(K + γ)⁻¹/n, γ = {RIDGE}"),
            theory: Some(trace(1.0, ridge)),
            radius: TRACE / n,
            wrong: vec![
                ("no ridge", trace(1.0, 0.0)),
                ("ridge f(τ) − f(0)", trace(1.0, ridge + tau)),
                ("no linear part", 1.0 / (ridge + tau + RIDGE)),
            ],
        },
        Event {
            name: "1ᵀ(K − XᵀX/p)1/n − n".into(),
            theory: Some(second + ridge),
            radius: ONES / n.sqrt(),
            wrong: vec![
                ("no second order", ridge),
                ("f″(0) for f″(0)/2", 2.0 * second + ridge),
                ("no ridge", second),
            ],
        },
    ];
    if norms {
        events.push(Event {
            name: "‖K − K̃‖√n".into(),
            theory: Some(0.0),
            radius: NORM * tau.powi(3),
            wrong: vec![],
        });
    }
    events
}
