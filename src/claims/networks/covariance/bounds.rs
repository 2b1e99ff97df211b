//! What is known in advance about the fluctuations of the statistics.
//!
//! Y = X/√n = C^{1/2}Z/√n, r = min(p, n), L the Lipschitz constant of the entries as functions of Gaussians. A function F of Y with
//! |F(Y) − F(Y′)| ≤ K‖Y − Y′‖_F is sub-Gaussian with the proxy K²L²‖C‖/n; its derivative is bounded with
//! ‖Q‖ ≤ 1/γ and ‖QY‖ = max s/(s² + γ) ≤ 1/(2√γ). Where the entries are no Lipschitz image of Gaussians the
//! variance is bounded by the inequality of Efron and Stein over the columns. Proofs: `docs/derivations/covariance_bounds.md`.

use super::model::Model;
use crate::design::Tail;
use crate::ensemble::EntryLaw;

impl Model {
    /// K²L²‖C‖/n for a K in terms of Y.
    pub fn proxy(&self, lipschitz: f64) -> Option<f64> {
        let of_law = self.law.lipschitz()?;
        let norm = self.spectrum().into_iter().fold(0.0, f64::max);
        Some((lipschitz * of_law).powi(2) * norm / self.n as f64)
    }

    fn smaller(&self) -> f64 {
        self.p.min(self.n) as f64
    }

    /// (1/n)tr C².
    fn second(&self) -> f64 {
        self.spectrum().iter().map(|x| x * x).sum::<f64>() / self.n as f64
    }

    /// scale·tr Q: K = √r·sup|(d/ds)(s² + γ)⁻¹| = √r·(3√3/8)γ^{−3/2}; else Var tr Q ≤ 8(1/n)tr C²/γ⁴.
    pub fn trace_tail(&self, gamma: f64, scale: f64) -> Tail {
        let k = (27.0 / 64.0 * self.smaller()).sqrt() * gamma.powf(-1.5);
        self.tail(k * scale, || self.columns_bound(gamma, scale))
    }

    /// scale·tr AQ for A ≥ 0, ‖A‖ = `norm`: K = 2√r‖YᵀQ‖‖A‖‖Q‖ = √r‖A‖γ^{−3/2}; else ‖A‖² times the variance bound.
    pub fn weighted_trace_tail(&self, gamma: f64, norm: f64, scale: f64) -> Tail {
        let k = self.smaller().sqrt() * norm * gamma.powf(-1.5);
        self.tail(k * scale, || self.columns_bound(gamma, scale * norm))
    }

    /// aᵀQb for unit vectors: K = 2‖YᵀQ‖‖Q‖ = γ^{−3/2}; else Var ≤ 3‖C‖²/(nγ⁴) for κ₄ ≤ 0.
    pub fn form_tail(&self, gamma: f64) -> Tail {
        let norm = self.spectrum().into_iter().fold(0.0, f64::max);
        self.tail(gamma.powf(-1.5), || {
            assert!(self.fourth() <= 0.0, "the bound is for κ₄ ≤ 0");
            3.0 * norm * norm / (self.n as f64 * gamma.powi(4))
        })
    }

    /// tr(BQ(−γ₁)AQ(−γ₂))/p for diagonal A, B ≥ 0 with ‖A‖‖B‖ = `norm`: K = √r·norm(γ₁^{−1/2} + γ₂^{−1/2})/(pγ₁γ₂); else
    /// it is at most norm/(γ₁γ₂) in modulus. The design then reckons with the Gaussian proxy.
    pub fn product_tail(&self, [g, h]: [f64; 2], norm: f64) -> Tail {
        let size = norm / (g * h);
        let k = self.smaller().sqrt() * size * (g.powf(-0.5) + h.powf(-0.5)) / self.p as f64;
        match self.proxy(k) {
            Some(variance_proxy) => Tail::SubGaussian { variance_proxy },
            None => {
                let gaussian = Self::new(EntryLaw::Gaussian, self.shape, self.p, self.n);
                let design = gaussian.proxy(k).expect("the Gaussian is its own image");
                Tail::Bounded {
                    lo: -size,
                    hi: size,
                    design_variance: design,
                }
            }
        }
    }

    /// log det(I + Ĉ/γ): K = √r·sup|(d/ds)log(1 + s²/γ)| = √(r/γ).
    ///
    /// # Panics   for entries that are no Lipschitz image of Gaussians
    pub fn log_det_tail(&self, gamma: f64) -> Tail {
        let proxy = self.proxy((self.smaller() / gamma).sqrt());
        Tail::SubGaussian {
            variance_proxy: proxy.expect("the entries are images of Gaussians"),
        }
    }

    fn tail(&self, lipschitz: f64, variance: impl Fn() -> f64) -> Tail {
        match self.proxy(lipschitz) {
            Some(variance_proxy) => Tail::SubGaussian { variance_proxy },
            None => Tail::Variance { bound: variance() },
        }
    }

    /// max(1, 1 + κ₄/2): Var zᵀNz ≤ 2·this·tr N².
    fn kurtosis(&self) -> f64 {
        (1.0 + 0.5 * self.fourth()).max(1.0)
    }

    fn columns_bound(&self, gamma: f64, scale: f64) -> f64 {
        8.0 * self.kurtosis() * self.second() * scale * scale / gamma.powi(4)
    }
}
