//! Distances between the ESD of one matrix and a law.

use crate::spectrum::Spectrum;

/// sup_x |F_N(x) − F(x)| between the ESD of a spectrum and a law with continuous distribution function F.
///
/// F_N jumps at the eigenvalues only, so the supremum is the larger of F(λ) − F_N(λ−) and F_N(λ) − F(λ) over them.
/// The first error of `cdf` is returned.
pub fn kolmogorov_distance<E>(
    spectrum: &Spectrum,
    cdf: impl Fn(f64) -> Result<f64, E>,
) -> Result<f64, E> {
    let n = spectrum.n() as f64;
    let mut worst = 0.0f64;
    for (above, &x) in spectrum.eigenvalues().iter().enumerate() {
        let at = n - above as f64;
        let f = cdf(x)?;
        worst = worst.max(at / n - f).max(f - (at - 1.0) / n);
    }
    Ok(worst)
}

/// Σ_l |λ_l − γ_l|: N times the Wasserstein distance W₁ between the ESD and (1/N) Σ δ(γ_l).
///
/// Both lists descend, and on the line the monotone coupling is optimal. Lipschitz with constant √N in the
/// vector of eigenvalues.
///
/// # Domain   as many γ as eigenvalues; panics otherwise
#[must_use]
pub fn transport_cost(spectrum: &Spectrum, classical: &[f64]) -> f64 {
    assert_eq!(spectrum.n(), classical.len(), "one location an eigenvalue");
    let pairs = spectrum.eigenvalues().iter().zip(classical);
    pairs.map(|(x, g)| (x - g).abs()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    #[test]
    fn distance_to_the_uniform_law_is_the_largest_gap_on_either_side_of_a_jump() {
        // F_N − F at 0.1, 0.5, 0.6: before −0.1, −1/6, 1/15; after 7/30, 1/6, 2/5.
        let spectrum = Spectrum::new(vec![0.6, 0.5, 0.1]).unwrap();
        let cdf = |x: f64| Ok::<f64, Infallible>(x.clamp(0.0, 1.0));
        assert!((kolmogorov_distance(&spectrum, cdf).unwrap() - 0.4).abs() < 1e-15);
        // All mass at the right end: the gap lies before the jump.
        let late = Spectrum::new(vec![1.0, 1.0]).unwrap();
        assert!((kolmogorov_distance(&late, cdf).unwrap() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn transport_cost_is_the_integral_between_the_distribution_functions() {
        let spectrum = Spectrum::new(vec![2.0, 0.5, -1.0]).unwrap();
        let classical = [1.5, 0.75, 0.25];
        let step = 1e-4;
        let above = |list: &[f64], x: f64| list.iter().filter(|&&y| y > x).count() as f64;
        let integral: f64 = (-20_000..30_000)
            .map(|i| (f64::from(i) + 0.5) * step)
            .map(|x| (above(spectrum.eigenvalues(), x) - above(&classical, x)).abs() * step)
            .sum();
        assert!((transport_cost(&spectrum, &classical) - integral).abs() < 1e-3);
    }
}
