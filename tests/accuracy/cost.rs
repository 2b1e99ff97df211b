use super::*;
fn cpu() -> f64 {
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .parse::<f64>()
        .unwrap()
        * 1e-6
}
#[test]
#[ignore]
fn cost() {
    for n in [50usize, 64, 100, 200, 400, 800] {
        let rng = &mut generator("cost", n);
        let w = rmt_verify::ensemble::Ensemble::goe().noise(n, rng).unwrap();
        let batch: Vec<Hermitian> = (0..8)
            .map(|_| rmt_verify::ensemble::Ensemble::goe().noise(n, rng).unwrap())
            .collect();
        let e = Faer.eigen(&w).unwrap();
        let reps = (40_000_000 / (n * n * n)).clamp(2, 60);
        let mut best = [f64::INFINITY; 7];
        for _ in 0..reps {
            let mut go = |k: usize, f: &mut dyn FnMut()| {
                let t = cpu();
                f();
                best[k] = best[k].min(cpu() - t);
            };
            go(0, &mut || {
                std::hint::black_box(Faer.eigenvalues(&w).unwrap());
            });
            go(1, &mut || {
                std::hint::black_box(Faer.eigen(&w).unwrap());
            });
            go(2, &mut || {
                std::hint::black_box(certify(&w, &e));
            });
            go(3, &mut || {
                std::hint::black_box(Native.eigenvalues(&w).unwrap());
            });
            go(4, &mut || {
                std::hint::black_box(Native.eigenvalues_of(&batch));
            });
            go(5, &mut || {
                std::hint::black_box(trace_checks(&w, &e.spectrum).unwrap());
            });
            go(6, &mut || {
                std::hint::black_box(Tridiagonal::reduce(&w).unwrap());
            });
        }
        println!(
            "N = {n}: faer values {:.3} ms, faer eigen {:.3}, certify {:.3} ({:.3} of eigen, {:.3} of values), native {:.3} ({:.3} of faer values), batch each {:.3} ({:.3}), trace checks {:.4}, reduce {:.3}",
            best[0],
            best[1],
            best[2],
            best[2] / best[1],
            best[2] / best[0],
            best[3],
            best[3] / best[0],
            best[4] / 8.0,
            best[4] / 8.0 / best[0],
            best[5],
            best[6]
        );
    }
}
