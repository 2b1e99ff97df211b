//! Risks along gradient flow for C = I, as integrals over the Marchenko–Pastur law.

use super::flow::FlowRisk;
use crate::equivalent::EquivalentError;

/// ∫f dμ for μ = MP(c): its density and the atom (1 − 1/c)₊ at 0.
pub(super) fn marchenko_pastur(ratio: f64, nodes: usize, f: impl Fn(f64) -> f64) -> f64 {
    let atom = (1.0 - 1.0 / ratio).max(0.0);
    bulk(ratio, nodes, &f) + if atom > 0.0 { atom * f(0.0) } else { 0.0 }
}

/// The part of the density, x = 1 + c + 2√c cos θ: the mean over θ of f(x)·2 sin²θ/x.
fn bulk(ratio: f64, nodes: usize, f: impl Fn(f64) -> f64) -> f64 {
    mean_over_circle(ratio, nodes, |x, sine| 2.0 * sine * sine / x * f(x))
}

/// The midpoint rule for (1/π)∫₀^π g(x(θ), sin θ)dθ.
pub(super) fn mean_over_circle(ratio: f64, nodes: usize, g: impl Fn(f64, f64) -> f64) -> f64 {
    let terms = (0..nodes).map(|k| {
        let theta = std::f64::consts::PI * (k as f64 + 0.5) / nodes as f64;
        // x = (1 − √c)² + 4√c cos²(θ/2), which does not cancel at the lower edge.
        let root = ratio.sqrt();
        let x = (1.0 - root).powi(2) + 4.0 * root * libm::cos(0.5 * theta).powi(2);
        g(x, libm::sin(theta))
    });
    terms.sum::<f64>() / nodes as f64
}

/// Nodes with which a function that is analytic but for a pole at a relative distance `gap` of the interval, and that
/// decays like e^{−tx}, is integrated to rounding.
pub(super) fn nodes(ratio: f64, time: f64, gap: f64) -> usize {
    let width = 4.0 * ratio.sqrt();
    let pole = 40.0 / (gap / width).sqrt().min(1.0);
    (pole + 8.0 * (time * width).sqrt() + 64.0).min(1e6) as usize
}

/// Gradient flow at C = I, |β|² = r²: bias = r²∫e^{−2tx}dμ, variance = s²c∫(1 − e^{−tx})²/x dμ,
/// train = r²∫x e^{−2tx}dμ + s²(c∫e^{−2tx}dμ + 1 − c), μ = MP(c).
///
/// # Domain   c ≠ 1 with |1 − √c| ≥ 1e-4, t ≥ 0
/// # Accuracy 1e-13 of the risk at t = 0: the midpoint rule converges geometrically
/// # Source   \[LM\] B5 (i); A. Ali, J. Z. Kolter and R. Tibshirani (2019)
/// # Errors   c, r², s² or t out of range
///
/// # Examples
/// ```
/// use rmt_verify::equivalent::regression::isotropic_flow;
/// // At t → ∞ least squares: s²c/(1 − c), and s²(1 − c) on the samples.
/// let end = isotropic_flow(0.5, 1.0, 0.3, 1e4)?;
/// assert!(end.bias < 1e-14 && (end.variance - 0.3).abs() < 1e-13 && (end.train - 0.15).abs() < 1e-13);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
pub fn isotropic_flow(
    ratio: f64,
    energy: f64,
    noise: f64,
    time: f64,
) -> Result<FlowRisk, EquivalentError> {
    for (name, value) in [("|β|²", energy), ("noise", noise), ("time", time)] {
        if !(value >= 0.0 && value.is_finite()) {
            return Err(EquivalentError::OutOfRange {
                name,
                value,
                allowed: "finite and not negative",
            });
        }
    }
    let gap = (1.0 - ratio.sqrt()).powi(2);
    if !(ratio > 0.0 && ratio.is_finite() && gap >= 1e-8) {
        return Err(EquivalentError::RatioInvalid { ratio });
    }
    let nodes = nodes(ratio, time, gap);
    let integral = |f: &dyn Fn(f64) -> f64| marchenko_pastur(ratio, nodes, f);
    let left = |x: f64| libm::exp(-2.0 * time * x);
    let learnt = |x: f64| {
        let part = libm::expm1(-time * x);
        if x == 0.0 { 0.0 } else { part * part / x }
    };
    let kept = bulk(ratio, nodes, left);
    let never = (1.0 - 1.0 / ratio).max(0.0);
    Ok(FlowRisk {
        bias: energy * (kept + never),
        variance: noise * ratio * integral(&learnt),
        // c times the atom is c − 1, which cancels in c∫e^{−2tx}dμ + 1 − c.
        train: energy * integral(&|x| x * left(x))
            + noise * (ratio * kept + (1.0 - ratio).max(0.0)),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Regression;
    use super::*;

    #[test]
    fn contour_and_quadrature_give_one_flow() {
        for (p, n) in [(40usize, 80.0), (60, 30.0), (40, 52.0)] {
            let features = vec![(1.0, 1.3 / p as f64); p];
            let model = Regression::new(&features, n, 0.6).unwrap();
            for time in [0.1, 1.0, 7.0, 40.0] {
                let (a, b) = (
                    model.flow(time).unwrap(),
                    isotropic_flow(p as f64 / n, 1.3, 0.6, time).unwrap(),
                );
                for (a, b) in [
                    (a.bias, b.bias),
                    (a.variance, b.variance),
                    (a.train, b.train),
                ] {
                    assert!((a - b).abs() < 1e-10, "{p} {n} {time}: {a} {b}");
                }
            }
        }
    }

    #[test]
    fn the_law_keeps_its_mass_and_moments() {
        for ratio in [0.3, 0.9, 1.2, 5.0] {
            let gap = (1.0 - f64::sqrt(ratio)).powi(2);
            let n = nodes(ratio, 0.0, gap);
            assert!((marchenko_pastur(ratio, n, |_| 1.0) - 1.0).abs() < 1e-13);
            assert!((marchenko_pastur(ratio, n, |x| x * x) - 1.0 - ratio).abs() < 1e-13);
        }
    }

    #[test]
    fn a_square_matrix_is_refused() {
        assert!(isotropic_flow(1.0, 1.0, 1.0, 1.0).is_err());
        assert!(isotropic_flow(0.5, 1.0, -1.0, 1.0).is_err());
    }
}
