//! GOE and GUE at one N: plan and rivals of a claim about one quantity.

use super::{Drawn, Noise, POINTS, Statistic, scaled, traces};
use crate::claims::common::on_own_samples;
use crate::claims::power::sized;
use crate::design::{Cell, Estimator, Experiment, Plan, Rival, RivalCell, Side};
use crate::ensemble::{Ensemble, Signal};
use crate::free::finite_size::Expansion;
use crate::measure::UpperHalf;
use crate::statistic::Part;
use num_complex::Complex64;

/// A function of E Tr f(W) at every z, of which theory gives the value.
pub(in crate::claims) trait Quantity: Copy {
    /// Tr f(W).
    const STATISTIC: Statistic;
    /// z/σ at which it is observed.
    const PLACES: [(f64, f64); POINTS];

    /// What theory says.
    fn claimed(site: &Site) -> Claimed;
    /// The honest remainder, rounding included.
    fn inner(site: &Site) -> f64;
    /// What is called agreement beyond it.
    fn agreement(self, site: &Site) -> f64;
    /// The cell's name.
    fn point(part: Part, z: UpperHalf) -> String;
    /// One part of the quantity from the j-th statistic of experiment e.
    fn estimator(site: &Site, at: (usize, usize), part: Part, parameter: Complex64) -> Estimator;
    /// The quantity where E Tr f(W) is `mean`.
    fn expected(site: &Site, parameter: Complex64, mean: Expansion) -> Expansion;
}

/// The parameter of a quantity and the value it is claimed to have.
#[derive(Debug, Clone, Copy)]
pub(in crate::claims) struct Claimed {
    pub parameter: Complex64,
    pub theory: Complex64,
}

/// One z of one ensemble.
#[derive(Debug, Clone, Copy)]
pub(in crate::claims) struct Site {
    pub ensemble: Ensemble,
    pub n: usize,
    pub noise: Noise,
}

impl Site {
    pub fn z(&self) -> UpperHalf {
        self.noise.z()
    }

    pub fn is_real(&self) -> bool {
        self.ensemble == Ensemble::goe()
    }
}

/// GOE with σ = 1 and GUE with σ = 0.8, experiments 0 and 1.
pub(in crate::claims) struct Pair<Q> {
    pub quantity: Q,
    pub n: usize,
}

pub(in crate::claims) const GOE: usize = 0;
pub(in crate::claims) const GUE: usize = 1;

impl<Q: Quantity> Pair<Q> {
    pub fn ensemble(&self, e: usize) -> Ensemble {
        match e {
            GOE => Ensemble::goe(),
            _ => Ensemble::gue().with_sigma(0.8),
        }
    }

    fn zs(&self, e: usize) -> [UpperHalf; POINTS] {
        Q::PLACES.map(|(re, im)| scaled(&self.ensemble(e), re, im))
    }

    fn sites(&self, e: usize) -> [Site; POINTS] {
        let (ensemble, n) = (self.ensemble(e), self.n);
        self.zs(e).map(|z| Site {
            ensemble,
            n,
            noise: Noise::new(&ensemble, n, z),
        })
    }

    fn experiment(
        &self,
        e: usize,
        drawn: Drawn,
        ensemble: Ensemble,
        replicates: usize,
    ) -> Experiment {
        traces(
            Q::STATISTIC,
            drawn,
            ensemble,
            self.n,
            replicates,
            self.zs(e),
        )
    }

    fn cell(&self, site: &Site, at: (usize, usize), part: Part, claimed: Claimed) -> Cell {
        let inner = Q::inner(site);
        Cell {
            law: site.ensemble.name(),
            signal: Signal::zero().name(),
            n: self.n,
            point: Q::point(part, site.z()),
            theory: part.of(claimed.theory),
            inner,
            outer: inner + self.quantity.agreement(site),
            estimator: Q::estimator(site, at, part, claimed.parameter),
        }
    }

    /// The claim, with as many replicates as its tolerances ask for.
    pub fn plan(&self) -> Plan {
        let mut plan = Plan::default();
        for e in [GOE, GUE] {
            let experiment = self.experiment(e, Drawn::Noise, self.ensemble(e), 1);
            plan.experiments.push(experiment);
            for (j, site) in self.sites(e).iter().enumerate() {
                let cell = |part| self.cell(site, (e, j), part, Q::claimed(site));
                plan.cells.extend(Part::BOTH.map(cell));
            }
        }
        sized(plan)
    }

    /// The cells of ensemble `e`, drawn by experiment `from`, where `claimed` has something to say, on data of
    /// mean `truth`.
    fn judged(
        &self,
        (e, from): (usize, usize),
        claimed: impl Fn(&Site) -> Option<Claimed>,
        truth: impl Fn(&Site) -> Expansion,
    ) -> Vec<RivalCell> {
        let mut cells = vec![];
        for (j, site) in self.sites(e).iter().enumerate() {
            let Some(claimed) = claimed(site) else {
                continue;
            };
            let expected = Q::expected(site, claimed.parameter, truth(site));
            cells.extend(Part::BOTH.map(|part| RivalCell {
                cell: self.cell(site, (from, j), part, claimed),
                expected: part.of(expected.value),
                uncertainty: expected.remainder,
            }));
        }
        cells
    }

    /// Another parameter or value on the claim's samples.
    pub fn other_theory(&self, name: &str, claimed: impl Fn(&Site) -> Option<Claimed>) -> Rival {
        let mean = |site: &Site| Q::STATISTIC.mean(Drawn::Noise, &site.ensemble, site.n, site.z());
        let judged = |e| self.judged((e, e), &claimed, mean);
        let cells = [GOE, GUE].into_iter().flat_map(judged).collect();
        on_own_samples(name, Side::Theory, vec![], cells)
    }

    /// Data of another kind, judged by the theory of ensemble `e`.
    pub fn other_data(
        &self,
        name: &str,
        side: Side,
        e: usize,
        (drawn, ensemble, replicates): (Drawn, Ensemble, usize),
    ) -> Rival {
        let mean = |site: &Site| Q::STATISTIC.mean(drawn, &ensemble, site.n, site.z());
        let cells = self.judged((e, 0), |site| Some(Q::claimed(site)), mean);
        let experiment = self.experiment(e, drawn, ensemble, replicates);
        on_own_samples(name, side, vec![experiment], cells)
    }
}
