//! Bad input to `predict` is one clear line.

use super::assert_misuse;

#[test]
fn unknown_kind_of_measure() {
    assert_misuse(&["predict", "--nu", "triangle:0,1"], &["triangle"]);
}

#[test]
fn atom_without_weight() {
    assert_misuse(&["predict", "--nu", "atoms:1,2"], &["1"]);
}

#[test]
fn number_that_is_none() {
    assert_misuse(&["predict", "--nu", "uniform:-1,abc"], &["abc"]);
}

#[test]
fn empty_spec() {
    assert_misuse(&["predict", "--nu", ""], &[]);
}

#[test]
fn weights_that_do_not_sum_to_1() {
    assert_misuse(&["predict", "--nu", "atoms:-1=0.5,1=0.6"], &["1.1"]);
}

#[test]
fn eigenvalue_file_that_is_missing() {
    assert_misuse(
        &["predict", "--nu", "file:/no/such/file.txt"],
        &["/no/such/file.txt"],
    );
}

#[test]
fn eigenvalue_file_without_eigenvalues() {
    let folder = super::fresh_folder("empty-eigenvalues");
    let path = folder.join("empty.txt");
    std::fs::write(&path, "\n").unwrap();
    assert_misuse(
        &["predict", "--nu", &format!("file:{}", path.display())],
        &[],
    );
}

#[test]
fn sigma_zero() {
    assert_misuse(&["predict", "--nu", "atoms:0=1", "--sigma", "0"], &["0"]);
}

#[test]
fn sigma_negative() {
    assert_misuse(&["predict", "--nu", "atoms:0=1", "--sigma", "-1"], &["-1"]);
}

#[test]
fn sigma_not_a_number() {
    assert_misuse(
        &["predict", "--nu", "atoms:0=1", "--sigma", "NaN"],
        &["NaN"],
    );
}

#[test]
fn z_below_the_real_axis() {
    assert_misuse(&["predict", "--nu", "atoms:0=1", "--at", "0.5,-1"], &["-1"]);
}

#[test]
fn z_with_one_part() {
    assert_misuse(&["predict", "--nu", "atoms:0=1", "--at", "0.5"], &["RE,IM"]);
}

#[test]
fn z_not_finite() {
    assert_misuse(&["predict", "--nu", "atoms:0=1", "--at", "inf,1"], &["inf"]);
}

#[test]
fn spike_inside_the_support() {
    assert_misuse(
        &["predict", "--nu", "uniform:-1,1", "--spike", "0.25"],
        &["0.25"],
    );
}

#[test]
fn density_grid_of_no_points() {
    assert_misuse(
        &["predict", "--nu", "atoms:0=1", "--density", "-3,3,0"],
        &["0"],
    );
}

#[test]
fn density_grid_backwards() {
    assert_misuse(
        &["predict", "--nu", "atoms:0=1", "--density", "3,-3,10"],
        &["3"],
    );
}

#[test]
fn density_grid_with_two_fields() {
    assert_misuse(
        &["predict", "--nu", "atoms:0=1", "--density", "-3,3"],
        &["LO,HI,POINTS"],
    );
}

#[test]
fn no_measure() {
    assert_misuse(&["predict"], &["--nu"]);
}
