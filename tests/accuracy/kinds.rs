//! The kinds of matrices, norms between 1/4 and 2⁸ unless they vanish.

use super::*;

/// Spectra to be given to full matrices, by name.
pub fn spectra(n: usize) -> Vec<(&'static str, Vec<f64>)> {
    let eps = f64::EPSILON;
    let part = |i: usize| i as f64 / (n.max(2) - 1) as f64;
    let arithmetic = |i: usize| 1.0 - part(i) * (1.0 - eps);
    let geometric = |i: usize| eps.powf(part(i));
    let mut rng = generator("signs", n);
    let signs: Vec<f64> = (0..n)
        .map(|_| {
            if open_uniform(&mut rng) < 0.5 {
                -1.0
            } else {
                1.0
            }
        })
        .collect();
    let of = |f: &dyn Fn(usize) -> f64| (0..n).map(f).collect::<Vec<_>>();
    vec![
        ("zero", of(&|_| 0.0)),
        ("identity", of(&|_| 1.0)),
        ("arithmetic", of(&arithmetic)),
        ("arithmetic, both signs", of(&|i| signs[i] * arithmetic(i))),
        ("geometric", of(&geometric)),
        ("geometric, both signs", of(&|i| signs[i] * geometric(i))),
        ("clustered at ε", of(&|i| if i == 0 { 1.0 } else { eps })),
        (
            "clustered at 1",
            of(&|i| if i > 0 && i + 1 == n { eps } else { 1.0 }),
        ),
        (
            "clustered at ±1",
            of(&|i| signs[i] * (1.0 + 4.0 * eps * i as f64)),
        ),
        ("three values", of(&|i| (i % 3) as f64 - 1.0)),
        ("one outlier", of(&|i| if i == 0 { 200.0 } else { part(i) })),
    ]
}

/// Tridiagonal matrices with eigenvalues in closed form.
pub fn solved(n: usize) -> Vec<(&'static str, Tridiagonal, Spectrum)> {
    let constant = |a: f64, b: f64| Tridiagonal {
        diagonal: vec![a; n],
        off_diagonal: vec![b; n - 1],
    };
    let spectrum =
        |f: &dyn Fn(usize) -> f64| Spectrum::from_unsorted((0..n).map(f).collect()).unwrap();
    // 2 + 2cos(kπ/(n + 1)), without cancellation
    let toeplitz = |k: usize| {
        let angle = std::f64::consts::FRAC_PI_2 * (k + 1) as f64 / (n + 1) as f64;
        4.0 * angle.cos().powi(2)
    };
    let clement = Tridiagonal {
        diagonal: vec![0.0; n],
        off_diagonal: (1..n).map(|i| ((i * (n - i)) as f64).sqrt()).collect(),
    };
    vec![
        ("zero", constant(0.0, 0.0), spectrum(&|_| 0.0)),
        ("identity", constant(1.0, 0.0), spectrum(&|_| 1.0)),
        (
            "Toeplitz (1, 2, 1)",
            constant(2.0, 1.0),
            spectrum(&toeplitz),
        ),
        (
            "Clement",
            clement,
            spectrum(&|k| (n - 1) as f64 - 2.0 * k as f64),
        ),
    ]
}

/// Wilkinson's W⁺: |i − (n − 1)/2| on the diagonal, 1 beside it; eigenvalues in pairs closer than rounding.
fn wilkinson(n: usize) -> Tridiagonal {
    Tridiagonal {
        diagonal: (0..n)
            .map(|i| (i as f64 - 0.5 * (n - 1) as f64).abs())
            .collect(),
        off_diagonal: vec![1.0; n - 1],
    }
}

/// Copies of W⁺ of size 11, `glue` between them.
pub fn glued(n: usize, glue: f64) -> Tridiagonal {
    let block = wilkinson(11);
    Tridiagonal {
        diagonal: (0..n).map(|i| block.diagonal[i % 11]).collect(),
        off_diagonal: (1..n)
            .map(|i| if i % 11 == 0 { glue } else { 1.0 })
            .collect(),
    }
}

/// Tridiagonal matrices of all kinds, with those of [`solved`] and the reduced forms of [`full`].
pub fn tridiagonals(n: usize) -> Vec<(String, Tridiagonal)> {
    let mut rng = generator("tridiagonal", n);
    let mut of = |a: &dyn Fn(usize, f64) -> f64, b: &dyn Fn(usize, f64) -> f64| Tridiagonal {
        diagonal: (0..n).map(|i| a(i, standard_normal(&mut rng))).collect(),
        off_diagonal: (1..n).map(|i| b(i, standard_normal(&mut rng))).collect(),
    };
    let graded = |i: usize| 0.5f64.powf(100.0 * i as f64 / n as f64);
    let mut all = vec![
        ("random", of(&|_, x| x, &|_, x| x)),
        ("zero diagonal", of(&|_, _| 0.0, &|_, x| x)),
        (
            "graded down",
            of(&|i, x| x * graded(i), &|i, x| x * graded(i)),
        ),
        (
            "graded up",
            of(&|i, x| x * graded(n - 1 - i), &|i, x| x * graded(n - 1 - i)),
        ),
        (
            "graded, constant signs",
            of(&|i, _| graded(i), &|i, _| 0.9 * graded(i)),
        ),
        (
            "split",
            of(&|_, x| x, &|i, x| if i % 4 == 3 { 0.0 } else { x }),
        ),
        (
            "nearly split",
            of(&|_, x| x, &|i, x| if i % 4 == 3 { 1e-9 * x } else { x }),
        ),
        ("nearly diagonal", of(&|_, x| x, &|_, x| 1e-8 * x)),
        ("nearly identity", of(&|_, _| 1.0, &|_, x| 1e-8 * x)),
        (
            "of all magnitudes",
            of(&|_, x| (-20.0 * x.abs()).exp2(), &|_, x| {
                (-20.0 * x.abs()).exp2()
            }),
        ),
        (
            "spike on top",
            of(&|i, x| if i == 0 { 200.0 } else { x }, &|_, x| x),
        ),
        (
            "spike at the bottom",
            of(&|i, x| if i + 1 == n { -200.0 } else { x }, &|_, x| x),
        ),
        // Two values alternate: exact pivots 0 occur for shifts that are exact.
        ("alternating", of(&|i, _| (i % 2) as f64, &|_, _| 1.0)),
        // Pivots from below are exactly 1/2 for the shift 0, a fixed point of 5/2 − 1/g.
        (
            "fixed point",
            of(&|i, _| if i + 1 == n { 0.5 } else { 2.5 }, &|_, _| 1.0),
        ),
        ("Wilkinson", wilkinson(n)),
    ]
    .into_iter()
    .map(|(name, t)| (name.to_string(), t))
    .collect::<Vec<_>>();
    for glue in [1e-4, 1e-8, 1e-14, 1e-300] {
        all.push((format!("Wilkinson, glue {glue:e}"), glued(n, glue)));
    }
    all.extend(
        solved(n)
            .into_iter()
            .map(|(name, t, _)| (name.to_string(), t)),
    );
    for (name, w) in full(n) {
        all.push((format!("reduced: {name}"), Tridiagonal::reduce(&w).unwrap()));
    }
    all
}

/// Full matrices of all kinds, real and complex.
pub fn full(n: usize) -> Vec<(String, Hermitian)> {
    let mut all: Vec<(String, Hermitian)> = vec![];
    for (name, spectrum) in spectra(n) {
        let [real, complex] = rotated(name, spectrum);
        all.push((name.to_string(), real));
        all.push((format!("{name}, complex"), complex));
    }
    let mut rng = generator("full", n);
    let random = DMatrix::from_fn(n, n, |_, _| 2.0 * open_uniform(&mut rng) - 1.0);
    let symmetric = |f: &dyn Fn(usize, usize) -> f64| {
        Hermitian::real(DMatrix::from_fn(n, n, |i, j| f(i.max(j), i.min(j)))).unwrap()
    };
    let graded = |i: usize| 0.5f64.powf(60.0 * i as f64 / n as f64);
    all.extend([
        ("random".to_string(), symmetric(&|i, j| random[(i, j)])),
        ("ones".to_string(), symmetric(&|_, _| 1.0)),
        (
            "Hilbert".to_string(),
            symmetric(&|i, j| 1.0 / (1 + i + j) as f64),
        ),
        (
            "diagonally dominant".to_string(),
            symmetric(&|i, j| {
                if i == j {
                    1.0
                } else {
                    random[(i, j)] / n as f64
                }
            }),
        ),
        (
            "graded".to_string(),
            symmetric(&|i, j| graded(i) * graded(j) * random[(i, j)]),
        ),
        (
            "graded up".to_string(),
            symmetric(&|i, j| graded(n - 1 - i) * graded(n - 1 - j) * random[(i, j)]),
        ),
        (
            "tridiagonal already".to_string(),
            symmetric(&|i, j| match i - j {
                0 => 2.0,
                1 => 1.0,
                _ => 0.0,
            }),
        ),
    ]);
    all
}

/// QDQ* with Haar Q, orthogonal and unitary.
pub fn rotated(name: &str, spectrum: Vec<f64>) -> [Hermitian; 2] {
    let n = spectrum.len();
    let rng = &mut generator(name, n);
    let signal = Signal::haar(SignalShape::Prescribed(spectrum));
    [
        signal.matrix(n, rng).unwrap(),
        signal.complex_matrix(n, rng).unwrap(),
    ]
}
