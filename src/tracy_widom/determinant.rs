//! Fredholm determinants of B_s(u, v) = Ai(s + u + v) on (0, ∞).

use super::airy::airy_double;
use super::double_double::Double;
use super::legendre::Rule;
use super::{Beta, Values};
use std::sync::OnceLock;

/// F and 1 − F at s by Gauss–Legendre quadrature in double-double arithmetic.
///
/// F₁ = det(I − B_s), F₂ = det(I − B_s²) = det(I − B_s) det(I + B_s).
///
/// # Accuracy   far to the left the smallest eigenvalue of I − B_s is about e^{−0.84|s|^{3/2}} (5e-3 at
/// −4, 3e-12 at −10, 6e-16 at −12), and magnifies rounding by its inverse: 31 digits leave 14 at s = −12, where
/// 16 would have left none. The determinants themselves are far smaller, but they are
/// products of pivots, and each pivot keeps its relative accuracy
/// # Source     P. L. Ferrari, H. Spohn, J. Phys. A 38 (2005) L557; F. Bornemann, Math. Comp. 79 (2010) 871
pub(super) fn by_determinant(beta: Beta, s: f64) -> Values {
    static FEW: OnceLock<Rule> = OnceLock::new();
    static MANY: OnceLock<Rule> = OnceLock::new();
    // Ai oscillates on (s, 0), about |s|^{3/2}/5 times, and what the rule misses is magnified.
    let rule = if s < -4.0 {
        MANY.get_or_init(|| Rule::new(72))
    } else {
        FEW.get_or_init(|| Rule::new(36))
    };
    let b = kernel(s, rule);
    let two = match beta {
        Beta::One => pivots(b),
        // Where B is small, det(I − B) and det(I + B) cancel in 1 − F₂.
        Beta::Two if s > 0.0 => pivots(square(&b)),
        Beta::Two => {
            let minus = b.iter().map(|row| row.iter().map(|&x| -x).collect());
            let plus = pivots(minus.collect());
            pivots(b).and(plus)
        }
    };
    Values {
        cdf: two.product.value(),
        complement: two.complement.value(),
        ln_cdf: if two.complement.hi < 0.5 {
            libm::log1p(-two.complement.value())
        } else {
            libm::log(two.product.value())
        },
    }
}

/// Π d_i and 1 − Π d_i.
#[derive(Debug, Clone, Copy)]
struct Product {
    product: Double,
    complement: Double,
}

impl Product {
    fn and(self, other: Self) -> Self {
        Self {
            product: self.product * other.product,
            complement: self.complement + other.complement * self.product,
        }
    }
}

/// √w_i Ai(s + x_i + x_j) √w_j, the lower triangle.
fn kernel(s: f64, rule: &Rule) -> Vec<Vec<Double>> {
    let (nodes, roots): (Vec<_>, Vec<_>) = rule.on(0.0, cut(s)).map(|(x, w)| (x, w.sqrt())).unzip();
    let s = Double::exact(s);
    (0..nodes.len())
        .map(|i| {
            let entry = |j: usize| roots[i] * airy_double(s + nodes[i] + nodes[j]) * roots[j];
            (0..=i).map(entry).collect()
        })
        .collect()
}

/// Where (0, ∞) is cut: ζ(s + L) exceeds ζ(max(s, 0)) by enough, ζ(x) = ⅔x^{3/2}.
///
/// The part left out changes the determinant by a relative e^{−2ζ(s + L)} (against e^{−2ζ(s)} of 1 − F on
/// the right) divided by the smallest eigenvalue of I − B_s: 22 + 0.42|s|^{3/2} leaves e^{−44}.
fn cut(s: f64) -> f64 {
    let here = 2.0 / 3.0 * s.max(0.0).powf(1.5);
    let zeta = here + 22.0 + 0.42 * (-s).max(0.0).powf(1.5);
    (1.5 * zeta).powf(2.0 / 3.0) - s
}

/// The pivots d_k = 1 − c_k of I − C, C given by its lower triangle.
///
/// C itself is carried along, not I − C: where all C_ij ≥ 0 every step adds positive numbers, so that
/// 1 − Π d_k is accurate relatively however small it is.
fn pivots(mut c: Vec<Vec<Double>>) -> Product {
    let n = c.len();
    let (mut product, mut complement) = (Double::ONE, Double::ZERO);
    for k in 0..n {
        let pivot = Double::ONE - c[k][k];
        complement = complement + product * c[k][k];
        product = product * pivot;
        let column: Vec<Double> = c[k + 1..].iter().map(|row| row[k]).collect();
        for (i, row) in c[k + 1..].iter_mut().enumerate() {
            let factor = column[i] / pivot;
            for (entry, &other) in row[k + 1..].iter_mut().zip(&column) {
                *entry = *entry + factor * other;
            }
        }
    }
    Product {
        product,
        complement,
    }
}

/// The lower triangle of B².
fn square(b: &[Vec<Double>]) -> Vec<Vec<Double>> {
    let at = |i: usize, j: usize| if i >= j { b[i][j] } else { b[j][i] };
    let entry = |i, j| (0..b.len()).fold(Double::ZERO, |sum, k| sum + at(i, k) * at(k, j));
    (0..b.len())
        .map(|i| (0..=i).map(|j| entry(i, j)).collect())
        .collect()
}
