//! Intervals for the mean of M independent copies of X, one a grade.

use super::rounding::{add_up, div_down, div_up, ln_up, mul_up, sqrt_up};
use super::{Confidence, ConfidenceError, Grade, Summary, check_level, check_replicates};

/// √(2 v ln(2/α)/M): P(|x̄ − EX| > h) ≤ α when log E exp(t(X − EX)) ≤ t²v/2 for all real t.
///
/// # Domain   v ≥ 0 finite, M ≥ 1, 0 < α < 1
/// # Source   Chernoff's method; Boucheron, Lugosi and Massart (2013), section 2.3
pub fn sub_gaussian_halfwidth(
    variance_proxy: f64,
    m: u64,
    alpha: f64,
) -> Result<f64, ConfidenceError> {
    check_level(alpha)?;
    check_replicates(m, 1)?;
    check_variance(variance_proxy)?;
    let numerator = mul_up(mul_up(2.0, variance_proxy), ln_up(div_up(2.0, alpha)));
    Ok(sqrt_up(div_up(numerator, m as f64)))
}

/// x̄ ± √(2 v ln(2/α)/M). Grade *proved*.
///
/// # Source   as [`sub_gaussian_halfwidth`]
pub fn sub_gaussian(
    mean: f64,
    variance_proxy: f64,
    m: u64,
    alpha: f64,
) -> Result<Confidence, ConfidenceError> {
    Ok(Confidence {
        estimate: mean,
        halfwidth: sub_gaussian_halfwidth(variance_proxy, m, alpha)?,
        grade: Grade::Proved,
    })
}

/// x̄ ± √(2 V l/M) + 7(hi − lo) l/(3(M − 1)), l = ln(3/α), V the unbiased sample variance.
/// Grade *bounded*.
///
/// Two-sided with one variance event: Bennett's inequality above, below, and the bound of √V take
/// α/3 each (`docs/derivations/confidence.md`, section 3).
///
/// # Domain   lo ≤ X ≤ hi surely (values outside are an error), M ≥ 2, 0 < α < 1
/// # Source   Maurer and Pontil (2009), Theorems 3, 4 and 10
pub fn empirical_bernstein(
    summary: &Summary,
    lo: f64,
    hi: f64,
    alpha: f64,
) -> Result<Confidence, ConfidenceError> {
    check_level(alpha)?;
    check_range(lo, hi)?;
    check_replicates(summary.count(), 2)?;
    for value in [summary.min(), summary.max()] {
        if value < lo || value > hi {
            return Err(ConfidenceError::OutsideSureBounds { value, lo, hi });
        }
    }
    let deviation = sqrt_up(summary.variance_upper());
    Ok(Confidence {
        estimate: summary.mean(),
        halfwidth: add_up(
            bernstein_halfwidth(deviation, hi - lo, summary.count(), alpha),
            summary.mean_error(),
        ),
        grade: Grade::Bounded,
    })
}

/// A bound that [`empirical_bernstein`]'s halfwidth exceeds with probability ≤ `miss`, if
/// Var X ≤ `variance`: there √V ≤ √variance + (hi − lo) √(2 ln(1/miss)/(M − 1)).
///
/// # Source   Maurer and Pontil (2009), Theorem 10
pub fn planned_bernstein_halfwidth(
    variance: f64,
    range: f64,
    m: u64,
    alpha: f64,
    miss: f64,
) -> Result<f64, ConfidenceError> {
    check_level(alpha)?;
    check_level(miss)?;
    check_variance(variance)?;
    check_range(0.0, range)?;
    check_replicates(m, 2)?;
    let excess = sqrt_up(div_up(2.0 * ln_up(div_up(1.0, miss)), (m - 1) as f64));
    let deviation = add_up(sqrt_up(variance), mul_up(range, excess));
    Ok(bernstein_halfwidth(deviation, range, m, alpha))
}

fn bernstein_halfwidth(deviation: f64, range: f64, m: u64, alpha: f64) -> f64 {
    let l = ln_up(div_up(3.0, alpha));
    let gaussian = mul_up(deviation, sqrt_up(div_up(2.0 * l, m as f64)));
    let poisson = mul_up(range, div_up(mul_up(7.0, l), 3.0 * (m - 1) as f64));
    add_up(gaussian, poisson)
}

/// {q : kl(p̂, q) ≤ ln(2/α)/M}, kl(p, q) = p ln(p/q) + (1 − p) ln((1 − p)/(1 − q)), as the
/// midpoint of its ends and half their distance. Grade *exact*.
///
/// # Domain   successes ≤ M, M ≥ 1, 0 < α < 1
/// # Source   Chernoff (1952); Boucheron, Lugosi and Massart (2013), section 2.2
pub fn binomial(successes: u64, m: u64, alpha: f64) -> Result<Confidence, ConfidenceError> {
    check_level(alpha)?;
    check_replicates(m, 1)?;
    if successes > m {
        return Err(ConfidenceError::MoreSuccessesThanTrials {
            successes,
            trials: m,
        });
    }
    let (lo, hi) = binomial_bounds(successes as f64 / m as f64, m, alpha);
    Ok(Confidence::from_bounds(lo, hi, Grade::Exact))
}

/// The two ends of {q : kl(p̂, q) ≤ ln(2/α)/M}, rounded outwards.
pub(super) fn binomial_bounds(p: f64, m: u64, alpha: f64) -> (f64, f64) {
    // The computed divergence is off by a few ulp of its terms: spend a little more than asked.
    let budget = div_up(ln_up(div_up(2.0, alpha)), m as f64) * (1.0 + 1e-12) + 1e-15;
    let hi = far_end(p, budget);
    let lo = 1.0 - far_end(1.0 - p, budget);
    (lo.next_down().max(0.0), hi.next_up().min(1.0))
}

/// The largest q in [p, 1] with kl(p, q) ≤ budget, from outside.
fn far_end(p: f64, budget: f64) -> f64 {
    let (mut inside, mut outside) = (p, 1.0);
    // kl(p, ·) increases on [p, 1]; the bracket halves until its ends are neighbours.
    loop {
        let middle = 0.5 * (inside + outside);
        if middle <= inside || middle >= outside {
            return outside;
        }
        if bernoulli_divergence(p, middle) <= budget {
            inside = middle;
        } else {
            outside = middle;
        }
    }
}

/// kl(p, q) = p ln(p/q) + (1 − p) ln((1 − p)/(1 − q)), with 0 ln 0 = 0.
#[must_use]
pub fn bernoulli_divergence(p: f64, q: f64) -> f64 {
    let term = |a: f64, b: f64| if a == 0.0 { 0.0 } else { a * libm::log(a / b) };
    term(p, q) + term(1.0 - p, 1.0 - q)
}

/// √(ln(2/α)/(2M)): P(sup_x |F_M(x) − F(x)| > h) ≤ α for the empirical distribution function.
///
/// # Source   Massart (1990): the constant 2 in the inequality of Dvoretzky, Kiefer and Wolfowitz
pub fn dkw(m: u64, alpha: f64) -> Result<f64, ConfidenceError> {
    check_level(alpha)?;
    check_replicates(m, 1)?;
    Ok(sqrt_up(div_up(
        ln_up(div_up(2.0, alpha)),
        mul_up(2.0, m as f64),
    )))
}

/// Most that P(Bin(M, p) ≥ k) can be: exp(−M kl(k/M, p)) for k/M > p, else 1.
///
/// # Source   as [`binomial`]
#[must_use]
pub fn binomial_upper_tail(k: u64, m: u64, p: f64) -> f64 {
    let observed = k as f64 / m as f64;
    if observed <= p {
        1.0
    } else {
        libm::exp(-(m as f64) * bernoulli_divergence(observed, p))
    }
}

pub(super) fn check_variance(variance: f64) -> Result<(), ConfidenceError> {
    if variance >= 0.0 && variance.is_finite() {
        Ok(())
    } else {
        Err(ConfidenceError::VarianceInvalid { variance })
    }
}

pub(super) fn check_range(lo: f64, hi: f64) -> Result<(), ConfidenceError> {
    // An end that is infinite or no number leaves no finite length.
    if lo <= hi && (hi - lo).is_finite() {
        Ok(())
    } else {
        Err(ConfidenceError::RangeInvalid { lo, hi })
    }
}

/// A level from which nothing is lost when it is divided by `parts`.
#[must_use]
pub fn split_level(alpha: f64, parts: u64) -> f64 {
    div_down(alpha, parts.max(1) as f64)
}
