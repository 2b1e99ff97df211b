//! The grammar of the command line.

use clap::{Parser, Subcommand};
use rmt_verify::design::Tier;
use rmt_verify::suite::Shard;
use std::path::PathBuf;

/// The theorems of random matrix theory as executable claims with stated error rates.
#[derive(Debug, Parser)]
#[command(name = "rmt-verify", version)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Test claims by simulation: exit code 0 when all are confirmed and all rivals refuted, else 1
    Verify(VerifyArgs),
    /// Put together the shards of a run, or finished runs of different claims: same ledger as from one machine
    Merge(MergeArgs),
    /// List every numbered statement with the claims and wrong versions that cover it, or the reason
    /// why none does
    Claims(ClaimsArgs),
    /// Compute limits: support, Stieltjes transform, fate of spikes, density
    Predict(PredictArgs),
    /// Render the HTML report again from the ledger in a folder
    Report(ReportArgs),
    /// Train nets of several widths and count the singular values beyond the noise bulk: exit code 0
    /// when the count grows with the width and all wrong versions are caught, else 1
    AppendixA(AppendixArgs),
    /// Fit the random bulk of every weight matrix in a file: noise level, edge, spikes, verdict
    Analyze(AnalyzeArgs),
    /// Reduce weight matrices to the part that noise does not explain
    Prune(PruneArgs),
}

#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// Ids of claims to test [default: all]
    #[arg(value_name = "CLAIM")]
    pub claims: Vec<String>,
    /// How long to take: quick, standard or deep [default: $RMT_TIER, else quick]
    #[arg(long, value_name = "TIER")]
    pub tier: Option<Tier>,
    /// Root of all random streams; another epoch is an independent run
    #[arg(
        long,
        value_name = "EPOCH",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    pub epoch: u64,
    /// Threads [default: all cores]; the ledger does not depend on it
    #[arg(long, value_name = "JOBS", value_parser = jobs, allow_negative_numbers = true)]
    pub jobs: Option<usize>,
    /// Write ledger.json, report.html, timings.json and one CSV a claim to this folder; until then
    /// every finished unit of work is kept there
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Continue the unfinished run in this folder; with --shard and --out, compute a part of what it needs
    #[arg(long, value_name = "DIR", conflicts_with_all = ["claims", "tier", "epoch", "plant"])]
    pub resume: Option<PathBuf>,
    /// Compute part I of N only, for `merge`
    #[arg(long, value_name = "I/N", requires = "out")]
    pub shard: Option<Shard>,
    /// Tell what the run would cost, claim by claim, and run nothing; --out writes it as plan.json
    #[arg(long, conflicts_with_all = ["resume", "shard", "plant", "verbose"])]
    pub plan: bool,
    /// With --plan: simulate the run on so many MPI processes
    #[arg(long, value_name = "K", requires = "plan", value_parser = jobs, allow_negative_numbers = true)]
    pub ranks: Option<usize>,
    /// Run this wrong version as if it were the claim: it must come out refuted
    #[arg(long, value_name = "RIVAL")]
    pub plant: Option<String>,
    /// Print every cell and every rival as well
    #[arg(long, short)]
    pub verbose: bool,
}

#[derive(Debug, clap::Args)]
pub struct MergeArgs {
    /// Folders of the shards, or of other parts of one run; or of finished runs that share no claim
    #[arg(value_name = "DIR", required = true)]
    pub folders: Vec<PathBuf>,
    /// Write the ledger and the report of the whole run to this folder
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct ClaimsArgs {
    /// Print one JSON object: claims and statements
    #[arg(long, conflicts_with = "markdown")]
    pub json: bool,
    /// Print the page docs/claims.md
    #[arg(long)]
    pub markdown: bool,
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct PredictArgs {
    #[command(subcommand)]
    pub equivalent: Option<EquivalentArgs>,
    #[command(flatten)]
    pub deformed: DeformedArgs,
}

#[derive(Debug, clap::Args)]
pub struct DeformedArgs {
    /// Limiting spectral measure ν of the signal, such as atoms:-1=0.5,1=0.5 or uniform:-1,1 or
    /// semicircle:0,1 or marchenko-pastur:0.5,1 or arcsine:-1,1 or file:PATH (eigenvalues)
    #[arg(long, value_name = "SPEC", allow_hyphen_values = true, required = true)]
    pub nu: Option<String>,
    /// Standard deviation of the noise entries
    #[arg(
        long,
        value_name = "S",
        default_value_t = 1.0,
        allow_hyphen_values = true
    )]
    pub sigma: f64,
    /// Stieltjes transform at z = RE + IM·i
    #[arg(long, value_name = "RE,IM", allow_hyphen_values = true, value_parser = point)]
    pub at: Vec<(f64, f64)>,
    /// Fate of a spike θ of the signal
    #[arg(long, value_name = "THETA", allow_hyphen_values = true)]
    pub spike: Vec<f64>,
    /// Density on an even grid
    #[arg(long, value_name = "LO,HI,POINTS", allow_hyphen_values = true, value_parser = grid)]
    pub density: Option<(f64, f64, usize)>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum EquivalentArgs {
    /// Sample covariance matrices: effective ridge, Stieltjes transforms, spikes
    Covariance(CovarianceArgs),
    /// Risks of ridge regression, ridgeless and at the best ridge
    Ridge(RidgeArgs),
    /// Risks along gradient flow of linear regression
    GradientFlow(FlowArgs),
    /// Errors of ridge regression on random features of a network
    RandomFeatures(FeaturesArgs),
    /// Linear equivalents of the conjugate and the neural tangent kernel of a deep network
    DeepKernel(DeepKernelArgs),
}

#[derive(Debug, clap::Args)]
pub struct CovarianceArgs {
    /// Law of the population eigenvalues, as --nu of predict
    #[arg(
        long,
        value_name = "SPEC",
        default_value = "atoms:1=1",
        allow_hyphen_values = true
    )]
    pub population: String,
    /// Features over samples, p/n
    #[arg(long, value_name = "C", allow_hyphen_values = true)]
    pub ratio: f64,
    /// Effective ridge at γ
    #[arg(long, value_name = "GAMMA", allow_hyphen_values = true)]
    pub ridge: Vec<f64>,
    /// Stieltjes transforms at z = RE + IM·i, off the positive axis
    #[arg(long, value_name = "RE,IM", allow_hyphen_values = true, value_parser = point)]
    pub at: Vec<(f64, f64)>,
    /// Fate of a population eigenvalue α beyond that law
    #[arg(long, value_name = "ALPHA", allow_hyphen_values = true)]
    pub spike: Vec<f64>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// A linear model y = Xᵀβ + ε.
#[derive(Debug, clap::Args)]
pub struct ModelArgs {
    /// Law of the population eigenvalues, as --nu of predict
    #[arg(
        long,
        value_name = "SPEC",
        default_value = "atoms:1=1",
        allow_hyphen_values = true
    )]
    pub population: String,
    /// Features p
    #[arg(long, value_name = "P")]
    pub features: usize,
    /// Samples n
    #[arg(long, value_name = "N")]
    pub samples: usize,
    /// |β|², spread evenly over the features
    #[arg(
        long,
        value_name = "R2",
        default_value_t = 1.0,
        allow_hyphen_values = true
    )]
    pub signal: f64,
    /// Variance of the noise
    #[arg(
        long,
        value_name = "S2",
        default_value_t = 1.0,
        allow_hyphen_values = true
    )]
    pub noise: f64,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct RidgeArgs {
    #[command(flatten)]
    pub model: ModelArgs,
    /// Ridges γ
    #[arg(long, value_name = "GAMMA", allow_hyphen_values = true)]
    pub ridge: Vec<f64>,
}

#[derive(Debug, clap::Args)]
pub struct FlowArgs {
    #[command(flatten)]
    pub model: ModelArgs,
    /// Times t
    #[arg(long, value_name = "T", required = true, allow_hyphen_values = true)]
    pub time: Vec<f64>,
}

#[derive(Debug, clap::Args)]
pub struct FeaturesArgs {
    /// linear, relu, erf, cos, sin, sign, square, tanh or softplus
    #[arg(long, value_name = "NAME", default_value = "relu")]
    pub activation: String,
    /// Neurons over input dimension, N/d
    #[arg(long, value_name = "PSI1", allow_hyphen_values = true)]
    pub neurons: f64,
    /// Samples over input dimension, n/d
    #[arg(long, value_name = "PSI2", allow_hyphen_values = true)]
    pub samples: f64,
    /// |β|² of the linear target
    #[arg(
        long,
        value_name = "R2",
        default_value_t = 1.0,
        allow_hyphen_values = true
    )]
    pub signal: f64,
    /// Variance of the noise
    #[arg(
        long,
        value_name = "S2",
        default_value_t = 0.0,
        allow_hyphen_values = true
    )]
    pub noise: f64,
    /// Penalties λ: (Nλ/d)|a|²
    #[arg(
        long,
        value_name = "LAMBDA",
        required = true,
        allow_hyphen_values = true
    )]
    pub lambda: Vec<f64>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct DeepKernelArgs {
    /// linear, relu, erf, cos, sin, sign, square, tanh or softplus
    #[arg(long, value_name = "NAME", default_value = "relu")]
    pub activation: String,
    /// Layers L
    #[arg(long, value_name = "L", default_value_t = 1)]
    pub layers: usize,
    /// τ₀, the limit of |x|
    #[arg(
        long,
        value_name = "TAU",
        default_value_t = 1.0,
        allow_hyphen_values = true
    )]
    pub scale: f64,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// Folder with the ledger.json of `verify --out`
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct AppendixArgs {
    /// Widths N of the two hidden layers
    #[arg(
        long,
        value_name = "N,N,…",
        value_delimiter = ',',
        default_values_t = [200, 400, 600, 800, 1000],
        allow_negative_numbers = true
    )]
    pub widths: Vec<usize>,
    /// Times that every training image is taken
    #[arg(
        long,
        value_name = "EPOCHS",
        default_value_t = 25,
        allow_negative_numbers = true
    )]
    pub epochs: usize,
    /// Nets of each width
    #[arg(
        long,
        value_name = "SEEDS",
        default_value_t = 1,
        allow_negative_numbers = true
    )]
    pub seeds: usize,
    /// Folder with the four idx files of MNIST or Fashion-MNIST [default: $RMT_DATA, else Debian's
    /// dataset-fashion-mnist, else handwritten digits that are built in]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Write weights, tables and the picture to this folder; a run that was interrupted goes on there
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Threads [default: all cores]; no bit of the result depends on it
    #[arg(long, value_name = "JOBS", value_parser = jobs, allow_negative_numbers = true)]
    pub jobs: Option<usize>,
    /// Root of all random streams; another epoch is an independent run
    #[arg(
        long,
        value_name = "EPOCH",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    pub epoch: u64,
}

#[derive(Debug, clap::Args)]
pub struct AnalyzeArgs {
    /// Weights: .safetensors, .npy, .npz or .onnx
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Tensors to analyse [default: all]
    #[arg(long = "tensor", value_name = "NAME")]
    pub tensors: Vec<String>,
    /// Law of the bulk: noise alone, or dilated, which tries noise on a signal of full rank where noise alone fails
    #[arg(long, value_name = "LAW", default_value = "dilated", value_parser = ["noise", "dilated"])]
    pub law: String,
    /// How the standard deviation of the noise is estimated: bema (middle three fifths of the spectrum) or median
    #[arg(long, value_name = "HOW", default_value = "bema", value_parser = ["bema", "median"])]
    pub sigma: String,
    /// Write analysis.json, index.html and one SVG a tensor to this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct PruneArgs {
    /// Weights: .safetensors, .npy, .npz or .onnx
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where to write the result: .safetensors, or .npy for a single array
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Tensors to prune, whatever the verdict on them [default: all with the verdict "bulk plus spikes"]
    #[arg(long = "tensor", value_name = "NAME")]
    pub tensors: Vec<String>,
    /// hard: singular values up to the edge become 0; shrink: all are lowered to their best value
    #[arg(long, value_name = "METHOD", default_value = "hard", value_parser = ["hard", "shrink"])]
    pub method: String,
    /// Threshold of the method hard, in units of the edge [default: 1]
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub factor: Option<f64>,
    /// Store NAME.left and NAME.right, whose product is NAME, where that takes fewer numbers
    #[arg(long)]
    pub factored: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

fn jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err("expected a number of threads, at least 1".to_owned()),
    }
}

fn point(text: &str) -> Result<(f64, f64), String> {
    let complaint = || "expected RE,IM such as -0.5,1".to_owned();
    let (re, im) = text.split_once(',').ok_or_else(complaint)?;
    Ok((
        re.trim().parse().map_err(|_| complaint())?,
        im.trim().parse().map_err(|_| complaint())?,
    ))
}

fn grid(text: &str) -> Result<(f64, f64, usize), String> {
    let complaint = || "expected LO,HI,POINTS such as -3,3,101".to_owned();
    let fields: Vec<&str> = text.split(',').map(str::trim).collect();
    let [lo, hi, points] = fields[..] else {
        return Err(complaint());
    };
    Ok((
        lo.parse().map_err(|_| complaint())?,
        hi.parse().map_err(|_| complaint())?,
        points.parse().map_err(|_| complaint())?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammar_is_consistent() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }

    #[test]
    fn negative_numbers_are_values_and_not_options() {
        let line = "rmt-verify predict --nu uniform:-1,1 --at -0.5,1 --spike -1.2 --density -2,2,5";
        let Command::Predict(args) = Args::try_parse_from(line.split(' ')).unwrap().command else {
            panic!("`predict` parses as something else");
        };
        assert_eq!(args.deformed.at, [(-0.5, 1.0)]);
        assert_eq!(args.deformed.spike, [-1.2]);
        assert_eq!(args.deformed.density, Some((-2.0, 2.0, 5)));
    }
}
