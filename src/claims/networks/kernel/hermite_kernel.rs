//! Inner product kernels with arguments of order 1.

use super::deep::scaled_gram;
use super::events::{Event, add_events, add_rivals};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::point;
use crate::design::{Plan, ReplicateError, Tier};
use crate::ensemble::{EntryLaw, Hermitian, Samples};
use crate::equivalent::activation::Activation;
use crate::equivalent::kernel::HermiteKernel;
use crate::spectrum::Tridiagonal;
use nalgebra::DMatrix;
use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;

/// C0b.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/hermite-kernel",
            title: "Spectrum of an inner product kernel",
            statement: "K_ij = f(x_iᵀx_j/√p)/√p for i ≠ j, K_ii = 0, x_i with p independent entries of mean 0 and variance 1, E f(ξ) = 0, p/n → c. (1/n)tr(K − z)⁻¹ → m(z), \
                        −1/m = z + a₁²m/(c + a₁m) + (ν − a₁²)m/c. Judged: real and imaginary part are within r of the limit with \
                        probability at least 0.45, by counting draws.",
            formula: r"-\frac1{m(z)}=z+\frac{a_1^2m}{c+a_1m}+\frac{(\nu-a_1^2)\,m}{c},\qquad a_1=\mathbb{E}\,\xi f(\xi),\ \nu=\mathbb{E}\,f(\xi)^2",
            meaning: "The nonlinear part of f acts as independent noise: a Marchenko–Pastur law and a free semicircle, up to r, for \
                      smooth, kinked and discontinuous f, and for normal, uniform and two-valued entries (with E f² over their own x_iᵀx_j, which may be 0). Laws without one of the two parts are refuted.",
            source: Source {
                work: "lm",
                locus: "our C0b",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

const POINT: Complex64 = Complex64::new(-0.5, 0.5);

/// r = 2|κ₃m²m′| + 5/n.
///
/// The second Hermite term of f is the Gram matrix of n vectors in dimension D = p²/2, a Marchenko–Pastur law that is a semicircle only in
/// the limit. Its third free cumulant κ₃ = a₂³(n/p)²√(2/p) adds κ₃m² to −1/m = z + …, hence κ₃m²m′ to m: an error of order p^{−1/2}, none for
/// odd f. Twice that; and for the rest the 0.5/n of bias of an earlier simulation and three standard deviations 1.5/n.
///
/// The law of the entries changes neither the limit nor κ₃, to whose D features x_kx_l, k ≠ l, every law contributes alike; the p features x_k² − 1, of
/// variance 2 + κ₄, are of order 1/p beside them. Nor does it add to the rest: x_iᵀx_j/√p has the fourth cumulant ((3 + κ₄)² − 3)/p, which is 6/p
/// for normal entries, 0.24/p for uniform ones and −2/p for signs, and |x_i|²/p the variance (2 + κ₄)/p. What depends on the law for functions
/// that jump is ν, see [`tie`].
fn radius(s: Activation, law: &HermiteKernel, n: usize) -> f64 {
    let known = "the claims' own kernels have a limit";
    let at = |z: Complex64| law.stieltjes(z).expect(known).value;
    let step = 1e-4;
    let slope = (at(POINT + step) - at(POINT - step)) / (2.0 * step);
    let size = n as f64;
    let p = law.ratio() * size;
    let third = s.hermite(2).powi(3) * law.ratio().powi(-2) * (2.0 / p).sqrt();
    2.0 * (third * at(POINT).powi(2) * slope).norm() + 5.0 / size
}

/// P(x_iᵀx_j = 0) for ±1 entries, (1·3⋯(p − 1))/(2·4⋯p) ~ √(2/πp), if p is even: there sign² is 0. Nothing for other laws.
///
/// This is of order p^{−1/2}, far more than 1/n, and enters the semicircle as ν − a₁² − P.
fn tie(law: EntryLaw, p: usize) -> f64 {
    if law == EntryLaw::Rademacher && p.is_multiple_of(2) {
        (1..=p / 2).map(|k| 1.0 - 0.5 / k as f64).product()
    } else {
        0.0
    }
}

fn plan(tier: Tier) -> Plan {
    use Activation::{Relu, Sign, Square};
    use EntryLaw::{Gaussian, Rademacher, Uniform};
    // Law, f, n, p.
    let rows: &[(EntryLaw, Activation, usize, usize)] = match tier {
        Tier::Quick => &[
            (Gaussian, Relu, 96, 48),
            (Gaussian, Sign, 64, 32),
            (Gaussian, Square, 96, 96),
            (Rademacher, Sign, 32, 17),
        ],
        Tier::Standard => &[
            (Gaussian, Relu, 320, 80),
            (Gaussian, Sign, 200, 100),
            (Gaussian, Sign, 200, 400),
            (Gaussian, Square, 240, 240),
            (Uniform, Relu, 200, 50),
            (Uniform, Sign, 200, 100),
            (Rademacher, Sign, 200, 101),
            (Rademacher, Sign, 300, 150),
            (Rademacher, Square, 200, 200),
        ],
        Tier::Deep => &[
            (Gaussian, Relu, 1200, 300),
            (Gaussian, Relu, 1200, 1200),
            (Gaussian, Sign, 1000, 500),
            (Gaussian, Sign, 1000, 2000),
            (Gaussian, Square, 1200, 600),
            (Uniform, Relu, 1200, 300),
            (Uniform, Square, 1200, 600),
            (Rademacher, Relu, 1200, 300),
            (Rademacher, Sign, 1000, 501),
            (Rademacher, Sign, 1000, 500),
        ],
    };
    let (mut plan, mut rivals) = (Plan::default(), vec![]);
    for &(law, s, n, p) in rows {
        let samples = Samples::new(law, vec![1.0; p], n).expect("n, p > 0");
        let tag = (law.name(), format!("{}, p = {p}", s.name()), n);
        add_events(
            &mut plan,
            &mut rivals,
            tag,
            events(law, s, n, p),
            move |rng| {
                let k = draw(&samples, s, rng)?;
                let form = Tridiagonal::reduce(&Hermitian::real(k)?)?;
                let m = form.resolvent_trace(POINT) / n as f64;
                Ok(vec![m.re, m.im])
            },
        );
    }
    add_rivals(&mut plan, rivals);
    plan
}

fn draw(
    samples: &Samples,
    s: Activation,
    rng: &mut ChaCha8Rng,
) -> Result<DMatrix<f64>, ReplicateError> {
    let x = samples.draw(rng);
    let root = (samples.p() as f64).sqrt();
    let mean = s.moments(1.0)?.mean;
    let mut k = scaled_gram(samples, &x).map(|r| (s.value(r * root) - mean) / root);
    k.fill_diagonal(0.0);
    Ok(k)
}

fn events(law: EntryLaw, s: Activation, n: usize, p: usize) -> Vec<Event> {
    let known = "the claims' own kernels have a limit";
    let ratio = p as f64 / n as f64;
    let normal = HermiteKernel::new(s, ratio).expect(known);
    let missing = match s {
        Activation::Sign => tie(law, p),
        _ => 0.0,
    };
    let (a, nu) = (normal.linear(), normal.second() - missing);
    let right = HermiteKernel::with(a, nu, ratio).expect(known);
    let with = |a: f64, nu: f64, ratio: f64| {
        let law = HermiteKernel::with(a, nu, ratio).expect(known);
        law.stieltjes(POINT).expect(known).value
    };
    let theory = right.stieltjes(POINT).expect(known).value;
    let wrong = [
        ("no semicircle", right.law().nu().stieltjes(POINT)),
        ("no Marchenko–Pastur part", with(0.0, nu - a * a, ratio)),
        ("all of f in the semicircle", with(0.0, nu, ratio)),
        ("ν for ν − a₁²", with(a, nu + a * a, ratio)),
        (
            "semicircle not divided by c",
            with(a, a * a + (nu - a * a) * ratio, ratio),
        ),
        ("c inverted", with(a, nu, 1.0 / ratio)),
        (
            "ν of normal arguments, for signs and even p",
            with(a, nu + missing, ratio),
        ),
    ];
    let part = |name: &str, of: fn(Complex64) -> f64| Event {
        name: format!("{name} tr(K − z)⁻¹/n, z = {}", point(POINT)),
        theory: Some(of(theory)),
        radius: radius(s, &right, n),
        wrong: wrong.iter().map(|&(name, m)| (name, of(m))).collect(),
    };
    vec![part("Re", |m| m.re), part("Im", |m| m.im)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_are_central_binomial_coefficients() {
        // 6 of 16 walks of four steps end at 0, none of three.
        assert!((tie(EntryLaw::Rademacher, 4) - 0.375).abs() < 1e-15);
        assert_eq!(tie(EntryLaw::Rademacher, 3), 0.0);
        assert_eq!(tie(EntryLaw::Uniform, 4), 0.0);
        let p = 400.0f64;
        let asymptotic = (2.0 / (std::f64::consts::PI * p)).sqrt();
        assert!((tie(EntryLaw::Rademacher, 400) / asymptotic - 1.0).abs() < 1.0 / p);
    }
}
