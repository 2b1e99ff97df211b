//! Medians, ratios and exponents with their intervals.

use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, StudentsT};

/// A number between its bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Left end of the interval.
    pub lo: f64,
    /// Right end of the interval.
    pub hi: f64,
}

/// Each side of a 95 % interval.
const TAIL: f64 = 0.025;

/// The median, and the 95 % interval between the order statistics x_(j) and x_(m+1−j), j the largest
/// with P(Bin(m, ½) < j) ≤ 2.5 %; it needs no assumption but independent rounds. Below six
/// numbers there is no such j, and the interval is the whole range.
pub fn median(numbers: &[f64]) -> Estimate {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let m = sorted.len();
    let binomial = Binomial::new(0.5, m as u64).expect("½ is a probability");
    let below = (1..=m / 2)
        .take_while(|&j| binomial.cdf(j as u64 - 1) <= TAIL)
        .last()
        .map_or(0, |j| j - 1);
    Estimate {
        value: (sorted[(m - 1) / 2] + sorted[m / 2]) / 2.0,
        lo: sorted[below],
        hi: sorted[m - 1 - below],
    }
}

/// The median over rounds of the ratios within a round.
pub fn ratio(above: &[f64], below: &[f64]) -> Estimate {
    let ratios: Vec<f64> = above.iter().zip(below).map(|(a, b)| a / b).collect();
    median(&ratios)
}

/// p of t ≈ c·N^p by least squares of log t on log N, with Student's 95 % interval on k − 2 degrees of
/// freedom; `None` below three points.
///
/// The interval assumes that the deviations of log t from a line are independent and normal with
/// one variance. They are caches and lower powers of N much more than noise, so it tells how far the
/// times are from a power law.
pub fn exponent(points: &[(f64, f64)]) -> Option<Estimate> {
    let k = points.len();
    if k < 3 {
        return None;
    }
    let logs: Vec<(f64, f64)> = points.iter().map(|(n, t)| (n.ln(), t.ln())).collect();
    let mean = |f: fn(&(f64, f64)) -> f64| logs.iter().map(f).sum::<f64>() / k as f64;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let sum = |f: &dyn Fn(f64, f64) -> f64| logs.iter().map(|p| f(p.0 - x, p.1 - y)).sum::<f64>();
    let spread = sum(&|a, _| a * a);
    let slope = sum(&|a, b| a * b) / spread;
    let residual = sum(&|a, b| (b - slope * a).powi(2));
    let freedom = (k - 2) as f64;
    let student = StudentsT::new(0.0, 1.0, freedom).expect("at least one degree of freedom");
    let half = student.inverse_cdf(1.0 - TAIL) * (residual / freedom / spread).sqrt();
    Some(Estimate {
        value: slope,
        lo: slope - half,
        hi: slope + half,
    })
}
