//! Many spikes on a zero bulk: λ → θ + σ²/θ for k_N = o(N) of them.

use super::Claim;
use super::outliers::{Row, Spiked, Study, Watched, crowded, root, spread};
use super::power::sized;
use crate::claim::{Source, Statement, Strength};
use crate::design::{Plan, Tier};
use crate::ensemble::{Ensemble, EntryLaw, SignalShape};

/// Huang's theorem at k_N = ⌊√N⌋.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "background/huang",
            title: "Many spikes on a zero bulk",
            statement: "S has k_N = o(N) spikes θ_i > σ, all its other eigenvalues are 0. Then λ_i → θ_i + \
                        σ²/θ_i, and the distribution of the outliers converges to the image of that of the \
                        spikes. Judged: the average over k_N = ⌊√N⌋ spikes with a density on [1.6, 2.4]σ, \
                        which is Σ[θ_j + (1 − k_N/N)σ²/θ_j + c₁/N]/k_N at finite N, and a single spike above them.",
            formula: r"\frac1{k_N}\sum_{i\le k_N}\mathbb{E}\,\lambda_i=\frac1{k_N}\sum_{i\le k_N}\Bigl[\theta_i+\Bigl(1-\frac{k_N}{N}\Bigr)\frac{\sigma^2}{\theta_i}+\frac{c_1(\theta_i)}{N}\Bigr]+O\Bigl(\frac{k_N}{N^2}\Bigr)",
            meaning: "At the sizes N listed the outliers lie on average where the map θ + σ²/θ puts them, up to \
                      the stated fraction of σ²/θ; the twin with k_N/N = 0.2 shows what o(N) is for. Nothing \
                      is said about the order of single outliers among close spikes.",
            source: Source {
                work: "Huang",
                locus: "theorem on k_N = o(N) spikes, as quoted in [ABK], section 1",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// The spikes with a density, in units of σ.
const GROUP: (f64, f64) = (1.6, 2.4);
/// Those of the twin with N/5 of them, which need more room.
const MANY: (f64, f64) = (2.0, 3.0);
/// The single one, in units of σ.
const TOP: f64 = 3.0;

fn row(ensemble: Ensemble, n: usize) -> Row {
    let sigma = ensemble.sigma();
    let (lo, hi, top) = (GROUP.0 * sigma, GROUP.1 * sigma, TOP * sigma);
    let mut spikes = vec![top];
    spikes.extend(spread(root(n) - 1, lo, hi));
    let all = Watched::Mean { lo, hi: top };
    Row::new(
        Spiked::new(ensemble, SignalShape::Zero, spikes, n),
        vec![all, Watched::One(top)],
    )
}

fn plan(tier: Tier) -> Plan {
    let wigner = Ensemble::wigner;
    let shrunk = Ensemble::goe().with_sigma(0.5);
    let (sizes, fraction): (&[usize], f64) = match tier {
        Tier::Quick => (&[64], 0.4),
        Tier::Standard => (&[100, 225], 0.25),
        Tier::Deep => (&[225, 900], 0.08),
    };
    let mut rows = vec![];
    for &n in sizes {
        for ensemble in [
            Ensemble::goe(),
            shrunk,
            Ensemble::gue(),
            wigner(EntryLaw::Uniform),
            wigner(EntryLaw::Rademacher),
        ] {
            rows.push(row(ensemble, n));
        }
    }
    let study = Study { rows, fraction };
    let mut plan = sized(study.plan());
    let other = |name: &str, factor: f64| study.other_pull(&plan.experiments, name, factor);
    let mut rivals = vec![
        other("identity, λ → θ", 0.0),
        other("pull halved", 0.5),
        other("pull reversed, θ − σ²/θ", -1.0),
    ];
    rivals.push(study.other_value(
        &plan.experiments,
        "σ in place of σ²",
        |model, _, right| {
            let sigma = model.ensemble.sigma();
            let pull = right.location - right.theta;
            (sigma != 1.0).then(|| right.value + (sigma.recip() - 1.0) * pull)
        },
    ));
    rivals.push(crowded(SignalShape::Zero, MANY.0, MANY.1, sizes[0]));
    plan.rivals = rivals;
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outliers_are_apart_from_the_bulk_at_every_size() {
        for n in [64, 100, 225, 900] {
            assert!(row(Ensemble::goe(), n).model.separated(GROUP.0, TOP), "{n}");
            let many = spread(n / 5, MANY.0, MANY.1);
            let many = Spiked::new(Ensemble::goe(), SignalShape::Zero, many, n);
            assert!(many.separated(MANY.0, MANY.1), "{n}");
        }
    }
}
