//! The orders N⁻¹, N^{-3/2} and N⁻² of N Δ_N at σ = 1; numbers in brackets are those of the derivation.

use super::{EntryStatistics, POWERS, Tail};
use num_complex::Complex64;

/// S_k, a_k and K = ω′ at one z.
pub(super) struct Point<'a> {
    pub s: &'a [Complex64; POWERS],
    pub a: &'a [f64; POWERS],
    pub k: Complex64,
}

/// v_d − 2, κ₃, κ₄, κ₅, κ₆, κ₈, with zeros where there is none.
struct Numbers {
    v_d: f64,
    d: f64,
    k3: f64,
    k4: f64,
    k5: f64,
    k6: f64,
    k8: f64,
}

fn numbers(law: EntryStatistics) -> Numbers {
    let EntryStatistics::Real {
        diagonal_variance: v_d,
        third: k3,
        fourth: k4,
        tail,
    } = law
    else {
        unreachable!("the GUE has orders of its own")
    };
    let (k5, k6, k8) = match tail {
        Tail::Cumulants {
            fifth,
            sixth,
            eighth,
        } => (fifth, sixth, eighth),
        Tail::FifthPower { .. } => (0.0, 0.0, 0.0),
    };
    Numbers {
        v_d,
        d: v_d - 2.0,
        k3,
        k4,
        k5,
        k6,
        k8,
    }
}

/// c₁ (3).
pub(super) fn first(at: &Point, law: EntryStatistics) -> Complex64 {
    let (s, k) = (at.s, at.k);
    let Numbers {
        v_d, d, k3, k4, k6, ..
    } = numbers(law);
    let l = k + d + k4 * s[2];
    let u = 2.0 * k + d + k4 * s[2];
    let covariances =
        (2.0 * k * k + k4) * k * s[3] * (s[4] + k * s[3] * s[3]) + u * k * (s[5] + k * s[3] * s[4]);
    let l_prime = 2.0 * k * s[3] * (k * k + k4);
    let gh = l * (k * s[3] * s[3] + s[4]);
    let g2h = l * (k * s[3] * s[4] + s[5]);
    let gh_prime = 2.0 * k.powi(3) * s[3].powi(3) * l
        + k * s[3] * (3.0 * k * s[4] * l + s[3] * l_prime)
        + 2.0 * k * k * s[3] * s[4] * l
        + l_prime * s[4]
        + 3.0 * k * l * s[5];
    let squares = k * k * s[3] * s[4] * l + gh_prime;
    let diagonal = d * (k * s[3] * s[4] * l + 2.0 * g2h + u * s[5]);
    let fourth = k4
        * (k * s[3] * s[4] * s[2] * l
            + s[3] * (2.0 * gh + u * s[4])
            + s[2] * (2.0 * g2h + u * s[5])
            - s[5]
            + 6.0 * k * s[3] * s[4]);
    covariances
        + squares
        + diagonal
        + fourth
        + v_d * v_d * k4 * s[5]
        + (k6 + 10.0 * k3 * k3) * s[3] * s[4]
}

/// c_{3/2} (5).
pub(super) fn three_halves(at: &Point, law: EntryStatistics) -> Complex64 {
    let (s, k) = (at.s, at.k);
    let Numbers {
        v_d, d, k3, k4, k5, ..
    } = numbers(law);
    let (k3d, k5d) = (v_d.powf(1.5) * k3, v_d.powf(2.5) * k5);
    let l = k + d + k4 * s[2];
    let u = 2.0 * k + d + k4 * s[2];
    let gq = -(s[5] + k * s[3] * s[4]);
    let g2q = -(s[6] + k * s[4] * s[4]);
    let gq_prime = -k
        * (4.0 * s[6]
            + 2.0 * k * k * s[3] * s[3] * s[4]
            + 4.0 * k * s[5] * s[3]
            + 2.0 * k * s[4] * s[4]);
    let covariances = -2.0 * k * (s[6] + k * s[3] * s[5]);
    let squares = gq_prime - k * k * s[4] * s[4];
    let diagonal = d * (2.0 * g2q - k * s[4] * s[4] - 2.0 * s[6]);
    let fourth = k4
        * (-k * s[4] * s[4] * s[2]
            + s[3] * (2.0 * gq - 2.0 * s[5])
            + s[2] * (2.0 * g2q - 2.0 * s[6]));
    let skewed = -(k * s[3] * s[5] * l + 3.0 * l * (k * s[3] * s[5] + s[6]) + 3.0 * u * s[6]);
    k3d * (covariances + squares + diagonal + fourth + skewed)
        - k5d * s[6]
        - 22.0 * k3.powi(3) * s[3] * s[3] * s[4]
}

/// c₁ of the GUE (4).
pub(super) fn first_unitary(at: &Point) -> Complex64 {
    let (s, k) = (at.s, at.k);
    k * k * (s[5] + 2.0 * k * s[3] * s[4] + k * k * s[3].powi(3))
}

/// Products of S_k that c₂ is made of, each times a power of S₂.
const SHAPES: [&[usize]; 7] = [
    &[7],
    &[3, 6],
    &[4, 5],
    &[3, 3, 5],
    &[3, 4, 4],
    &[3, 3, 3, 4],
    &[3, 3, 3, 3, 3],
];

/// (p, shape, count) of the addends count·M·K^p S₂^n·Π S_k of one product of cumulants M.
type Row<'a> = &'a [(i32, usize, u32)];

/// The seven addends of c₂, one a shape.
///
/// n = p − 2 + wt(M)/2 − (factors of the shape), with wt(κ_n) = n, wt(v_d − 2) = 2.
pub(super) fn second_by_shape(at: &Point, law: EntryStatistics) -> [Complex64; 7] {
    let Numbers {
        v_d,
        d,
        k3,
        k4,
        k5,
        k6,
        k8,
    } = numbers(law);
    let l3 = (v_d.powf(1.5) - 4.0) * k3;
    let l4 = (v_d.powi(2) - 8.0) * k4;
    let l6 = (v_d.powi(3) - 32.0) * k6;
    #[rustfmt::skip]
    let rows: [(f64, i32, Row); 25] = [
        (1.0, 0, &[(3, 0, 41), (4, 1, 126), (4, 2, 113), (5, 3, 240), (5, 4, 233), (6, 5, 388), (7, 6, 114)]),
        (d, 2, &[(2, 0, 99), (3, 1, 181), (3, 2, 141), (4, 3, 210), (4, 4, 201), (5, 5, 233), (6, 6, 48)]),
        (k4, 4, &[(1, 0, 171), (2, 0, 99), (2, 1, 265), (2, 2, 231), (3, 1, 181), (3, 2, 141), (3, 3, 314), (3, 4, 294), (4, 3, 210), (4, 4, 201), (4, 5, 344), (5, 5, 233), (5, 6, 76), (6, 6, 48)]),
        (k6, 6, &[(0, 0, 31), (1, 1, 15), (1, 2, 29), (2, 3, 10), (2, 4, 11), (3, 5, 2)]),
        (k8, 8, &[(0, 2, 1)]),
        (l4, 4, &[(1, 0, 24), (2, 1, 13), (2, 2, 3), (3, 3, 2)]),
        (l6, 6, &[(0, 0, 1)]),
        (d * d, 4, &[(1, 0, 69), (2, 1, 78), (2, 2, 63), (3, 3, 56), (3, 4, 66), (4, 5, 46), (5, 6, 6)]),
        (d * k4, 6, &[(0, 0, 111), (1, 0, 138), (1, 1, 181), (1, 2, 129), (2, 1, 156), (2, 2, 126), (2, 3, 170), (2, 4, 156), (3, 3, 112), (3, 4, 132), (3, 5, 148), (4, 5, 92), (4, 6, 24), (5, 6, 12)]),
        (d * k6, 8, &[(0, 1, 10), (0, 2, 6), (1, 3, 4), (1, 4, 6)]),
        (d * l4, 6, &[(0, 0, 15), (1, 1, 5), (1, 2, 3)]),
        (k3 * k3, 6, &[(0, 0, 150), (1, 1, 150), (1, 2, 354), (2, 3, 100), (2, 4, 126), (3, 5, 20)]),
        (k3 * k5, 8, &[(0, 2, 56)]),
        (k3 * l3, 6, &[(0, 0, 80), (1, 2, 32), (2, 4, 8)]),
        (k4 * k4, 8, &[(0, 0, 111), (0, 1, 37), (0, 2, 29), (1, 0, 69), (1, 1, 181), (1, 2, 129), (1, 3, 76), (1, 4, 45), (2, 1, 78), (2, 2, 63), (2, 3, 170), (2, 4, 156), (2, 5, 78), (3, 3, 56), (3, 4, 66), (3, 5, 148), (3, 6, 18), (4, 5, 46), (4, 6, 24), (5, 6, 6)]),
        (k4 * k6, 10, &[(0, 1, 10), (0, 2, 6), (0, 3, 4), (1, 3, 4), (1, 4, 6), (1, 5, 2)]),
        (k4 * l4, 8, &[(0, 0, 15), (0, 1, 5), (1, 1, 5), (1, 2, 3), (1, 3, 2)]),
        (l3 * l3, 6, &[(0, 0, 10), (1, 2, 4), (2, 4, 1)]),
        (d * d * d, 6, &[(0, 0, 15), (1, 1, 15), (1, 2, 9), (2, 3, 6), (2, 4, 9), (3, 5, 3)]),
        (d * d * k4, 8, &[(0, 0, 45), (0, 1, 15), (0, 2, 18), (1, 1, 45), (1, 2, 27), (1, 3, 30), (1, 4, 18), (2, 3, 18), (2, 4, 27), (2, 5, 21), (3, 5, 9), (3, 6, 2)]),
        (d * k3 * k3, 8, &[(0, 1, 100), (0, 2, 60), (1, 3, 40), (1, 4, 60)]),
        (d * k4 * k4, 10, &[(0, 0, 45), (0, 1, 30), (0, 2, 36), (0, 4, 9), (1, 1, 45), (1, 2, 27), (1, 3, 60), (1, 4, 36), (1, 5, 12), (2, 3, 18), (2, 4, 27), (2, 5, 42), (2, 6, 4), (3, 5, 9), (3, 6, 4)]),
        (k4 * k3 * k3, 10, &[(0, 1, 100), (0, 2, 60), (0, 3, 40), (1, 3, 40), (1, 4, 60), (1, 5, 20)]),
        (k4 * k4 * k4, 12, &[(0, 0, 15), (0, 1, 15), (0, 2, 18), (0, 4, 9), (1, 1, 15), (1, 2, 9), (1, 3, 30), (1, 4, 18), (1, 5, 12), (2, 3, 6), (2, 4, 9), (2, 5, 21), (2, 6, 4), (3, 5, 3), (3, 6, 2)]),
        (k3 * k3 * k3 * k3, 12, &[(0, 5, 46)]),
    ];
    let mut addends = [Complex64::ZERO; 7];
    for (size, weight, row) in rows {
        if size == 0.0 {
            continue;
        }
        for &(p, shape, count) in row {
            let factors = SHAPES[shape];
            let product: Complex64 = factors.iter().map(|&k| at.s[k]).product();
            let n = p - 2 + weight / 2 - factors.len() as i32;
            addends[shape] += size * f64::from(count) * at.k.powi(p) * at.s[2].powi(n) * product;
        }
    }
    addends
}

/// Size of r without credit for cancellation.
pub(super) fn leading_size(at: &Point, law: EntryStatistics) -> f64 {
    let Numbers { d, k4, .. } = numbers(law);
    at.s[3].norm() * (at.k.norm() + d.abs() + (k4 * at.s[2]).norm())
}

/// Majorant of |c₃| of the GUE, Σ_p C_p |K|^p a_{2p+1} with the genus-2 counts C_p.
pub(super) fn third_unitary(at: &Point) -> f64 {
    let counts = [21.0, 189.0, 650.0, 1130.0, 1065.0, 521.0, 104.0];
    (4..)
        .zip(counts)
        .map(|(p, count)| count * at.k.norm().powi(p) * at.a[2 * p as usize + 1])
        .sum()
}

/// Size of everything after r for a symmetric law with P(|X| > x) ≤ c x⁻⁵, at this N.
///
/// |c₁| without κ₆ for the moments below the fifth. Beyond the fourth order, an entry moves Tr G by at
/// most h(u) = min(2, a₇u⁶) at u = |X|/√N (a change of rank two moves it by at most 2/Im z, taken at
/// Im z = 1; below that the sixth order rules), and ½N² E h ≤ ½c N^{-1/2} ∫ 5u⁻⁶ h(u) du.
pub(super) fn heavy(at: &Point, law: EntryStatistics, constant: f64, n: f64) -> f64 {
    let crossing = (2.0 / at.a[7]).powf(1.0 / 6.0);
    let jumps = 5.0 * at.a[7] * crossing + 2.0 * crossing.powi(-5);
    first(at, law).norm() / n + 0.5 * constant * jumps / n.sqrt()
}
