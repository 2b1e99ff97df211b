//! The page of a weight file: its table, and a picture of every layer.

use crate::network::layers::Survey;
use crate::plot::{escape, layer_picture};
use crate::table::{layer_table, shape_word};
use std::fmt::Write;

/// File names of pictures that a name may have: anything else is a dash.
#[must_use]
pub fn picture_name(position: usize, name: &str) -> String {
    let stem: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') {
                c
            } else {
                '-'
            }
        })
        .collect();
    // Long names, and names that differ in what became a dash, are told apart by the number.
    let tail = &stem[stem.len().saturating_sub(80)..];
    format!("{:03}-{tail}.svg", position + 1)
}

/// (file name, SVG) of every layer that was analysed.
#[must_use]
pub fn layer_pictures(survey: &Survey) -> Vec<(String, String)> {
    let layers = survey.layers.iter().enumerate();
    layers
        .filter_map(|(position, layer)| {
            let (analysis, values) = (layer.analysis.as_ref()?, layer.values.as_ref()?);
            let svg = layer_picture(analysis, values);
            Some((picture_name(position, &layer.name), svg))
        })
        .collect()
}

/// One HTML page that needs no other file.
#[must_use]
pub fn layers_html(file: &str, survey: &Survey) -> String {
    let title = escape(file);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <style>body{{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}}\
         pre{{font-size:12px;line-height:1.3;overflow-x:auto}}figure{{margin:2em 0}}svg{{max-width:100%;height:auto}}</style>\n\
         <h1>{title}</h1>\n<pre>{}</pre>\n",
        escape(&layer_table(survey))
    );
    for layer in &survey.layers {
        if let (Some(analysis), Some(values)) = (&layer.analysis, &layer.values) {
            let says = match analysis.count {
                Some(count) => format!("{}, count {count}", shape_word(&analysis.shape)),
                None => format!(
                    "{}: the number of spikes means nothing here",
                    shape_word(&analysis.shape)
                ),
            };
            let svg = layer_picture(analysis, values);
            let name = escape(&layer.name);
            let _ = write!(
                page,
                "<figure>\n<figcaption><b>{name}</b>: {says}</figcaption>\n{svg}</figure>\n"
            );
        }
    }
    page.push_str("</html>\n");
    page
}
