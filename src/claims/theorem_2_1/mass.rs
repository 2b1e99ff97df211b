//! Masses of intervals under the outlier measure: test functions, limits, and the theory at finite N.

use super::super::outlier_measure::Setting;
use crate::ensemble::{Ensemble, EntryLaw, Signal, SignalShape};
use crate::free::{FreeConvolution, OutlierMap};
use crate::measure::{Interval, MonotoneMap, SpectralMeasure};
use num_complex::Complex64;
use std::f64::consts::PI;

/// f = 0 left of `up.0`, rising to 1 on [up.1, down.0], 0 again from `down.1` on: the indicator of Δ with
/// tapers, Δ from the middle of one taper to the middle of the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Trapezoid {
    pub up: (f64, f64),
    pub down: (f64, f64),
}

/// Points a taper at which masses are averaged.
const NODES: u32 = 200;
/// Error of that average: the integrand is monotone between 0 and 1, and has square-root edges at worst.
const QUADRATURE: f64 = 1e-3;

impl Trapezoid {
    /// Such as `[2.9, 4.6]`.
    pub fn interval(&self) -> String {
        let middle = |(a, b): (f64, f64)| ((0.5 * (a + b) * 1e6).round() / 1e6).to_string();
        format!("[{}, {}]", middle(self.up), middle(self.down))
    }

    pub fn at(&self, x: f64) -> f64 {
        let rise = (x - self.up.0) / (self.up.1 - self.up.0);
        let fall = (self.down.1 - x) / (self.down.1 - self.down.0);
        rise.min(fall).clamp(0.0, 1.0)
    }

    /// sup |f′|.
    pub fn slope(&self) -> f64 {
        (self.up.1 - self.up.0)
            .min(self.down.1 - self.down.0)
            .recip()
    }

    /// ∫ f dρ from x ↦ ρ((x, ∞)): its average over the rising taper less that over the falling one.
    pub fn integral(&self, above: impl Fn(f64) -> f64) -> f64 {
        let average = |(a, b): (f64, f64)| {
            (0..NODES)
                .map(|i| above(a + (b - a) * (f64::from(i) + 0.5) / f64::from(NODES)))
                .sum::<f64>()
                / f64::from(NODES)
        };
        average(self.up) - average(self.down)
    }

    /// Where f′ jumps, and by how much.
    fn kinks(&self) -> [(f64, f64); 4] {
        let rise = (self.up.1 - self.up.0).recip();
        let fall = (self.down.1 - self.down.0).recip();
        [
            (self.up.0, rise),
            (self.up.1, -rise),
            (self.down.0, -fall),
            (self.down.1, fall),
        ]
    }
}

/// A component of the complement of supp ν on which Φ′ > 0, where the test functions live.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Outside(pub Interval);

/// The mean of (1/k) Tr f at N, with the envelope of what is left out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mass {
    pub value: f64,
    pub remainder: f64,
}

/// ∫ f dm = κ-mass transported by Φ: ∫ f(Φ(x)) κ(dx) over the component.
pub(super) fn limit(setting: &Setting, outside: Outside, f: &Trapezoid) -> f64 {
    pushed(
        setting,
        outside,
        f,
        outlier_map(setting.nu(), setting.sigma),
    )
}

/// The same with another ω, for rivals.
pub(super) fn pushed(
    setting: &Setting,
    Outside(domain): Outside,
    f: &Trapezoid,
    outliers: OutlierMap,
) -> f64 {
    let inverse = outliers.clone();
    let map = MonotoneMap::new(
        domain,
        move |x| outliers.phi(x).expect("off supp ν").value,
        move |y| inverse.strength(y).expect("off supp μ").value,
    );
    let (kappa, top) = (setting.kappa(), map.forward(domain.hi));
    f.integral(|x| kappa.pushed_mass(&map, Interval { lo: x, hi: top }))
}

pub(super) fn outlier_map(nu: SpectralMeasure, sigma: f64) -> OutlierMap {
    OutlierMap::new(nu, sigma).expect("the settings' σ")
}

/// (1/k) E Tr f = (N/k)∫ f d(ν_N ⊞ sc) + (σ²/2N) Σ (jump of f′)·ρ_κ(ω(x)) + …; remainder and derivation in
/// `docs/derivations/outlier_mass.md`.
pub(super) fn at_size(
    setting: &Setting,
    ensemble: &Ensemble,
    n: usize,
    k: usize,
    f: &Trapezoid,
) -> Mass {
    let signal = Signal::diagonal(SignalShape::Prescribed(setting.eigenvalues(n, k)));
    let esd = signal.esd(n).expect("finite eigenvalues");
    let atoms = esd.point_masses().to_vec();
    let variance = setting.sigma.powi(2);
    let mu = FreeConvolution::new(esd, setting.sigma).expect("the settings' σ");
    let size = n as f64;
    let above = |x: f64| {
        let omega = mu.on_axis(x).expect("solved on the axis").omega;
        mass_above(&atoms, variance, omega, x)
    };
    let main = size / k as f64 * f.integral(above);

    let map = outlier_map(setting.nu(), setting.sigma);
    let fourth = match ensemble {
        Ensemble::Wigner { law, .. } => law.cumulant(4).unwrap_or(0.0),
        Ensemble::Gue { .. } => EntryLaw::Gaussian.cumulant(4).unwrap_or(0.0),
    };
    let (mut kinks, mut all) = (0.0, 0.0);
    for (x, jump) in f.kinks() {
        let Ok(theta) = map.strength(x) else { continue };
        let density = spike_density(setting, theta.value);
        kinks += 0.5 * variance / size * jump * density;
        all += 0.5 * variance / size * jump.abs() * density;
    }
    let drift = largest_shift(setting, fourth) / size * f.slope();
    Mass {
        value: main + kinks,
        remainder: (1.0 + fourth.abs()) * all + drift + QUADRATURE * size / k as f64,
    }
}

/// ρ((x, ∞)) = (1/π) [Σ w arg(ω − t) + Im (ω − x)²/(2σ²)]: Im of the logarithmic potential on the axis.
fn mass_above(atoms: &[(f64, f64)], variance: f64, omega: Complex64, x: f64) -> f64 {
    let angles: f64 = atoms
        .iter()
        .map(|(t, w)| w * omega.im.atan2(omega.re - t))
        .sum();
    (angles + ((omega - x) * (omega - x)).im / (2.0 * variance)) / PI
}

/// Density of κ₊ at θ.
pub(super) fn spike_density(setting: &Setting, theta: f64) -> f64 {
    setting
        .clusters
        .iter()
        .filter(|c| c.lo <= theta && theta <= c.hi)
        .map(|c| c.share / (c.hi - c.lo))
        .sum()
}

/// max |c₁(θ)| over the ends of the clusters, c₁/N the shift of one outlier's mean (v_d = 2).
fn largest_shift(setting: &Setting, fourth: f64) -> f64 {
    let (nu, variance) = (setting.nu(), setting.sigma.powi(2));
    let shift = |theta: f64| {
        let jet = nu.stieltjes_jet(Complex64::new(theta, 0.0));
        let s = variance * jet.first.re;
        let curvature = variance * jet.second.re.abs();
        0.5 * variance * curvature * ((1.0 - s).recip() + fourth.abs() * (3.0 * s - 1.0).abs())
    };
    setting
        .clusters
        .iter()
        .flat_map(|c| [c.lo, c.hi])
        .map(shift)
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::super::super::outlier_measure::Bulk;
    use super::*;

    const F: Trapezoid = Trapezoid {
        up: (2.7, 3.1),
        down: (4.4, 4.8),
    };

    fn setting() -> Setting {
        Setting::new(Bulk::Zero, 1.0, &[(2.0, 3.4, 1.0)])
    }

    #[test]
    fn integral_of_a_point_mass_is_the_value_of_the_function() {
        for t in [2.0, 2.8, 3.0, 3.5, 4.5, 5.0] {
            let integral = F.integral(|x| if x < t { 1.0 } else { 0.0 });
            assert!((integral - F.at(t)).abs() < 2.0 / f64::from(NODES), "{t}");
        }
        assert!((F.slope() - 2.5).abs() < 1e-12);
        assert_eq!(F.interval(), "[2.9, 4.6]");
    }

    /// ω(x) = (x + √(x² − 4))/2 for S = 0, and κ₊ is uniform on [2, 3.4].
    #[test]
    fn limit_is_the_transported_mass_in_closed_form() {
        let domain = Outside(Interval { lo: 1.0, hi: 9.0 });
        let own = |x: f64| (3.4 - 0.5 * (x + (x * x - 4.0).sqrt())) / 1.4;
        let expected = F.integral(|x| own(x).clamp(0.0, 1.0));
        assert!((limit(&setting(), domain, &F) - expected).abs() < 1e-12);
    }

    /// At k/N = 10⁻³ the theory at N is the limit to within 1 %.
    #[test]
    fn theory_at_size_tends_to_the_limit() {
        let domain = Outside(Interval { lo: 1.0, hi: 9.0 });
        let at = at_size(&setting(), &Ensemble::goe(), 100_000, 100, &F);
        let distance = (at.value - limit(&setting(), domain, &F)).abs();
        assert!(distance < 0.01, "{distance}");
    }

    /// (1/π) Im log of the potential: against the distribution function of the crate.
    #[test]
    fn mass_above_agrees_with_the_distribution_function() {
        let nu = SpectralMeasure::atoms(&[(-0.4, 0.75), (1.2, 0.25)]).unwrap();
        let mu = FreeConvolution::new(nu.clone(), 0.8).unwrap();
        for x in [-2.5, -1.0, 0.3, 1.4, 3.0] {
            let omega = mu.on_axis(x).unwrap().omega;
            let above = mass_above(nu.point_masses(), 0.8 * 0.8, omega, x);
            assert!((above + mu.cdf(x).unwrap() - 1.0).abs() < 1e-9, "{x}");
        }
    }
}
