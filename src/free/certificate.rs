//! Bounds on |s − s_μ(z)| proved from a trial ω alone: Newton–Kantorovich, Schwarz–Pick, Hölder.
//!
//! Derived in [`super::derivation`], sections 2–4; each function names its inequality.

use super::{FreeConvolution, UNIT};
use crate::measure::Jet;
use num_complex::Complex64;

/// Covers the rounding of the few operations that compute a bound.
const INFLATE: f64 = 1.0 + 1e-12;

/// A trial ω for Φ(ω) = z with what is needed to judge it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trial {
    pub(super) omega: Complex64,
    pub(super) jet: Jet,
    /// ω − z − σ² s_ν(ω) = Φ(ω) − z as computed.
    pub(super) residual: Complex64,
    /// Rounding of the residual that does not come from s_ν.
    arithmetic: f64,
    /// |residual − (Φ(ω) − z)| ≤ `rounding`.
    pub(super) rounding: f64,
}

impl Trial {
    /// |Φ(ω) − z| ≤ this.
    pub(super) fn defect(&self) -> f64 {
        (self.residual.norm() + self.rounding) * INFLATE
    }
}

/// A value of s with its proved bound, and ω improved by one Newton step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Certificate {
    pub(super) omega: Complex64,
    pub(super) s: Complex64,
    pub(super) bound: f64,
}

impl FreeConvolution {
    /// Evaluates Φ(ω) − z.
    pub(super) fn trial(&self, z: Complex64, omega: Complex64) -> Trial {
        let jet = self.nu.stieltjes_jet(omega);
        let offset = omega - z;
        let pull = jet.value * self.variance;
        let residual = offset - pull;
        // u for the subtraction ω − z, 2u for σ·σ and the product, u for the last subtraction.
        let arithmetic = UNIT * (offset.norm() + 2.0 * pull.norm() + residual.norm()) * INFLATE;
        Trial {
            omega,
            jet,
            residual,
            arithmetic,
            rounding: (self.variance * jet.error + arithmetic) * INFLATE,
        }
    }

    /// Φ′(ω) = 1 − σ² s_ν′(ω) and a bound on its error.
    pub(super) fn slope_at(&self, jet: &Jet) -> (Complex64, f64) {
        let pull = jet.first * self.variance;
        let slope = Complex64::new(1.0, 0.0) - pull;
        let error = self.variance * jet.first_error + UNIT * (2.0 * pull.norm() + slope.norm());
        (slope, error * INFLATE)
    }

    /// The best of the bounds that apply; an infinite bound when none does.
    pub(super) fn certify(&self, z: Complex64, trial: &Trial) -> Certificate {
        if let Some(certificate) = self.kantorovich(z, trial) {
            return certificate;
        }
        let candidates = [self.pick(z, trial), self.hoelder(z, trial)];
        let none = Certificate {
            omega: trial.omega,
            s: trial.jet.value,
            bound: f64::INFINITY,
        };
        candidates.into_iter().flatten().fold(none, |best, next| {
            if next.bound < best.bound { next } else { best }
        })
    }

    /// Newton–Kantorovich: a root of Φ = z within r of ω̃, and it is the right one.
    ///
    /// With δ ≥ |Φ(ω̃) − z|, m ≤ |Φ′(ω̃)|, |Φ″| ≤ M near ω̃ and h = Mδ/m² ≤ ½ there is a root with
    /// |ω − ω̃| ≤ r = 2δ/(m(1 + √(1 − 2h))). It is ω(z) if the disc lies in the upper half-plane, or
    /// if Re Φ′ > 0 on it. Then s = s_ν(ω̃) − s_ν′(ω̃)(Φ(ω̃) − z)/Φ′(ω̃) up to second order in r.
    pub(super) fn kantorovich(&self, z: Complex64, trial: &Trial) -> Option<Certificate> {
        let Trial {
            omega,
            jet,
            residual,
            ..
        } = *trial;
        let (slope, slope_error) = self.slope_at(&jet);
        let steep = slope.norm() * (1.0 - 4.0 * UNIT) - slope_error;
        let distance = self.distance_to_nu(omega);
        let defect = trial.defect();
        if !(steep > 0.0 && distance > 0.0 && defect.is_finite()) {
            return None;
        }

        let reach = (distance / 16.0).min(4.0 * defect / steep);
        let curvature = self.curvature(trial, distance, reach);
        let h = curvature * defect / (steep * steep) * INFLATE;
        // A bound that is not a number certifies nothing.
        if h.is_nan() || h > 0.49 {
            return None;
        }
        let radius = 2.0 * defect / steep / (1.0 + (1.0 - 2.0 * h).sqrt()) * INFLATE;
        let above = radius < omega.im;
        let monotone = slope.re - slope_error - curvature * radius * INFLATE > 0.0;
        if radius > reach || !(above || monotone) {
            return None;
        }

        let ratio = jet.first / slope;
        let correction = ratio * residual;
        let s = jet.value - correction;
        let steepness = (jet.first.norm() + jet.first_error) / steep;
        let second_order = 0.5 * curvature * radius * radius * (steepness + 1.0 / self.variance);
        let bound = jet.error / steep
            + steepness * trial.arithmetic
            + residual.norm() * slope_error / (self.variance * steep * steep)
            + second_order
            + UNIT * (16.0 * correction.norm() + 2.0 * s.norm());
        Some(Certificate {
            omega: self.polish(z, omega - residual / slope),
            s: Complex64::new(s.re, if omega.im == 0.0 { 0.0 } else { s.im }),
            bound: bound * INFLATE,
        })
    }

    /// Schwarz–Pick: ω(·) does not expand hyperbolic distance.
    ///
    /// Φ(ω̃) = z̃ in the upper half-plane means ω̃ = ω(z̃) exactly, so with δ ≥ |z̃ − z|, y = Im z > δ and
    /// p = δ/(2y − δ): |ω − ω̃| ≤ 2 Im ω̃ · p/(1 − p).
    fn pick(&self, z: Complex64, trial: &Trial) -> Option<Certificate> {
        let defect = trial.defect();
        if defect.is_nan() || defect >= z.im {
            return None;
        }
        let contraction = defect / (2.0 * z.im - defect) * INFLATE;
        let spread = 2.0 * trial.omega.im * contraction / (1.0 - contraction);
        Some(self.spread_to_s(z, trial, spread * INFLATE))
    }

    /// Hölder: |ω(z) − ω(z̃)| ≤ (14/3)(σ²δ)^{1/3} + 6δ for all z, z̃ in the closed upper half-plane.
    ///
    /// The last resort, at edges and cusps on the axis. ω̃ is first raised until Im Φ(ω̃) ≥ 0 is
    /// certain, so that ω̃ = ω(z̃).
    fn hoelder(&self, z: Complex64, trial: &Trial) -> Option<Certificate> {
        let mut trial = *trial;
        let mut lift = UNIT * self.sigma;
        let above = |trial: &Trial| trial.residual.im + z.im >= trial.rounding + UNIT * z.im;
        while !above(&trial) {
            let omega = Complex64::new(trial.omega.re, trial.omega.im + lift);
            trial = self.trial(z, omega);
            lift *= 2.0;
            if lift > 4.0 * self.sigma {
                return None;
            }
        }
        let defect = trial.defect();
        let spread = 14.0 / 3.0 * (self.variance * defect).cbrt() + 6.0 * defect;
        Some(self.spread_to_s(z, &trial, spread * INFLATE))
    }

    /// The bound on s = s_ν(ω) that |ω − ω̃| ≤ `spread` gives, for the value s_ν(ω̃).
    ///
    /// Either directly, s_ν(ω̃) − s = ((ω̃ − ω) − (z̃ − z))/σ² with z̃ = Φ(ω̃), or through ∫|t − ω|⁻².
    fn spread_to_s(&self, z: Complex64, trial: &Trial, spread: f64) -> Certificate {
        let Trial { omega, jet, .. } = *trial;
        let distance = self.distance_to_nu(omega);
        let direct = (spread + trial.defect()) / self.variance;
        let through_nu = if spread < distance {
            let mean = self.mean_inverse_square(trial, distance);
            spread * mean * distance / (distance - spread)
        } else {
            f64::INFINITY
        };
        Certificate {
            omega: self.polish(z, omega),
            s: jet.value,
            bound: (jet.error + direct.min(through_nu)) * INFLATE,
        }
    }

    /// Rounding must not break Im ω ≥ Im z.
    fn polish(&self, z: Complex64, omega: Complex64) -> Complex64 {
        Complex64::new(omega.re, omega.im.max(z.im))
    }

    /// Upper bound on ∫ν(dt)/|t − ω|², the least of three.
    fn mean_inverse_square(&self, trial: &Trial, distance: f64) -> f64 {
        let Trial { omega, jet, .. } = *trial;
        let crude = 1.0 / (distance * distance);
        // Im s = Im ω ∫|t − ω|⁻² exactly.
        let from_value = if omega.im > 0.0 {
            (jet.value.im + jet.error) / omega.im
        } else {
            f64::INFINITY
        };
        // Near the axis the integrand of s′ turns little: Re (t − ω)⁻² ≥ (1 − 2(Im ω/d)²)|t − ω|⁻².
        let turn = 1.0 - 2.0 * (omega.im / distance).powi(2);
        let from_slope = if turn > 0.25 {
            (jet.first.norm() + jet.first_error) / turn
        } else {
            f64::INFINITY
        };
        crude.min(from_value).min(from_slope) * INFLATE
    }

    /// Upper bound on |Φ″| over the disc of radius `reach` ≤ d/16 round ω̃.
    fn curvature(&self, trial: &Trial, distance: f64, reach: f64) -> f64 {
        let mean = self.mean_inverse_square(trial, distance);
        let shrink = 1.0 - reach / distance;
        let everywhere = 2.0 * mean / (distance * shrink.powi(3));
        let third = 6.0 * mean / (distance * distance * shrink.powi(4));
        let nearby = trial.jet.second.norm() + trial.jet.second_error + reach * third;
        self.variance * everywhere.min(nearby) * INFLATE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::SpectralMeasure;
    use proptest::prelude::*;

    fn free(atoms: &[(f64, f64)], sigma: f64) -> FreeConvolution {
        FreeConvolution::new(SpectralMeasure::atoms(atoms).unwrap(), sigma).unwrap()
    }

    fn three_atoms() -> impl Strategy<Value = Vec<(f64, f64)>> {
        [-3.0..3.0f64, -3.0..3.0, -3.0..3.0]
            .prop_map(|[a, b, c]| vec![(a, 0.5), (b, 0.375), (c, 0.125)])
    }

    proptest! {
        #[test]
        fn the_mean_inverse_square_and_the_curvature_bound_what_they_stand_for(
            atoms in three_atoms(), sigma in 0.3..2.0f64, x in -4.0..4.0f64, e in -9.0..0.5f64,
            share in 0.0..1.0f64, angle in 0.0..6.3f64,
        ) {
            let mu = free(&atoms, sigma);
            let omega = Complex64::new(x, 10f64.powf(e));
            let distance = mu.distance_to_nu(omega);
            prop_assume!(distance > 1e-6);
            let nearest = atoms.iter().map(|a| (a.0 - omega).norm()).fold(f64::INFINITY, f64::min);
            prop_assert!(distance <= nearest && nearest <= distance * (1.0 + 1e-8));

            let trial = mu.trial(omega, omega);
            let exact: f64 = atoms.iter().map(|(t, w)| w / (t - omega).norm_sqr()).sum();
            let mean = mu.mean_inverse_square(&trial, distance);
            // Im s/Im ω is the integral itself; only the error of s comes on top.
            let most = exact + 2.0 * trial.jet.error / omega.im;
            prop_assert!(exact * (1.0 - 1e-13) <= mean && mean <= most * (1.0 + 1e-9));

            let reach = distance / 16.0;
            let bound = mu.curvature(&trial, distance, reach);
            let second = |w: Complex64| {
                let sum: Complex64 = atoms.iter().map(|(t, m)| 2.0 * m * (t - w).inv().powi(3)).sum();
                sigma * sigma * sum.norm()
            };
            let inside = omega + Complex64::from_polar(share * reach, angle);
            prop_assert!(second(inside) <= bound * (1.0 + 1e-12), "{} {bound}", second(inside));
            // A tiny disc: the bound is |Φ″| at its centre, as far as s″ is known.
            let point = mu.curvature(&trial, distance, 1e-12 * distance);
            let slack = 2.0 * sigma * sigma * trial.jet.second_error;
            let crude = 2.0 * sigma * sigma * exact / distance;
            prop_assert!(point <= (second(omega) + slack + 1e-10 * crude) * (1.0 + 1e-9));
        }

        /// |Im ω|⁻² near a single atom: with Im ω ≪ distance the integrals of s and s′ are one.
        #[test]
        fn on_the_axis_the_mean_inverse_square_is_the_slope_of_s(
            atoms in three_atoms(), sigma in 0.3..2.0f64, x in -4.0..4.0f64
        ) {
            let mu = free(&atoms, sigma);
            let omega = Complex64::new(x, 0.0);
            let distance = mu.distance_to_nu(omega);
            prop_assume!(distance > 1e-6);
            let exact: f64 = atoms.iter().map(|(t, w)| w / (t - x).powi(2)).sum();
            let mean = mu.mean_inverse_square(&mu.trial(omega, omega), distance);
            prop_assert!(exact * (1.0 - 1e-13) <= mean && mean <= exact * (1.0 + 1e-9));
        }

        /// Whatever trial is judged, the bound covers: the roots are known from better trials.
        #[test]
        fn every_bound_covers_the_root_from_a_trial_far_from_it(
            atoms in three_atoms(), sigma in 0.3..2.0f64, x in -6.0..6.0f64, e in -3.0..0.5f64,
            size in -6.0..0.0f64, angle in 0.0..6.3f64,
        ) {
            let mu = free(&atoms, sigma);
            let z = Complex64::new(x, 10f64.powf(e));
            let root = mu.solve_above(z).unwrap();
            let omega = root.omega + Complex64::from_polar(10f64.powf(size), angle);
            prop_assume!(omega.im > 0.0);
            let trial = mu.trial(z, omega);
            let found = [mu.kantorovich(z, &trial), mu.pick(z, &trial), mu.hoelder(z, &trial)];
            for certificate in found.into_iter().flatten() {
                let off = (certificate.s - root.s).norm();
                prop_assert!(off <= certificate.bound + root.error_bound, "{off:e} {certificate:?}");
                prop_assert!(certificate.omega.im >= z.im);
            }
            let best = mu.certify(z, &trial);
            prop_assert!((best.s - root.s).norm() <= best.bound + root.error_bound);
        }
    }

    /// δ₀, σ = 1: Φ = ω + 1/ω has the double root ω = 1 of Φ = 2, where Newton's method certifies
    /// nothing, and Φ = 2.5 has the roots 2 and ½ of which only the first is ω.
    #[test]
    fn double_roots_and_wrong_roots_have_no_newton_certificate() {
        let mu = free(&[(0.0, 1.0)], 1.0);
        let at = |z: f64, omega: f64| {
            let (z, omega) = (Complex64::new(z, 0.0), Complex64::new(omega, 0.0));
            mu.kantorovich(z, &mu.trial(z, omega))
        };
        assert!(at(2.0, 1.0).is_none());
        assert!(at(2.5, 0.5).is_none());
        assert!(at(2.5, 0.0).is_none());
        let right = at(2.5, 2.0).unwrap();
        assert_eq!(right.s, Complex64::new(-0.5, 0.0));
        assert!(right.bound < 1e-14);
    }

    /// ½δ₋₁ + ½δ₁: s″ = 2ω(ω² + 3)/(1 − ω²)³ vanishes at 0, and what rounding leaves of it there is no
    /// bound. With σ = 1 it is −Φ″.
    #[test]
    fn the_curvature_bound_covers_a_second_derivative_that_cancels() {
        let mu = free(&[(-1.0, 0.5), (1.0, 0.5)], 1.0);
        for x in [0.0, 1e-20, -1e-18, 3e-17, 1e-15, -1e-10] {
            let omega = Complex64::new(x, 0.0);
            let trial = mu.trial(omega, omega);
            let distance = mu.distance_to_nu(omega);
            for reach in [0.0f64, 1e-12, 1e-3, 0.0625] {
                let bound = mu.curvature(&trial, distance, reach.min(distance / 16.0));
                let rim = x.abs() + reach.min(distance / 16.0);
                // All coefficients of the series at 0 are positive: the largest value is that on the real axis.
                let most = 2.0 * rim * (rim * rim + 3.0) / (1.0 - rim * rim).powi(3);
                assert!(
                    most <= bound * (1.0 + 1e-12),
                    "{x:e} {reach:e}: {most:e} {bound:e}"
                );
                // The third derivative is taken at its largest, everywhere: 6/(1 − 1/16)⁴ < 8.
                let allowed = 8.0 * rim + 2.0 * trial.jet.second_error;
                assert!(
                    bound <= allowed * (1.0 + 1e-9),
                    "{x:e} {reach:e}: {bound:e}"
                );
            }
        }
    }

    /// δ₀: on the rim of a disc, next to the atom, |Φ″| is 2σ²/(d − r)³.
    #[test]
    fn the_curvature_bound_covers_the_rim_beside_an_atom() {
        for (sigma, d) in [(1.0, 1.0), (0.3, 1e-3), (2.0, 1e4)] {
            let mu = free(&[(0.0, 1.0)], sigma);
            for share in [0.0, 1e-6, 0.01, 0.0625] {
                for phase in [0.0f64, 0.5, 1.5, 2.6] {
                    let omega = Complex64::from_polar(d, phase);
                    let distance = mu.distance_to_nu(omega);
                    let bound = mu.curvature(&mu.trial(omega, omega), distance, share * distance);
                    let rim = 2.0 * sigma * sigma / (d * (1.0 - share)).powi(3);
                    assert!(rim <= bound * (1.0 + 1e-9), "{d} {share} {phase}");
                    assert!(
                        bound <= rim * (1.0 + 3.0 * share + 1e-9),
                        "{d} {share} {phase}"
                    );
                }
            }
        }
    }

    /// 1 − σ²s′ for an exact s′: fl(σ²), the product and the difference leave rests that are computed.
    #[test]
    fn the_error_of_the_slope_covers_its_own_three_roundings() {
        for k in 0..400 {
            let sigma = 0.1 + 0.0137 * f64::from(k);
            let mu = free(&[(0.0, 1.0)], sigma);
            for first in [1e-9, 0.37, 1.3, 1e4 / 3.0, -1e9 / 7.0] {
                let jet = Jet {
                    first: Complex64::new(first, 0.0),
                    ..exact_jet()
                };
                let (slope, error) = mu.slope_at(&jet);
                let square = sigma * sigma;
                let square_rest = sigma.mul_add(sigma, -square);
                let pull = square * first;
                let pull_rest = square.mul_add(first, -pull) + square_rest * first;
                let difference = 1.0 - pull;
                // Knuth's exact rest of a difference.
                let back = difference - 1.0;
                let rest = (1.0 - (difference - back)) - (pull + back);
                let off = (slope.re - difference) - (rest - pull_rest);
                assert!(
                    off.abs() <= error,
                    "σ = {sigma}, s′ = {first}: {off:e} {error:e}"
                );
                assert!(error <= 4.0 * UNIT * (1.0 + pull.abs()), "{error:e}");
            }
        }
    }

    fn exact_jet() -> Jet {
        Jet {
            value: Complex64::ZERO,
            first: Complex64::ZERO,
            second: Complex64::ZERO,
            error: 0.0,
            first_error: 0.0,
            second_error: 0.0,
        }
    }

    /// δ₀: of all ω with |ω − ω̃| ≤ r the one nearest to 0 has the s farthest off, by r/(d(d − r)).
    #[test]
    fn a_spread_of_omega_becomes_the_largest_possible_spread_of_s() {
        let mu = free(&[(0.0, 1.0)], 1.0);
        for omega in [
            Complex64::new(3.0, 4.0),
            Complex64::new(-40.0, 1.0),
            Complex64::new(0.0, 2.0),
        ] {
            // At its own Φ the trial has no defect but rounding, and directly r/σ² = r bounds s.
            let z = omega + omega.inv();
            let trial = mu.trial(z, omega);
            let d = omega.norm();
            for share in [1e-6, 1e-3, 0.1, 0.3] {
                let spread = share * d;
                let farthest = spread / (d * (d - spread));
                let found = mu.spread_to_s(z, &trial, spread).bound;
                assert!(farthest <= found, "{omega} {share}: {farthest:e} {found:e}");
                let allowed = farthest.min(spread) + trial.jet.error + 2.0 * trial.defect();
                assert!(
                    found <= allowed * (1.0 + 1e-9),
                    "{omega} {share}: {found:e} {allowed:e}"
                );
            }
        }
    }

    /// At ordinary points ten to a hundred roundings of s are what a bound should cost.
    #[test]
    fn newton_certificates_are_a_hundred_roundings_wide_at_most() {
        let mu = free(&[(-1.0, 0.25), (0.5, 0.5), (2.0, 0.25)], 0.75);
        for k in 0..60 {
            let z = Complex64::new(-4.0 + 0.13 * f64::from(k), 1.0 + 0.1 * f64::from(k));
            let root = mu.solve_above(z).unwrap();
            let sharp = mu.kantorovich(z, &mu.trial(z, root.omega)).unwrap();
            assert!(
                sharp.bound <= 100.0 * UNIT * sharp.s.norm(),
                "{z}: {sharp:?}"
            );
            assert!(sharp.bound >= 2.0 * UNIT * sharp.s.norm(), "{z}: {sharp:?}");
        }
    }

    /// δ₀, σ = 1 at the edge 2 = Φ(1): s = −1. Above the axis a trial is taken as it is, below it is
    /// lifted first; the bound of the former is that of a cube root.
    #[test]
    fn trials_on_either_side_of_the_level_line_are_certified_at_an_edge() {
        let mu = free(&[(0.0, 1.0)], 1.0);
        let z = Complex64::new(2.0, 0.0);
        for off in [1e-2, 1e-3, 1e-4] {
            for side in [1.0, -1.0] {
                // Φ − 2 = (ω − 1)²/ω, nearly ±2i off².
                let trial = mu.trial(z, Complex64::new(1.0 + side * off, off));
                assert!(side * trial.residual.im > 0.0);
                let found = mu.hoelder(z, &trial).unwrap();
                assert!(
                    (found.s + 1.0).norm() <= found.bound,
                    "{off} {side}: {found:?}"
                );
                // Lifted, the trial lies far above; as it is, |Φ − 2| is 2 off² but for terms in off³.
                let spread = 5.0 * (3.0 * off * off).cbrt() + 20.0 * off * off;
                assert!(side < 0.0 || found.bound <= spread, "{off}: {found:?}");
            }
        }
    }
}
