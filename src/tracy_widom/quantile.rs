//! Quantiles.

use super::{TracyWidom, Values};
use thiserror::Error;

/// Not a probability strictly between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("probability {p} is not inside (0, 1)")]
pub struct QuantileError {
    /// The offending probability.
    pub p: f64,
}

impl TracyWidom {
    /// The s with F(s) = p.
    ///
    /// # Errors
    /// [`QuantileError`] unless 0 < p < 1.
    pub fn quantile(&self, p: f64) -> Result<f64, QuantileError> {
        check(p)?;
        Ok(self.solve(p.ln() - (-p).ln_1p()))
    }

    /// The s with 1 − F(s) = q; for small q more accurate than `quantile(1 − q)`.
    ///
    /// # Errors
    /// [`QuantileError`] unless 0 < q < 1.
    pub fn upper_quantile(&self, q: f64) -> Result<f64, QuantileError> {
        check(q)?;
        Ok(self.solve((-q).ln_1p() - q.ln()))
    }

    /// The root of ln(F/(1 − F)) = `target`, by regula falsi (Illinois) in a bracket.
    ///
    /// The log-odds are smooth, increasing and at most cubic in s, so a few steps do.
    fn solve(&self, target: f64) -> f64 {
        let excess = |s: f64| log_odds(&self.values(s)) - target;
        let (mut lo, mut hi) = (-2.0, -1.0);
        let (mut at_lo, mut at_hi) = (excess(lo), excess(hi));
        let mut step = 1.0;
        while at_lo > 0.0 {
            (hi, at_hi) = (lo, at_lo);
            lo -= step;
            at_lo = excess(lo);
            step *= 2.0;
        }
        while at_hi < 0.0 {
            (lo, at_lo) = (hi, at_hi);
            hi += step;
            at_hi = excess(hi);
            step *= 2.0;
        }
        // Weights of the ends: an end that stays put twice is halved.
        let (mut f_lo, mut f_hi) = (at_lo, at_hi);
        while hi - lo > 4.0 * f64::EPSILON * lo.abs().max(hi.abs()).max(1e-3) {
            let secant = hi - f_hi * (hi - lo) / (f_hi - f_lo);
            let inside = secant > lo && secant < hi;
            let s = if inside { secant } else { lo + 0.5 * (hi - lo) };
            if s <= lo || s >= hi {
                break;
            }
            let value = excess(s);
            // As close as the log-odds can tell.
            if value.abs() <= 4.0 * f64::EPSILON * target.abs().max(1.0) {
                return s;
            }
            if value < 0.0 {
                (lo, f_lo) = (s, value);
                f_hi *= 0.5;
            } else {
                (hi, f_hi) = (s, value);
                f_lo *= 0.5;
            }
        }
        lo + 0.5 * (hi - lo)
    }
}

/// ln F − ln(1 − F); +∞ where 1 − F underflows.
fn log_odds(values: &Values) -> f64 {
    values.ln_cdf - values.complement.ln()
}

fn check(p: f64) -> Result<(), QuantileError> {
    if p > 0.0 && p < 1.0 {
        Ok(())
    } else {
        Err(QuantileError { p })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantile_inverts_the_distribution_function() {
        for law in [TracyWidom::goe(), TracyWidom::gue()] {
            for p in [1e-200, 1e-9, 0.01, 0.5, 0.99] {
                let back = law.cdf(law.quantile(p).unwrap());
                assert!((back / p - 1.0).abs() < 1e-11, "{p}: {back}");
            }
            for q in [1e-300, 1e-12, 0.3] {
                let back = law.complement(law.upper_quantile(q).unwrap());
                assert!((back / q - 1.0).abs() < 1e-11, "{q}: {back}");
            }
        }
    }

    #[test]
    fn quantiles_of_the_tables_are_found() {
        // 95 % points, as in every table: 0.9793 (GOE) and −0.2325 (GUE).
        assert!((TracyWidom::goe().quantile(0.95).unwrap() - 0.9793).abs() < 1e-4);
        assert!((TracyWidom::gue().quantile(0.95).unwrap() + 0.2325).abs() < 1e-4);
    }

    #[test]
    fn probabilities_outside_the_open_interval_are_refused() {
        for p in [0.0, 1.0, -0.1, f64::NAN] {
            assert!(TracyWidom::goe().quantile(p).is_err());
            assert!(TracyWidom::goe().upper_quantile(p).is_err());
        }
    }
}
