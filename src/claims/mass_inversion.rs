//! From the Stieltjes transform of m to its masses: m(Δ) = κ(ω(Δ)), over random ν and κ.

use super::Claim;
use super::common::{
    at_most, on_limits, on_same_samples, random_measure, resolved, wrong_identity,
};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Plan, ReplicateError, Tier};
use crate::ensemble::open_uniform;
use crate::free::FreeConvolution;
use crate::measure::{Interval, SignedMeasure, SpectralMeasure, UpperHalf};
use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;

/// −(1/2πi)∮ ω′ s_κ(ω) dz = κ(ω(Δ)).
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/mass-inversion",
            title: "Masses from the Stieltjes transform",
            statement: "If s_m(z) = ω′(z) s_κ(ω(z)) and Δ is an interval off supp μ with no mass of m \
                        at its ends, then m(Δ) = −(1/2πi)∮ s_m dz = κ(ω(Δ)), the integral over the \
                        circle with diameter Δ.",
            formula: r"-\frac1{2\pi i}\oint_{\partial D(\Delta)}\omega'(z)\,s_\kappa(\omega(z))\,dz=\kappa(\omega(\Delta)),\qquad \Delta\cap\operatorname{supp}\mu=\varnothing",
            meaning: "Over random ν, σ, gaps of supp μ, and κ with atoms and a density in and outside of \
                      Δ, both sides agree within 1e-9, a resolution that each replicate proves. It is \
                      the step from (4.5) to (2.1) in the limit; nothing is said about m_N.",
            source: Source {
                work: "abk",
                locus: "(4.37)–(4.45), (2.1)",
            },
            strength: Strength::Exact,
        },
        plan,
    }
}

fn plan(tier: Tier) -> Plan {
    let replicates = match tier {
        Tier::Quick => 500,
        Tier::Standard => 10_000,
        Tier::Deep => 200_000,
    };
    let names = [
        "|m(Δ) − κ(ω(Δ))|",
        "|m(Δ) − κ(ω(Δ))| without ω′",
        "|m(Δ) − κ(Δ)|",
        "|m(Δ) − κ(ω(Δ))| with s_κ(z) for s_κ(ω)",
        "|m(Δ) − κ(ω(Δ))| with Φ′(ω) for ω′",
        "|m(Δ) + κ(ω(Δ))|",
    ];
    let mut plan = Plan {
        experiments: vec![on_limits(replicates, &names, residuals)],
        ..Plan::default()
    };
    plan.cells = vec![at_most(&plan.experiments, (0, 0), 0.0)];
    // Δ carries between 0.2 and 1 of the spikes: a mass that is missed or counted twice is of order
    // 1 in some of hundreds of draws, a wrong weight Φ′ ≠ 1 a few tenths of it.
    for (o, name, size) in [
        (1, "weight ω′ omitted", 0.5),
        (2, "κ not transported", 1.0),
        (3, "s_κ not transported", 1.0),
        (4, "Φ′ for ω′", 0.5),
        (5, "wrong orientation", 2.0),
    ] {
        let cell = wrong_identity(&plan.experiments, (0, o), size);
        plan.rivals.push(on_same_samples(name, vec![cell]));
    }
    plan
}

/// Points of the circle; even, and none of them real.
const NODES: usize = 160;
/// s_m is analytic where 1/Q² < |z − centre|/radius < Q².
const Q: f64 = 1.25;

/// A random κ = (law of spikes) − ν and an interval Δ in a gap of supp μ.
struct Setting {
    mu: FreeConvolution,
    kappa: SignedMeasure,
    /// supp κ.
    support: Vec<Interval>,
    centre: f64,
    radius: f64,
}

impl Setting {
    /// Spikes in and outside of Δ, in units of its radius from its centre: an interval and an atom
    /// within 0.6, an atom at ±1.65, supp μ beyond 1.75.
    fn draw(rng: &mut ChaCha8Rng) -> Result<Self, ReplicateError> {
        let nu = random_measure(rng)?;
        let mut between = |lo: f64, hi: f64| lo + (hi - lo) * open_uniform(rng);
        let mu = FreeConvolution::new(nu.clone(), between(0.3, 1.5))?;
        let (lo, hi) = widest_of_two(&mu, between(0.0, 1.0), between(0.0, 1.0));
        let centre = lo + between(0.4, 0.6) * (hi - lo);
        let radius = (centre - lo).min(hi - centre) / 1.75;
        let side = if between(0.0, 1.0) < 0.5 { -1.65 } else { 1.65 };
        let (left, right) = (between(-0.6, -0.1), between(0.1, 0.6));
        let places = [left, right, between(-0.6, 0.6), side];
        let mut spikes = [0.0; 4];
        for (spike, place) in spikes.iter_mut().zip(places) {
            *spike = mu.on_axis(centre + place * radius)?.omega.re;
        }
        let [left, right, inside, outside] = spikes;
        let (spread, atom) = (between(0.1, 0.45), between(0.1, 0.45));
        let law = SpectralMeasure::mixture(vec![
            (spread, SpectralMeasure::uniform(left, right)?),
            (atom, SpectralMeasure::atoms(&[(inside, 1.0)])?),
            (
                1.0 - spread - atom,
                SpectralMeasure::atoms(&[(outside, 1.0)])?,
            ),
        ])?;
        let mut support = nu.support();
        support.extend(law.support());
        Ok(Self {
            kappa: SignedMeasure::difference(1.0, law, 1.0, nu),
            mu,
            support,
            centre,
            radius,
        })
    }

    /// Δ and ω(Δ).
    fn intervals(&self) -> Result<[Interval; 2], ReplicateError> {
        let (a, b) = (self.centre - self.radius, self.centre + self.radius);
        let image = |x: f64| Ok::<_, ReplicateError>(self.mu.on_axis(x)?.omega.re);
        let (lo, hi) = (image(a)?, image(b)?);
        Ok([Interval { lo: a, hi: b }, Interval { lo, hi }])
    }

    /// Bound of |trapezoidal rule − (1/2πi)∮|, for exact values of s_m at rounded nodes.
    ///
    /// ω maps ℂ∖supp μ conformally and its image does not meet supp ν, so by Koebe's quarter theorem
    /// dist(ω(z), supp κ) ≥ ¼|ω′(z)| dist(z, supp m), hence |s_m(z)| ≤ 4‖κ‖/dist(z, supp m).
    /// On |z − c| = rQ^{±1} the distance is at least r(1/Q − 1/Q²). The rule with n nodes returns the
    /// Laurent coefficients a_{−1+ln}r^{ln} besides a₋₁, together at most Mr(Q + 1/Q)Q⁻ⁿ/(1 − Q⁻ⁿ).
    /// A node off by δ moves s_m by δ·max|s_m|/(r/10) over the disc of radius r/10, that is by
    /// δ·4‖κ‖/(0.026 r²).
    fn rule_error(&self) -> f64 {
        let norm = 4.0 * self.kappa.total_variation_bound();
        let decay = Q.powi(-(NODES as i32));
        let aliasing = norm / (1.0 / Q - 1.0 / (Q * Q)) * (Q + 1.0 / Q) * decay / (1.0 - decay);
        let moved = 8.0 * f64::EPSILON * (1.0 + self.centre.abs() + self.radius);
        aliasing + moved * norm / (0.026 * self.radius)
    }

    /// dist(w, supp κ).
    fn distance(&self, w: Complex64) -> f64 {
        self.support
            .iter()
            .map(|part| (part.lo - w.re).max(w.re - part.hi).max(0.0).hypot(w.im))
            .fold(f64::INFINITY, f64::min)
    }

    fn node(&self, z: Complex64) -> Result<Node, ReplicateError> {
        let variance = self.mu.sigma().powi(2);
        let solved = self.mu.subordination(UpperHalf::new(z)?)?;
        let omega = z + variance * solved.s;
        let off = variance * solved.error_bound + 4.0 * f64::EPSILON * (1.0 + omega.norm());
        let near = (self.distance(omega) - off).max(f64::MIN_POSITIVE);
        let jet = self.mu.nu().stieltjes_jet(omega);
        let slope = 1.0 - variance * jet.first;
        // |Φ″| ≤ 2σ²/near³ and |s_κ′| ≤ ‖κ‖/near² between ω and its rounded value.
        let slope_error = variance * jet.first_error
            + off * 2.0 * variance / near.powi(3)
            + 8.0 * f64::EPSILON * (1.0 + slope.norm());
        let s = self.kappa.stieltjes(omega);
        let s_error = s.error + off * self.kappa.total_variation_bound() / near.powi(2);
        let least = (slope.norm() - slope_error).max(f64::MIN_POSITIVE);
        Ok(Node {
            slope,
            s_kappa: s.value,
            s_kappa_at_z: self.kappa.stieltjes(z).value,
            error: (s_error + s.value.norm() * slope_error / least) / least,
        })
    }
}

/// The gap of supp μ that is wider among two drawn ones, an unbounded one cut at width 4. Bounded
/// gaps of width 0 are possible; if both are narrow, the one on the right.
fn widest_of_two(mu: &FreeConvolution, first: f64, second: f64) -> (f64, f64) {
    let gaps = mu.gaps();
    let ends = |u: f64| {
        let gap = &gaps[((u * gaps.len() as f64) as usize).min(gaps.len() - 1)];
        let (lo, hi) = (gap.lo.value + gap.lo.error, gap.hi.value - gap.hi.error);
        match (lo.is_finite(), hi.is_finite()) {
            (false, _) => (hi - 4.0, hi),
            (_, false) => (lo, lo + 4.0),
            _ => (lo, hi),
        }
    };
    let width = |gap: &(f64, f64)| gap.1 - gap.0;
    let drawn = [ends(first), ends(second)];
    let widest = drawn
        .into_iter()
        .max_by(|a, b| width(a).total_cmp(&width(b)))
        .expect("two gaps");
    if width(&widest) < 0.2 {
        ends(1.0)
    } else {
        widest
    }
}

/// What enters the integral at one point.
struct Node {
    /// Φ′(ω) = 1/ω′.
    slope: Complex64,
    /// s_κ(ω).
    s_kappa: Complex64,
    /// s_κ(z).
    s_kappa_at_z: Complex64,
    /// Bound of the error of s_κ(ω)/Φ′(ω).
    error: f64,
}

fn residuals(rng: &mut ChaCha8Rng) -> Result<Vec<f64>, ReplicateError> {
    let setting = Setting::draw(rng)?;
    let [delta, image] = setting.intervals()?;
    let mut masses = [0.0; 4];
    let mut worst = 0.0f64;
    for j in 0..NODES / 2 {
        let angle = std::f64::consts::TAU * (j as f64 + 0.5) / NODES as f64;
        let step = Complex64::from_polar(setting.radius, angle);
        let node = setting.node(setting.centre + step)?;
        worst = worst.max(node.error + 8.0 * f64::EPSILON * (node.s_kappa / node.slope).norm());
        let integrands = [
            node.s_kappa / node.slope,
            node.s_kappa,
            node.s_kappa_at_z / node.slope,
            node.s_kappa * node.slope,
        ];
        for (mass, f) in masses.iter_mut().zip(integrands) {
            // The lower half of the circle adds the complex conjugate.
            *mass -= 2.0 * (f * step).re / NODES as f64;
        }
    }
    let transported = setting.kappa.mass(image);
    let error = setting.rule_error() + setting.radius * worst + 64.0 * f64::EPSILON;
    let [mass, unweighted, untransported, slope] = masses;
    let residual = resolved("mass of Δ", (mass - transported).abs(), error)?;
    Ok(vec![
        residual,
        (unweighted - transported).abs(),
        (mass - setting.kappa.mass(delta)).abs(),
        (untransported - transported).abs(),
        (slope - transported).abs(),
        (mass + transported).abs(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::StreamKey;

    #[test]
    fn one_spike_over_zero_has_mass_one_at_two_and_a_half() {
        // ν = δ₀, σ = 1, θ = 2: Φ(2) = 2.5, ω(2.2) and ω(2.8) are on either side of 2.
        let nu = SpectralMeasure::atoms(&[(0.0, 1.0)]).unwrap();
        let spike = SpectralMeasure::atoms(&[(2.0, 1.0)]).unwrap();
        let setting = Setting {
            mu: FreeConvolution::new(nu.clone(), 1.0).unwrap(),
            kappa: SignedMeasure::difference(1.0, spike, 1.0, nu),
            support: vec![Interval { lo: 0.0, hi: 0.0 }, Interval { lo: 2.0, hi: 2.0 }],
            centre: 2.5,
            radius: 0.3,
        };
        let [_, image] = setting.intervals().unwrap();
        assert!(image.lo < 2.0 && 2.0 < image.hi);
        assert_eq!(setting.kappa.mass(image), 1.0);
        // ω = (z + √(z² − 4))/2 at z = 2.5 + 0.3i.
        let z = Complex64::new(2.5, 0.3);
        let omega = 0.5 * (z + (z * z - 4.0).sqrt());
        let node = setting.node(z).unwrap();
        let s = 1.0 / (2.0 - omega) + 1.0 / omega;
        assert!((node.s_kappa - s).norm() < 1e-13);
        assert!((node.slope - (1.0 - 1.0 / (omega * omega))).norm() < 1e-14);
        assert!(node.error < 1e-12);
    }

    #[test]
    fn the_quarter_theorem_bounds_the_transform_at_every_node() {
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: "limit".into(),
            n: 0,
            signal: "random".into(),
        };
        for replicate in 0..50 {
            let setting = Setting::draw(&mut key.generator(replicate)).unwrap();
            // Nearest to supp m: 0.4 radii from the spikes inside.
            let bound = 4.0 * setting.kappa.total_variation_bound() / (0.4 * setting.radius);
            for j in 0..8 {
                let step = Complex64::from_polar(setting.radius, 0.2 + 0.35 * f64::from(j));
                let node = setting.node(setting.centre + step).unwrap();
                assert!((node.s_kappa / node.slope).norm() <= bound);
            }
        }
    }
}
