//! Judges claims one epoch after the other and prints verdicts, cells and costs (scratch).
use rmt_verify::claims::registry;
use rmt_verify::design::Tier;
use rmt_verify::evidence::Silent;
use rmt_verify::suite::{Settings, Suite};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let filter = args.first().cloned().unwrap_or_default();
    let epochs: u64 = args.get(1).map_or(1, |x| x.parse().unwrap());
    let verbose = args.iter().any(|x| x == "-v");
    let tier: Tier = args
        .get(2)
        .and_then(|x| x.parse().ok())
        .unwrap_or(Tier::Quick);
    let claims: Vec<_> = registry()
        .into_iter()
        .filter(|c| c.statement.id.contains(&filter))
        .collect();
    if args.iter().any(|x| x == "check") {
        use rmt_verify::design::LOOKS;
        for tier in [Tier::Quick, Tier::Standard, Tier::Deep] {
            for c in registry() {
                let plan = (c.plan)(tier);
                let total: usize = plan.experiments.iter().map(|e| e.replicates).sum();
                println!(
                    "{tier} {:28} cells {:4} rivals {:2} replicates {total} {:?}",
                    c.statement.id,
                    plan.cells.len(),
                    plan.rivals.len(),
                    plan.check(rmt_verify::suite::budget::share(), LOOKS)
                        .err()
                        .map(|e| e.to_string())
                );
            }
        }
        return;
    }
    for epoch in 0..epochs {
        let settings = Settings {
            tier,
            epoch,
            jobs: Some(1),
            plant: None,
        };
        let out = Suite::run(&claims, &settings, &Silent).unwrap();
        for (c, t) in out.ledger.claims.iter().zip(&out.timings) {
            println!(
                "{epoch} {:28} {} looks {} cells {} rivals {}/{} replicates {} {:.2?}",
                c.id,
                c.verdict,
                c.looks,
                c.cells.len(),
                c.rivals
                    .iter()
                    .filter(|r| r.verdict == rmt_verify::verdict::Verdict::Refuted)
                    .count(),
                c.rivals.len(),
                t.replicates,
                t.elapsed
            );
            if verbose {
                for x in &c.cells {
                    println!(
                        "   {:28} {:24} {:4} {:52} th {:9.4} est {:11.4e} h {:9.2e} in {:9.2e} out {:9.2e} {:?} m {} {}",
                        x.law,
                        x.signal,
                        x.n,
                        x.point,
                        x.theory,
                        x.estimate,
                        x.halfwidth,
                        x.inner,
                        x.outer,
                        x.grade,
                        x.replicates,
                        x.verdict
                    );
                }
            }
            if epoch == 0 {
                for r in &c.rivals {
                    println!(
                        "   rival {:45} {:?} distance {:.3e} {}",
                        r.name, r.side, r.distance, r.verdict
                    );
                }
            }
        }
        for f in &out.failures {
            println!("FAILURE {f}");
        }
    }
}
