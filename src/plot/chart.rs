//! Charts of numbers against numbers: scales, ticks, curves.

use super::canvas::{Canvas, GREY, INK, Place};
use super::cells::minus;
use crate::table::significant;
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

/// Size of every chart.
pub const WIDTH: i32 = 600;
/// Size of every chart.
pub const HEIGHT: i32 = 380;
const LEFT: i32 = 62;
const RIGHT: i32 = WIDTH - 18;
const TOP: i32 = 76;
const BOTTOM: i32 = HEIGHT - 48;
/// Height of letters.
const LETTERS: f64 = 14.0;

/// An axis: numbers to shares of its length.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl Scale {
    /// From `low` to `high`, or one unit about them when they are equal.
    pub fn linear(low: f64, high: f64) -> Self {
        let (low, high) = if low < high {
            (low, high)
        } else {
            (low - 0.5, low + 0.5)
        };
        Self {
            low,
            high,
            logarithmic: false,
        }
    }

    /// From `low` to `high`, both positive.
    pub fn logarithmic(low: f64, high: f64) -> Self {
        let inner = Self::linear(low.ln(), high.ln());
        Self {
            logarithmic: true,
            ..inner
        }
    }

    /// The finite numbers and a margin of 6 %.
    pub fn around(values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = range(values);
        let margin = 0.06 * (high - low);
        Self::linear(low - margin, high + margin)
    }

    fn inner(&self, value: f64) -> f64 {
        if self.logarithmic { value.ln() } else { value }
    }

    fn share(&self, value: f64) -> f64 {
        (self.inner(value) - self.low) / (self.high - self.low)
    }

    fn contains(&self, value: f64) -> bool {
        (-1e-9..=1.0 + 1e-9).contains(&self.share(value))
    }

    /// Round numbers with their labels, three to eight on a linear scale.
    fn ticks(&self) -> Vec<(f64, String)> {
        if self.logarithmic {
            return self.powers();
        }
        let step = round_step((self.high - self.low) / 7.0);
        let decimals = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step).floor() as i64;
        (first..=last)
            .map(|index| {
                let value = index as f64 * step;
                (value, minus(&format!("{value:.decimals$}")))
            })
            .collect()
    }

    /// 1, 2 and 5 times powers of ten; over more than four of them the powers alone.
    fn powers(&self) -> Vec<(f64, String)> {
        let (first, last) = (
            self.low.exp().log10().floor(),
            self.high.exp().log10().ceil(),
        );
        let factors: &[f64] = if last - first > 4.0 {
            &[1.0]
        } else {
            &[1.0, 2.0, 5.0]
        };
        (first as i32..=last as i32)
            .flat_map(|power| factors.iter().map(move |factor| factor * 10f64.powi(power)))
            .filter(|value| self.contains(*value))
            .map(|value| (value, significant(value, 1)))
            .collect()
    }
}

/// The least of 1, 2 and 5 times powers of ten that is not below `rough`.
pub fn round_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| *step >= rough)
        .unwrap_or(rough)
}

/// The smallest and the largest of the finite numbers; (0, 1) when there are none.
pub fn range(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let mut finite = values.into_iter().filter(|value| value.is_finite());
    let Some(first) = finite.next() else {
        return (0.0, 1.0);
    };
    finite.fold((first, first), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

/// Two axes on a canvas of [`WIDTH`] × [`HEIGHT`].
#[derive(Debug, Clone, Copy)]
pub struct Chart {
    /// To the right.
    pub x: Scale,
    /// Upwards.
    pub y: Scale,
}

/// How a line or a mark in the legend looks.
#[derive(Debug, Clone, Copy)]
pub enum Sign {
    /// Full line.
    Line(RGBColor),
    /// Broken line.
    Dashes(RGBColor),
    /// Filled area.
    Fill(RGBColor),
    /// Short upright line.
    Tick(RGBColor),
    /// Triangle that points down.
    Pointer(RGBColor),
    /// Dot.
    Dot(RGBColor),
    /// Open ring.
    Ring(RGBColor),
}

impl Chart {
    /// The pixel of a point, kept inside the frame.
    pub fn place(&self, x: f64, y: f64) -> Place {
        (self.across(x), self.up(y))
    }

    fn across(&self, x: f64) -> i32 {
        let share = self.x.share(x).clamp(0.0, 1.0);
        LEFT + (share * f64::from(RIGHT - LEFT)).round() as i32
    }

    fn up(&self, y: f64) -> i32 {
        let share = self.y.share(y).clamp(0.0, 1.0);
        BOTTOM - (share * f64::from(BOTTOM - TOP)).round() as i32
    }

    /// Frame, ticks and what the axes mean.
    pub fn axes(&self, canvas: &Canvas, x_means: &str, y_means: &str) {
        canvas.line((LEFT, TOP), (LEFT, BOTTOM), GREY, 1);
        canvas.line((LEFT, BOTTOM), (RIGHT, BOTTOM), GREY, 1);
        for (value, label) in self.x.ticks() {
            let x = self.across(value);
            canvas.line((x, BOTTOM), (x, BOTTOM + 5), GREY, 1);
            canvas.text(&label, (x, BOTTOM + 15), HPos::Center, LETTERS - 1.0, INK);
        }
        for (value, label) in self.y.ticks() {
            let y = self.up(value);
            canvas.line((LEFT - 5, y), (LEFT, y), GREY, 1);
            canvas.text(&label, (LEFT - 9, y), HPos::Right, LETTERS - 1.0, INK);
        }
        canvas.text(x_means, (RIGHT, BOTTOM + 36), HPos::Right, LETTERS, INK);
        canvas.text(y_means, (8, TOP - 16), HPos::Left, LETTERS, INK);
    }

    /// A line through points; it breaks where it would leave the frame.
    pub fn curve(&self, canvas: &Canvas, points: &[(f64, f64)], ink: RGBColor) {
        for run in self.runs(points) {
            canvas.path(run, ink, 2);
        }
    }

    /// A broken line through points.
    pub fn dashes(&self, canvas: &Canvas, points: &[(f64, f64)], ink: RGBColor) {
        for run in self.runs(points) {
            for piece in broken(&run) {
                canvas.path(piece, ink, 2);
            }
        }
    }

    /// The part between two heights, over the whole width.
    pub fn level(&self, canvas: &Canvas, low: f64, high: f64, fill: RGBColor) {
        canvas.band((LEFT, self.up(high)), (RIGHT, self.up(low)), fill);
    }

    /// The part between two abscissae, over the whole height.
    pub fn column(&self, canvas: &Canvas, low: f64, high: f64, fill: RGBColor) {
        canvas.band((self.across(low), TOP), (self.across(high), BOTTOM), fill);
    }

    /// What the signs mean, in up to two rows above the frame.
    pub fn legend(&self, canvas: &Canvas, entries: &[(Sign, &str)]) {
        let (mut x, mut y) = (8, 14);
        for (sign, meaning) in entries {
            let width = 34 + (meaning.chars().count() as f64 * 0.52 * LETTERS) as i32;
            if x > 8 && x + width > WIDTH - 8 {
                (x, y) = (8, y + 22);
            }
            draw_sign(canvas, *sign, (x, y));
            canvas.text(meaning, (x + 30, y), HPos::Left, LETTERS - 1.0, INK);
            x += width + 12;
        }
    }

    /// Runs of finite points inside the frame, in pixels.
    fn runs(&self, points: &[(f64, f64)]) -> Vec<Vec<Place>> {
        points
            .split(|(x, y)| !(self.x.contains(*x) && self.y.contains(*y)))
            .map(|run| run.iter().map(|(x, y)| self.place(*x, *y)).collect())
            .filter(|run: &Vec<Place>| run.len() > 1)
            .collect()
    }
}

fn draw_sign(canvas: &Canvas, sign: Sign, (x, y): Place) {
    match sign {
        Sign::Line(ink) => canvas.line((x, y), (x + 24, y), ink, 2),
        Sign::Dashes(ink) => {
            for piece in broken(&[(x, y), (x + 24, y)]) {
                canvas.path(piece, ink, 2);
            }
        }
        Sign::Fill(fill) => canvas.band((x, y - 6), (x + 24, y + 6), fill),
        Sign::Tick(ink) => canvas.line((x + 12, y - 7), (x + 12, y + 7), ink, 2),
        Sign::Pointer(ink) => canvas.pointer((x + 12, y + 5), ink),
        Sign::Dot(ink) => canvas.dot((x + 12, y), ink),
        Sign::Ring(ink) => canvas.ring((x + 12, y), ink),
    }
}

/// Pieces of 7 pixels with gaps of 5, along a path.
fn broken(path: &[Place]) -> Vec<Vec<Place>> {
    const ON: f64 = 7.0;
    const PERIOD: f64 = 12.0;
    let mut pieces: Vec<Vec<Place>> = Vec::new();
    let mut travelled = 0.0f64;
    let mut drawing = false;
    for pair in path.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
        let length = dx.hypot(dy);
        let steps = (length.ceil() as usize).max(1);
        for step in 0..=steps {
            let share = step as f64 / steps as f64;
            let at = (
                from.0 + (share * dx).round() as i32,
                from.1 + (share * dy).round() as i32,
            );
            let on = (travelled + share * length) % PERIOD < ON;
            match (on, drawing) {
                (true, true) => pieces.last_mut().expect("a piece was begun").push(at),
                (true, false) => pieces.push(vec![at]),
                _ => {}
            }
            drawing = on;
        }
        travelled += length;
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let labels = |scale: Scale| -> Vec<String> {
            scale.ticks().into_iter().map(|(_, label)| label).collect()
        };
        assert_eq!(
            labels(Scale::linear(-0.1, 1.0)),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(
            labels(Scale::linear(-5.0, 5.0)),
            ["−4", "−2", "0", "2", "4"]
        );
        assert_eq!(
            labels(Scale::logarithmic(90.0, 1100.0)),
            ["100", "200", "500", "1000"]
        );
        assert_eq!(labels(Scale::logarithmic(1e-6, 1.0)).len(), 7);
    }

    #[test]
    fn curve_breaks_where_it_leaves_the_frame_or_is_not_defined() {
        let chart = Chart {
            x: Scale::linear(0.0, 10.0),
            y: Scale::linear(0.0, 1.0),
        };
        let heights = [0.1, 0.2, 7.0, 0.3, 0.4, f64::NAN, 0.5, 0.6];
        let points: Vec<(f64, f64)> = (0..8)
            .map(|i| (f64::from(i), heights[i as usize]))
            .collect();
        assert_eq!(chart.runs(&points).len(), 3);
    }

    #[test]
    fn dashes_cover_seven_twelfths_of_a_line() {
        let pieces = broken(&[(0, 0), (120, 0)]);
        assert_eq!(pieces.len(), 10);
        assert!(
            pieces
                .iter()
                .all(|piece| piece[piece.len() - 1].0 - piece[0].0 == 6)
        );
    }
}
