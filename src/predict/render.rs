//! Answers as text.

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
use serde_json::Value;

/// Any answer for people: its numbers and words as lines, its lists of records as tables headed by their fields.
///
/// # Examples
/// ```
/// use rmt_verify::predict::{DeepKernelQuery, text};
/// let query = DeepKernelQuery { activation: "relu".into(), layers: 2, scale: 1.0 };
/// assert!(text(&query.answer()?).starts_with("activation: relu\n"));
/// # Ok::<(), rmt_verify::predict::PredictError>(())
/// ```
///
/// # Panics   the value has keys that are no strings
#[must_use]
pub fn text(answer: &impl Serialize) -> String {
    let value = serde_json::to_value(answer).expect("answers have plain fields");
    let Value::Object(fields) = value else {
        return format!("{value}\n");
    };
    let (mut lines, mut tables) = (String::new(), String::new());
    for (name, field) in &fields {
        match field {
            Value::Array(rows) if rows.is_empty() => {}
            Value::Array(rows) if rows[0].is_object() => {
                tables += &format!("\n{name}\n{}\n", records(rows));
            }
            Value::Object(record) => {
                tables += &format!("\n{name}\n{}\n", records(&[Value::Object(record.clone())]));
            }
            Value::Null => {}
            field => lines += &format!("{name}: {}\n", cell(field)),
        }
    }
    lines + &tables
}

fn records(rows: &[Value]) -> Table {
    let names: Vec<&str> = match &rows[0] {
        Value::Object(record) => record.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let mut records = table(&names);
    for row in rows {
        records.add_row(names.iter().map(|name| match row[*name].as_f64() {
            // A bound needs no digits.
            Some(x) if name.ends_with("bound") => format!("{x:.1e}"),
            _ => cell(&row[*name]),
        }));
    }
    right_aligned(records)
}

fn cell(value: &Value) -> String {
    match value {
        Value::Number(x) => x.as_f64().map_or_else(|| x.to_string(), number),
        Value::String(text) => text.clone(),
        Value::Array(parts) => match parts.as_slice() {
            [Value::Number(re), Value::Number(im)] => {
                complex([re, im].map(|x| x.as_f64().unwrap_or(f64::NAN)))
            }
            parts => parts.iter().map(cell).collect::<Vec<_>>().join(", "),
        },
        Value::Null => "—".into(),
        other => other.to_string(),
    }
}

pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(header);
    table
}

pub(super) fn right_aligned(mut table: Table) -> Table {
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// 12 significant digits without trailing zeros; scientific below 1e-4 and from 1e9.
pub(super) fn number(x: f64) -> String {
    let size = x.abs();
    if size != 0.0 && !(1e-4..1e9).contains(&size) {
        let text = format!("{x:.11e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
        return format!("{mantissa}e{exponent}");
    }
    let places = if size < 1.0 {
        12
    } else {
        11 - size.log10() as usize
    };
    let text = format!("{x:.places$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".into()
    } else {
        text.into()
    }
}

pub(super) fn complex([re, im]: [f64; 2]) -> String {
    let sign = if im < 0.0 { '−' } else { '+' };
    format!("{} {sign} {}i", number(re), number(im.abs()))
}
