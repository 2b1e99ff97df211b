//! supp μ: the complement of the image of {x ∉ supp ν : Φ′(x) > 0} under Φ.
//!
//! Derived in [`super::derivation`], section 5. On a gap of supp ν the slope Φ′ is strictly concave,
//! so {Φ′ > 0} is one interval or empty, and at an end x* with Φ′(x*) = 0 the edge Φ(x*) moves only
//! to second order with an error in x*.

use super::{FreeConvolution, UNIT};
use crate::measure::{Certified, Interval, Jet};
use num_complex::Complex64;

/// More than the steps that bisection needs between any two finite numbers of one sign.
const STEPS: u32 = 2200;

/// An open gap of supp μ and the interval of {Φ′ > 0} that Φ maps onto it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// Ends x* of {Φ′ > 0} in one gap of supp ν; infinite for the unbounded gaps.
    pub preimage: Interval,
    /// Left end of the gap: the right edge of the interval of supp μ below it.
    pub lo: Certified<f64>,
    /// Right end of the gap: the left edge of the interval of supp μ above it.
    pub hi: Certified<f64>,
}

/// Φ, Φ′, Φ″ at a real point off supp ν.
#[derive(Debug, Clone, Copy)]
struct Slope {
    x: f64,
    jet: Jet,
    value: f64,
    error: f64,
}

impl Slope {
    fn positive(&self) -> bool {
        self.value > self.error
    }

    fn negative(&self) -> bool {
        self.value < -self.error
    }
}

impl FreeConvolution {
    pub(super) fn find_gaps(&self) -> Vec<Gap> {
        let intervals = &self.nu_support;
        let (first, last) = (intervals[0].lo, intervals[intervals.len() - 1].hi);
        let inner = intervals
            .windows(2)
            .filter_map(|pair| self.inner_gap(pair[0].hi, pair[1].lo));

        let mut gaps = vec![self.left_gap(first)];
        gaps.extend(inner);
        gaps.push(self.right_gap(last));
        gaps
    }

    /// On (−∞, end) Φ′ > 0 up to end − σ at least, since Φ′ ≥ 1 − σ²/(end − x)².
    fn left_gap(&self, end: f64) -> Gap {
        let (x, edge) = self.edge(end, (end - 1.5 * self.sigma).min(end.next_down()));
        Gap {
            preimage: Interval {
                lo: f64::NEG_INFINITY,
                hi: x,
            },
            lo: Certified {
                value: f64::NEG_INFINITY,
                error: 0.0,
            },
            hi: edge,
        }
    }

    fn right_gap(&self, end: f64) -> Gap {
        let (x, edge) = self.edge(end, (end + 1.5 * self.sigma).max(end.next_up()));
        Gap {
            preimage: Interval {
                lo: x,
                hi: f64::INFINITY,
            },
            lo: edge,
            hi: Certified {
                value: f64::INFINITY,
                error: 0.0,
            },
        }
    }

    fn inner_gap(&self, a: f64, b: f64) -> Option<Gap> {
        let inside = self.positive_point(a, b)?;
        let (lo, left_edge) = self.edge(a, inside);
        let (hi, right_edge) = self.edge(b, inside);
        // Narrower than the rounding of its edges: as good as closed.
        (left_edge.value < right_edge.value).then_some(Gap {
            preimage: Interval { lo, hi },
            lo: left_edge,
            hi: right_edge,
        })
    }

    /// A point of (a, b) where Φ′ > 0 beyond rounding, or none: bisection on the sign of Φ″,
    /// which decreases, until the tangents show that the maximum of Φ′ is not positive.
    fn positive_point(&self, a: f64, b: f64) -> Option<f64> {
        let (mut low, mut high) = (a, b);
        for _ in 0..STEPS {
            let m = low + 0.5 * (high - low);
            if m <= low || m >= high {
                return None;
            }
            let slope = self.slope(m);
            if slope.positive() {
                return Some(m);
            }
            let bend = -self.variance * slope.jet.second.re;
            let bend_error = self.variance * slope.jet.second_error + 4.0 * UNIT * bend.abs();
            // Concave: Φ′ stays below its tangent at m on the part that holds the maximum.
            let most = slope.value + slope.error + (bend.abs() + bend_error) * (high - low);
            if most < 0.0 || bend.abs() <= bend_error {
                return None;
            }
            if bend > 0.0 {
                low = m;
            } else {
                high = m;
            }
        }
        None
    }

    /// The end of {Φ′ > 0} between `end`, an end of supp ν, and `inside`, where Φ′ > 0; and Φ there.
    fn edge(&self, end: f64, inside: f64) -> (f64, Certified<f64>) {
        let best = self.slope_root(end, inside);
        let (steep, width) = self.bracket(end, inside, &best);
        let (x, s) = (best.x, best.jet.value.re);
        let pull = self.variance * s;
        let value = x - pull;
        // |Φ(x̃) − Φ(x*)| ≤ |x̃ − x*|·max|Φ′| between them, then the rounding of Φ(x̃).
        let error = width * steep
            + self.variance * best.jet.error
            + UNIT * (2.0 * pull.abs() + value.abs());
        (
            x,
            Certified {
                value,
                error: error * (1.0 + 1e-12),
            },
        )
    }

    /// Safeguarded iteration for Φ′ = 0; stops at neighbouring numbers or when Φ′ is rounding.
    ///
    /// Near the end t of supp ν Φ′ has a pole, out of which Newton's method creeps. Instead
    /// c − K/(x − t)² is fitted to Φ′ and Φ″ and solved: exact for an atom alone.
    fn slope_root(&self, end: f64, inside: f64) -> Slope {
        let (mut negative, mut positive) = (end, inside);
        let mut best = self.slope(inside);
        let mut current = best;
        for _ in 0..STEPS {
            let from_end = current.x - end;
            let bend = -self.variance * current.jet.second.re;
            let pole = 0.5 * bend * from_end; // K/(x − t)²
            let fitted = end + from_end * (pole / (current.value + pole)).sqrt();
            if (fitted - current.x).abs() <= 4.0 * UNIT * current.x.abs() {
                break;
            }
            let middle = negative + 0.5 * (positive - negative);
            let between = |x: f64| (x - negative) * (x - positive) < 0.0;
            let x = if between(fitted) { fitted } else { middle };
            if !between(x) {
                break;
            }
            current = self.slope(x);
            if current.value.abs() < best.value.abs() {
                best = current;
            }
            // The edge is insensitive to x to first order: closer than rounding gains nothing.
            if current.value.abs() <= current.error {
                break;
            }
            if current.value < 0.0 {
                negative = x;
            } else {
                positive = x;
            }
        }
        best
    }

    /// A certified bracket of the root round x̃: (max|Φ′|, width), both upper bounds.
    fn bracket(&self, end: f64, inside: f64, best: &Slope) -> (f64, f64) {
        let towards_end = (end - inside).signum();
        let bend = (self.variance * best.jet.second.re).abs();
        let start = (4.0 * UNIT * best.x.abs()).max(2.0 * (best.value.abs() + best.error) / bend);
        let walk = |direction: f64, limit: f64, done: &dyn Fn(&Slope) -> bool| {
            let mut step = start;
            loop {
                let x = best.x + direction * step;
                if (x - limit) * direction >= 0.0 {
                    return None;
                }
                let slope = self.slope(x);
                if done(&slope) {
                    return Some(slope);
                }
                step *= 2.0;
            }
        };
        let below = walk(towards_end, end, &Slope::negative);
        let above = walk(-towards_end, inside, &Slope::positive);
        // Where Φ′ stays positive up to the end, Φ′ ≤ 1 still holds between the end and x̃.
        let (low, low_steep) = below.map_or((end, 1.0), |s| (s.x, s.value.abs() + s.error));
        let (high, high_steep) = above.map_or((inside, 1.0), |s| (s.x, s.value.abs() + s.error));
        (
            low_steep.max(high_steep),
            (high - low).abs() * (1.0 + 4.0 * UNIT),
        )
    }

    fn slope(&self, x: f64) -> Slope {
        let jet = self.nu.stieltjes_jet(Complex64::new(x, 0.0));
        let (slope, error) = self.slope_at(&jet);
        // On top of a pole nothing is certified; there Φ′ = −∞.
        let value = if slope.re.is_nan() {
            f64::NEG_INFINITY
        } else {
            slope.re
        };
        Slope {
            x,
            jet,
            value,
            error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::SpectralMeasure;

    /// δ₀, σ = 1: Φ′ = 1 − 1/x² has the roots ±1, and Φ″ = 2/x³.
    #[test]
    fn a_bracket_holds_the_root_and_the_slopes_up_to_it() {
        let mu = FreeConvolution::new(SpectralMeasure::atoms(&[(0.0, 1.0)]).unwrap(), 1.0).unwrap();
        for off in [1e-2, 1e-4, 1e-8, 1e-12, -1e-12, -1e-8, -1e-4, -1e-2] {
            for side in [1.0, -1.0] {
                let best = mu.slope(side * (1.0 + off));
                let (steep, width) = mu.bracket(0.0, side * 1.5, &best);
                let text = format!("{side} {off:e}: {steep:e} {width:e}");
                // It holds x̃ and the root, and Φ′ at its lower end is below 0.
                assert!(width >= off.abs() * (1.0 - 1e-3), "{text}");
                assert!(steep >= best.value.abs(), "{text}");
                // The first step is twice the distance to the root by Newton's rule; the bracket is
                // two steps, or three where one side needs a second.
                assert!(width <= 9.0 * off.abs() + 1e-14, "{text}");
                assert!(steep <= 3.0 * width, "{text}");
            }
        }
    }

    /// A first step beyond both ends of the search: the bracket is all of it, and Φ′ ≤ 1 there.
    #[test]
    fn a_bracket_that_reaches_its_limits_is_what_lies_between_them() {
        let mu = FreeConvolution::new(SpectralMeasure::atoms(&[(0.0, 1.0)]).unwrap(), 1.0).unwrap();
        let (steep, width) = mu.bracket(0.99, 1.02, &mu.slope(1.015));
        assert_eq!(steep, 1.0);
        let all = 1.02 - 0.99;
        assert!(all < width && width <= all * (1.0 + 1e-14), "{width}");
    }

    /// The quadrature of the edge: Φ(x̃) − Φ(x*) = ∫ Φ′, at most width times steepness, here (x̃ − 1)²/x̃.
    #[test]
    fn an_edge_from_a_trial_beside_the_root_is_covered_by_its_bracket() {
        let mu = FreeConvolution::new(SpectralMeasure::atoms(&[(0.0, 1.0)]).unwrap(), 1.0).unwrap();
        for off in [1e-2, 1e-3, -1e-3, -1e-2] {
            let (steep, width) = mu.bracket(0.0, 1.5, &mu.slope(1.0 + off));
            let excess = off * off / (1.0 + off);
            assert!(
                excess <= steep * width,
                "{off}: {excess:e} {steep:e} {width:e}"
            );
            assert!(
                steep * width <= 100.0 * excess,
                "{off}: {steep:e} {width:e}"
            );
        }
    }
}
