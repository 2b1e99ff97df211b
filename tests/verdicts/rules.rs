//! What is judged of an interval.

use rmt_verify::confidence::{Confidence, Grade};
use rmt_verify::verdict::Verdict;

#[test]
fn cells_are_judged_by_the_place_of_their_interval() {
    let judge = |estimate: f64, halfwidth: f64| {
        let interval = Confidence {
            estimate,
            halfwidth,
            grade: Grade::Proved,
        };
        // θ = 1, θ ± τ0 = [0.75, 1.25], θ ± τ = [0, 2].
        Verdict::of_cell(1.0, 0.25, 1.0, &interval)
    };
    assert_eq!(judge(1.0, 0.5), Verdict::Confirmed);
    assert_eq!(judge(1.5, 0.5), Verdict::Confirmed); // touches 2, meets 1.25
    assert_eq!(judge(1.5, 0.25), Verdict::Confirmed); // touches 1.25 only
    assert_eq!(judge(1.5, 0.125), Verdict::Refuted); // inside ± τ, but misses ± τ0
    assert_eq!(judge(0.5, 0.125), Verdict::Refuted);
    assert_eq!(judge(1.5, 0.75), Verdict::Undecided);
    assert_eq!(judge(1.0, 1.5), Verdict::Undecided);
    assert_eq!(judge(5.0, 1.0), Verdict::Refuted);
    assert_eq!(judge(f64::NAN, 1.0), Verdict::Undecided);
    assert_eq!(judge(1.0, f64::INFINITY), Verdict::Undecided);
}

#[test]
fn an_exact_identity_with_tolerance_zero_is_confirmed_and_one_ulp_is_not() {
    let known = |x| Confidence::known(x, 0.0);
    assert_eq!(
        Verdict::of_cell(0.0, 0.0, 0.0, &known(0.0)),
        Verdict::Confirmed
    );
    assert_eq!(
        Verdict::of_cell(1.0, 0.0, 0.0, &known(1f64.next_up())),
        Verdict::Refuted
    );
}

#[test]
fn one_refuted_cell_refutes_the_claim_and_one_undecided_keeps_it_open() {
    use Verdict::{Confirmed, Refuted, Undecided};
    assert_eq!(Verdict::of_claim([Confirmed, Confirmed]), Confirmed);
    assert_eq!(Verdict::of_claim([Confirmed, Undecided]), Undecided);
    assert_eq!(Verdict::of_claim([Undecided, Refuted, Confirmed]), Refuted);
}
