//! `rmt-verify predict`.

use super::args::{DeformedArgs, EquivalentArgs, ModelArgs, PredictArgs};
use super::output::{print, print_json};
use super::{Found, Misuse};
use rmt_verify::predict::{
    CovarianceQuery, DeepKernelQuery, FeaturesQuery, PredictError, Query, RegressionQuery, predict,
    text,
};
use serde::Serialize;

pub fn run(args: PredictArgs) -> Result<Found, Misuse> {
    match args.equivalent {
        Some(equivalent) => answer(equivalent)?,
        None => deformed(args.deformed)?,
    }
    Ok(Found::AllConfirmed)
}

fn deformed(args: DeformedArgs) -> Result<(), Misuse> {
    let query = Query {
        nu: args.nu.expect("required without a subcommand"),
        sigma: args.sigma,
        at: args.at,
        spikes: args.spike,
        density: args.density,
    };
    let prediction = predict(&query).map_err(Misuse::new)?;
    if args.json {
        print_json(&prediction)
    } else {
        print(&prediction.text())
    }
}

fn answer(args: EquivalentArgs) -> Result<(), Misuse> {
    match args {
        EquivalentArgs::Covariance(a) => show(
            a.json,
            CovarianceQuery {
                population: a.population,
                ratio: a.ratio,
                ridges: a.ridge,
                at: a.at,
                spikes: a.spike,
            }
            .answer(),
        ),
        EquivalentArgs::Ridge(a) => {
            show(a.model.json, regression(a.model, a.ridge, vec![]).answer())
        }
        EquivalentArgs::GradientFlow(a) => {
            show(a.model.json, regression(a.model, vec![], a.time).answer())
        }
        EquivalentArgs::RandomFeatures(a) => show(
            a.json,
            FeaturesQuery {
                activation: a.activation,
                neurons: a.neurons,
                samples: a.samples,
                signal: a.signal,
                noise: a.noise,
                penalties: a.lambda,
            }
            .answer(),
        ),
        EquivalentArgs::DeepKernel(a) => show(
            a.json,
            DeepKernelQuery {
                activation: a.activation,
                layers: a.layers,
                scale: a.scale,
            }
            .answer(),
        ),
    }
}

fn regression(model: ModelArgs, ridges: Vec<f64>, times: Vec<f64>) -> RegressionQuery {
    RegressionQuery {
        population: model.population,
        features: model.features,
        samples: model.samples,
        signal: model.signal,
        noise: model.noise,
        ridges,
        times,
    }
}

fn show(json: bool, answer: Result<impl Serialize, PredictError>) -> Result<(), Misuse> {
    let answer = answer.map_err(Misuse::new)?;
    if json {
        print_json(&answer)
    } else {
        print(&text(&answer))
    }
}
