//! Gradient flow with a tangent kernel on a mixture of two means.

use crate::equivalent::EquivalentError;
use num_complex::Complex64;
use std::f64::consts::TAU;

/// Training error along gradient flow for N = aXᵀX + bI on X = (μyᵀ + Z)/√p, |μ|² = ρ, y = ±1, Z standard normal, p × n.
///
/// ```text
/// (1/n)yᵀe^{−2tN}y → −(1/2πi)∮ e^{−2t(az + b)} m̃/(1 − hρzm_pm̃) dz,   h = n/p
/// m_p(z) = m(z/h)/h of ZZᵀ/p (Marchenko–Pastur of ratio c = p/n),   m̃ = c·m_p − (1 − c)/z that of ZᵀZ/p
/// ```
///
/// The contour goes once around 0, the bulk h(1 ± √c)² and, if hρ² > 1, the spike h(1 + ρ)(1 + 1/(hρ)).
///
/// # Source   our F3, from A. Jacot et al. (2018) and the equivalent of the tangent kernel
/// # Examples
/// ```
/// use rmt_verify::equivalent::kernel::TangentFlow;
/// let flow = TangentFlow::new(0.5, 0.2, 2.0, 1.0)?;
/// assert!((flow.training(0.0)? - 1.0).abs() < 1e-13);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TangentFlow {
    gram: f64,
    identity: f64,
    signal: f64,
    shape: f64,
}

/// Points of the contour. The rule converges like e^{−NODES·r}, with r the width of the ring around the ellipse in which the
/// integrand is analytic; 4 times more change no digit (test below).
const NODES: usize = 2048;

impl TangentFlow {
    /// a, b, ρ = |μ|² and h = n/p.
    ///
    /// # Errors   one of a, ρ, h not positive and finite; b not finite
    pub fn new(gram: f64, identity: f64, signal: f64, shape: f64) -> Result<Self, EquivalentError> {
        let positive = [("a", gram), ("ρ", signal), ("h", shape)];
        if let Some(&(name, value)) = positive.iter().find(|(_, x)| !(*x > 0.0 && x.is_finite())) {
            return Err(EquivalentError::OutOfRange {
                name,
                value,
                allowed: "positive and finite",
            });
        }
        if !identity.is_finite() {
            return Err(EquivalentError::OutOfRange {
                name: "b",
                value: identity,
                allowed: "finite",
            });
        }
        Ok(Self {
            gram,
            identity,
            signal,
            shape,
        })
    }

    /// The training error (1/n)Σ(residual)² at time t, 1 at t = 0.
    ///
    /// # Accuracy 1e-10 relative for t·a·h ≤ 7 (`fixtures/reference/equivalent/kernel.py`)
    /// # Errors   t negative or not finite
    pub fn training(&self, time: f64) -> Result<f64, EquivalentError> {
        if !(time >= 0.0 && time.is_finite()) {
            return Err(EquivalentError::OutOfRange {
                name: "t",
                value: time,
                allowed: "finite and not negative",
            });
        }
        Ok(self.contour(time, NODES))
    }

    fn contour(&self, time: f64, nodes: usize) -> f64 {
        let h = self.shape;
        let edge = h * (1.0 + h.sqrt().recip()).powi(2);
        let spike = h * (1.0 + self.signal) * (1.0 + 1.0 / (h * self.signal));
        // A weak signal has no eigenvalue of its own, and the formula for its place goes to infinity.
        let separate = h * self.signal * self.signal > 1.0;
        let right = if separate { spike } else { edge };
        // Left of 0 the exponential grows: a step of 1/(2ta) costs a factor e, yet the pole at 0 must not come too near.
        let step = (0.5 / (time * self.gram)).clamp(0.03 * right, 0.25 * right);
        let (centre, half) = (0.6 * right - 0.5 * step, 0.6 * right + 0.5 * step);
        // Below the real axis the integrand is conjugate: the real part of the upper half counts twice.
        let mut sum = 0.0;
        for k in 0..nodes / 2 {
            let angle = TAU * (k as f64 + 0.5) / nodes as f64;
            let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
            let z = Complex64::new(centre + half * cosine, 0.5 * half * sine);
            let tangent = Complex64::new(-half * sine, 0.5 * half * cosine);
            sum += (self.integrand(time, z) * tangent).im;
        }
        -2.0 * sum / nodes as f64
    }

    fn integrand(&self, time: f64, z: Complex64) -> Complex64 {
        let (h, c) = (self.shape, 1.0 / self.shape);
        let p = transform(z / h, c) / h;
        let companion = p * c - (1.0 - c) / z;
        let decay = (-(z * self.gram + self.identity) * (2.0 * time)).exp();
        decay * companion / (1.0 - z * p * companion * (h * self.signal))
    }
}

/// m(z) of Marchenko–Pastur, Im z ≠ 0: zcm² − (1 − c − z)m + 1 = 0, the root with Im m·Im z > 0.
fn transform(z: Complex64, c: f64) -> Complex64 {
    let b = 1.0 - c - z;
    let root = (b * b - z * (4.0 * c)).sqrt();
    let candidates = [(b + root) / (z * (2.0 * c)), (b - root) / (z * (2.0 * c))];
    // Both may lie on the right side; then the transform is the one for which Im(zm) ≥ 0 holds too, the smaller one.
    let score = |m: &Complex64| (m.im * z.im).min((z * m).im * z.im);
    if score(&candidates[0]) >= score(&candidates[1]) {
        candidates[0]
    } else {
        candidates[1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_nodes_change_nothing() {
        for (shape, signal) in [(1.0, 2.0), (0.5, 1.0), (2.0, 4.0)] {
            let flow = TangentFlow::new(0.6, 0.2, signal, shape).unwrap();
            for time in [0.0, 0.5, 2.0, 5.0] {
                let (few, many) = (flow.contour(time, NODES), flow.contour(time, 4 * NODES));
                assert!(
                    (few - many).abs() < 1e-12,
                    "{shape} {signal} {time}: {few} {many}"
                );
            }
        }
    }

    #[test]
    fn errors_start_at_one_and_fall() {
        let flow = TangentFlow::new(0.6, 0.2, 2.0, 2.0).unwrap();
        let path: Vec<f64> = (0..6)
            .map(|t| flow.training(f64::from(t)).unwrap())
            .collect();
        assert!((path[0] - 1.0).abs() < 1e-12);
        assert!(path.windows(2).all(|w| w[1] < w[0] && w[1] > 0.0));
    }

    #[test]
    fn flows_that_are_none_are_refused() {
        assert!(TangentFlow::new(0.0, 0.2, 2.0, 2.0).is_err());
        let flow = TangentFlow::new(0.6, 0.2, 2.0, 2.0).unwrap();
        assert!(flow.training(-1.0).is_err());
    }
}
