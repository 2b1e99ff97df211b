//! The largest eigenvalues without the matrix: implicit products, block Lanczos, what it proves.

use nalgebra::DMatrix;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rmt_verify::ensemble::{
    Deformed, Ensemble, EntryLaw, Hermitian, ImplicitError, Row, Signal, SignalShape, WIDTH,
    standard_normal,
};
use rmt_verify::spectrum::{
    Dense, Eigensolver, Faer, SymmetricOperator, TopError, TopOptions, TopProgress, top_eigenvalues,
};
use std::ops::ControlFlow;

fn generator(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// GOE with spikes 3, 2.5, 2 on an otherwise vanishing signal.
fn spiked() -> Deformed {
    Deformed {
        ensemble: Ensemble::goe(),
        signal: Signal::diagonal(SignalShape::Spiked {
            bulk: Box::new(SignalShape::Zero),
            spikes: vec![3.0, 2.5, 2.0],
        }),
    }
}

fn dense(model: &Deformed, n: usize, seed: u64) -> Hermitian {
    model.sample(n, &mut generator(seed)).unwrap()
}

fn entries(w: &Hermitian) -> &DMatrix<f64> {
    match w {
        Hermitian::Real(m) => m,
        Hermitian::Complex(_) => panic!("a real matrix"),
    }
}

fn block(n: usize, seed: u64) -> Vec<Row> {
    let mut rng = generator(seed);
    (0..n)
        .map(|_| std::array::from_fn(|_| standard_normal(&mut rng)))
        .collect()
}

fn on(_: &TopProgress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn implicit_columns_have_the_bits_of_the_sampled_matrix() {
    for law in EntryLaw::ALL {
        for n in [1, 2, 9, 40, 131] {
            let model = Deformed {
                ensemble: Ensemble::Wigner {
                    law,
                    diagonal_variance: 0.7,
                    sigma: 1.3,
                },
                signal: Signal::diagonal(SignalShape::Uniform { lo: -1.0, hi: 2.0 }),
            };
            let mut rng = generator(n as u64);
            rng.set_stream(3);
            rng.set_word_pos(2 * n as u128);
            let implicit = model.implicit(n, &rng).unwrap();
            let w = model.sample(n, &mut rng).unwrap();
            for j in 0..n {
                for rows in [j..n, (j + n).div_ceil(2)..n, j..(j + 1)] {
                    let mut column = vec![0.0; rows.len()];
                    implicit.column(j, rows.clone(), &mut column);
                    let stored: Vec<f64> = rows.map(|i| entries(&w)[(i, j)]).collect();
                    assert_eq!(column, stored, "{law:?}, N = {n}, column {j}");
                }
            }
        }
    }
}

#[test]
fn implicit_products_are_those_of_the_sampled_matrix_up_to_rounding() {
    // Less than a panel, panels that do not fill up, several pieces.
    for n in [1, 7, 600, 1024, 1025, 2100] {
        let implicit = spiked_or_zero(n).implicit(n, &generator(5)).unwrap();
        let w = dense(&spiked_or_zero(n), n, 5);
        let x = block(n, 6);
        let (mut y, mut stored) = (x.clone(), x.clone());
        implicit.apply(&x, &mut y);
        Dense::new(&w).unwrap().apply(&x, &mut stored);
        let tolerance = implicit.rounding() + Dense::new(&w).unwrap().rounding();
        for c in 0..WIDTH {
            let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|x| x * x).sum::<f64>().sqrt();
            let error = norm(&mut y.iter().zip(&stored).map(|(a, b)| a[c] - b[c]));
            let size = norm(&mut x.iter().map(|x| x[c]));
            assert!(error <= tolerance * size, "N = {n}: {error:e}");
        }
        // The bound is of use: far below the 1e-10 to which values are wanted.
        assert!(tolerance < 1e-10, "N = {n}: {tolerance:e}");
    }
}

fn spiked_or_zero(n: usize) -> Deformed {
    match n {
        0..4 => Deformed {
            signal: Signal::zero(),
            ..spiked()
        },
        _ => spiked(),
    }
}

#[test]
fn implicit_products_do_not_depend_on_the_number_of_threads() {
    let n = 2500;
    let implicit = spiked().implicit(n, &generator(7)).unwrap();
    let x = block(n, 8);
    let product = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let mut y = x.clone();
        pool.install(|| implicit.multiply(&x, &mut y));
        y
    };
    let one = product(1);
    for threads in [2, 3, 5] {
        assert_eq!(product(threads), one, "{threads} threads");
    }
}

/// Rounding of the dense solver: a few ulp of ‖W‖ an eigenvalue step.
fn dense_error(n: usize) -> f64 {
    4.0 * n as f64 * f64::EPSILON
}

#[test]
fn top_eigenvalues_of_implicit_matrices_are_those_of_the_dense_solver() {
    for n in [200, 500, 2000] {
        let implicit = spiked().implicit(n, &generator(9)).unwrap();
        let k = 3;
        let top = top_eigenvalues(
            &implicit,
            k,
            &TopOptions::default(),
            &mut generator(1),
            &mut on,
        )
        .unwrap();
        let exact = Faer.eigenvalues(&dense(&spiked(), n, 9)).unwrap();
        for i in 0..k {
            let error = (top.values[i] - exact.eigenvalues()[i]).abs();
            assert!(
                error <= top.residuals[i] + dense_error(n),
                "N = {n}, {i}: {error:e}"
            );
            assert!(top.residuals[i] < 1e-9, "N = {n}: {:e}", top.residuals[i]);
            // The error is really quadratic in the residual.
            assert!(error <= dense_error(n), "N = {n}, {i}: {error:e}");
        }
        assert!(top.bound >= top.residuals[0] && top.bound < 1e-8);
    }
}

/// No gap helps here: the edge of the semicircle.
#[test]
fn top_eigenvalues_at_the_edge_are_those_of_the_dense_solver() {
    let model = Deformed {
        ensemble: Ensemble::goe(),
        signal: Signal::zero(),
    };
    let (n, k) = (400, 12);
    let w = dense(&model, n, 10);
    let operator = Dense::new(&w).unwrap();
    let top = top_eigenvalues(
        &operator,
        k,
        &TopOptions::default(),
        &mut generator(2),
        &mut on,
    )
    .unwrap();
    let exact = Faer.eigenvalues(&w).unwrap();
    for i in 0..k {
        let error = (top.values[i] - exact.eigenvalues()[i]).abs();
        assert!(
            error <= top.residuals[i].min(top.bound) + dense_error(n),
            "{i}: {error:e}"
        );
    }
}

#[test]
fn restarts_change_neither_the_values_nor_what_is_proved() {
    let (n, k) = (600, 3);
    let w = dense(&spiked(), n, 11);
    let operator = Dense::new(&w).unwrap();
    let small = TopOptions {
        blocks: 6,
        ..TopOptions::default()
    };
    let top = top_eigenvalues(&operator, k, &small, &mut generator(3), &mut on).unwrap();
    assert!(top.restarts > 0);
    assert_eq!(top.degree, 5, "six blocks before the first restart");
    let exact = Faer.eigenvalues(&w).unwrap();
    for i in 0..k {
        let error = (top.values[i] - exact.eigenvalues()[i]).abs();
        assert!(error <= top.residuals[i] + dense_error(n), "{i}: {error:e}");
        assert!(top.residuals[i] < 1e-9);
    }
}

#[test]
fn the_statement_on_missed_eigenvalues_holds_and_sharpens_with_the_degree() {
    let n = 600;
    let w = dense(&spiked(), n, 12);
    let operator = Dense::new(&w).unwrap();
    let exact = Faer.eigenvalues(&w).unwrap();
    let mut last = f64::INFINITY;
    for tolerance in [1e-1, 1e-6, 1e-12] {
        let options = TopOptions {
            tolerance,
            ..TopOptions::default()
        };
        let top = top_eigenvalues(&operator, 3, &options, &mut generator(4), &mut on).unwrap();
        let missed = top.missed(1e-3).unwrap_or(f64::INFINITY);
        for (theta, lambda) in top.values.iter().zip(exact.eigenvalues()) {
            assert!(*lambda <= theta + missed);
            assert!(*lambda >= theta - top.bound);
        }
        assert!(missed <= last);
        last = missed;
    }
    assert!(last < exact.eigenvalues()[0], "{last}");
}

/// Diagonal matrices need few products: the span is soon invariant, and the search has to go on in
/// random directions.
#[test]
fn repeated_eigenvalues_are_all_found() {
    for (multiplicity, k) in [(1, 3), (3, 5), (8, 8), (11, 12)] {
        let n = 300;
        let d: Vec<f64> = (0..n)
            .map(|i| if i < multiplicity { 2.0 } else { -1.0 })
            .collect();
        let w = Hermitian::real(DMatrix::from_diagonal(&d.clone().into())).unwrap();
        let operator = Dense::new(&w).unwrap();
        let top = top_eigenvalues(
            &operator,
            k,
            &TopOptions::default(),
            &mut generator(5),
            &mut on,
        )
        .unwrap();
        if multiplicity <= WIDTH {
            for (found, known) in top.values.iter().zip(&d) {
                assert!(
                    (found - known).abs() < 1e-12,
                    "{multiplicity}: {:?}",
                    top.values
                );
            }
        }
        // More copies than a block has vectors may be missed; what is proved stays true.
        for (found, known) in top.values.iter().zip(&d) {
            assert!(*known >= found - top.bound);
        }
    }
}

#[test]
fn a_graded_matrix_keeps_the_proof_honest() {
    let n = 256;
    let d: Vec<f64> = (0..n).map(|i| 1e8 * 0.8_f64.powi(i)).collect();
    let w = Hermitian::real(DMatrix::from_diagonal(&d.clone().into())).unwrap();
    let operator = Dense::new(&w).unwrap();
    let top = top_eigenvalues(
        &operator,
        6,
        &TopOptions::default(),
        &mut generator(6),
        &mut on,
    )
    .unwrap();
    for i in 0..6 {
        assert!((top.values[i] - d[i]).abs() <= top.residuals[i]);
        assert!((top.values[i] - d[i]).abs() <= 1e-10 * d[0]);
    }
}

/// W + E with ‖E‖ = 1e-6 that shows only in products with vectors of norm above ½ in one row.
#[derive(Debug)]
struct Lying<'a>(Dense<'a>);

impl SymmetricOperator for Lying<'_> {
    fn n(&self) -> usize {
        self.0.n()
    }
    fn apply(&self, x: &[Row], y: &mut [Row]) {
        self.0.apply(x, y);
        // A Ritz vector of the largest spike, unlike those of the basis, is concentrated.
        for (x, y) in x.iter().zip(y) {
            for c in 0..WIDTH {
                if x[c].abs() > 0.5 {
                    y[c] += 1e-6;
                }
            }
        }
    }
    fn rounding(&self) -> f64 {
        self.0.rounding()
    }
}

#[test]
fn an_operator_that_is_wrong_on_the_ritz_vectors_shows_in_the_residuals() {
    let w = dense(&spiked(), 300, 13);
    let operator = Lying(Dense::new(&w).unwrap());
    let top = top_eigenvalues(
        &operator,
        1,
        &TopOptions::default(),
        &mut generator(7),
        &mut on,
    )
    .unwrap();
    assert!(top.residuals[0] > 0.5e-6, "{:e}", top.residuals[0]);
}

#[test]
fn the_start_block_decides_the_bits_and_nothing_else() {
    let implicit = spiked().implicit(700, &generator(14)).unwrap();
    let top = |seed| {
        let mut rng = generator(seed);
        top_eigenvalues(&implicit, 3, &TopOptions::default(), &mut rng, &mut on).unwrap()
    };
    assert_eq!(top(1), top(1));
    let (a, b) = (top(1), top(2));
    for i in 0..3 {
        assert!((a.values[i] - b.values[i]).abs() <= a.residuals[i] + b.residuals[i]);
    }
}

#[test]
fn questions_without_an_answer_are_errors() {
    let w = dense(&spiked(), 100, 15);
    let operator = Dense::new(&w).unwrap();
    let ask = |k, options: &TopOptions| {
        top_eigenvalues(&operator, k, options, &mut generator(8), &mut on).unwrap_err()
    };
    let standard = TopOptions::default();
    assert_eq!(ask(0, &standard), TopError::NoneWanted);
    assert!(matches!(
        ask(80, &standard),
        TopError::TooSmall {
            wanted: 80,
            n: 100,
            ..
        }
    ));
    let few = TopOptions {
        applies: 2,
        ..standard
    };
    assert!(
        matches!(ask(3, &few), TopError::NoConvergence { applies: 2, residual } if residual > 0.0)
    );
    let mut calls = 0;
    let interrupted = top_eigenvalues(&operator, 3, &standard, &mut generator(8), &mut |p| {
        calls += 1;
        assert_eq!(p.applies, calls);
        if calls == 2 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert_eq!(
        interrupted.unwrap_err(),
        TopError::Interrupted { applies: 2 }
    );
}

#[test]
fn matrices_that_cannot_be_implicit_are_refused() {
    let rng = generator(16);
    let gue = Deformed {
        ensemble: Ensemble::gue(),
        signal: Signal::zero(),
    };
    assert!(matches!(
        gue.implicit(10, &rng),
        Err(ImplicitError::Complex { .. })
    ));
    let rotated = Deformed {
        ensemble: Ensemble::goe(),
        signal: Signal::haar(SignalShape::Uniform { lo: 0.0, hi: 1.0 }),
    };
    assert!(matches!(
        rotated.implicit(10, &rng),
        Err(ImplicitError::RandomBasis { .. })
    ));
    assert!(matches!(
        spiked().implicit(0, &rng),
        Err(ImplicitError::Ensemble(_))
    ));
    let mut odd = rng.clone();
    odd.next_u32();
    assert_eq!(
        spiked().implicit(10, &odd),
        Err(ImplicitError::InsideDraw { word: 1 })
    );
    let complex = gue.sample(10, &mut generator(16)).unwrap();
    assert!(Dense::new(&complex).is_none());
}
