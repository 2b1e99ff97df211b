//! (B.13)–(B.15): E[ξF(ξ)] by cumulants, with an explicit constant in the remainder.

mod entry;

use super::Claim;
use super::common::{RESOLUTION, at_most, cell, certain, on_same_samples};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Experiment, Plan, Replicate, ReplicateError, Rival, RivalCell, Tier};
use crate::ensemble::{EntryLaw, open_uniform};
use entry::{Entry, TestFunction};
use num_complex::Complex64;

/// The cumulant expansion and Gaussian integration by parts.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/cumulant-expansion",
            title: "Cumulant expansion",
            statement: "For E ξ = 0, E|ξ|^{p+2} < ∞: E[ξF(ξ)] = Σ_{a≤p} κ_{a+1}/a! E F^{(a)}(ξ) + ε_p, \
                        |ε_p| ≤ C_p E|ξ|^{p+2} sup|F^{(p+1)}|, C_1 = 3/2, C_2 = 7/6, C_3 = 19/24. For \
                        Gaussian ξ: E[ξF(ξ)] = E ξ² E F′(ξ).",
            formula: r"\mathbb{E}[\xi F(\xi)]=\sum_{a=0}^{p}\frac{\kappa_{a+1}}{a!}\,\mathbb{E}F^{(a)}(\xi)+\varepsilon_p,\qquad |\varepsilon_p|\le C_p\,\mathbb{E}|\xi|^{p+2}\sup|F^{(p+1)}|",
            meaning: "Means are exact sums for two-point laws and integrals by quadrature for the others; \
                      F(x) = 1/(x − z) and e^{itx} with random z, t; ξ = X/√N as for a matrix entry. \
                      The paper states that some C_p exists; the constants are ours. For F a polynomial \
                      of degree ≤ p the remainder is 0.",
            source: Source {
                work: "abk",
                locus: "(B.13)–(B.15)",
            },
            strength: Strength::Exact,
        },
        plan,
    }
}

/// Laws whose means are computed.
const LAWS: [EntryLaw; 5] = [
    EntryLaw::Gaussian,
    EntryLaw::Uniform,
    EntryLaw::HalfNormal,
    EntryLaw::Rademacher,
    EntryLaw::SkewedTwoPoint,
];

/// Orders p.
const ORDERS: [usize; 3] = [1, 2, 3];

/// C_p, p = 1, 2, 3, with |κ_j| ≤ c_j E|ξ|ʲ, c₂ = c₃ = 1, c₄ = 2.
///
/// For a polynomial of degree ≤ p the expansion is exact, ε_p = 0: E ξ^{m+1} = Σ_a C(m, a) κ_{a+1} E ξ^{m−a} is the
/// recursion of moments and cumulants. So replace every F^{(a)} by its Taylor remainder R_a at 0 of degree p − a,
/// |R_a(x)| ≤ sup|F^{(p+1)}| |x|^{p+1−a}/(p + 1 − a)!:
///
/// |ε_p| ≤ sup|F^{(p+1)}| [ E|ξ|^{p+2}/(p + 1)! + Σ_{a=1}^p |κ_{a+1}| E|ξ|^{p+1−a}/(a!(p + 1 − a)!) ],
///
/// and E|ξ|^{a+1} E|ξ|^{p+1−a} ≤ E|ξ|^{p+2} (Lyapunov). c₄ = 2: −2E ξ⁴ ≤ E ξ⁴ − 3(E ξ²)² ≤ E ξ⁴.
fn constant(p: usize) -> f64 {
    let factorial = |k: usize| (1..=k).product::<usize>() as f64;
    let cumulant_bounds = [0.0, 1.0, 1.0, 2.0];
    let sum: f64 = (1..=p)
        .map(|a| cumulant_bounds[a] / (factorial(a) * factorial(p + 1 - a)))
        .sum();
    1.0 / factorial(p + 1) + sum
}

/// What a wrong expansion does with the coefficients κ_{a+1}/a!, a = 0, …, p.
type Wrong = fn(&Entry, Vec<f64>) -> Vec<f64>;

/// (name, law, p, coefficients).
const WRONG: [(&str, EntryLaw, usize, Wrong); 4] = [
    ("κ₃ dropped", EntryLaw::SkewedTwoPoint, 2, |_, mut c| {
        c[2] = 0.0;
        c
    }),
    ("a! left out", EntryLaw::HalfNormal, 2, |_, mut c| {
        c[2] *= 2.0;
        c
    }),
    (
        "fourth moment for κ₄",
        EntryLaw::Uniform,
        3,
        |entry, mut c| {
            c[3] = entry.moment(4) / 6.0;
            c
        },
    ),
    (
        "Gaussian formula for Rademacher",
        EntryLaw::Rademacher,
        3,
        |_, mut c| {
            c[2] = 0.0;
            c[3] = 0.0;
            c
        },
    ),
];

/// The size of the wrong versions: their error is κ_j N^{-j/2}, the bound of order N^{-(j+1)/2}.
const WRONG_SIZE: usize = 2500;

fn plan(tier: Tier) -> Plan {
    let (sizes, draws): (&[usize], usize) = match tier {
        Tier::Quick => (&[1, 100, WRONG_SIZE], 64),
        Tier::Standard => (&[1, 100, WRONG_SIZE], 1_000),
        Tier::Deep => (&[1, 16, 100, WRONG_SIZE], 30_000),
    };
    let mut plan = Plan::default();
    for law in LAWS {
        for &n in sizes {
            let e = plan.experiments.len();
            plan.experiments.push(experiment(law, n, draws));
            for (index, _) in ORDERS.iter().enumerate() {
                let most = 1.0 + RESOLUTION;
                plan.cells
                    .push(cell(&plan.experiments, (e, index), 0.0, most, most));
            }
            plan.cells.push(at_most(&plan.experiments, (e, 3), 0.0));
            if law == EntryLaw::Gaussian {
                plan.cells.push(at_most(&plan.experiments, (e, 4), 0.0));
            }
        }
    }
    plan.rivals = WRONG
        .iter()
        .enumerate()
        .map(|(index, wrong)| rival(&plan, index, wrong))
        .collect();
    plan
}

/// Observables: |ε_p|/bound for p = 1, 2, 3; ε of polynomials; |E ξF − E ξ² E F′|/E|ξ| sup|F|; then the wrong
/// versions at one fixed F.
fn experiment(law: EntryLaw, n: usize, draws: usize) -> Experiment {
    let entry = Entry::new(law, n);
    let mut observables: Vec<_> = ORDERS
        .iter()
        .map(|p| certain(format!("|ε_{p}|/(C_{p} E|ξ|^{} sup|F^({})|)", p + 2, p + 1)))
        .collect();
    observables.push(certain("|ε_p| for polynomials of degree ≤ p"));
    observables.push(certain("|E ξF − E ξ² E F′|"));
    for (name, ..) in WRONG {
        observables.push(certain(format!("|ε|/bound, {name}")));
    }
    Experiment {
        law: law.name().into(),
        signal: "random F".into(),
        n,
        replicates: draws,
        observables,
        replicate: Replicate::alone(move |rng, _| {
            let mut between = |lo: f64, hi: f64| lo + (hi - lo) * open_uniform(rng);
            let f = if between(0.0, 1.0) < 0.5 {
                TestFunction::Exponential(between(0.5, 3.0))
            } else {
                TestFunction::Resolvent(Complex64::new(between(-2.0, 2.0), between(0.5, 2.0)))
            };
            values(&entry, f)
        }),
    }
}

fn values(entry: &Entry, f: TestFunction) -> Result<Vec<f64>, ReplicateError> {
    let mut values: Vec<f64> = ORDERS.iter().map(|&p| ratio(entry, f, p, |c| c)).collect();
    let polynomial = ORDERS
        .iter()
        .flat_map(|&p| (0..=p).map(move |degree| (p, TestFunction::Power(degree))))
        .map(|(p, power)| entry.remainder(power, &entry.coefficients(p)).norm())
        .fold(0.0, f64::max);
    values.push(polynomial);
    values.push(entry.remainder(f, &entry.coefficients(1)).norm());
    values.extend(
        WRONG
            .iter()
            .map(|(_, _, p, wrong)| ratio(entry, FIXED, *p, |c| wrong(entry, c))),
    );
    match values.iter().all(|x| x.is_finite()) {
        true => Ok(values),
        false => Err("a mean is not finite".into()),
    }
}

/// Where the wrong versions are judged.
const FIXED: TestFunction = TestFunction::Exponential(1.0);

/// |ε_p| over its bound, with the coefficients changed by `change`.
fn ratio(entry: &Entry, f: TestFunction, p: usize, change: impl Fn(Vec<f64>) -> Vec<f64>) -> f64 {
    let bound = constant(p) * entry.absolute_moment(p as i32 + 2) * f.largest(p + 1);
    let coefficients = change(entry.coefficients(p));
    entry.remainder(f, &coefficients).norm() / bound
}

/// The error of the changed coefficients Σ_a δ_a E F^{(a)} over the bound; the right ε_p is at most the bound, 1.
fn rival(
    plan: &Plan,
    index: usize,
    &(name, law, p, wrong): &(&'static str, EntryLaw, usize, Wrong),
) -> Rival {
    let e = plan
        .experiments
        .iter()
        .position(|x| x.law == law.name() && x.n == WRONG_SIZE)
        .expect("every tier has this size");
    let entry = Entry::new(law, WRONG_SIZE);
    let right = entry.coefficients(p);
    let changed = wrong(&entry, right.clone());
    let error: Complex64 = (0..=p)
        .map(|a| (changed[a] - right[a]) * entry.mean_derivative(FIXED, a))
        .sum();
    let bound = constant(p) * entry.absolute_moment(p as i32 + 2) * FIXED.largest(p + 1);
    let most = 1.0 + RESOLUTION;
    let judged = cell(
        &plan.experiments,
        (e, ORDERS.len() + 2 + index),
        0.0,
        most,
        most,
    );
    on_same_samples(
        name,
        vec![RivalCell {
            cell: judged,
            expected: error.norm() / bound,
            uncertainty: 1.0,
        }],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_the_fractions_of_the_statement() {
        for (p, c) in [(1, 1.5), (2, 7.0 / 6.0), (3, 19.0 / 24.0)] {
            assert!((constant(p) - c).abs() < 1e-15);
        }
    }

    #[test]
    fn bounds_of_the_cumulants_hold_for_every_law() {
        for law in LAWS {
            let entry = Entry::new(law, 1);
            let third = entry.absolute_moment(3);
            let fourth = entry.absolute_moment(4);
            let coefficients = entry.coefficients(3);
            assert!((2.0 * coefficients[2]).abs() <= third * (1.0 + 1e-12));
            assert!((6.0 * coefficients[3]).abs() <= 2.0 * fourth * (1.0 + 1e-12));
        }
    }
}
