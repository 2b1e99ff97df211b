//! σ from the middle of a spectrum.

use super::law::SingularLaw;
use serde::Serialize;

/// How σ is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// σ̂² = Σ q_k λ_k/Σ q_k² over αm ≤ k − ½ ≤ (1 − α)m: regression of the middle eigenvalues λ_k = y_k² on
    /// their Marchenko–Pastur quantiles q_k, through the origin.
    ///
    /// Source: Z. Ke, Y. Ma and X. Lin, *Estimation of the number of spiked eigenvalues in a covariance
    /// matrix by bulk eigenvalue matching analysis* (2021). Their quantiles are at k/m, ours at (k − ½)/m,
    /// which halves the bias of small matrices; what is left is removed by simulation.
    Bema {
        /// α, the share left out at each end; 0.2 in the paper.
        trim: f64,
    },
    /// σ̂ = median(y)/median of the law.
    Median,
}

impl Default for Method {
    fn default() -> Self {
        Self::Bema { trim: 0.2 }
    }
}

/// Where the squared singular values of n × m noise with σ = 1 should lie.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub law: SingularLaw,
    /// Squared quantiles at (k − ½)/m, descending.
    quantiles: Vec<f64>,
}

impl Reference {
    /// For 1 ≤ m ≤ n.
    pub fn new(n: usize, m: usize) -> Self {
        let law = SingularLaw::of_shape(n, m);
        Self {
            law,
            quantiles: law.squared_midpoints(m),
        }
    }

    /// σ̂² of squared singular values, descending, m of them, in units in which the entries have variance σ²/n.
    pub fn square(&self, method: Method, squares: &[f64]) -> f64 {
        debug_assert_eq!(squares.len(), self.quantiles.len());
        match method {
            Method::Bema { trim } => {
                let m = squares.len() as f64;
                let middle = |k: &usize| {
                    let level = (*k as f64 + 0.5) / m;
                    trim <= level && level <= 1.0 - trim
                };
                let (mut product, mut norm) = (0.0, 0.0);
                for k in (0..squares.len()).filter(middle) {
                    product += self.quantiles[k] * squares[k];
                    norm += self.quantiles[k] * self.quantiles[k];
                }
                product / norm
            }
            Method::Median => {
                let m = squares.len();
                let root = |k: usize| squares[k].sqrt();
                let median = 0.5 * (root((m - 1) / 2) + root(m / 2));
                (median / self.law.quantile(0.5)).powi(2)
            }
        }
    }

    /// sup_y |F_m(y) − F(y/σ)|, F_m the empirical distribution function.
    pub fn distance(&self, squares: &[f64], square: f64) -> f64 {
        let m = squares.len() as f64;
        let deviation = |(k, x): (usize, &f64)| {
            let f = self.law.cdf((x / square).sqrt());
            // F_m steps from (m − k − 1)/m to (m − k)/m at the k-th largest.
            let after = (squares.len() - k) as f64 / m;
            (after - f).max(f - (after - 1.0 / m))
        };
        squares
            .iter()
            .enumerate()
            .map(deviation)
            .fold(0.0, f64::max)
    }
}
