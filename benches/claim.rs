//! One claim from plan to verdict, its rivals included, in the quick tier: the cheapest one that draws
//! matrices, on one thread and on all.

mod common;

use common::group;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rmt_verify::claims::{Claim, registry};
use rmt_verify::evidence::Silent;
use rmt_verify::suite::{Outcome, Settings, Suite};

const CLAIM: &str = "abk/ward";

fn run(claim: &[Claim], jobs: Option<usize>) -> Outcome {
    let settings = Settings {
        jobs,
        ..Settings::default()
    };
    Suite::run(claim, &settings, &Silent).unwrap()
}

fn whole_claim(c: &mut Criterion) {
    let claim = Suite::select(&registry(), &[CLAIM.to_owned()]).unwrap();
    let outcome = run(&claim, None);
    assert!(outcome.passed(), "{CLAIM}: {:?}", outcome.failures);
    let mut group = group(c, &format!("claim {CLAIM}, quick"));
    group.throughput(criterion::Throughput::Elements(outcome.replicates()));
    for (name, jobs) in [("one", Some(1)), ("all", None)] {
        group.bench_function(BenchmarkId::new("threads", name), |b| {
            b.iter(|| run(&claim, jobs));
        });
    }
    group.finish();
}

criterion_group!(benches, whole_claim);
criterion_main!(benches);
