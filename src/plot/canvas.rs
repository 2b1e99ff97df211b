//! A drawing area in pixels, and the colours and marks that every picture shares.

use crate::verdict::Verdict;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Text and axes.
pub const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// Less important text.
pub const GREY: RGBColor = RGBColor(0x66, 0x66, 0x66);
/// Lines that separate.
pub const RULE: RGBColor = RGBColor(0xd0, 0xd0, 0xd0);
/// θ ± τ.
pub const OUTER: RGBColor = RGBColor(0xea, 0xf1, 0xf7);
/// θ ± τ0.
pub const INNER: RGBColor = RGBColor(0xc3, 0xd7, 0xe8);
/// θ.
pub const THEORY: RGBColor = RGBColor(0x5b, 0x7f, 0x9e);

/// One sample, where no verdict is at stake.
pub const SAMPLE: RGBColor = RGBColor(0xc8, 0x4b, 0x00);
/// The prediction that is drawn over a sample.
pub const PREDICTED: RGBColor = RGBColor(0x00, 0x5a, 0x8c);
/// What the prediction is contrasted with.
pub const CONTRAST: RGBColor = RGBColor(0x99, 0x4d, 0x7a);

/// Colours of Okabe and Ito, which people with any colour vision tell apart.
#[must_use]
pub fn colour(verdict: Verdict) -> RGBColor {
    match verdict {
        Verdict::Confirmed => RGBColor(0x00, 0x5a, 0x8c),
        Verdict::Refuted => RGBColor(0xc8, 0x4b, 0x00),
        Verdict::Undecided => RGBColor(0x99, 0x4d, 0x7a),
    }
}

/// Text as it may stand in HTML and SVG, attributes included.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A point in pixels, from the top left corner.
pub type Place = (i32, i32);

/// Draws into SVG text. Drawing into memory cannot fail, so nothing here returns an error.
pub struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// Draws a picture and returns it as an `<svg>` element with a text for those who cannot see it.
#[must_use]
pub fn picture(width: i32, height: i32, alternative: &str, draw: impl FnOnce(&Canvas)) -> String {
    let mut svg = String::new();
    {
        let size = (width.max(1) as u32, height.max(1) as u32);
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let canvas = Canvas { area };
        draw(&canvas);
        canvas.area.present().expect("memory cannot fail");
    }
    let label = escape(alternative);
    svg.replacen(
        "<svg ",
        &format!("<svg role=\"img\" aria-label=\"{label}\" "),
        1,
    )
}

impl Canvas<'_> {
    /// A filled rectangle between two corners.
    pub fn band(&self, from: Place, to: Place, fill: RGBColor) {
        let element = Rectangle::new([from, to], fill.filled());
        self.area.draw(&element).expect("memory cannot fail");
    }

    /// A straight line.
    pub fn line(&self, from: Place, to: Place, stroke: RGBColor, width: u32) {
        let element = PathElement::new([from, to], stroke.stroke_width(width));
        self.area.draw(&element).expect("memory cannot fail");
    }

    /// A line through several points.
    pub fn path(&self, points: Vec<Place>, stroke: RGBColor, width: u32) {
        let element = PathElement::new(points, stroke.stroke_width(width));
        self.area.draw(&element).expect("memory cannot fail");
    }

    /// A filled polygon.
    pub fn area(&self, corners: Vec<Place>, fill: RGBColor) {
        let element = Polygon::new(corners, fill.filled());
        self.area.draw(&element).expect("memory cannot fail");
    }

    /// Text of a height in pixels, vertically centred at `at`.
    pub fn text(&self, text: &str, at: Place, side: HPos, height: f64, ink: RGBColor) {
        // The backend divides sizes by this factor.
        let font = ("sans-serif", height * 1.24).into_font().color(&ink);
        let style = font.pos(Pos::new(side, VPos::Center));
        let element = Text::new(text.to_owned(), at, style);
        self.area.draw(&element).expect("memory cannot fail");
    }

    /// What the two bands of a cell mean, on one line from the left edge to x = 400.
    pub fn tolerances(&self, y: i32) {
        let say = |text: &str, x: i32| self.text(text, (x, y), HPos::Left, 12.0, GREY);
        self.band((8, y - 6), (32, y + 6), OUTER);
        say("θ ± τ: agreement", 38);
        self.band((180, y - 6), (204, y + 6), INNER);
        say("θ ± τ₀: remainder at this N", 210);
    }

    /// The mark of an estimate: a dot, a cross or a ring.
    pub fn mark(&self, at: Place, verdict: Verdict) {
        let ink = colour(verdict);
        match verdict {
            Verdict::Confirmed => self.area.draw(&Circle::new(at, 3, ink.filled())),
            Verdict::Refuted => self.area.draw(&Cross::new(at, 4, ink.stroke_width(2))),
            Verdict::Undecided => {
                let ring = EmptyElement::at(at)
                    + Circle::new((0, 0), 4, WHITE.filled())
                    + Circle::new((0, 0), 4, ink.stroke_width(2));
                self.area.draw(&ring)
            }
        }
        .expect("memory cannot fail");
    }

    /// A dot.
    pub fn dot(&self, at: Place, ink: RGBColor) {
        let element = Circle::new(at, 3, ink.filled());
        self.area.draw(&element).expect("memory cannot fail");
    }

    /// An open ring.
    pub fn ring(&self, at: Place, ink: RGBColor) {
        let element = Circle::new(at, 4, ink.stroke_width(2));
        self.area.draw(&element).expect("memory cannot fail");
    }

    /// A triangle above `at` that points down to it.
    pub fn pointer(&self, (x, y): Place, ink: RGBColor) {
        self.area(vec![(x, y), (x - 4, y - 9), (x + 4, y - 9)], ink);
    }

    /// An arrow head at `at`, for an estimate beyond the picture: right if `sign` is positive.
    pub fn arrow(&self, at: Place, sign: i32, verdict: Verdict) {
        let (x, y) = at;
        let back = x - 7 * sign;
        self.area(vec![(x, y), (back, y - 5), (back, y + 5)], colour(verdict));
    }
}
