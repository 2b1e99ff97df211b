//! LaTeX as MathML.

use rmt_verify::claims::registry;
use rmt_verify::report::mathml;

#[test]
fn every_formula_of_the_registry_can_be_shown() {
    for claim in registry() {
        let formula = claim.statement.formula;
        let shown =
            mathml(formula).unwrap_or_else(|error| panic!("{}: {error}", claim.statement.id));
        assert!(
            shown.starts_with("<math") && !shown.contains("merror"),
            "{shown}"
        );
    }
}

#[test]
fn control_space_is_a_space_and_not_its_name() {
    let shown = mathml(r"\lambda\ \text{ if } x > 0").unwrap();
    assert!(!shown.contains("nbsp") && shown.contains("if"), "{shown}");
}

#[test]
fn broken_formula_is_an_error_and_not_red_ink() {
    let error = mathml(r"\frac{1").unwrap_err();
    assert_eq!(error.latex, r"\frac{1");
    assert!(!error.to_string().is_empty());
}
