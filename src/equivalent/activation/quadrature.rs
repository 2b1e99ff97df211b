//! Gaussian means of activations that are analytic in a strip, by the trapezoidal rule on the whole line.
//!
//! For f analytic in |Im ξ| < d the rule with step h errs by O(e^{−2πd/h}), and the Gaussian itself asks for h ≤ ¼. With
//! h = min(¼, d/8) that is below e^{−45}; cutting at |ξ| = 12 costs e^{−72}.

use super::{Activation, Moments};
use std::f64::consts::PI;

/// Nodes and weights of E f(ξ) for f with singularities no nearer than `strip`.
fn rule(strip: f64) -> Vec<(f64, f64)> {
    let step = (strip / 8.0).min(0.25);
    let half = (12.0 / step).ceil() as i64;
    let node = |i: i64| {
        let x = i as f64 * step;
        (x, step * libm::exp(-0.5 * x * x) / (2.0 * PI).sqrt())
    };
    (-half..=half).map(node).collect()
}

/// Moments at the scale τ > 0.
pub(super) fn moments(s: &Activation, tau: f64) -> Moments {
    let rule = rule(s.strip() / tau);
    let mean_of = |f: &dyn Fn(f64) -> f64| rule.iter().map(|&(x, w)| w * f(x)).sum::<f64>();
    let mean = mean_of(&|x| s.value(tau * x));
    let centred = |x: f64| (s.value(tau * x) - mean).powi(2);
    Moments {
        mean,
        slope: mean_of(&|x| s.slope(tau * x)),
        curvature: mean_of(&|x| x * s.slope(tau * x)) / tau,
        variance: mean_of(&centred),
        slope_square: mean_of(&|x| s.slope(tau * x).powi(2)),
        // E f″ = E ξf′/τ with f′ = 2(s − E s)s′.
        square_curvature: mean_of(&|x| 2.0 * x * (s.value(tau * x) - mean) * s.slope(tau * x))
            / tau,
    }
}

/// a_k, by the recursion of the normalised Hermite polynomials.
pub(super) fn hermite(s: &Activation, k: u32) -> f64 {
    // He_k oscillates with wavelength of order 1/√k, and weighs up to |ξ| = 2√k.
    let refined = s.strip().min(2.0 / f64::from(k + 1).sqrt());
    let normalised = |x: f64| {
        let (mut before, mut here) = (0.0, 1.0);
        for j in 0..k {
            let j = f64::from(j);
            let next = (x * here - j.sqrt() * before) / (j + 1.0).sqrt();
            (before, here) = (here, next);
        }
        here
    };
    let terms = rule(refined).into_iter();
    terms.map(|(x, w)| w * s.value(x) * normalised(x)).sum()
}

/// E f(u)f(v): u = √a·ξ, v = (r/√a)ξ + √(b − r²/a)·η.
pub(super) fn kernel(
    s: &Activation,
    a: f64,
    b: f64,
    r: f64,
    f: impl Fn(&Activation, f64) -> f64,
) -> f64 {
    let (large, small) = (a.max(b), a.min(b));
    if large == 0.0 {
        let at = f(s, 0.0);
        return at * at;
    }
    let along = r / large.sqrt();
    let across = (small - along * along).max(0.0).sqrt();
    let rule = rule(s.strip() / large.sqrt());
    let inner = |x: f64| {
        let terms = rule.iter().map(|&(y, w)| w * f(s, along * x + across * y));
        terms.sum::<f64>()
    };
    let outer = rule
        .iter()
        .map(|&(x, w)| w * f(s, large.sqrt() * x) * inner(x));
    outer.sum()
}
