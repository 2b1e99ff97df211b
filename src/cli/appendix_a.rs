//! `rmt-verify appendix-a`.

use super::args::AppendixArgs;
use super::output::print;
use super::progress::on_terminal;
use super::{Found, Misuse};
use indicatif::ProgressBar;
use rmt_verify::appendix_a::{self, Hooks, NetRecord, Settings};
use rmt_verify::network::data::Dataset;
use rmt_verify::network::training::{EpochRecord, Protocol};
use rmt_verify::report::Folder;

pub fn run(args: &AppendixArgs) -> Result<Found, Misuse> {
    let settings = Settings::new(
        args.widths.clone(),
        args.epochs,
        args.seeds,
        Protocol::default(),
        args.epoch,
    )
    .map_err(Misuse::new)?;
    let data = Dataset::find(args.data.as_deref()).map_err(Misuse::new)?;
    let folder = Folder::open(&args.out).map_err(Misuse::new)?;
    eprintln!("data: {}", data.name);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.jobs.unwrap_or(0))
        .build()
        .map_err(Misuse::new)?;
    let bar = Bar {
        bar: on_terminal(),
        epochs: args.epochs,
    };
    let outcome = pool.install(|| appendix_a::run(&settings, &data, &folder, &bar));
    bar.bar.finish_and_clear();
    let sweep = outcome.map_err(Misuse::new)?;
    print(&appendix_a::text(&sweep))?;
    eprintln!("tables, picture and weights: {}", folder.path().display());
    Ok(if sweep.passed() {
        Found::AllConfirmed
    } else {
        Found::NotConfirmed
    })
}

/// Which net is trained and how it does; one line stays for every net that is done.
struct Bar {
    bar: ProgressBar,
    epochs: usize,
}

impl Hooks for Bar {
    fn net_started(&self, width: usize, seed: usize, epochs: usize, position: usize, total: usize) {
        self.bar.set_prefix(format!(
            "[{}/{total}] N = {width}, seed {seed}",
            position + 1
        ));
        self.bar
            .set_message(format!("epoch {}/{}", epochs + 1, self.epochs));
    }

    fn advanced(&self, done: usize, total: usize) {
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
    }

    fn epoch_finished(&self, epoch: usize, record: &EpochRecord) {
        self.bar.set_message(format!(
            "epoch {}/{}, test accuracy {:.4}, loss {:.4}",
            (epoch + 1).min(self.epochs),
            self.epochs,
            record.test_accuracy,
            record.training_loss
        ));
    }

    fn net_finished(&self, record: &NetRecord) {
        self.bar.println(format!(
            "N = {}, seed {}: accuracy {:.4}, count {} at the start, {} after",
            record.width,
            record.seed,
            record.last.test_accuracy,
            record.initial.count,
            record.trained.count
        ));
    }
}
