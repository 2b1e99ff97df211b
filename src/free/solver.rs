//! Roots of Φ(ω) = z: damped Newton along a lifted path, bisection when it stalls.

use super::certificate::Trial;
use super::{FreeConvolution, FreeError, Gap, Subordination, UNIT};
use num_complex::Complex64;

/// Newton steps before bisection takes over; a few dozen suffice at a cusp.
const NEWTON_STEPS: u32 = 120;
/// Halvings of one Newton step before it counts as stalled.
const HALVINGS: u32 = 40;
/// Bisection steps: from width 2σ to below one unit in the last place.
const BISECTIONS: u32 = 64;

impl FreeConvolution {
    /// Solves Φ(ω) = z for Im z ≥ 0, the root in the closed upper half-plane.
    pub(super) fn solve_above(&self, z: Complex64) -> Result<Subordination, FreeError> {
        // Im Φ ≥ Im ω − σ²/Im ω ≥ Im z there, so the straight path from Φ(start) to z stays above.
        let start = Complex64::new(z.re, z.im + self.sigma);
        let (trial, mut iterations) = self.newton(z, start);
        if let Some(certificate) = self.kantorovich(z, &trial) {
            return Ok(Subordination {
                omega: certificate.omega,
                s: certificate.s,
                error_bound: certificate.bound,
                iterations,
            });
        }

        let mut best = self.certify(z, &trial);
        let mut residual = trial.residual.norm();
        let (bisected, evaluations) = self.bisect(z);
        iterations += evaluations;
        for trial in [self.trial(z, bisected), self.newton(z, bisected).0] {
            let certificate = self.certify(z, &trial);
            iterations += 1;
            if certificate.bound < best.bound {
                best = certificate;
                residual = trial.residual.norm();
            }
        }
        if !best.bound.is_finite() {
            return Err(FreeError::NotConverged { z, residual });
        }
        Ok(Subordination {
            omega: best.omega,
            s: best.s,
            error_bound: best.bound,
            iterations,
        })
    }

    /// Damped Newton. Φ maps {Im Φ > 0} one to one onto the upper half-plane, which is convex, so
    /// the segment from Φ(start) to z lifts to a path along which small steps never fail.
    fn newton(&self, z: Complex64, start: Complex64) -> (Trial, u32) {
        let mut trial = self.trial(z, start);
        let mut evaluations = 1;
        for _ in 0..NEWTON_STEPS {
            let size = trial.residual.norm();
            if size <= 0.5 * trial.rounding {
                break;
            }
            let step = trial.residual / self.slope_at(&trial.jet).0;
            // The certificate adds this step to s; ω itself has no digits left for it.
            if step.norm() <= 2.0 * UNIT * trial.omega.norm() {
                break;
            }
            let mut fraction = 1.0;
            let mut next = None;
            for _ in 0..HALVINGS {
                let omega = trial.omega - step * fraction;
                fraction *= 0.5;
                if omega.im.is_nan() || omega.im <= 0.0 {
                    continue;
                }
                let candidate = self.trial(z, omega);
                evaluations += 1;
                let shrunk = candidate.residual.norm();
                let above = candidate.residual.im + z.im > 0.0;
                // Once convergence is fast the sign of Im Φ is rounding when z is real.
                if shrunk <= (1.0 - 0.5 * fraction) * size && (above || shrunk <= 0.01 * size) {
                    next = Some(candidate);
                    break;
                }
            }
            match next {
                Some(candidate) => trial = candidate,
                None => break,
            }
        }
        (trial, evaluations)
    }

    /// Nested bisection, slow and without conditions: on the level line Im Φ(u + iv) = Im z the
    /// height v is a function of u, and Re Φ increases along it (Biane).
    fn bisect(&self, z: Complex64) -> (Complex64, u32) {
        // ω − z = σ²s and |s| ≤ 1/σ.
        let (mut left, mut right) = (z.re - self.sigma, z.re + self.sigma);
        let mut omega = Complex64::new(z.re, z.im + self.sigma);
        let mut evaluations = 0;
        for _ in 0..BISECTIONS {
            let u = left + 0.5 * (right - left);
            let v = self.height(u, z.im);
            evaluations += BISECTIONS + 1;
            omega = Complex64::new(u, v);
            if self.trial(z, omega).residual.re < 0.0 {
                left = u;
            } else {
                right = u;
            }
        }
        (omega, evaluations)
    }

    /// The v > 0 with Im Φ(u + iv) = y, or nearly 0 when y = 0 and Im Φ ≥ 0 on the whole line.
    ///
    /// Im Φ = v(1 − σ²∫ν(dt)/|t − u − iv|²) increases once it is positive.
    pub(super) fn height(&self, u: f64, y: f64) -> f64 {
        let (mut low, mut high) = (y, y + self.sigma);
        for _ in 0..BISECTIONS {
            // A geometric mean finds heights of any size in as many steps as the exponent has bits.
            let v = if low > 0.0 && high > 4.0 * low {
                (low * high).sqrt()
            } else {
                low + 0.5 * (high - low)
            };
            if v <= low || v >= high {
                break;
            }
            let s = self.nu.stieltjes_jet(Complex64::new(u, v)).value;
            if v - self.variance * s.im < y {
                low = v;
            } else {
                high = v;
            }
        }
        high
    }

    /// Solves Φ(ω) = x on the real component of {Φ′ > 0} over an open gap of supp μ.
    pub(super) fn solve_in_gap(&self, x: f64, gap: &Gap) -> Result<Subordination, FreeError> {
        let z = Complex64::new(x, 0.0);
        let mut low = gap.preimage.lo.max(x - self.sigma);
        let mut high = gap.preimage.hi.min(x + self.sigma);
        let mut iterations = 1;
        let mut trial = self.trial(z, Complex64::new(low + 0.5 * (high - low), 0.0));
        for _ in 0..4 * BISECTIONS {
            let omega = trial.omega.re;
            if trial.residual.re.abs() <= 0.5 * trial.rounding {
                break;
            }
            // Invariant: Φ(low) ≤ x ≤ Φ(high) up to rounding, Φ increasing in between.
            if trial.residual.re < 0.0 {
                low = omega;
            } else {
                high = omega;
            }
            let step = trial.residual.re / self.slope_at(&trial.jet).0.re;
            if step.abs() <= 2.0 * UNIT * omega.abs() {
                break;
            }
            let newton = omega - step;
            let next = if newton > low && newton < high {
                newton
            } else {
                low + 0.5 * (high - low)
            };
            if next <= low || next >= high {
                break;
            }
            trial = self.trial(z, Complex64::new(next, 0.0));
            iterations += 1;
        }
        let certificate = self.certify(z, &trial);
        if !certificate.bound.is_finite() {
            let residual = trial.residual.norm();
            return Err(FreeError::NotConverged { z, residual });
        }
        Ok(Subordination {
            omega: certificate.omega,
            s: certificate.s,
            error_bound: certificate.bound,
            iterations,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::SpectralMeasure;

    /// δ₀, σ = 1: Im Φ(u + iv) = v(1 − 1/(u² + v²)) is 0 on the unit circle and nowhere else above.
    #[test]
    fn heights_over_the_axis_are_those_of_the_unit_circle() {
        let mu = FreeConvolution::new(SpectralMeasure::atoms(&[(0.0, 1.0)]).unwrap(), 1.0).unwrap();
        for u in [0.0f64, 0.3, -0.6, 0.8, 0.999, -0.999_999] {
            let exact = ((1.0 - u) * (1.0 + u)).sqrt();
            let found = mu.height(u, 0.0);
            assert!(
                (found - exact).abs() <= 1e-14 / exact,
                "{u}: {found} {exact}"
            );
        }
        for u in [1.001, -1.5, 20.0] {
            assert!(mu.height(u, 0.0) <= 1e-15, "{u}");
        }
    }

    #[test]
    fn heights_solve_their_equation_at_every_level() {
        let nu = SpectralMeasure::atoms(&[(-1.0, 0.5), (0.25, 0.25), (2.0, 0.25)]).unwrap();
        let mu = FreeConvolution::new(nu, 0.7).unwrap();
        for k in -20..20 {
            for y in [1e-3, 0.1, 1.0, 30.0] {
                let u = 0.17 * f64::from(k);
                let v = mu.height(u, y);
                let omega = Complex64::new(u, v);
                let image = omega - mu.nu.stieltjes(omega) * mu.variance;
                assert!(
                    (image.im - y).abs() <= 1e-13 * (1.0 + y),
                    "{u} {y}: {image}"
                );
            }
        }
    }

    /// Bisection needs no good start and no derivative: it must find what Newton's method finds.
    #[test]
    fn nested_bisection_and_newtons_method_have_the_same_root() {
        let nu = SpectralMeasure::atoms(&[(-1.0, 0.5), (0.25, 0.25), (2.0, 0.25)]).unwrap();
        let mu = FreeConvolution::new(nu, 0.7).unwrap();
        for k in -20..20 {
            for y in [0.03, 0.1, 1.0, 30.0] {
                let z = Complex64::new(0.17 * f64::from(k), y);
                let (root, evaluations) = mu.bisect(z);
                let off = (root - mu.solve_above(z).unwrap().omega).norm();
                // The error of u is one of Re Φ, |ω′| ≤ Im ω/Im z times larger.
                assert!(off <= 1e-13 * (1.0 + z.norm()) / y, "{z}: {root} {off:e}");
                assert_eq!(evaluations, BISECTIONS * (BISECTIONS + 1));
            }
        }
    }
}
