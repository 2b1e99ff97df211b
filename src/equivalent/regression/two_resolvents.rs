//! The next order of Q(z₁)CQ(z₂), two resolvents at two points.

use super::contour::Node;
use super::ridge::Regression;
use num_complex::Complex64;

/// What sources w_j do to first order, A_j → A_j + [[0, w_j], [w_j, 0]]. See `docs/derivations/regression_shift.md`.
#[derive(Debug)]
struct Response {
    /// Of M off its diagonal.
    pull: Complex64,
    /// Of λ_jM + A_j off its diagonal.
    off: Vec<Complex64>,
    /// Of λ_jMR_j above the diagonal.
    upper: Vec<Complex64>,
    /// Of λ_jMR_j below.
    lower: Vec<Complex64>,
}

/// At one point: m, and r_j, ρ_j = λ_jmr_j for each group.
#[derive(Debug)]
struct Point {
    m: Complex64,
    r: Vec<Complex64>,
    rho: Vec<Complex64>,
}

impl Regression {
    /// E Σβ_j²(Q(z₁)CQ(z₂))_jj − (its limit), to order 1/n, for entries as in [`ridge_shift`](Self::ridge_shift).
    ///
    /// # Value    −½∂²/∂ε∂η of the order 1 of E log det of the 2p × 2p matrix [[Ĉ − z₁, εC + ηD], [εC + ηD, Ĉ − z₂]], D = diag(β_j²)
    /// # Accuracy 1e-10 relative (fixtures/reference/equivalent/regression.json)
    pub(super) fn product_shift(&self, first: &Node, second: &Node, kurtosis: f64) -> Complex64 {
        let (one, two) = (self.point(first), self.point(second));
        let mean = |f: &dyn Fn(usize) -> Complex64| -> Complex64 {
            let terms = self.groups.iter().enumerate();
            terms.map(|(j, g)| f(j) * g.share).sum()
        };
        let lambda = |j: usize| self.groups[j].lambda;
        // Σβ_j² over a group, a feature of it.
        let each = |j: usize| self.groups[j].energy / (self.groups[j].share * self.samples());
        // 1 − S₁₁, 1 − S₁₂, 1 − S₂₂.
        let [s11, s12, s22] = [(&one, &one), (&one, &two), (&two, &two)]
            .map(|(a, b)| 1.0 - mean(&|j| a.rho[j] * b.rho[j]));
        let response = |source: &dyn Fn(usize) -> f64| -> Response {
            let shared = mean(&|j| one.r[j] * two.r[j] * (lambda(j) * source(j)));
            let pull = one.m * two.m * shared / s12;
            let groups = 0..self.groups.len();
            let off: Vec<Complex64> = groups
                .clone()
                .map(|j| pull * lambda(j) + source(j))
                .collect();
            let upper = |j: usize| lambda(j) * two.r[j] * (pull - one.m * one.r[j] * off[j]);
            let lower = |j: usize| lambda(j) * one.r[j] * (pull - two.m * two.r[j] * off[j]);
            Response {
                pull,
                upper: groups.clone().map(upper).collect(),
                lower: groups.map(lower).collect(),
                off,
            }
        };
        let (c, d) = (response(&lambda), response(&each));
        // Second order, along both: of λ_jMR_j on the diagonal at each of the points.
        let pulls = 2.0 * c.pull * d.pull;
        let offs = |j: usize| 2.0 * c.off[j] * d.off[j];
        let diagonal = |own: &Point, other: &Point, inflation: Complex64| -> Vec<Complex64> {
            let spread = mean(&|j| lambda(j) * own.r[j] * own.r[j] * other.r[j] * offs(j));
            let moved = (pulls / other.m - own.m * own.m * spread) / inflation;
            let along = |j: usize| {
                let square = own.r[j] * own.r[j];
                let resolvent = square * (other.r[j] * offs(j) - lambda(j) * moved);
                let across = c.pull * d.off[j] + d.pull * c.off[j];
                let crossed = -own.r[j] * other.r[j] * across;
                lambda(j) * (own.m * resolvent + own.r[j] * moved + crossed)
            };
            (0..self.groups.len()).map(along).collect()
        };
        let (x, y) = (diagonal(&one, &two, s11), diagonal(&two, &one, s22));
        let both = |a: Complex64, b: Complex64, p: Complex64, q: Complex64| a * q + p * b;
        // tr 𝒯 moves on the two diagonal directions; the third and the antisymmetric one leave twice the product.
        let on_first = 2.0 * mean(&|j| one.rho[j] * x[j]);
        let on_second = 2.0 * mean(&|j| two.rho[j] * y[j]);
        let crossed = mean(&|j| both(c.upper[j], c.lower[j], d.upper[j], d.lower[j]));
        // Couplings of a diagonal direction with the third.
        let coupled = |own: &Point| {
            let [a, b, p, q] = [&c.upper, &c.lower, &d.upper, &d.lower]
                .map(|part| mean(&|j| own.rho[j] * part[j]));
            both(a, b, p, q)
        };
        let determinant = on_first / s11
            + on_second / s22
            + 2.0 * crossed / s12
            + 2.0 * coupled(&one) / (s11 * s12)
            + 2.0 * coupled(&two) / (s22 * s12);
        0.25 * (determinant + kurtosis * (on_first + on_second + 2.0 * crossed))
    }

    fn point(&self, node: &Node) -> Point {
        let m = -node.z * node.companion;
        let r = |lambda: f64| (lambda * m - node.z).inv();
        Point {
            m,
            r: self.groups.iter().map(|g| r(g.lambda)).collect(),
            rho: self
                .groups
                .iter()
                .map(|g| g.lambda * m * r(g.lambda))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(model: &Regression, z: Complex64) -> Node {
        let companion = model.covariance.companion(z).unwrap().value;
        Node {
            z,
            companion,
            weight: Complex64::ONE,
        }
    }

    #[test]
    fn at_one_point_twice_it_is_the_bias_of_ridge() {
        let features: Vec<(f64, f64)> = (0..12)
            .map(|j| (0.3 + 0.2 * f64::from(j), 0.05 * f64::from(j % 5)))
            .collect();
        let model = Regression::new(&features, 17.0, 1.0).unwrap();
        for (gamma, kurtosis) in [(0.4, 0.0), (0.4, -2.0), (1.3, 0.7)] {
            let at = node(&model, Complex64::from(-gamma));
            let ours = gamma * gamma * model.product_shift(&at, &at, kurtosis);
            let bias = model.ridge_shift(gamma, kurtosis).unwrap().bias;
            assert!((ours.re / bias - 1.0).abs() < 1e-11, "{ours} {bias}");
            assert!(ours.im.abs() < 1e-12);
        }
    }

    /// C = λI: Q₁CQ₂ = λ(Q₁ − Q₂)/(z₁ − z₂).
    #[test]
    fn for_one_eigenvalue_it_is_a_difference_of_resolvents() {
        let model = Regression::new(&[(1.7, 0.04); 20], 13.0, 1.0).unwrap();
        let points = [Complex64::new(-0.4, 0.3), Complex64::new(2.0, 1.5)];
        let nodes = points.map(|z| node(&model, z));
        for kurtosis in [0.0, -1.2] {
            let [a, b] = [0, 1].map(|k| {
                let rho = [1.7 * nodes[k].companion / (1.0 + 1.7 * nodes[k].companion)];
                0.8 * model.resolvent_shifts(&rho, kurtosis)[0] / -points[k]
            });
            let direct = 1.7 * (a - b) / (points[0] - points[1]);
            let ours = model.product_shift(&nodes[0], &nodes[1], kurtosis);
            assert!((ours / direct - 1.0).norm() < 1e-11, "{ours} {direct}");
        }
    }
}
