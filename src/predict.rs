//! Predictions of limit theory: what `rmt-verify predict` prints.
//!
//! [`predict`] answers a [`Query`] about one ν and σ; the answer serialises to one JSON object and
//! [`Prediction::text`] renders it for people. Its subcommands are about high-dimensional equivalents:
//! [`CovarianceQuery`], [`RegressionQuery`], [`FeaturesQuery`], [`DeepKernelQuery`], rendered by [`text`].

mod equivalents;
mod render;

pub use equivalents::{
    CovarianceLimits, CovarianceQuery, DeepKernelLimits, DeepKernelQuery, FeaturesLimits,
    FeaturesQuery, RegressionLimits, RegressionQuery,
};
pub use render::text;

use crate::equivalent::EquivalentError;
use crate::free::{
    DomainError, Fate, FreeConvolution, FreeError, OutlierMap, Spike, Subordination,
};
use crate::measure::{MeasureError, SpectralMeasure, UpperHalf};
use comfy_table::Table;
use num_complex::Complex64;
use render::{complex, number, right_aligned, table};
use serde::Serialize;
use std::fmt;
use thiserror::Error;

/// What is asked about μ = ν ⊞ semicircle(σ²).
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// ν as a SPEC, see [`SpectralMeasure::parse`].
    pub nu: String,
    /// Standard deviation σ of the semicircle.
    pub sigma: f64,
    /// Points z = (Re z, Im z), Im z ≥ 0, at which s_μ is wanted; Im z = 0 means s_μ(x + i0).
    pub at: Vec<(f64, f64)>,
    /// Spikes θ off supp ν.
    pub spikes: Vec<f64>,
    /// Grid (lo, hi, points), ends included, on which the density is wanted.
    pub density: Option<(f64, f64, usize)>,
}

/// Why a query has no answer; each prints as one sentence.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PredictError {
    /// ν is no probability measure.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// σ is not positive, or an equation was not solved.
    #[error(transparent)]
    Free(#[from] FreeError),
    /// An equivalent was asked for something out of range, or not solved.
    #[error(transparent)]
    Equivalent(#[from] EquivalentError),
    /// A name that no activation has.
    #[error("no activation is called {name}: one of {known}")]
    ActivationUnknown {
        /// The name.
        name: String,
        /// All names.
        known: String,
    },
    /// A spike inside supp ν, or not finite.
    #[error(transparent)]
    Spike(#[from] DomainError),
    /// Im z < 0.
    #[error("z = {re},{im} is below the real axis: Im z must not be negative")]
    BelowAxis {
        /// Re z.
        re: f64,
        /// Im z.
        im: f64,
    },
    /// A part of z is infinite or not a number.
    #[error("z = {re},{im} is not finite")]
    PointNotFinite {
        /// Re z.
        re: f64,
        /// Im z.
        im: f64,
    },
    /// LO ≥ HI, or one of them is not finite.
    #[error("the density grid from {lo} to {hi} is not an interval: LO must be below HI")]
    DensityInterval {
        /// LO.
        lo: f64,
        /// HI.
        hi: f64,
    },
    /// POINTS < 2.
    #[error("a density grid needs at least 2 points, not {points}")]
    DensityPoints {
        /// POINTS.
        points: usize,
    },
}

/// s_μ and ω at one point.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StieltjesAt {
    /// (Re z, Im z).
    pub z: [f64; 2],
    /// s_μ(z).
    pub s: [f64; 2],
    /// ω(z) = z + σ² s_μ(z).
    pub omega: [f64; 2],
    /// Proved bound on |s − s_μ(z)|.
    pub error_bound: f64,
}

/// The answer to a [`Query`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[must_use]
pub struct Prediction {
    /// ν as given.
    pub nu: String,
    /// σ.
    pub sigma: f64,
    /// supp μ: its intervals from left to right.
    pub support: Vec<[f64; 2]>,
    /// One entry for each point asked for.
    pub stieltjes: Vec<StieltjesAt>,
    /// One entry for each spike asked for.
    pub spikes: Vec<Spike>,
    /// (x, density) on the grid asked for; empty without one.
    pub density: Vec<[f64; 2]>,
}

/// Support, Stieltjes transform, fates of spikes and density of μ = ν ⊞ semicircle(σ²).
///
/// # Examples
/// ```
/// use rmt_verify::predict::{Query, predict};
/// let answer = predict(&Query {
///     nu: "atoms:0=1".into(), sigma: 1.0, at: vec![(0.0, 0.0)], spikes: vec![2.0], density: None,
/// })?;
/// assert_eq!(answer.support, [[-2.0, 2.0]]);
/// assert_eq!(answer.stieltjes[0].s, [0.0, 1.0]);
/// assert_eq!(answer.spikes[0].location, 2.5);
/// # Ok::<(), rmt_verify::predict::PredictError>(())
/// ```
///
/// # Errors
/// [`PredictError`] names the first thing wrong with the query.
pub fn predict(query: &Query) -> Result<Prediction, PredictError> {
    let nu = SpectralMeasure::parse(&query.nu)?;
    let mu = FreeConvolution::new(nu, query.sigma)?;
    let grid = query.density.map(grid).transpose()?.unwrap_or_default();
    let stieltjes = query
        .at
        .iter()
        .map(|&(re, im)| stieltjes(&mu, re, im))
        .collect::<Result<_, _>>()?;
    let density = grid
        .into_iter()
        .map(|x| Ok([x, mu.density(x)?.value]))
        .collect::<Result<_, FreeError>>()?;
    let support = mu.support().iter().map(|i| [i.lo, i.hi]).collect();

    let map = OutlierMap::of(mu);
    let spikes = query
        .spikes
        .iter()
        .map(|&theta| map.fate(theta))
        .collect::<Result<_, _>>()?;
    Ok(Prediction {
        nu: query.nu.trim().to_owned(),
        sigma: query.sigma,
        support,
        stieltjes,
        spikes,
        density,
    })
}

fn stieltjes(mu: &FreeConvolution, re: f64, im: f64) -> Result<StieltjesAt, PredictError> {
    let z = Complex64::new(re, im);
    if !z.is_finite() {
        return Err(PredictError::PointNotFinite { re, im });
    }
    let Subordination {
        omega,
        s,
        error_bound,
        ..
    } = match UpperHalf::new(z) {
        Ok(above) => mu.subordination(above)?,
        Err(_) if im < 0.0 => return Err(PredictError::BelowAxis { re, im }),
        Err(_) => mu.on_axis(re)?,
    };
    Ok(StieltjesAt {
        z: [re, im],
        s: [s.re, s.im],
        omega: [omega.re, omega.im],
        error_bound,
    })
}

fn grid((lo, hi, points): (f64, f64, usize)) -> Result<Vec<f64>, PredictError> {
    if !(lo < hi && (hi - lo).is_finite()) {
        return Err(PredictError::DensityInterval { lo, hi });
    }
    if points < 2 {
        return Err(PredictError::DensityPoints { points });
    }
    let last = points - 1;
    let at = |k: usize| {
        // The ends exactly as given, whatever the rounding of the step.
        if k == last {
            hi
        } else {
            lo + (hi - lo) * (k as f64 / last as f64)
        }
    };
    Ok((0..points).map(at).collect())
}

impl Prediction {
    /// The prediction as text for people: short paragraphs and tables.
    #[must_use]
    pub fn text(&self) -> String {
        let mut sections = vec![format!(
            "mu = nu ⊞ semicircle(σ²), nu = {}, σ = {}",
            self.nu, self.sigma
        )];
        let intervals: Vec<String> = self
            .support
            .iter()
            .map(|[lo, hi]| format!("[{}, {}]", number(*lo), number(*hi)))
            .collect();
        sections.push(format!("Support of mu: {}", intervals.join(" ∪ ")));
        if !self.stieltjes.is_empty() {
            sections.push(format!(
                "Stieltjes transform s(z) = ∫ mu(dx)/(x − z), ω = z + σ² s\n{}",
                self.stieltjes_table()
            ));
        }
        if !self.spikes.is_empty() {
            sections.push(format!("Spikes\n{}", self.spike_table()));
        }
        if !self.density.is_empty() {
            sections.push(format!("Density of mu\n{}", self.density_table()));
        }
        sections.join("\n\n") + "\n"
    }

    fn stieltjes_table(&self) -> Table {
        let mut table = table(&["z", "s", "ω", "error of s ≤"]);
        for row in &self.stieltjes {
            table.add_row([
                complex(row.z),
                complex(row.s),
                complex(row.omega),
                format!("{:.1e}", row.error_bound),
            ]);
        }
        right_aligned(table)
    }

    fn spike_table(&self) -> Table {
        let mut table = table(&["θ", "fate", "location", "Φ′(θ)", "overlap", "N·Var λ (GOE)"]);
        for spike in &self.spikes {
            let fate = match spike.fate {
                Fate::Separates => "separates",
                Fate::Absorbed => "absorbed",
            };
            table.add_row([
                number(spike.theta),
                fate.to_owned(),
                number(spike.location),
                number(spike.slope),
                number(spike.overlap),
                number(spike.goe_variance),
            ]);
        }
        right_aligned(table)
    }

    fn density_table(&self) -> Table {
        let mut table = table(&["x", "density"]);
        for [x, rho] in &self.density {
            table.add_row([number(*x), number(*rho)]);
        }
        right_aligned(table)
    }
}

impl fmt::Display for Prediction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(nu: &str) -> Query {
        Query {
            nu: nu.into(),
            sigma: 1.0,
            at: vec![],
            spikes: vec![],
            density: None,
        }
    }

    #[test]
    fn the_json_object_has_the_fields_of_the_design_in_its_order() {
        let full = Query {
            at: vec![(0.5, 0.1), (3.0, 0.0), (0.0, 0.0)],
            spikes: vec![3.0, 0.2],
            density: Some((-3.0, 3.0, 3)),
            ..query("atoms:-1=0.5,1=0.5")
        };
        let answer = predict(&full).unwrap();
        let json = serde_json::to_string(&answer).unwrap();
        let keys: Vec<&str> = json
            .split('"')
            .skip(1)
            .step_by(2)
            .filter(|word| !["atoms:-1=0.5,1=0.5", "separates", "absorbed"].contains(word))
            .collect();
        let point = ["z", "s", "omega", "error_bound"];
        let spike = [
            "theta",
            "fate",
            "location",
            "slope",
            "overlap",
            "goe_variance",
        ];
        let expected = [
            &["nu", "sigma", "support", "stieltjes"][..],
            &point.repeat(3),
            &["spikes"],
            &spike.repeat(2),
            &["density"],
        ]
        .concat();
        assert_eq!(keys, expected, "{json}");
        assert_eq!(
            answer.density.iter().map(|row| row[0]).collect::<Vec<_>>(),
            [-3.0, 0.0, 3.0]
        );
        assert_eq!([answer.density[0][1], answer.density[2][1]], [0.0, 0.0]);
        assert_eq!(answer.spikes[1].fate, Fate::Absorbed);

        let text = answer.text();
        for word in [
            "Support of mu: [-2.59807621135, 2.59807621135]",
            "separates",
            "absorbed",
            "Density",
        ] {
            assert!(text.contains(word), "{word} is missing from\n{text}");
        }
    }

    #[test]
    fn each_bad_query_has_one_sentence() {
        let atom = query("atoms:0=1");
        let cases = [
            (query("atoms:0"), "atoms:0"),
            (query("triangle:0,1"), "unknown kind"),
            (query("atoms:0=0.4,1=0.4"), "sum to 0.8"),
            (
                Query {
                    sigma: 0.0,
                    ..atom.clone()
                },
                "sigma = 0 is not positive",
            ),
            (
                Query {
                    sigma: f64::NAN,
                    ..atom.clone()
                },
                "sigma = NaN is not positive",
            ),
            (
                Query {
                    at: vec![(0.0, -1.0)],
                    ..atom.clone()
                },
                "below the real axis",
            ),
            (
                Query {
                    at: vec![(f64::NAN, 1.0)],
                    ..atom.clone()
                },
                "not finite",
            ),
            (
                Query {
                    spikes: vec![0.0],
                    ..atom.clone()
                },
                "theta = 0 is inside the support",
            ),
            (
                Query {
                    density: Some((1.0, 1.0, 5)),
                    ..atom.clone()
                },
                "LO must be below HI",
            ),
            (
                Query {
                    density: Some((0.0, f64::INFINITY, 5)),
                    ..atom.clone()
                },
                "LO must be below HI",
            ),
            (
                Query {
                    density: Some((0.0, 1.0, 1)),
                    ..atom
                },
                "at least 2 points, not 1",
            ),
        ];
        for (bad, part) in cases {
            let sentence = predict(&bad).unwrap_err().to_string();
            assert!(sentence.contains(part), "{sentence:?} lacks {part:?}");
            assert!(!sentence.contains('\n'));
        }
    }

    #[test]
    fn numbers_are_printed_to_twelve_digits_without_padding() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (2.5, "2.5"),
            (1.0 / 3.0, "0.333333333333"),
            (123.456, "123.456"),
            (1e-7, "1e-7"),
            (-4.0, "-4"),
            (1e12, "1e12"),
        ];
        for (x, text) in cases {
            assert_eq!(number(x), text);
        }
    }
}
