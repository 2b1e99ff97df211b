//! Sums over i ≥ 1 of functions of powers of i, with proved bounds.

use crate::measure::Certified;

/// B_{2k}/(2k)! for k = 1, …, 10.
const BERNOULLI: [f64; 10] = [
    1.0 / 12.0,
    -1.0 / 720.0,
    1.0 / 30_240.0,
    -1.0 / 1_209_600.0,
    1.0 / 47_900_160.0,
    -691.0 / 1_307_674_368_000.0,
    1.0 / 74_724_249_600.0,
    -3617.0 / 10_670_622_842_880_000.0,
    43_867.0 / 5_109_094_217_170_944_000.0,
    -174_611.0 / 802_857_662_698_291_200_000.0,
];

/// Σ_{i ≥ q}i^{−u}, the Hurwitz zeta function at a whole number q.
///
/// # Domain   u > 1, q ≥ 1
/// # Accuracy as [`scaled_hurwitz`]
pub(super) fn hurwitz(u: f64, q: u64) -> Certified<f64> {
    let (scaled, power) = (scaled_hurwitz(u, q), libm::pow(q as f64, -u));
    Certified {
        value: scaled.value * power,
        error: (scaled.error + 4.0 * f64::EPSILON * scaled.value) * power,
    }
}

/// Σ_{i ≥ q}(q/i)ᵘ, which neither overflows nor vanishes, by the formula of Euler and Maclaurin.
///
/// # Domain   u > 1, q ≥ 1
/// # Accuracy the remainder is less than the last term used: (q/i)ᵘ is completely monotone in i
fn scaled_hurwitz(u: f64, q: u64) -> Certified<f64> {
    // Far enough out the terms fall fast.
    let start = q.max(32.max((2.0 * u) as u64));
    let base = q as f64;
    let head: f64 = (q..start).map(|i| libm::pow(base / i as f64, u)).sum();
    let x = start as f64;
    let power = if start == q {
        1.0
    } else {
        libm::pow(base / x, u)
    };
    let mut sum = power * (x / (u - 1.0) + 0.5);
    // u(u + 1)…(u + 2k − 2)x^{−2k+1}
    let mut factor = power * u / x;
    let mut last = 0.0;
    for (k, coefficient) in BERNOULLI.iter().enumerate() {
        last = coefficient * factor;
        sum += last;
        let at = u + 2.0 * k as f64;
        factor *= (at + 1.0) * (at + 2.0) / (x * x);
    }
    let value = head + sum;
    // `pow` turns an ulp of its argument into u of them.
    let rounding = ((start - q) as f64 + 32.0 + u) * f64::EPSILON * value;
    Certified {
        value,
        error: last.abs() + rounding,
    }
}

/// Σ_{i ≥ 1}i^{−u}(1 + κiᵃ)^{−k} for k = 1 or 2.
///
/// Up to κiᵃ = 3 term by term, from there by the binomial series in 1/(κiᵃ), which alternates and falls.
///
/// # Domain   κ > 0, u + ak > 1
/// # Accuracy the bound is proved; about 1e-14 relative
pub(super) fn filtered(u: f64, a: f64, k: u32, kappa: f64) -> Certified<f64> {
    let start = (libm::pow(3.0 / kappa, 1.0 / a).ceil() as u64).max(1);
    let exponent = k as f64;
    let term = |i: u64| {
        let i = i as f64;
        // i⁰ is not worth a power.
        let size = if u == 0.0 { 1.0 } else { libm::pow(i, -u) };
        size * (1.0 + kappa * libm::pow(i, a)).powi(-(k as i32))
    };
    // From the small terms up.
    let head: f64 = (1..start).rev().map(term).sum();
    let (mut tail, mut error) = (0.0, 0.0);
    let first = start as f64;
    // κqᵃ ≥ 3
    let (lead, ratio) = (libm::pow(first, -u), 1.0 / (kappa * libm::pow(first, a)));
    for j in 0..64 {
        let order = exponent + f64::from(j);
        let coefficient = if k == 1 { 1.0 } else { f64::from(j) + 1.0 };
        let zeta = scaled_hurwitz(u + a * order, start);
        let scale = coefficient * lead * libm::pow(ratio, order);
        let next = scale * zeta.value;
        error += scale * zeta.error;
        if next <= f64::EPSILON * 0.01 * (head + tail) {
            error += next;
            break;
        }
        tail += if j % 2 == 0 { next } else { -next };
    }
    let value = head + tail;
    // Positive terms lose at most one unit each; `pow` is good to an ulp.
    let rounding = (start as f64 + 64.0) * f64::EPSILON * value;
    Certified {
        value,
        error: error + rounding,
    }
}

/// Σ_{i ≥ 1}i^{−u}exp(−τi^{−a}).
///
/// # Domain   u > 1, τ ≥ 0
/// # Accuracy as [`filtered`]
pub(super) fn decayed(u: f64, a: f64, tau: f64) -> Certified<f64> {
    // From τi^{−a} = ½ on by the exponential series.
    let start = (libm::pow(2.0 * tau, 1.0 / a).ceil() as u64).max(1);
    let term = |i: u64| {
        let i = i as f64;
        libm::pow(i, -u) * libm::exp(-tau * libm::pow(i, -a))
    };
    let head: f64 = (1..start).rev().map(term).sum();
    let first = start as f64;
    // τq^{−a} ≤ ½
    let (mut scale, ratio) = (libm::pow(first, -u), tau * libm::pow(first, -a));
    let (mut tail, mut error) = (0.0, 0.0);
    for j in 0..64 {
        let zeta = scaled_hurwitz(u + a * f64::from(j), start);
        let next = scale * zeta.value;
        error += scale * zeta.error;
        if next <= f64::EPSILON * 0.01 * (head + tail) {
            error += next;
            break;
        }
        tail += if j % 2 == 0 { next } else { -next };
        scale *= ratio / f64::from(j + 1);
    }
    let value = head + tail;
    let rounding = (start as f64 + 64.0) * f64::EPSILON * value;
    Certified {
        value,
        error: error + rounding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn zeta_has_its_classical_values() {
        for (u, exact) in [
            (2.0, PI * PI / 6.0),
            (4.0, PI.powi(4) / 90.0),
            (3.0, 1.202_056_903_159_594_2),
            (1.5, 2.612_375_348_685_488),
        ] {
            let ours = hurwitz(u, 1);
            assert!(
                (ours.value - exact).abs() <= ours.error + 4e-16 * exact,
                "{u}: {ours:?}"
            );
            assert!(ours.error < 1e-13);
        }
        let (all, rest) = (hurwitz(2.5, 1), hurwitz(2.5, 3));
        assert!((all.value - rest.value - 1.0 - 2f64.powf(-2.5)).abs() < 1e-14);
    }

    /// Σ1/(1 + κi²) = (π/√κ coth(π/√κ) − 1)/2.
    #[test]
    fn filtered_sums_have_their_closed_form_at_a_two() {
        for kappa in [1e-6, 1e-3, 0.4, 20.0] {
            let x = PI / f64::sqrt(kappa);
            let exact = 0.5 * (x / x.tanh() - 1.0);
            let ours = filtered(0.0, 2.0, 1, kappa);
            assert!(
                (ours.value - exact).abs() <= ours.error + 4e-16 * (1.0 + x),
                "{kappa}"
            );
            assert!(ours.error < 1e-11 * ours.value, "{kappa}: {ours:?}");
            // d/dκ of κ·(the sum) is the sum of (1 + κi²)⁻².
            let h = 1e-5 * kappa;
            let at = |k: f64| k * filtered(0.0, 2.0, 1, k).value;
            let slope = (at(kappa + h) - at(kappa - h)) / (2.0 * h);
            assert!((filtered(0.0, 2.0, 2, kappa).value / slope - 1.0).abs() < 1e-7);
        }
    }

    #[test]
    fn decayed_sums_agree_with_brute_force() {
        let brute = |tau: f64| -> f64 {
            (1..200_000u64)
                .rev()
                .map(|i| (i as f64).powi(-4) * (-tau * (i as f64).powf(-1.5)).exp())
                .sum()
        };
        for tau in [0.0, 0.3, 10.0, 1e3] {
            let ours = decayed(4.0, 1.5, tau);
            assert!((ours.value - brute(tau)).abs() < 1e-14, "{tau}");
        }
    }
}
