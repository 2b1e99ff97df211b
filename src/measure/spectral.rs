//! Probability measures on the line: finite mixtures of atoms and elementary laws.

mod check;
mod distribution;
mod transform;

use super::ball::{UNIT, two_sum};
use super::{Component, Interval, MeasureError};
use check::{check_interval, in_range, normalised, positive};

/// Probability measure ν = Σ wᵢ δ(tᵢ) + Σ wⱼ ν_j with elementary laws ν_j.
///
/// Weights need to sum to 1 within 1e-12 and mean wᵢ/Σw exactly: ν has mass 1. Atoms are sorted
/// and equal locations merged. All finite parameters with sizes in [1e-140, 1e140] are accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct SpectralMeasure {
    /// (location, weight), locations strictly increasing.
    point_masses: Vec<(f64, f64)>,
    /// Weights of the first 1, 2, … atoms.
    cumulative: Vec<f64>,
    /// (weight, law), no atoms among the laws.
    pub(super) continuous: Vec<(f64, Component)>,
    /// Relative error of every stored weight.
    weight_error: f64,
    /// The SPEC, when it says more than the parts do (a file).
    pub(super) label: Option<String>,
}

impl SpectralMeasure {
    /// Σ wᵢ δ(tᵢ) from pairs (tᵢ, wᵢ).
    ///
    /// # Errors
    /// No pair, a number out of range, a weight that is not positive, or weights whose sum is
    /// not 1 within 1e-12.
    pub fn atoms(pairs: &[(f64, f64)]) -> Result<Self, MeasureError> {
        if pairs.is_empty() {
            return Err(MeasureError::Empty("atom"));
        }
        for &(location, _) in pairs {
            in_range("the location of an atom", location)?;
        }
        let weights: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
        let weights = normalised(&weights)?;
        let parts = pairs
            .iter()
            .zip(weights)
            .map(|(&(location, _), weight)| (weight, Component::Atom(location)));
        Ok(Self::from_parts(parts.collect(), 4.0 * UNIT))
    }

    /// Uniform law on [lo, hi].
    ///
    /// # Errors
    /// Ends out of range, or lo ≥ hi.
    pub fn uniform(lo: f64, hi: f64) -> Result<Self, MeasureError> {
        check_interval(lo, hi)?;
        Ok(Self::single(Component::Uniform { lo, hi }))
    }

    /// Arcsine law on [lo, hi]: density 1/(π√((x − lo)(hi − x))).
    ///
    /// # Errors
    /// Ends out of range, or lo ≥ hi.
    pub fn arcsine(lo: f64, hi: f64) -> Result<Self, MeasureError> {
        check_interval(lo, hi)?;
        Ok(Self::single(Component::Arcsine { lo, hi }))
    }

    /// Semicircle law: density √(4V − (x − C)²)/(2πV) for |x − C| ≤ 2√V.
    ///
    /// # Errors
    /// A parameter out of range, or variance ≤ 0.
    pub fn semicircle(centre: f64, variance: f64) -> Result<Self, MeasureError> {
        in_range("the centre of a semicircle", centre)?;
        positive("the variance of a semicircle", variance)?;
        Ok(Self::single(Component::Semicircle { centre, variance }))
    }

    /// Marchenko–Pastur law of ratio c and variance v: the limit of the eigenvalues of XXᵀ/n for
    /// X of size m × n with m/n → c and entries of variance v. Support v(1 ± √c)², and for c > 1
    /// an atom of weight 1 − 1/c at 0. Mean v, variance cv².
    ///
    /// # Errors
    /// A parameter out of range, ratio ≤ 0 or variance ≤ 0.
    pub fn marchenko_pastur(ratio: f64, variance: f64) -> Result<Self, MeasureError> {
        positive("the ratio of a Marchenko–Pastur law", ratio)?;
        positive("the variance of a Marchenko–Pastur law", variance)?;
        let density = Component::MarchenkoPastur {
            ratio,
            variance,
            origin: 0.0,
            reflected: false,
        };
        if ratio <= 1.0 {
            return Ok(Self::single(density));
        }
        let parts = vec![
            ((ratio - 1.0) / ratio, Component::Atom(0.0)),
            (1.0 / ratio, density),
        ];
        Ok(Self::from_parts(parts, 4.0 * UNIT))
    }

    /// Empirical distribution (1/N) Σ δ(λᵢ) of a list, in any order, repetitions allowed.
    ///
    /// # Errors
    /// An empty list, or an entry out of range.
    pub fn empirical(values: Vec<f64>) -> Result<Self, MeasureError> {
        if values.is_empty() {
            return Err(MeasureError::Empty("eigenvalue"));
        }
        for &value in &values {
            in_range("an eigenvalue", value)?;
        }
        let mut values = values;
        values.sort_unstable_by(f64::total_cmp);
        let n = values.len() as f64;
        let parts = values
            .chunk_by(|a, b| a == b)
            .map(|equal| (equal.len() as f64 / n, Component::Atom(equal[0])));
        Ok(Self::from_parts(parts.collect(), UNIT))
    }

    /// Σ wᵢ νᵢ from pairs (wᵢ, νᵢ).
    ///
    /// # Errors
    /// No pair, a weight that is not positive, or weights whose sum is not 1 within 1e-12.
    pub fn mixture(parts: Vec<(f64, Self)>) -> Result<Self, MeasureError> {
        if parts.is_empty() {
            return Err(MeasureError::Empty("part"));
        }
        let weights: Vec<f64> = parts.iter().map(|part| part.0).collect();
        let weights = normalised(&weights)?;
        let inner = parts
            .iter()
            .map(|part| part.1.weight_error)
            .fold(0.0, f64::max);
        let flat = weights
            .iter()
            .zip(&parts)
            .flat_map(|(weight, (_, measure))| {
                measure
                    .components()
                    .into_iter()
                    .map(move |(inside, law)| (weight * inside, law))
            });
        Ok(Self::from_parts(flat.collect(), inner + 6.0 * UNIT))
    }

    fn single(law: Component) -> Self {
        Self::from_parts(vec![(1.0, law)], 0.0)
    }

    /// Sorts and merges atoms. Merging m weights adds a relative error below m·u.
    fn from_parts(parts: Vec<(f64, Component)>, weight_error: f64) -> Self {
        let mut point_masses = Vec::new();
        let mut continuous = Vec::new();
        for (weight, law) in parts {
            match law {
                // + 0.0 turns −0 into 0, so that the two merge.
                Component::Atom(location) => point_masses.push((location + 0.0, weight)),
                law => continuous.push((weight, law)),
            }
        }
        point_masses.sort_by(|a: &(f64, f64), b| a.0.total_cmp(&b.0));
        let mut longest = 1;
        let merged: Vec<(f64, f64)> = point_masses
            .chunk_by(|a, b| a.0 == b.0)
            .map(|equal| {
                longest = longest.max(equal.len());
                (equal[0].0, equal.iter().map(|pair| pair.1).sum())
            })
            .collect();
        let cumulative = cumulated(&merged);
        Self {
            point_masses: merged,
            cumulative,
            continuous,
            weight_error: weight_error + (longest - 1) as f64 * UNIT,
            label: None,
        }
    }

    pub(super) fn labelled(mut self, label: String) -> Self {
        self.label = Some(label);
        self
    }

    /// The law of c + X; atoms and ends are rounded to the nearest binary64.
    ///
    /// # Errors
    /// A shift that is not finite or moves the support out of range.
    pub fn shifted(&self, c: f64) -> Result<Self, MeasureError> {
        in_range("the shift of a measure", c)?;
        self.mapped(|law| law.shifted(c))
    }

    /// The law of aX, a ≠ 0; atoms and ends are rounded to the nearest binary64.
    ///
    /// # Errors
    /// A factor that is 0, not finite, or moves the support out of range.
    pub fn scaled(&self, a: f64) -> Result<Self, MeasureError> {
        if a == 0.0 {
            return Err(MeasureError::ScaleZero(a));
        }
        in_range("the factor of a dilation", a)?;
        self.mapped(|law| law.scaled(a))
    }

    fn mapped(&self, map: impl Fn(Component) -> Component) -> Result<Self, MeasureError> {
        let parts: Vec<(f64, Component)> = self
            .components()
            .into_iter()
            .map(|(weight, law)| (weight, map(law)))
            .collect();
        for (_, law) in &parts {
            law.check()?;
        }
        Ok(Self::from_parts(parts, self.weight_error))
    }

    /// The elementary laws and their weights: atoms by location, then the laws with densities.
    #[must_use]
    pub fn components(&self) -> Vec<(f64, Component)> {
        self.point_masses
            .iter()
            .map(|&(location, weight)| (weight, Component::Atom(location)))
            .chain(self.continuous.iter().copied())
            .collect()
    }

    /// All atoms as (location, weight), locations strictly increasing.
    #[must_use]
    pub fn point_masses(&self) -> &[(f64, f64)] {
        &self.point_masses
    }

    /// ν({x}).
    #[must_use]
    pub fn mass_at(&self, x: f64) -> f64 {
        self.point_masses
            .binary_search_by(|pair| pair.0.partial_cmp(&x).unwrap_or(std::cmp::Ordering::Less))
            .map_or(0.0, |index| self.point_masses[index].1)
    }

    /// The intervals of supp ν, increasing and disjoint; an isolated atom is a point.
    #[must_use]
    pub fn support(&self) -> Vec<Interval> {
        let mut pieces: Vec<Interval> = self
            .components()
            .iter()
            .map(|(_, law)| law.support())
            .collect();
        pieces.sort_by(|a, b| a.lo.total_cmp(&b.lo));
        let mut merged: Vec<Interval> = Vec::new();
        for piece in pieces {
            match merged.last_mut() {
                Some(last) if piece.lo <= last.hi => last.hi = last.hi.max(piece.hi),
                _ => merged.push(piece),
            }
        }
        merged
    }
}

fn cumulated(atoms: &[(f64, f64)]) -> Vec<f64> {
    let (mut sum, mut rest) = (0.0, 0.0);
    atoms
        .iter()
        .map(|pair| {
            let (total, error) = two_sum(sum, pair.1);
            sum = total;
            rest += error;
            sum + rest
        })
        .collect()
}
