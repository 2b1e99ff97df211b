//! The law that a spectrum is compared with, whichever it is.

use super::{Analysis, DilatedFit, Estimate, Fit, Shape};

/// The fitted law of the bulk: that of noise, or of noise on a signal of full rank.
#[derive(Debug, Clone, Copy)]
pub enum Bulk<'a> {
    /// Noise alone.
    Noise(&'a Fit),
    /// Noise on a signal of full rank.
    Dilated(&'a DilatedFit),
}

impl Analysis {
    /// The dilated law where it explains the spectrum, else the law of noise, whether that fits or not; `None` for
    /// degenerate spectra.
    #[must_use]
    pub fn bulk(&self) -> Option<Bulk<'_>> {
        match (self.shape, &self.dilated, &self.fit) {
            (Shape::DilatedBulk, Some(fit), _) => Some(Bulk::Dilated(fit)),
            (_, _, Some(fit)) => Some(Bulk::Noise(fit)),
            _ => None,
        }
    }
}

impl Bulk<'_> {
    /// σ: the entries of the noise have variance σ²/max(rows, columns).
    #[must_use]
    pub fn sigma(&self) -> Estimate {
        match self {
            Self::Noise(fit) => fit.sigma,
            Self::Dilated(fit) => fit.sigma,
        }
    }

    /// Where the bulk begins; 0 for a dilated one, whose lower edge is not computed.
    #[must_use]
    pub fn lower_edge(&self) -> f64 {
        match self {
            Self::Noise(fit) => fit.lower_edge,
            Self::Dilated(_) => 0.0,
        }
    }

    /// Where it ends.
    #[must_use]
    pub fn edge(&self) -> Estimate {
        match self {
            Self::Noise(fit) => fit.edge,
            Self::Dilated(fit) => fit.edge,
        }
    }

    /// Values beyond this are spikes.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        match self {
            Self::Noise(fit) => fit.threshold,
            Self::Dilated(fit) => fit.threshold,
        }
    }

    /// Number of values beyond.
    #[must_use]
    pub fn beyond(&self) -> usize {
        match self {
            Self::Noise(fit) => fit.beyond,
            Self::Dilated(fit) => fit.beyond,
        }
    }

    /// Kolmogorov distance of the other values to the law.
    #[must_use]
    pub fn distance(&self) -> f64 {
        match self {
            Self::Noise(fit) => fit.distance,
            Self::Dilated(fit) => fit.distance,
        }
    }

    /// How often what obeys the law deviates as much.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        match self {
            Self::Noise(fit) => fit.p_value,
            Self::Dilated(fit) => fit.p_value,
        }
    }

    /// Density at y, of mass 1.
    #[must_use]
    pub fn density(&self, y: f64) -> f64 {
        match self {
            Self::Noise(fit) => fit.density(y),
            Self::Dilated(fit) => fit.density(y),
        }
    }
}
