//! Finitely many spikes on a general bulk: outliers at Φ(θ), or the edge.

use super::Claim;
use super::outliers::{Row, Spiked, Study, Watched, two_atoms, uniform};
use super::power::sized;
use crate::claim::{Source, Statement, Strength};
use crate::design::{Plan, Tier};
use crate::ensemble::{Ensemble, EntryLaw, SignalShape};

/// Capitaine, Donati-Martin, Féral and Février at finite N.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "background/capitaine",
            title: "Finitely many spikes on a general bulk",
            statement: "ν general, finitely many spikes θ off supp ν. If Φ′(θ) > 0 then λ → Φ(θ) = θ + \
                        σ²∫ν(dt)/(θ − t), with E λ = Φ_N(θ) + c₁/N + O(N⁻²) at finite N. If Φ′(θ) ≤ 0 there is \
                        no outlier: λ sticks to the edge of supp μ on that side.",
            formula: r"\lambda\to\Phi(\theta)=\theta+\sigma^2\!\int\frac{\nu(dt)}{\theta-t}\ \text{ if }\Phi'(\theta)>0,\qquad \lambda\to\partial\,\mathrm{supp}\,\mu\ \text{ if }\Phi'(\theta)\le0",
            meaning: "Spikes right and left of the bulk, in a gap of it, and an absorbed one: each eigenvalue is on \
                      average where the theorem puts it, to the stated fraction of |Φ(θ) − θ|, for the entry \
                      laws listed.",
            source: Source {
                work: "CDFF",
                locus: "Theorem 8.1",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// ¾δ₋₁ + ¼δ₁, whose gap pulls to the right.
fn uneven_atoms() -> SignalShape {
    SignalShape::Atoms(vec![(-1.0, 0.75), (1.0, 0.25)])
}

/// Both ends, one spike absorbed (thresholds √3 for the atoms, √2 for the uniform law), one in a gap.
fn rows(n: usize) -> Vec<Row> {
    let row = |ensemble, bulk, spikes: &[f64]| {
        let watched = spikes.iter().map(|&theta| Watched::One(theta)).collect();
        Row::new(Spiked::new(ensemble, bulk, spikes.to_vec(), n), watched)
    };
    let wigner = Ensemble::wigner;
    let narrow = Ensemble::goe().with_sigma(0.7);
    vec![
        row(Ensemble::goe(), two_atoms(), &[2.8, 2.2, 1.2, -2.3]),
        row(wigner(EntryLaw::Uniform), uniform(), &[1.9, 1.05, -2.1]),
        row(Ensemble::gue(), uniform(), &[1.9, -1.05]),
        row(narrow, uneven_atoms(), &[1.7, 0.1, -2.0]),
        row(wigner(EntryLaw::HalfNormal), two_atoms(), &[2.2]),
        row(wigner(EntryLaw::Rademacher), two_atoms(), &[2.2, -2.3]),
    ]
}

fn plan(tier: Tier) -> Plan {
    let (sizes, fraction): (&[usize], f64) = match tier {
        Tier::Quick => (&[80], 0.35),
        Tier::Standard => (&[100, 200], 0.2),
        Tier::Deep => (&[200, 1000], 0.1),
    };
    let rows = sizes.iter().flat_map(|&n| rows(n)).collect();
    let study = Study { rows, fraction };
    let mut plan = sized(study.plan());
    let scaled = |name: &str, factor: f64| study.other_pull(&plan.experiments, name, factor);
    let mut rivals = vec![
        scaled("identity, λ → θ", 0.0),
        scaled("pull reversed, θ − σ²∫ν(dt)/(θ − t)", -1.0),
    ];
    rivals.push(study.other_value(
        &plan.experiments,
        "semicircle bulk, θ + σ²/θ",
        |model, _, right| {
            let variance = model.ensemble.sigma().powi(2);
            right
                .separates
                .then(|| right.theta + variance / right.theta)
        },
    ));
    rivals.push(
        study.other_value(&plan.experiments, "σ² taken for 1", |model, _, right| {
            let sigma = model.ensemble.sigma();
            let pull = right.location - right.theta;
            (right.separates && sigma != 1.0).then(|| right.theta + pull / (sigma * sigma))
        }),
    );
    rivals.push(study.other_value(
        &plan.experiments,
        "Φ(θ) for an absorbed spike",
        |model, watched, right| match watched {
            Watched::One(theta) if !right.separates => {
                Some(model.map().phi(theta).expect("off supp ν").value)
            }
            _ => None,
        },
    ));
    rivals.push(study.other_value(
        &plan.experiments,
        "edge for a spike that separates",
        |model, watched, right| match watched {
            Watched::One(theta) if right.separates => {
                let mu = model.map();
                let bulk = mu.free_convolution().support();
                let ends = bulk.iter().flat_map(|i| [i.lo, i.hi]);
                let distance = |x: &f64| (x - right.location).abs();
                let nearest = ends.min_by(|a, b| distance(a).total_cmp(&distance(b)));
                nearest.filter(|_| theta.abs() > 1.0)
            }
            _ => None,
        },
    ));
    plan.rivals = rivals;
    plan
}
