//! Gauss–Legendre quadrature.

use super::double_double::Double;

/// Nodes x_i ∈ (−1, 1) and weights w_i with Σ w_i f(x_i) = ∫f, exact for polynomials of degree 2m − 1.
#[derive(Debug)]
pub(super) struct Rule {
    pub nodes: Vec<Double>,
    pub weights: Vec<Double>,
}

impl Rule {
    /// m nodes, within a few units of 2⁻¹⁰⁰.
    pub fn new(m: usize) -> Self {
        let (mut nodes, mut weights) = (vec![], vec![]);
        for k in 0..m {
            let guess = std::f64::consts::PI * (k as f64 + 0.75) / (m as f64 + 0.5);
            let mut x = Double::exact(guess.cos());
            // The guess has about 4 digits; Newton's method doubles them.
            for _ in 0..5 {
                let (value, slope) = polynomial(m, x);
                x = x - value / slope;
            }
            let (_, slope) = polynomial(m, x);
            nodes.push(x);
            weights.push(Double::exact(2.0) / ((Double::ONE - x * x) * slope * slope));
        }
        Self { nodes, weights }
    }

    /// The rule on (lo, lo + length).
    pub fn on(&self, lo: f64, length: f64) -> impl Iterator<Item = (Double, Double)> {
        let half = Double::exact(0.5 * length);
        let pairs = self.nodes.iter().zip(&self.weights);
        pairs.map(move |(&x, &w)| (Double::exact(lo) + half * (Double::ONE + x), half * w))
    }
}

/// Pairs (x_i, w_i) with Σ w_i f(x_i) = ∫f over (−1, 1), exact for polynomials of degree 2m − 1.
///
/// # Value    x_i increasing is not promised; every number is the rounded one of a rule good to 2⁻¹⁰⁰
#[must_use]
pub fn gauss_legendre(m: usize) -> Vec<(f64, f64)> {
    let rule = Rule::new(m);
    let pairs = rule.nodes.into_iter().zip(rule.weights);
    pairs.map(|(x, w)| (x.value(), w.value())).collect()
}

/// P_m(x) and P_m′(x).
fn polynomial(m: usize, x: Double) -> (Double, Double) {
    let (mut before, mut value) = (Double::ONE, x);
    for j in 2..=m {
        let j = j as f64;
        let next = Double::exact(2.0 * j - 1.0) * x * value - Double::exact(j - 1.0) * before;
        before = value;
        value = next / Double::exact(j);
    }
    let slope = Double::exact(m as f64) * (x * value - before) / (x * x - Double::ONE);
    (value, slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_integrates_every_polynomial_that_it_should() {
        let rule = Rule::new(12);
        for degree in 0..24 {
            let sum = rule.on(0.0, 2.0).fold(Double::ZERO, |sum, (x, w)| {
                sum + w * (0..degree).fold(Double::ONE, |power, _| power * x)
            });
            let known = Double::exact(2f64.powi(degree + 1)) / Double::exact(f64::from(degree + 1));
            let error = (sum - known).value().abs();
            assert!(error < 1e-27 * known.hi, "degree {degree}: {error:e}");
        }
    }

    #[test]
    fn rule_misses_the_first_degree_that_it_may_miss() {
        let rule = Rule::new(3);
        let sum = rule.on(-1.0, 2.0).fold(Double::ZERO, |sum, (x, w)| {
            let square = x * x;
            sum + w * square * square * square
        });
        assert!((sum.value() - 2.0 / 7.0).abs() > 1e-2);
    }
}
