//! Probability measures on the line: finite mixtures of atoms and elementary laws.

use super::ball::{Ball, RECIP_ERROR, UNIT, recip, two_sum};
use super::component::{Component, SumJet};
use super::{Interval, Jet, MeasureError};
use num_complex::Complex64;

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

    /// F(x) = ν((−∞, x]).
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        let below = self.point_masses.partition_point(|pair| pair.0 <= x);
        let atoms = if below == 0 {
            0.0
        } else {
            self.cumulative[below - 1]
        };
        let rest: f64 = self
            .continuous
            .iter()
            .map(|(weight, law)| weight * law.cdf(x))
            .sum();
        (atoms + rest).min(1.0)
    }

    /// inf{x : F(x) ≥ p}, and the left end of the support for p = 0.
    ///
    /// # Domain   p ∈ [0, 1]; NaN outside
    /// # Value    the smallest binary64 number x of the support's hull with computed cdf(x) ≥ p
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        if !(0.0..=1.0).contains(&p) {
            return f64::NAN;
        }
        let support = self.support();
        let (lo, hi) = (support[0].lo, support[support.len() - 1].hi);
        if self.cdf(lo) >= p {
            return lo;
        }
        // Invariant: cdf(below) < p, and `above` is a candidate. Bisecting the ordered bit
        // patterns reaches adjacent numbers in at most 64 steps, at any scale.
        let (mut below, mut above) = (ordered(lo), ordered(hi));
        while above - below > 1 {
            let middle = below + (above - below) / 2;
            if self.cdf(from_ordered(middle)) >= p {
                above = middle;
            } else {
                below = middle;
            }
        }
        from_ordered(above)
    }

    /// ∫ tᵏ ν(dt).
    #[must_use]
    pub fn moment(&self, k: u32) -> f64 {
        let (mut sum, mut rest) = (0.0, 0.0);
        for (weight, law) in self.components() {
            let (total, error) = two_sum(sum, weight * law.moment(k));
            sum = total;
            rest += error;
        }
        sum + rest
    }

    /// s(z) = ∫ ν(dt)/(t − z) with s′(z) and s″(z).
    ///
    /// # Domain   any z off the support. On the real axis inside an interval that carries a
    ///            density the value is the limit from above; at an atom nothing is certified
    ///            (NaN, infinite bounds)
    /// # Value    s(z̄) is the conjugate of s(z); Im z > 0 gives Im s > 0
    /// # Accuracy the bounds in the result are rigorous, see [`super::rounding`];
    ///            measured in `tests/reference_measure.rs`
    pub fn stieltjes_jet(&self, z: Complex64) -> Jet {
        let above = Complex64::new(z.re, z.im.abs());
        let mut sum = self.atoms_transform(above);
        for (weight, law) in &self.continuous {
            sum = sum.plus(law.transform(above), *weight, self.weight_error);
        }
        if z.im < 0.0 {
            sum.jet().conj()
        } else {
            sum.jet()
        }
    }

    /// s(z) = ∫ ν(dt)/(t − z), the value of [`Self::stieltjes_jet`].
    #[must_use]
    pub fn stieltjes(&self, z: Complex64) -> Complex64 {
        self.stieltjes_jet(z).value
    }

    /// Σ w r, Σ w r², 2Σ w r³ with r = 1/(t − z), summed in twice the precision.
    fn atoms_transform(&self, z: Complex64) -> SumJet {
        let mut sums = [TwofoldSum::default(); 3];
        let mut sizes = [0.0_f64; 3];
        for &(location, weight) in &self.point_masses {
            let r = recip(Complex64::new(location - z.re, -z.im));
            let size = r.norm();
            let (square, mut term, mut magnitude) = (r * r, r, size);
            for (k, (sum, total)) in sums.iter_mut().zip(&mut sizes).enumerate() {
                sum.add(term * weight);
                *total += weight * magnitude;
                term = if k == 0 { square } else { square * r };
                magnitude *= size;
            }
        }
        let n = self.point_masses.len() as f64;
        let ball = |k: usize, units: f64| {
            let centre = sums[k].value();
            // `units` roundings in each term, those of the twofold sum, of the weights, and of
            // `sizes` itself.
            let terms = sizes[k] * (units * UNIT + self.weight_error + (2.0 * n * UNIT).powi(2));
            let radius = (terms + 2.0 * UNIT * centre.norm()) * (1.0 + 8.0 * (n + 4.0) * UNIT);
            if centre.is_finite() {
                Ball {
                    centre,
                    radius: radius + n * 1e-321,
                }
            } else {
                Ball {
                    centre,
                    radius: f64::INFINITY,
                }
            }
        };
        // r carries the rounding of t − Re z and of the reciprocal; each product adds √5.
        let one = RECIP_ERROR + 2.0;
        SumJet {
            value: ball(0, one + 1.0),
            first: ball(1, 2.0 * one + 4.0),
            second: ball(2, 3.0 * one + 7.0).scale(2.0),
        }
    }
}

/// Complex sum with the roundings kept apart: relative error u plus (nu)² of the sum of moduli.
#[derive(Debug, Clone, Copy, Default)]
struct TwofoldSum {
    sum: Complex64,
    rest: Complex64,
}

impl TwofoldSum {
    fn add(&mut self, term: Complex64) {
        let (re, re_rest) = two_sum(self.sum.re, term.re);
        let (im, im_rest) = two_sum(self.sum.im, term.im);
        self.sum = Complex64::new(re, im);
        self.rest += Complex64::new(re_rest, im_rest);
    }

    fn value(&self) -> Complex64 {
        self.sum + self.rest
    }
}

/// Checks that weights are positive and sum to 1 within 1e-12, and divides by the sum.
fn normalised(weights: &[f64]) -> Result<Vec<f64>, MeasureError> {
    let (mut sum, mut rest) = (0.0, 0.0);
    for &weight in weights {
        positive("a weight", weight)?;
        let (total, error) = two_sum(sum, weight);
        sum = total;
        rest += error;
    }
    let sum = sum + rest;
    if (sum - 1.0).abs() > 1e-12 {
        return Err(MeasureError::WeightSum { sum });
    }
    Ok(weights.iter().map(|weight| weight / sum).collect())
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

fn in_range(what: &'static str, value: f64) -> Result<(), MeasureError> {
    if !value.is_finite() {
        Err(MeasureError::NotFinite { what, value })
    } else if value != 0.0 && !(1e-140..=1e140).contains(&value.abs()) {
        Err(MeasureError::OutOfRange { what, value })
    } else {
        Ok(())
    }
}

fn positive(what: &'static str, value: f64) -> Result<(), MeasureError> {
    if value.is_nan() || value <= 0.0 {
        return Err(MeasureError::NotPositive { what, value });
    }
    in_range(what, value)
}

fn check_interval(lo: f64, hi: f64) -> Result<(), MeasureError> {
    in_range("the left end of an interval", lo)?;
    in_range("the right end of an interval", hi)?;
    if lo >= hi {
        return Err(MeasureError::EmptyInterval { lo, hi });
    }
    Ok(())
}

impl Component {
    /// Whether the parameters, after a shift or dilation, still describe a law.
    fn check(&self) -> Result<(), MeasureError> {
        match *self {
            Self::Atom(location) => in_range("the location of an atom", location),
            Self::Uniform { lo, hi } | Self::Arcsine { lo, hi } => check_interval(lo, hi),
            Self::Semicircle { centre, variance } => {
                in_range("the centre of a semicircle", centre)?;
                positive("the variance of a semicircle", variance)
            }
            Self::MarchenkoPastur {
                ratio,
                variance,
                origin,
                ..
            } => {
                positive("the ratio of a Marchenko–Pastur law", ratio)?;
                positive("the variance of a Marchenko–Pastur law", variance)?;
                in_range("the origin of a Marchenko–Pastur law", origin)
            }
        }
    }
}

/// Order-preserving map from binary64 to integers.
fn ordered(x: f64) -> i128 {
    let bits = i128::from(x.to_bits());
    if x.is_sign_negative() {
        (1 << 63) - bits
    } else {
        bits
    }
}

fn from_ordered(index: i128) -> f64 {
    let bits = if index < 0 { (1 << 63) - index } else { index };
    f64::from_bits(bits as u64)
}
