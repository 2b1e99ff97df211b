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
        if steep <= 0.0 {
            return None;
        }

        let reach = (distance / 16.0).min(4.0 * defect / steep);
        let curvature = self.curvature(trial, distance, reach);
        let h = curvature * defect / (steep * steep) * INFLATE;
        // On supp ν, or with an infinite defect, h is infinite or not a number.
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
mod sharp;
#[cfg(test)]
mod tests;
