//! Derivatives of the resolvent in the entries of the matrix, against Cauchy's integral.

use super::Claim;
use super::common::{
    CheckedResolvent, at_most, certain, ensembles, limit, on_model, on_same_samples, resolved,
    signals_and_rotated, two_atom, wrong_identity,
};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Experiment, Plan, ReplicateError, Tier};
use crate::ensemble::{Ensemble, Signal, open_uniform};
use crate::spectrum::Hermitian;
use nalgebra::DMatrix;
use num_complex::Complex64;

/// First derivatives of G and the first three of Tr G.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/resolvent-derivatives",
            title: "Derivatives of the resolvent",
            statement: "W real symmetric: ∂G_ab/∂W_kl = −(G_ak G_lb + G_al G_kb)/(1 + δ_kl) and \
                        ∂Tr G/∂W_kl = −2(G²)_kl/(1 + δ_kl); for k ≠ l, with p, q, r = (G²)_kk, (G²)_ll, \
                        (G²)_kl and a, b, c = G_kk, G_ll, G_kl: ∂²Tr G/∂W_kl² = 2(pb + qa + 2rc), \
                        ∂³Tr G/∂W_kl³ = −12(pbc + qac + r(ab + c²)); for k = l: 2pa and −6pa². W complex \
                        Hermitian, ∂ = ½(∂_Re − i∂_Im): ∂G_ab/∂W_kl = −G_ak G_lb, ∂Tr G/∂W_kl = −(G²)_lk.",
            formula: r"\frac{\partial G_{ab}}{\partial W_{kl}}=-\frac{G_{ak}G_{lb}+G_{al}G_{kb}}{1+\delta_{kl}},\qquad \frac{\partial\operatorname{Tr}G}{\partial W_{kl}}=-\frac{2\,(G^2)_{kl}}{1+\delta_{kl}}",
            meaning: "In every matrix drawn, at random places k, l, the formulas agree within 1e-9 \
                      with Taylor coefficients that were computed without them, by Cauchy's integral \
                      over a circle of complex perturbations of W_kl = W_lk.",
            source: Source {
                work: "abk",
                locus: "(4.14)–(4.16), (B.17)–(B.31)",
            },
            strength: Strength::Exact,
        },
        plan,
    }
}

#[doc = include_str!("../../docs/derivations/resolvent_derivatives.md")]
mod derivation {}

const Z: Complex64 = Complex64::new(0.3, 1.2);
/// Radius of the circle, ½ Im z, and points on it.
const RADIUS: f64 = 0.6;
const NODES: usize = 52;

const OFF: usize = 0;
const DIAGONAL: usize = 1;
const WRONG: usize = 2;

fn plan(tier: Tier) -> Plan {
    let (sizes, replicates): (&[usize], usize) = match tier {
        Tier::Quick => (&[2, 7], 10),
        Tier::Standard => (&[2, 7, 20], 40),
        Tier::Deep => (&[2, 7, 20, 60], 200),
    };
    let mut plan = Plan::default();
    for ensemble in ensembles() {
        for signal in signals_and_rotated() {
            for &n in sizes {
                plan.experiments
                    .push(experiment(ensemble, &signal, n, replicates));
            }
        }
    }
    for e in 0..plan.experiments.len() {
        plan.cells
            .extend([OFF, DIAGONAL].map(|o| at_most(&plan.experiments, (e, o), 0.0)));
    }
    for (k, name) in REAL_WRONG.iter().enumerate() {
        add_rival(&mut plan, &ensembles()[0], name, k);
    }
    for (k, name) in COMPLEX_WRONG.iter().enumerate() {
        add_rival(&mut plan, &ensembles()[1], name, k);
    }
    plan
}

/// Versions of the real formulas that are wrong.
const REAL_WRONG: [&str; 5] = [
    "one of the two terms only, k ≠ l",
    "opposite sign",
    "no 1/(1 + δ_kl) at k = l",
    "6 in place of 12 in the third derivative",
    "2rc left out of the second derivative's bracket",
];
/// Versions of the complex ones.
const COMPLEX_WRONG: [&str; 3] = [
    "Hermitian: the real symmetric formula",
    "Hermitian: (G²)_kl in place of (G²)_lk",
    "Hermitian: opposite sign",
];

/// Every wrong term is a product of entries of G and G² of which one at least is on a diagonal or
/// an off-diagonal of size N^{-1/2}: its maximum over replicates is at least |s|³/10.
fn add_rival(plan: &mut Plan, ensemble: &Ensemble, name: &str, wrong: usize) {
    let at = plan
        .experiments
        .iter()
        .position(|x| x.law == ensemble.name() && x.signal == two_atom().name() && x.n == 7)
        .expect("every tier has N = 7");
    let s = limit(ensemble, &two_atom(), 7, Z).s.norm();
    let cell = wrong_identity(&plan.experiments, (at, WRONG + wrong), s.powi(3));
    plan.rivals.push(on_same_samples(name, vec![cell]));
}

fn experiment(ensemble: Ensemble, signal: &Signal, n: usize, replicates: usize) -> Experiment {
    let complex = matches!(ensemble, Ensemble::Gue { .. });
    let wrong: &[&str] = if complex { &COMPLEX_WRONG } else { &REAL_WRONG };
    let mut observables = vec![
        certain("residual at k ≠ l, all formulas"),
        certain("residual at k = l, all formulas"),
    ];
    observables.extend(
        wrong
            .iter()
            .map(|name| certain(format!("residual, {name}"))),
    );
    on_model(
        ensemble,
        signal,
        n,
        replicates,
        observables,
        move |model, rng, _| {
            let w = model.sample(n, rng)?;
            let k = (open_uniform(rng) * n as f64) as usize;
            let l = (k + 1 + (open_uniform(rng) * (n - 1) as f64) as usize) % n;
            match w {
                Hermitian::Real(_) => real(&w, k, l),
                Hermitian::Complex(_) => complex_hermitian(&w, k, l),
            }
        },
    )
}

/// Taylor coefficients of t ↦ (W + tΔ − z)⁻¹ at 0, by the trapezoidal rule on |t| = ρ.
struct Taylor {
    /// First derivative of G.
    first: DMatrix<Complex64>,
    /// First, second and third derivative of Tr G.
    traces: [Complex64; 3],
    /// Bound of all their errors.
    error: f64,
}

/// Derivatives along Δ, ‖Δ‖ = 1, rank at most 2; the derivation page proves the bound.
fn taylor(w: &Hermitian, delta: &DMatrix<Complex64>) -> Result<Taylor, ReplicateError> {
    let n = w.n();
    let base = w.to_complex();
    let mut first = DMatrix::zeros(n, n);
    let mut traces = [Complex64::ZERO; 3];
    let (mut worst, mut worst_trace) = (0.0f64, 0.0f64);
    for node in 0..NODES {
        let angle = std::f64::consts::TAU * node as f64 / NODES as f64;
        let t = Complex64::from_polar(RADIUS, angle);
        let g = CheckedResolvent::of(&base + delta * t, Z, Z.im - RADIUS)?;
        let (trace, trace_error) = g.trace();
        worst = worst.max(g.error + g.unit() * g.g.norm());
        worst_trace = worst_trace.max(trace_error + g.unit() * trace.norm());
        let weight = (t * NODES as f64).inv();
        first += &g.g * weight;
        let mut power = weight;
        for (value, factorial) in traces.iter_mut().zip([1.0, 2.0, 6.0]) {
            *value += trace * power * factorial;
            power /= t;
        }
    }
    let aliasing = 24.0 * (RADIUS / Z.im).powi(NODES as i32);
    let rounding = worst / RADIUS + 6.0 * worst_trace / RADIUS.powi(3);
    Ok(Taylor {
        first,
        traces,
        error: aliasing + (1.0 + 1e-9) * rounding,
    })
}

fn unit(n: usize, k: usize, l: usize, x: Complex64) -> DMatrix<Complex64> {
    let mut m = DMatrix::zeros(n, n);
    m[(k, l)] = x;
    m[(l, k)] = x.conj();
    m
}

/// −(G e_k e_lᵀ G).
fn rank_one(g: &DMatrix<Complex64>, k: usize, l: usize) -> DMatrix<Complex64> {
    -(g.column(k) * g.row(l))
}

fn largest(m: &DMatrix<Complex64>) -> f64 {
    m.iter().map(|x| x.norm()).fold(0.0, f64::max)
}

/// Bound of the error of all formulas: at most 48 products of one entry of G² and two of G, of
/// modulus at most b² and b with b = 1/Im z, hence 48(b² e₂ + 2b³ e₁) and the rounding of 48 products.
fn formula_error(g: &CheckedResolvent, square_error: f64) -> f64 {
    let b = g.bound + g.error + square_error.sqrt();
    50.0 * (b * b * square_error + 2.0 * b.powi(3) * g.error + b.powi(4) * g.unit())
        + 4.0 * b * (g.error + b * g.unit())
}

fn real(w: &Hermitian, k: usize, l: usize) -> Result<Vec<f64>, ReplicateError> {
    let n = w.n();
    let checked = CheckedResolvent::new(w, Z)?;
    let (g, (g2, g2_error)) = (&checked.g, checked.square());
    let formulas = formula_error(&checked, g2_error);

    let off = taylor(w, &unit(n, k, l, Complex64::ONE))?;
    let (a, b, c) = (g[(k, k)], g[(l, l)], g[(k, l)]);
    let (p, q, r) = (g2[(k, k)], g2[(l, l)], g2[(k, l)]);
    let matrix = rank_one(g, k, l) + rank_one(g, l, k);
    let traces = [
        -2.0 * r,
        2.0 * (p * b + q * a + 2.0 * r * c),
        -12.0 * (p * b * c + q * a * c + r * (a * b + c * c)),
    ];
    let off_residual = residual(&off, &matrix, &traces);

    let on = taylor(w, &unit(n, k, k, Complex64::ONE))?;
    let on_matrix = rank_one(g, k, k);
    let on_traces = [-p, 2.0 * p * a, -6.0 * p * a * a];
    let on_residual = residual(&on, &on_matrix, &on_traces);

    Ok(vec![
        resolved("derivatives, k ≠ l", off_residual, off.error + formulas)?,
        resolved("derivatives, k = l", on_residual, on.error + formulas)?,
        largest(&(&off.first - rank_one(g, k, l))),
        largest(&(&off.first + &matrix)),
        largest(&(&on.first - &on_matrix * Complex64::from(2.0))),
        (off.traces[2] - 0.5 * traces[2]).norm(),
        (off.traces[1] - (traces[1] - 4.0 * r * c)).norm(),
    ])
}

/// Wirtinger derivatives at k ≠ l from the directions of Re W_kl and Im W_kl, plain ones at k = k.
fn complex_hermitian(w: &Hermitian, k: usize, l: usize) -> Result<Vec<f64>, ReplicateError> {
    let n = w.n();
    let checked = CheckedResolvent::new(w, Z)?;
    let (g, (g2, g2_error)) = (&checked.g, checked.square());
    let formulas = formula_error(&checked, g2_error);

    let i = Complex64::i();
    let re = taylor(w, &unit(n, k, l, Complex64::ONE))?;
    let im = taylor(w, &unit(n, k, l, i))?;
    let first = (&re.first - &im.first * i) * Complex64::from(0.5);
    let trace = (re.traces[0] - i * im.traces[0]) * 0.5;
    let matrix = rank_one(g, k, l);
    let off_residual = largest(&(&first - &matrix)).max((trace + g2[(l, k)]).norm());

    let on = taylor(w, &unit(n, k, k, Complex64::ONE))?;
    let (a, p) = (g[(k, k)], g2[(k, k)]);
    let on_traces = [-p, 2.0 * p * a, -6.0 * p * a * a];
    let on_residual = residual(&on, &rank_one(g, k, k), &on_traces);

    let error = re.error + im.error + formulas;
    Ok(vec![
        resolved("Wirtinger derivatives", off_residual, error)?,
        resolved("derivatives, k = l", on_residual, on.error + formulas)?,
        largest(&(&first - &matrix - rank_one(g, l, k))),
        (trace + g2[(k, l)]).norm(),
        largest(&(&first + &matrix)),
    ])
}

fn residual(found: &Taylor, matrix: &DMatrix<Complex64>, traces: &[Complex64; 3]) -> f64 {
    let pairs = found.traces.iter().zip(traces);
    pairs
        .map(|(x, y)| (x - y).norm())
        .fold(largest(&(&found.first - matrix)), f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cauchy_integral_finds_the_derivatives_of_a_scalar_resolvent() {
        // 1/(w + t − z): derivatives (−1)ⁿ n!/(w − z)^{n+1}.
        let w = Hermitian::real(DMatrix::from_element(1, 1, 0.5)).unwrap();
        let found = taylor(&w, &unit(1, 0, 0, Complex64::ONE)).unwrap();
        let d = (0.5 - Z).inv();
        let exact = [-d * d, 2.0 * d.powi(3), -6.0 * d.powi(4)];
        for (x, y) in found.traces.iter().zip(exact) {
            assert!((x - y).norm() <= found.error);
        }
        assert!((found.first[(0, 0)] - exact[0]).norm() <= found.error);
        assert!(found.error < 1e-10);
    }
}
