//! What slimming took out of a layer, as text.

use layer_pack::{ByteSize, ReportKept, ReportSlimmed};

use crate::report::json::LeftOut;

/// A line for what went, rule by rule; where it is wanted, one for each package of which files stay.
pub(crate) fn slimmed_lines(left_out: &LeftOut, with_kept: bool) -> Vec<String> {
    let LeftOut { slimmed, kept, .. } = left_out;
    if slimmed.is_empty() {
        return Vec::new();
    }
    let files = |count: u64| if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
    let total: u64 = slimmed.iter().map(|of_rule| of_rule.tally.unzipped).sum();
    let rules: Vec<String> = slimmed
        .iter()
        .filter(|of_rule| of_rule.tally.files > 0)
        .map(|ReportSlimmed { rule, tally }| format!("{rule} {} ({})", ByteSize(tally.unzipped), files(tally.files)))
        .collect();
    let mut line = match rules.as_slice() {
        [] => "slimmed: there was nothing to leave out".to_owned(),
        rules => format!("slimmed by {}: {}", ByteSize(total), rules.join(", ")),
    };
    let staying: u64 = kept.iter().map(|kept| kept.files).sum();
    if staying > 0 && !with_kept {
        let stay = if staying == 1 { "stays" } else { "stay" };
        line = format!("{line}; {} {stay} for a reason (-v)", files(staying));
    }
    let mut lines = vec![line];
    if with_kept {
        lines.extend(kept.iter().map(|ReportKept { package, rule, files: count, reason }| {
            format!("  {package} keeps {} of {rule}: {reason}", files(*count))
        }));
    }
    lines
}
