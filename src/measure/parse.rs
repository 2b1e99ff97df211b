//! SPEC strings: the text form of a measure on the command line and in reports.

use super::{Component, MeasureError, SpectralMeasure};
use std::str::FromStr;

impl SpectralMeasure {
    /// Reads a SPEC:
    ///
    /// - `atoms:-1=0.5,0.7=0.5` — location=weight, weights summing to 1;
    /// - `uniform:LO,HI`, `arcsine:LO,HI`;
    /// - `semicircle:CENTRE,VARIANCE`;
    /// - `marchenko-pastur:RATIO,VARIANCE`, optionally `,ORIGIN` and `,reflected`;
    /// - `file:PATH` — eigenvalues: text, one a line, or `.npy`;
    /// - `mixture:0.3*atoms:0=1+0.7*uniform:-1,1` — weight*SPEC, joined by `+`.
    ///
    /// # Errors
    /// One sentence that quotes the piece at fault.
    pub fn parse(spec: &str) -> Result<Self, MeasureError> {
        let spec = spec.trim();
        let malformed = |reason: String| MeasureError::Malformed {
            spec: spec.to_owned(),
            reason,
        };
        let Some((kind, rest)) = spec.split_once(':') else {
            return Err(malformed(format!(
                "expected KIND:PARAMETERS, found no colon in {spec:?}"
            )));
        };
        match kind {
            "atoms" => {
                let pairs = rest
                    .split(',')
                    .map(|piece| pair(piece).map_err(malformed))
                    .collect::<Result<Vec<_>, _>>()?;
                Self::atoms(&pairs)
            }
            "uniform" => {
                let [lo, hi] = numbers(rest, "LO,HI").map_err(malformed)?;
                Self::uniform(lo, hi)
            }
            "arcsine" => {
                let [lo, hi] = numbers(rest, "LO,HI").map_err(malformed)?;
                Self::arcsine(lo, hi)
            }
            "semicircle" => {
                let [centre, variance] = numbers(rest, "CENTRE,VARIANCE").map_err(malformed)?;
                Self::semicircle(centre, variance)
            }
            "marchenko-pastur" => marchenko_pastur(rest, malformed),
            "file" => Ok(Self::empirical(eigenvalues(rest)?)?.labelled(spec.to_owned())),
            "mixture" => {
                let parts = terms(rest)
                    .into_iter()
                    .map(|piece| {
                        let (weight, inner) = piece.split_once('*').ok_or_else(|| {
                            malformed(format!("expected WEIGHT*SPEC, found {piece:?}"))
                        })?;
                        Ok((number(weight).map_err(malformed)?, Self::parse(inner)?))
                    })
                    .collect::<Result<Vec<_>, MeasureError>>()?;
                Self::mixture(parts)
            }
            _ => Err(malformed(format!(
                "unknown kind {kind:?}, expected atoms, uniform, semicircle, marchenko-pastur, \
                 arcsine, file or mixture"
            ))),
        }
    }

    /// The SPEC of this measure; [`Self::parse`] reads it back.
    #[must_use]
    pub fn spec(&self) -> String {
        if let Some(label) = &self.label {
            return label.clone();
        }
        // A Marchenko–Pastur SPEC with c > 1 implies its atom; the list keeps what is left.
        let mut atoms = self.point_masses().to_vec();
        let mut laws: Vec<(f64, String)> = Vec::new();
        for (weight, law) in &self.continuous {
            let mut whole = *weight;
            if let Component::MarchenkoPastur { ratio, origin, .. } = law {
                whole = weight * ratio.max(1.0);
                let implied = weight * (ratio - 1.0).max(0.0);
                for atom in atoms.iter_mut().filter(|atom| atom.0 == *origin) {
                    atom.1 -= implied;
                    if atom.1 <= 32.0 * f64::EPSILON * implied {
                        // What is left is rounding.
                        atom.1 = 0.0;
                    }
                }
            }
            laws.push((whole, law.spec()));
        }
        atoms.retain(|atom| atom.1 > 0.0);
        let mut pieces: Vec<(f64, String)> = Vec::new();
        if !atoms.is_empty() {
            let carried: f64 = atoms.iter().map(|atom| atom.1).sum();
            let scale = if laws.is_empty() { 1.0 } else { carried };
            let list: Vec<String> = atoms
                .iter()
                .map(|(location, weight)| format!("{location:?}={:?}", weight / scale))
                .collect();
            pieces.push((carried, format!("atoms:{}", list.join(","))));
        }
        pieces.extend(laws);
        if let [(_, only)] = pieces.as_slice() {
            return only.clone();
        }
        let terms: Vec<String> = pieces
            .iter()
            .map(|(weight, spec)| format!("{weight:?}*{spec}"))
            .collect();
        format!("mixture:{}", terms.join("+"))
    }
}

impl FromStr for SpectralMeasure {
    type Err = MeasureError;

    fn from_str(spec: &str) -> Result<Self, MeasureError> {
        Self::parse(spec)
    }
}

impl Component {
    fn spec(&self) -> String {
        match *self {
            Self::Atom(location) => format!("atoms:{location:?}=1.0"),
            Self::Uniform { lo, hi } => format!("uniform:{lo:?},{hi:?}"),
            Self::Arcsine { lo, hi } => format!("arcsine:{lo:?},{hi:?}"),
            Self::Semicircle { centre, variance } => format!("semicircle:{centre:?},{variance:?}"),
            Self::MarchenkoPastur {
                ratio,
                variance,
                origin,
                reflected,
            } => {
                let mut spec = format!("marchenko-pastur:{ratio:?},{variance:?}");
                if origin != 0.0 || reflected {
                    spec.push_str(&format!(",{origin:?}"));
                }
                if reflected {
                    spec.push_str(",reflected");
                }
                spec
            }
        }
    }
}

fn marchenko_pastur(
    rest: &str,
    malformed: impl Fn(String) -> MeasureError,
) -> Result<SpectralMeasure, MeasureError> {
    let (rest, reflected) = match rest.strip_suffix(",reflected") {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let (ratio, variance, origin) = if rest.matches(',').count() == 2 {
        let [ratio, variance, origin] =
            numbers(rest, "RATIO,VARIANCE,ORIGIN").map_err(&malformed)?;
        (ratio, variance, origin)
    } else {
        let [ratio, variance] = numbers(rest, "RATIO,VARIANCE").map_err(&malformed)?;
        (ratio, variance, 0.0)
    };
    let mut measure = SpectralMeasure::marchenko_pastur(ratio, variance)?;
    if reflected {
        measure = measure.scaled(-1.0)?;
    }
    if origin != 0.0 {
        measure = measure.shifted(origin)?;
    }
    Ok(measure)
}

fn number(piece: &str) -> Result<f64, String> {
    let value: f64 = piece
        .trim()
        .parse()
        .map_err(|_| format!("{piece:?} is not a number"))?;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(format!("{piece:?} is not a finite number"))
    }
}

fn pair(piece: &str) -> Result<(f64, f64), String> {
    let (location, weight) = piece
        .split_once('=')
        .ok_or_else(|| format!("expected LOCATION=WEIGHT, found {piece:?}"))?;
    Ok((number(location)?, number(weight)?))
}

fn numbers<const K: usize>(rest: &str, expected: &str) -> Result<[f64; K], String> {
    let values = rest
        .split(',')
        .map(number)
        .collect::<Result<Vec<f64>, String>>()?;
    <[f64; K]>::try_from(values).map_err(|_| format!("expected {expected}, found {rest:?}"))
}

/// Splits at every + that is not the sign of an exponent or of a number.
fn terms(rest: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (index, _) in rest.match_indices('+') {
        let before = rest[..index].chars().next_back();
        if matches!(before, Some(c) if c.is_ascii_alphanumeric() && c != 'e' && c != 'E') {
            pieces.push(&rest[start..index]);
            start = index + 1;
        }
    }
    pieces.push(&rest[start..]);
    pieces
}

fn eigenvalues(path: &str) -> Result<Vec<f64>, MeasureError> {
    let failed = |reason: String| MeasureError::File {
        path: path.to_owned(),
        reason,
    };
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    if path.ends_with(".npy") {
        return npy(&bytes).map_err(failed);
    }
    let text = String::from_utf8(bytes).map_err(|_| failed("it is not text".to_owned()))?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            number(line).map_err(|reason| failed(format!("line {}: {reason}", index + 1)))
        })
        .collect()
}

/// Any shape is read as one list.
fn npy(bytes: &[u8]) -> Result<Vec<f64>, String> {
    let file = npyz::NpyFile::new(bytes).map_err(|error| error.to_string())?;
    let kind = file.dtype().descr();
    if let Ok(data) = file.data::<f64>() {
        return data
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string());
    }
    let file = npyz::NpyFile::new(bytes).map_err(|error| error.to_string())?;
    match file.data::<f32>() {
        Ok(data) => data
            .map(|value| value.map(f64::from).map_err(|error| error.to_string()))
            .collect(),
        Err(_) => Err(format!("entries of type {kind} are not real floats")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message must be one line and quote the piece at fault.
    #[track_caller]
    fn assert_rejected(spec: &str, quoted: &str) {
        let error = SpectralMeasure::parse(spec).expect_err(spec);
        let message = error.to_string();
        assert!(message.contains(quoted), "{spec}: {message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }

    #[test]
    fn malformed_specs_are_rejected_with_the_piece_at_fault() {
        assert_rejected("", "\"\"");
        assert_rejected("uniform", "uniform");
        assert_rejected("gauss:0,1", "\"gauss\"");
        assert_rejected("atoms:", "\"\"");
        assert_rejected("atoms:1", "\"1\"");
        assert_rejected("atoms:1=x", "\"x\"");
        assert_rejected("atoms:1=0.5,2=nan", "\"nan\"");
        assert_rejected("atoms:inf=1", "\"inf\"");
        assert_rejected("uniform:1", "\"1\"");
        assert_rejected("uniform:1,2,3", "\"1,2,3\"");
        assert_rejected("semicircle:0,one", "\"one\"");
        assert_rejected("marchenko-pastur:0.5", "\"0.5\"");
        assert_rejected("mixture:uniform:0,1", "\"uniform:0,1\"");
        assert_rejected("mixture:0.5*uniform:0,1+0.5", "\"0.5\"");
        assert_rejected("file:/no/such/file", "/no/such/file");
    }

    #[test]
    fn impossible_parameters_are_rejected_with_their_value() {
        assert_rejected("atoms:0=0.5,1=0.4", "0.9");
        assert_rejected("atoms:0=1.5,1=-0.5", "-0.5");
        assert_rejected("uniform:2,1", "[2, 1]");
        assert_rejected("arcsine:1,1", "[1, 1]");
        assert_rejected("semicircle:0,0", "not 0");
        assert_rejected("semicircle:0,-1", "not -1");
        assert_rejected("marchenko-pastur:-2,1", "not -2");
        assert_rejected("marchenko-pastur:1,0", "not 0");
        assert_rejected("uniform:0,1e200", "1e200");
        assert_rejected("mixture:0.3*atoms:0=1+0.6*uniform:0,1", "0.89");
    }

    #[test]
    fn mixtures_split_at_the_plus_between_terms_only() {
        let nu = SpectralMeasure::parse("mixture:3e-1*atoms:+1e+0=1+0.7*uniform:-1e0,+1")
            .expect("a mixture");
        assert_eq!(nu.point_masses(), &[(1.0, 0.3)]);
        assert_eq!(nu.spec(), "mixture:0.3*atoms:1.0=1.0+0.7*uniform:-1.0,1.0");
    }

    #[test]
    fn eigenvalues_are_read_from_text_and_npy() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = folder.path().join("eigenvalues.txt");
        std::fs::write(&text, "1.5\n\n -2\n1.5\n").expect("a file");
        let spec = format!("file:{}", text.display());
        let nu = SpectralMeasure::parse(&spec).expect("three eigenvalues");
        assert_eq!(nu.point_masses(), &[(-2.0, 1.0 / 3.0), (1.5, 2.0 / 3.0)]);
        assert_eq!(nu.spec(), spec);

        std::fs::write(&text, "1.5\ntwo\n").expect("a file");
        assert_rejected(&spec, "line 2: \"two\"");
        std::fs::write(&text, "\n").expect("a file");
        assert_rejected(&spec, "no eigenvalue");

        let npy = folder.path().join("eigenvalues.npy");
        // Version 1.0 header: '<f8' of shape (2,), padded to 64 bytes.
        let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }";
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend(118_u16.to_le_bytes());
        bytes.extend(format!("{header:<117}\n").into_bytes());
        bytes.extend(0.25_f64.to_le_bytes());
        bytes.extend(4.0_f64.to_le_bytes());
        std::fs::write(&npy, &bytes).expect("a file");
        let spec = format!("file:{}", npy.display());
        let nu = SpectralMeasure::parse(&spec).expect("two eigenvalues");
        assert_eq!(nu.point_masses(), &[(0.25, 0.5), (4.0, 0.5)]);
        std::fs::write(&npy, &bytes[..40]).expect("a file");
        assert_rejected(&spec, "eigenvalues.npy");
    }
}
