use super::*;

fn between() -> Interpolation {
    let shape = SignalShape::Uniform { lo: -1.0, hi: 1.0 };
    Interpolation::from_goe(EntryLaw::Rademacher, Signal::diagonal(shape))
}

#[test]
fn the_path_has_both_noises_at_its_ends() {
    let path = between().path(6, &mut generator("path")).unwrap();
    let (w1, w0) = (path.at(1.0).unwrap(), path.at(0.0).unwrap());
    let mut rng = generator("path");
    let law = between().ensemble.noise(6, &mut rng).unwrap();
    let reference = between().reference.noise(6, &mut rng).unwrap();
    let s = between().signal.matrix(6, &mut rng).unwrap();
    assert_eq!(w1, law.combined(1.0, 1.0, &s));
    assert_eq!(w0, reference.combined(1.0, 1.0, &s));
    let half = path.at(0.25).unwrap();
    let expected = law
        .combined(0.5, 0.75f64.sqrt(), &reference)
        .combined(1.0, 1.0, &s);
    assert_eq!(half, expected);
    assert!(matches!(path.at(1.5), Err(EnsembleError::TimeOutside { t }) if t == 1.5));
}

#[test]
fn coupled_ends_share_signs_and_signal() {
    let (w1, w0) = between().ends(9, &mut generator("ends")).unwrap();
    for j in 0..9 {
        for i in j + 1..9 {
            let (r, g) = (real(&w1)[(i, j)], real(&w0)[(i, j)]);
            assert_eq!(r, g.signum() / 3.0);
        }
    }
    let unlike = Interpolation {
        reference: Ensemble::gue(),
        ..between()
    };
    assert!(matches!(
        unlike.ends(3, &mut generator("ends")),
        Err(EnsembleError::NotCoupled { .. })
    ));
}

#[test]
fn proxies_follow_the_derivation() {
    let uniform = Interpolation::from_goe(EntryLaw::Uniform, Signal::zero());
    let v = 2.0 * 6.0 / std::f64::consts::PI;
    let close = |a: Option<f64>, b: f64| (a.unwrap() - b).abs() < 1e-14;
    assert!(close(uniform.variance_proxy(0.25), 0.25 * v + 0.75 * 2.0));
    assert!(close(
        uniform.ends_variance_proxy(),
        (v.sqrt() + 2f64.sqrt()).powi(2)
    ));
    assert_eq!(between().variance_proxy(0.5), None);
}
