//! Line plots for the terminal.

use rasciigraph::{Config, plot};

/// Columns and rows of one plot: two of them fit a terminal of 100 by 40.
const WIDTH: u32 = 84;
const HEIGHT: u32 = 9;

/// One series over time, under its title. Peaks are kept: each column shows
/// the largest value that falls into it.
pub(super) fn line(title: &str, values: &[f64]) -> String {
    let columns = columns(values, WIDTH as usize);
    if columns.is_empty() {
        return format!("{title}: nothing was measured\n");
    }
    let config =
        Config::default().with_height(HEIGHT).with_offset(2).with_caption(title.to_owned());
    format!("{}\n", plot(columns, config))
}

/// The hours below a plot of `span`.
pub(super) fn hours(span: std::time::Duration, indent: usize) -> String {
    let total = span.as_secs_f64() / 3600.0;
    let mut axis = vec![' '; indent + WIDTH as usize + 4];
    let step = if total <= 8.0 { 1.0 } else { (total / 8.0).ceil() };
    let mut hour = 0.0;
    while hour <= total {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a column below 100"
        )]
        let at = indent + (hour / total * f64::from(WIDTH - 1)) as usize;
        for (place, letter) in axis.iter_mut().skip(at).zip(format!("{hour:.0}h").chars()) {
            *place = letter;
        }
        hour += step;
    }
    let axis: String = axis.into_iter().collect();
    format!("{}\n", axis.trim_end())
}

fn columns(values: &[f64], width: usize) -> Vec<f64> {
    if values.len() <= width {
        return values.to_vec();
    }
    let column = |at: usize| {
        let (from, to) = (at * values.len() / width, (at + 1) * values.len() / width);
        values.get(from..to.max(from + 1)).unwrap_or_default().iter().copied().fold(0.0, f64::max)
    };
    (0..width).map(column).collect()
}
