//! Statistics of one matrix, with what is surely known of them: how Lipschitz they are, and between
//! which bounds they lie.

mod empirical;
mod log_determinant;

pub use empirical::{kolmogorov_distance, transport_cost};
pub use log_determinant::{controlled_log_determinant, log_determinant, log_lipschitz};

use crate::measure::UpperHalf;
use num_complex::Complex64;

/// Real or imaginary part of a complex statistic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Re.
    Re,
    /// Im.
    Im,
}

impl Part {
    /// Real, then imaginary.
    pub const BOTH: [Self; 2] = [Self::Re, Self::Im];

    /// This part of a number.
    #[must_use]
    pub fn of(self, z: Complex64) -> f64 {
        match self {
            Self::Re => z.re,
            Self::Im => z.im,
        }
    }

    /// `Re` or `Im`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Re => "Re",
            Self::Im => "Im",
        }
    }
}

/// Tr(W − z)⁻¹ − b(Tr W − Tr S), b = 7/(16 Im² z), from the trace of the resolvent and Tr W − Tr S.
///
/// Tr W − Tr S has mean 0 exactly, and d/dx Re 1/(x − z) takes the values [−1/8, 1]/Im² z: with this b
/// the real part is Σ f(λ_i) for an f of the smallest Lipschitz constant, see [`lipschitz`].
#[must_use]
pub fn controlled_trace(trace: Complex64, z: UpperHalf, noise_trace: f64) -> Complex64 {
    trace - 7.0 / (16.0 * z.get().im.powi(2)) * noise_trace
}

/// sup |f′| for the part of [`controlled_trace`] written as Σ f(λ_i): 9/(16 Im² z) for Re,
/// 3√3/(8 Im² z) for Im.
///
/// # Examples
/// ```
/// use rmt_verify::measure::UpperHalf;
/// use rmt_verify::statistic::{Part, lipschitz};
/// let z = UpperHalf::new(num_complex::Complex64::new(0.3, 2.0)).unwrap();
/// assert_eq!(lipschitz(Part::Re, z), 9.0 / 64.0);
/// ```
#[must_use]
pub fn lipschitz(part: Part, z: UpperHalf) -> f64 {
    let scale = z.get().im.powi(-2);
    match part {
        Part::Re => 9.0 / 16.0 * scale,
        Part::Im => 3.0 * 3f64.sqrt() / 8.0 * scale,
    }
}

/// Sure bounds of a part of Tr(W − z)⁻¹: |Re| ≤ N/(2 Im z), 0 ≤ Im ≤ N/Im z.
#[must_use]
pub fn trace_bounds(part: Part, z: UpperHalf, n: usize) -> (f64, f64) {
    let most = n as f64 / z.get().im;
    match part {
        Part::Re => (-0.5 * most, 0.5 * most),
        Part::Im => (0.0, most),
    }
}

/// T − N s_ν(z + cT/N) and its derivative in T, for T = N m and ν the ESD of the N numbers `signal`.
///
/// With c = σ² and m = E s_N this is N Δ_N, the defect of the Stieltjes equation at size N.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Defect {
    /// T − N s_ν(ω), ω = z + cT/N.
    pub value: Complex64,
    /// 1 − c s_ν′(ω).
    pub slope: Complex64,
    /// ω.
    pub omega: Complex64,
}

impl Defect {
    /// At a trace T.
    #[must_use]
    pub fn at(trace: Complex64, signal: &[f64], z: UpperHalf, c: f64, n: usize) -> Self {
        let omega = z.get() + trace * c / n as f64;
        let (mut s, mut first) = (Complex64::ZERO, Complex64::ZERO);
        for t in signal {
            let g = (t - omega).inv();
            s += g;
            first += g * g;
        }
        let count = signal.len() as f64;
        Self {
            value: trace - s * (n as f64 / count),
            slope: 1.0 - c * first / count,
            omega,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn z() -> UpperHalf {
        UpperHalf::new(Complex64::new(0.3, 0.7)).unwrap()
    }

    /// f′ on a grid around z never exceeds the constant, and comes within 1e-6 of it.
    #[test]
    fn lipschitz_constants_are_attained_and_not_exceeded() {
        for part in Part::BOTH {
            let constant = lipschitz(part, z());
            // d/dx of 1/(x − z) − b x, with b read off the function itself.
            let slope = |x: f64| part.of(controlled_trace(-(x - z().get()).powi(-2), z(), 1.0));
            let steepest = (-400_000..=400_000)
                .map(|i| slope(0.3 + f64::from(i) * 1e-5).abs())
                .fold(0.0, f64::max);
            assert!(steepest <= constant * (1.0 + 1e-12), "{part:?}");
            assert!(steepest >= constant * (1.0 - 1e-6), "{part:?}");
        }
    }

    #[test]
    fn defect_of_the_semicircle_vanishes_and_its_slope_is_its_derivative() {
        let (n, signal) = (4, [0.0]);
        // s = −1/(z + s)
        let root = (z().get() * z().get() - 4.0).sqrt();
        let s = 0.5 * (-z().get() + if root.im > 0.0 { root } else { -root });
        let at = |trace| Defect::at(trace, &signal, z(), 1.0, n);
        assert!(at(s * 4.0).value.norm() < 1e-14);
        let h = 1e-6;
        let difference = (at(s * 4.0 + h).value - at(s * 4.0 - h).value) / (2.0 * h);
        assert!((difference - at(s * 4.0).slope).norm() < 1e-9);
    }

    /// 1/(λ − z) runs over the circle of diameter i/Im z: N equal eigenvalues reach every bound.
    #[test]
    fn bounds_of_resolvent_traces_hold_and_are_attained() {
        let z = UpperHalf::new(Complex64::new(0.5, 0.25)).unwrap();
        let (re, im) = (trace_bounds(Part::Re, z, 3), trace_bounds(Part::Im, z, 3));
        let trace = |x: f64| 3.0 / (x - z.get());
        assert_eq!((trace(0.25).re, trace(0.75).re), re);
        assert_eq!((0.0, trace(0.5).im), im);
        for k in -50..50 {
            let t = trace(0.07 * f64::from(k));
            assert!(re.0 <= t.re && t.re <= re.1 && im.0 <= t.im && t.im <= im.1);
        }
    }
}
