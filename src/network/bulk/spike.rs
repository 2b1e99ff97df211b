//! From a singular value beyond the edge back to what was planted.

use serde::Serialize;

/// A number with an interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
}

/// A singular value beyond the threshold, and the planted one it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spike {
    /// y, as observed.
    pub value: f64,
    /// θ, the singular value of the signal alone. The lower end is at least σγ^{1/4}: below that nothing
    /// would be seen.
    pub strength: Estimate,
    /// |⟨û, u⟩|² in the limit, on the side of the rows: how much of the observed left singular vector is signal.
    pub row_overlap: f64,
    /// The same on the side of the columns.
    pub column_overlap: f64,
}

/// The outlier map of θuvᵀ + σX/√n, X n × m noise, n ≥ m, u and v fixed unit vectors; γ = m/n.
///
/// In units of σ, with s = θ²:
///
/// ```text
/// y² = (1 + s)(γ + s)/s,   s = [Y + √(Y² − 4γ)]/2 with Y = y² − 1 − γ,   visible iff θ > γ^{1/4}
/// |⟨û, u⟩|² = 1 − (γ + s)/(s(1 + s))   on the side of n,
/// |⟨v̂, v⟩|² = 1 − γ(1 + s)/(s(s + γ))   on the side of m.
/// ```
///
/// # Source   F. Benaych-Georges and R. Nadakuditi, J. Multivariate Anal. 111 (2012) 120, section 3.1
/// # Examples
/// ```
/// use rmt_verify::network::bulk::OutlierMap;
/// // γ = 1: y = θ + 1/θ.
/// let map = OutlierMap::new(1.0);
/// assert!((map.location(2.0) - 2.5).abs() < 1e-15);
/// assert!((map.strength(2.5).unwrap() - 2.0).abs() < 1e-15);
/// assert_eq!(map.strength(1.9), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutlierMap {
    gamma: f64,
}

impl OutlierMap {
    /// The map for 0 < γ ≤ 1; panics otherwise.
    #[must_use]
    pub fn new(gamma: f64) -> Self {
        assert!(gamma > 0.0 && gamma <= 1.0, "γ = {gamma} is not in (0, 1]");
        Self { gamma }
    }

    /// γ^{1/4}: weaker spikes stay inside of the bulk.
    #[must_use]
    pub fn least_strength(&self) -> f64 {
        self.gamma.sqrt().sqrt()
    }

    /// y(θ); the edge 1 + √γ for θ ≤ γ^{1/4}.
    #[must_use]
    pub fn location(&self, theta: f64) -> f64 {
        if theta <= self.least_strength() {
            return 1.0 + self.gamma.sqrt();
        }
        // y = √(1 + θ²)·√(1 + γ/θ²), which does not overflow before y does.
        libm::hypot(1.0, theta) * (1.0 + self.gamma / theta / theta).sqrt()
    }

    /// θ(y), the inverse; `None` for y ≤ 1 + √γ.
    #[must_use]
    pub fn strength(&self, y: f64) -> Option<f64> {
        let edge = 1.0 + self.gamma.sqrt();
        if y <= edge {
            return None;
        }
        // Y² − 4γ = (y² − (1 + √γ)²)(y² − (1 − √γ)²), factors without cancellation.
        let root = self.gamma.sqrt();
        let far = (y - edge) * (y + edge);
        let near = (y - (1.0 - root)) * (y + (1.0 - root));
        Some((0.5 * (far + 2.0 * root) + 0.5 * (far * near).sqrt()).sqrt())
    }

    /// dy/dθ = (θ/y)(1 − γ/θ⁴), for θ > γ^{1/4}.
    #[must_use]
    pub fn slope(&self, theta: f64) -> f64 {
        let s = theta * theta;
        theta / self.location(theta) * (1.0 - self.gamma / (s * s))
    }

    /// (|⟨û, u⟩|², |⟨v̂, v⟩|²) in the limit, the side of n first; 0 for θ ≤ γ^{1/4}.
    #[must_use]
    pub fn overlaps(&self, theta: f64) -> (f64, f64) {
        if theta <= self.least_strength() {
            return (0.0, 0.0);
        }
        let (g, s) = (self.gamma, theta * theta);
        (
            1.0 - (g + s) / (s * (1.0 + s)),
            1.0 - g * (1.0 + s) / (s * (s + g)),
        )
    }

    /// The limit of n·Var(y) for Gaussian noise: the mean of the two overlaps,
    /// (s² − γ)(1 + γ + 2s)/(2s(s + γ)(s + 1)).
    ///
    /// So strong spikes move by σ/√n and those near the edge hardly at all (on this scale). Derived in
    /// [`derivation`](super::derivation); noise that is not Gaussian adds a term when u and v are localised.
    #[must_use]
    pub fn variance(&self, theta: f64) -> f64 {
        let (left, right) = self.overlaps(theta);
        0.5 * (left + right)
    }
}
