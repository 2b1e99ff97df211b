//! Lemma 4.1: ω and Φ are inverse to each other, over random ν.

use super::Claim;
use super::common::{
    at_most, on_limits, on_same_samples, random_measure, resolved, wrong_identity,
};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Plan, ReplicateError, RivalCell, Tier};
use crate::ensemble::open_uniform;
use crate::free::FreeConvolution;
use crate::measure::{SpectralMeasure, UpperHalf};
use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;

/// Φ(ω(z)) = z, ω′Φ′(ω) = 1, Im ω ≥ Im z, ω′ > 0.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/lemma-4.1",
            title: "Subordination and outlier map are inverse",
            statement: "With ω(z) = z + σ² s_μ(z) and Φ(x) = x − σ² s_ν(x): Φ(ω(z)) = z and \
                        ω′(z) Φ′(ω(z)) = 1 for Im z > 0 and on the real axis off supp μ; Im ω(z) ≥ Im z; \
                        on the real axis off supp μ, ω′ ≥ 1, in particular ω′ > 0.",
            formula: r"\Phi(\omega(z))=z,\qquad \omega'(z)\,\Phi'(\omega(z))=1,\qquad \operatorname{Im}\omega(z)\ge\operatorname{Im}z,\qquad \omega'(x)\ge 1\ \ (x\in\mathbb{R}\setminus\operatorname{supp}\mu)",
            meaning: "Over random ν (atoms, intervals, semicircle, arcsine, Marchenko–Pastur, \
                      mixtures), σ and z the four relations hold within 1e-9, a resolution that each \
                      replicate proves from the error bounds of the solver. ω′ is computed without Φ, \
                      by Cauchy's integral of s_μ.",
            source: Source {
                work: "abk",
                locus: "Lemma 4.1, (4.25)–(4.26), (4.34)–(4.36)",
            },
            strength: Strength::Exact,
        },
        plan,
    }
}

/// Points of the circle of Cauchy's integral; even, and none of them real.
const NODES: usize = 24;

fn plan(tier: Tier) -> Plan {
    let replicates = match tier {
        Tier::Quick => 1_000,
        Tier::Standard => 20_000,
        Tier::Deep => 400_000,
    };
    let names = [
        "|Φ(ω(z)) − z|, Im z > 0",
        "|ω′Φ′(ω) − 1|, Im z > 0",
        "excess of Im z over Im ω",
        "|Φ(ω(x)) − x|, x off supp μ",
        "|ω′Φ′(ω) − 1|, x off supp μ",
        "excess of 1 over ω′, x off supp μ",
        "|Φ(ω) − z| with + for − in Φ",
        "|Φ(ω) − z| with σ for σ² in Φ",
        "|Φ(z) − z|, ω = z",
        "excess of Im ω over Im z",
        "excess of ω′ over 1, x off supp μ",
        "|ω′ − Φ′(ω)|, x off supp μ",
    ];
    let mut plan = Plan {
        experiments: vec![on_limits(replicates, &names, relations)],
        ..Plan::default()
    };
    plan.cells = (0..6)
        .map(|o| at_most(&plan.experiments, (0, o), 0.0))
        .collect();
    // Sizes: 2σ²|s|, |σ² − σ||s|, σ²|s|, σ² Im s, σ² s′ and a few of them, each of order 1 for some
    // of a thousand draws with σ from 0.3 to 1.5.
    for (o, name) in [
        (6, "Φ with the wrong sign"),
        (7, "σ in place of σ²"),
        (8, "ω = z"),
        (9, "Im ω at most Im z"),
        (10, "ω′ at most 1"),
        (11, "ω′ = Φ′(ω)"),
    ] {
        let cell: RivalCell = wrong_identity(&plan.experiments, (0, o), 1.0);
        plan.rivals.push(on_same_samples(name, vec![cell]));
    }
    plan
}

/// A random ν, σ, z and x, and all relations at them.
fn relations(rng: &mut ChaCha8Rng) -> Result<Vec<f64>, ReplicateError> {
    let nu = random_measure(rng)?;
    let mut between = |lo: f64, hi: f64| lo + (hi - lo) * open_uniform(rng);
    let sigma = between(0.3, 1.5);
    let mu = FreeConvolution::new(nu, sigma)?;
    let z = Complex64::new(
        between(-3.0, 3.0),
        libm::exp(between(0.1f64.ln(), 2f64.ln())),
    );
    let gap_choice = between(0.0, mu.gaps().len() as f64) as usize;
    let place = between(0.1, 0.9);

    let above = off_axis(&mu, z)?;
    let on = on_axis(&mu, gap_choice, place)?;
    let mut all = above.identities.to_vec();
    all.extend(on.identities);
    all.extend(above.wrong);
    all.extend(on.wrong);
    Ok(all)
}

/// Values of the claim's relations, and of the wrong ones.
struct Relations<const WRONG: usize> {
    identities: [f64; 3],
    wrong: [f64; WRONG],
}

/// ω at one point, Φ and Φ′ there, and error bounds.
struct Inverse {
    omega: Complex64,
    phi: Complex64,
    slope: Complex64,
    s_nu: Complex64,
    phi_error: f64,
    slope_error: f64,
}

/// Φ and Φ′ at ω̃ = ω + error: |Φ′| ≤ 1 + σ²/δ², |Φ″| ≤ 2σ²/δ³ at distance δ from supp ν.
fn inverse(
    nu: &SpectralMeasure,
    variance: f64,
    omega: Complex64,
    error: f64,
    delta: f64,
) -> Inverse {
    let jet = nu.stieltjes_jet(omega);
    let near = (delta - error).max(f64::MIN_POSITIVE);
    let rounding = 8.0 * f64::EPSILON * (1.0 + omega.norm() + variance * (1.0 + jet.first.norm()));
    Inverse {
        omega,
        phi: omega - variance * jet.value,
        slope: 1.0 - variance * jet.first,
        s_nu: jet.value,
        phi_error: variance * jet.error + error * (1.0 + variance / near.powi(2)) + rounding,
        slope_error: variance * jet.first_error + error * 2.0 * variance / near.powi(3) + rounding,
    }
}

fn off_axis(mu: &FreeConvolution, z: Complex64) -> Result<Relations<4>, ReplicateError> {
    let variance = mu.sigma().powi(2);
    let solved = mu.subordination(UpperHalf::new(z)?)?;
    // ω from s itself, so that the relation between the two is part of what is tested.
    let omega = z + variance * solved.s;
    let omega_error = variance * solved.error_bound + 4.0 * f64::EPSILON * (1.0 + omega.norm());
    let at = inverse(mu.nu(), variance, omega, omega_error, omega.im);
    let (slope, slope_error) = omega_slope(mu, z, z.im)?;
    let product = slope * at.slope;
    let product_error =
        slope_error * at.slope.norm() + at.slope_error * (slope.norm() + slope_error);
    let at_z = mu.nu().stieltjes_jet(z).value;
    Ok(Relations {
        identities: [
            resolved("Φ(ω(z)) = z", (at.phi - z).norm(), at.phi_error)?,
            resolved("ω′Φ′ = 1", (product - 1.0).norm(), product_error)?,
            resolved("Im ω ≥ Im z", (z.im - omega.im).max(0.0), omega_error)?,
        ],
        wrong: [
            (at.omega + variance * at.s_nu - z).norm(),
            (at.omega - mu.sigma() * at.s_nu - z).norm(),
            variance * at_z.norm(),
            (omega.im - z.im).max(0.0),
        ],
    })
}

/// The same at a real x in a gap of supp μ, at least a tenth of the gap (or 0.1) from its edges.
fn on_axis(mu: &FreeConvolution, gap: usize, place: f64) -> Result<Relations<2>, ReplicateError> {
    let variance = mu.sigma().powi(2);
    let gap = &mu.gaps()[gap.min(mu.gaps().len() - 1)];
    let x = match (gap.lo.value.is_finite(), gap.hi.value.is_finite()) {
        (false, _) => gap.hi.value - 2.0 * place,
        (_, false) => gap.lo.value + 2.0 * place,
        _ => gap.lo.value + place * (gap.hi.value - gap.lo.value),
    };
    let distance =
        (x - gap.lo.value).min(gap.hi.value - x) - gap.lo.error.min(1.0) - gap.hi.error.min(1.0);
    // Gaps too narrow for the resolution are left to the reference tests of the solver.
    if distance < MIN_DISTANCE {
        return Ok(Relations {
            identities: [0.0; 3],
            wrong: [0.0; 2],
        });
    }
    let solved = mu.on_axis(x)?;
    let omega = Complex64::new(x + variance * solved.s.re, 0.0);
    let omega_error = variance * solved.error_bound + 4.0 * f64::EPSILON * (1.0 + omega.norm());
    let delta = mu
        .nu()
        .support()
        .iter()
        .map(|i| (i.lo - omega.re).max(omega.re - i.hi))
        .fold(f64::INFINITY, f64::min);
    let at = inverse(mu.nu(), variance, omega, omega_error, delta);
    let (slope, slope_error) = omega_slope(mu, Complex64::new(x, 0.0), distance)?;
    let product = slope * at.slope;
    let product_error =
        slope_error * at.slope.norm() + at.slope_error * (slope.norm() + slope_error);
    Ok(Relations {
        identities: [
            resolved("Φ(ω(x)) = x", (at.phi - x).norm(), at.phi_error)?,
            resolved(
                "ω′Φ′ = 1 on the axis",
                (product - 1.0).norm(),
                product_error,
            )?,
            resolved("ω′ ≥ 1", (1.0 - slope.re).max(0.0), slope_error)?,
        ],
        wrong: [(slope.re - 1.0).max(0.0), (slope - at.slope).norm()],
    })
}

/// Least distance from supp μ at which the relations on the axis are looked at.
const MIN_DISTANCE: f64 = 0.05;

/// ω′(z) = 1 + σ² s_μ′(z), s_μ′ by the trapezoidal rule on the circle of radius `distance`/4.
///
/// The Taylor coefficients of s_μ at z are at most distance^{−k−1}, so the rule errs by at most
/// 2·4^{−NODES}/distance², and by the largest error of s over the radius. Nodes below the axis are
/// reflected; half a step of offset keeps all off it.
fn omega_slope(
    mu: &FreeConvolution,
    z: Complex64,
    distance: f64,
) -> Result<(Complex64, f64), ReplicateError> {
    let radius = distance / 4.0;
    let (mut sum, mut worst) = (Complex64::ZERO, 0.0f64);
    for j in 0..NODES {
        let angle = std::f64::consts::TAU * (j as f64 + 0.5) / NODES as f64;
        let unit = Complex64::from_polar(1.0, angle);
        let node = z + radius * unit;
        let above = Complex64::new(node.re, node.im.abs());
        let solved = mu.subordination(UpperHalf::new(above)?)?;
        let s = if node.im > 0.0 {
            solved.s
        } else {
            solved.s.conj()
        };
        sum += s / unit;
        // The node itself is rounded: |s′| ≤ 1/distance² times 4 ulp, within a factor (4/3)².
        let moved = 8.0 * f64::EPSILON * (1.0 + node.norm()) / (distance * distance);
        worst = worst.max(solved.error_bound + moved + 16.0 * f64::EPSILON * s.norm());
    }
    let variance = mu.sigma().powi(2);
    let slope = 1.0 + variance * sum / (radius * NODES as f64);
    let aliasing = 2.0 * 0.25f64.powi(NODES as i32) / (distance * distance);
    let error = variance * (worst / radius + aliasing) + 8.0 * f64::EPSILON * slope.norm();
    Ok((slope, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slope_of_the_subordination_function_is_that_of_the_semicircle() {
        // ν = δ₀, σ = 1: ω² − zω + 1 = 0, ω′ = ω²/(ω² − 1).
        let nu = SpectralMeasure::atoms(&[(0.0, 1.0)]).unwrap();
        let mu = FreeConvolution::new(nu, 1.0).unwrap();
        let z = Complex64::new(0.4, 0.7);
        let root = (z * z - 4.0).sqrt();
        let omega = [(z + root) / 2.0, (z - root) / 2.0]
            .into_iter()
            .max_by(|a, b| a.im.total_cmp(&b.im))
            .unwrap();
        let exact = omega * omega / (omega * omega - 1.0);
        let (slope, error) = omega_slope(&mu, z, z.im).unwrap();
        assert!((slope - exact).norm() <= error + 1e-15);
        assert!(error < 1e-12);
        // On the axis at x = 2.5: ω = 2, ω′ = 4/3.
        let (slope, error) = omega_slope(&mu, Complex64::new(2.5, 0.0), 0.5).unwrap();
        assert!((slope - 4.0 / 3.0).norm() <= error);
    }
}
