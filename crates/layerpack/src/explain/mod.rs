//! What every finding means, why it happens and how to fix it, and the lines of others that lead to a finding. The texts
//! are in `explanations/*.toml`; how they are printed is said in `report`.

mod pattern;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use lambda_compat::Code;
use serde::{Deserialize, Serialize};

use pattern::fit;

const EXPLANATIONS: [&str; 5] = [
    include_str!("../../explanations/loading.toml"),
    include_str!("../../explanations/archive.toml"),
    include_str!("../../explanations/resolution.toml"),
    include_str!("../../explanations/layout.toml"),
    include_str!("../../explanations/input.toml"),
];

const LINES: &str = include_str!("../../explanations/lines.toml");

/// What one code means. Texts have paragraphs, `- ` lists and `code` as Markdown has them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Explanation {
    pub(crate) means: String,
    pub(crate) why: String,
    pub(crate) fix: String,
    /// What layerpack prints, on lines of 80 columns at most.
    pub(crate) example: Option<String>,
    /// The page that has more.
    pub(crate) source: Option<String>,
}

/// A line that another program shows, and the findings behind it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Line {
    /// What must be in the line: `{word}` stands for one word, `*` for anything.
    pattern: String,
    /// A real line.
    pub(crate) like: String,
    /// Who shows it.
    pub(crate) shown_by: String,
    /// Most likely first.
    pub(crate) codes: Vec<Code>,
    /// What the line itself says.
    pub(crate) says: String,
}

/// A line that was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recognised {
    pub(crate) line: &'static Line,
    /// The words of the line that its pattern names: `("library", "libGL.so.1")`.
    pub(crate) words: Vec<Word>,
}

/// A word that stands where the pattern names one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Word {
    pub(crate) name: String,
    pub(crate) value: String,
}

#[derive(Deserialize)]
struct Lines {
    line: Vec<Line>,
}

/// The explanation of a code.
///
/// # Panics
/// Never: the texts are part of the program, and a test finds one for every code.
pub(crate) fn explain(code: Code) -> &'static Explanation {
    static ALL: OnceLock<BTreeMap<Code, Explanation>> = OnceLock::new();
    let read = |text: &str| -> BTreeMap<Code, Explanation> { toml::from_str(text).expect("part of the program") };
    let all = ALL.get_or_init(|| EXPLANATIONS.into_iter().flat_map(read).collect());
    all.get(&code).expect("every code is explained")
}

/// Every line that is known.
///
/// # Panics
/// Never: the lines are part of the program, and a test reads them.
pub(crate) fn lines() -> &'static [Line] {
    static ALL: OnceLock<Vec<Line>> = OnceLock::new();
    let read = || toml::from_str::<Lines>(LINES).expect("part of the program").line;
    ALL.get_or_init(read)
}

/// The line that this text has in it; of several that would do, the first.
pub(crate) fn recognise(text: &str) -> Option<Recognised> {
    lines().iter().find_map(|line| Some(Recognised { line, words: fit(&line.pattern, text)? }))
}

/// The codes that stand in a text, as in a line that layerpack printed.
pub(crate) fn codes_in(text: &str) -> Vec<Code> {
    let mut codes = Vec::new();
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    for code in words.filter(|word| word.starts_with("LP")).filter_map(|word| word.parse().ok()) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> String {
        let found = recognise(text).map(|found| found.line.codes.iter().map(ToString::to_string).collect::<Vec<_>>());
        found.unwrap_or_default().join(" ")
    }

    #[test]
    fn every_code_is_explained() {
        for code in Code::ALL {
            let explanation = explain(*code);
            assert!(explanation.means.ends_with('.') && explanation.fix.trim_end().ends_with(['.', '`']), "{code}");
            assert!(code.number() >= 500 || explanation.source.is_some(), "{code} has no source");
        }
        let texts = EXPLANATIONS.concat();
        assert_eq!(texts.matches("\n[LP").count(), Code::ALL.len(), "an explanation without a code");
    }

    #[test]
    fn every_line_is_recognised_as_itself() {
        for line in lines() {
            let found = recognise(&line.like).unwrap_or_else(|| panic!("{} does not fit itself", line.like));
            assert_eq!(found.line.pattern, line.pattern, "{}", line.like);
            assert!(!line.codes.is_empty());
        }
    }

    #[test]
    fn lines_lead_to_their_findings() {
        for (line, wanted) in [
            ("/lib64/libc.so.6: version `GLIBC_2.28' not found (required by /opt/python/x.so)", "LP103"),
            ("/lib64/libm.so.6: version ‘GLIBC_2.27’ not found", "LP103"),
            ("version `GLIBCXX_3.4.32' not found", "LP106"),
            ("invalid ELF header", "LP104 LP107"),
            ("x.so: wrong ELF class: ELFCLASS32", "LP102"),
            ("libgomp.so.1: cannot open shared object file: No such file or directory", "LP131"),
            ("libc.musl-aarch64.so.1: cannot open shared object file: No such file or directory", "LP104"),
            ("No module named 'pydantic_core._pydantic_core'", "LP110 LP102 LP101"),
            ("No module named 'numpy.core._multiarray_umath'", "LP110 LP102 LP101"),
            ("ModuleNotFoundError: No module named 'my_app.views'", "LP411 LP412 LP410 LP418 LP413 LP414"),
            ("Unzipped size must be smaller than 255174947 bytes", "LP401"),
            ("Request must be smaller than 69905067 bytes for the CreateFunction operation", "LP404"),
            ("fork/exec /opt/bootstrap: exec format error", "LP102 LP420"),
            ("Error: fork/exec /var/task/run.sh: no such file or directory", "LP420 LP102"),
            ("could not unzip uploaded file", "LP201 LP202 LP206 LP212 LP207"),
            ("the weather is fine", ""),
        ] {
            assert_eq!(codes(line), wanted, "{line}");
        }
    }

    #[test]
    fn codes_are_found_in_what_layerpack_prints() {
        assert_eq!(
            codes_in("error[LP305]: no version; LP103  needs glibc, LP999, XLP101"),
            [Code::NoWheelForTarget, Code::Glibc]
        );
    }
}
