//! Training of a wide network in time, with its tangent kernel.

use super::events::{Event, add_events, add_rivals};
use super::layers::{gram, product};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::design::{Plan, ReplicateError, Tier};
use crate::ensemble::{EntryLaw, Samples};
use crate::equivalent::activation::Activation;
use crate::equivalent::kernel::{DeepKernel, TangentFlow};
use faer::Mat;
use nalgebra::SymmetricEigen;
use rand_chacha::ChaCha8Rng;

/// F3.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/ntk-flow",
            title: "Training error of a wide network in time",
            statement: "X = (μyᵀ + Z)/√p, |μ|² = ρ, y = ±1; N the exact tangent kernel of an infinitely wide erf network. The training error of \
                        gradient flow (1/n)yᵀe^{−2tN}y tends to −(1/2πi)∮e^{−2t(az + b)}m̃/(1 − hρzm_pm̃)dz, N ≃ aXᵀX + bI. Judged: it is within \
                        r of the limit with probability at least ½, by counting draws.",
            formula: r"\frac1n\,y^{\mathsf T}e^{-2tN}y\;\longrightarrow\;-\frac1{2\pi i}\oint\frac{e^{-2t(az+b)}\,\tilde m(z)}{1-h\rho\,z\,m_p(z)\tilde m(z)}\,dz,\qquad h=\frac np",
            meaning: "A nonlinear network in the lazy regime learns a mixture as its linear equivalent does, at all times listed, up to r. \
                      Versions without the signal, without the ridge or with half the time are refuted.",
            source: Source {
                work: "lm",
                locus: "our F3",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// √n·r, what is called agreement. The error is Lipschitz in N, and yᵀNy/n fluctuates by O(n^{−1/2}).
const RADIUS: f64 = 0.8;
const TIMES: [f64; 4] = [0.1, 0.25, 0.5, 2.0];
/// ρ.
const SIGNAL: f64 = 2.0;

fn plan(tier: Tier) -> Plan {
    // n, p.
    let sizes: &[(usize, usize)] = match tier {
        Tier::Quick => &[(100, 80)],
        Tier::Standard => &[(160, 320), (400, 200)],
        Tier::Deep => &[(800, 640), (400, 1600), (800, 400)],
    };
    let (mut plan, mut rivals) = (Plan::default(), vec![]);
    for &(n, p) in sizes {
        let network = DeepKernel::new(1.0, &[Activation::Erf]).expect("erf has moments");
        let samples = Samples::new(EntryLaw::Gaussian, vec![1.0; p], n).expect("n, p > 0");
        let tag = (format!("erf, two means, ρ = {SIGNAL}, p = {p}"), n);
        let events = events(&network, n, p);
        add_events(&mut plan, &mut rivals, tag, events, move |rng| {
            errors(&network, &samples, rng)
        });
    }
    add_rivals(&mut plan, rivals);
    plan
}

fn events(network: &DeepKernel, n: usize, p: usize) -> Vec<Event> {
    let known = "the claims' own flows are well posed";
    let tangent = network.tangent();
    let (a, b, h) = (tangent.gram, tangent.identity(), n as f64 / p as f64);
    let with = |a: f64, b: f64, rho: f64, h: f64, t: f64| {
        let flow = TangentFlow::new(a, b, rho, h).expect(known);
        flow.training(t).expect(known)
    };
    let conjugate = network.conjugate();
    let event = |t: f64| Event {
        name: format!("training error, t = {t}"),
        theory: Some(with(a, b, SIGNAL, h, t)),
        radius: RADIUS / (n as f64).sqrt(),
        wrong: vec![
            ("no signal", with(a, b, 1e-9, h, t)),
            ("no ridge", with(a, 0.0, SIGNAL, h, t)),
            ("e^{−tN} for e^{−2tN}", with(a, b, SIGNAL, h, 0.5 * t)),
            (
                "the conjugate kernel",
                with(conjugate.gram, conjugate.identity(), SIGNAL, h, t),
            ),
        ],
    };
    TIMES.map(event).to_vec()
}

fn errors(
    network: &DeepKernel,
    samples: &Samples,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<f64>, ReplicateError> {
    let (n, p) = (samples.n(), samples.p());
    let label = |j: usize| if j < n / 2 { 1.0 } else { -1.0 };
    let noise = samples.draw(rng);
    let mean = (SIGNAL / p as f64).sqrt();
    let root = (p as f64).sqrt().recip();
    let x = Mat::from_fn(p, n, |i, j| (mean * label(j) + noise[(i, j)]) * root);
    let kernel = network.tangent_matrix(&gram(x.as_ref()))?;
    let eigen = SymmetricEigen::new(kernel);
    let vectors = Mat::from_fn(n, n, |i, j| eigen.eigenvectors[(i, j)]);
    let labels = Mat::from_fn(n, 1, |i, _| label(i));
    let weights = product(vectors.transpose(), labels.as_ref());
    let error = |t: f64| {
        let terms =
            (0..n).map(|i| weights[(i, 0)].powi(2) * (-2.0 * t * eigen.eigenvalues[i]).exp());
        terms.sum::<f64>() / n as f64
    };
    Ok(TIMES.map(error).to_vec())
}
