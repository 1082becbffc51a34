//! `docs/reference/commands.md` is what `--help` says, as a page.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::help::{said, sections};

const HEAD: &str = "# Commands and flags

<!-- Written by `LAYERPACK_WRITE_DOCS=1 cargo test --test suite commands_page` from what --help says. -->

";

/// What goes before the values that a flag may have.
const VALUES: &str = "Possible values:";

/// What `--help` says of one flag or argument: how it is written, and what it does.
type Row = (String, String);

/// The lines below a heading of the help: flags stand to the left, what they do further to the right.
fn rows(section: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for line in section.lines().skip(1) {
        let indent = line.len() - line.trim_start().len();
        let text = line.trim();
        if text.is_empty() {
            continue;
        }
        if indent <= 6 {
            rows.push((text.to_owned(), String::new()));
        } else if let Some((_, said)) = rows.last_mut() {
            match text.strip_prefix("- ") {
                // `- name:   what it is`, or a name alone.
                Some(value) => {
                    let gap = if said.ends_with(VALUES) { " " } else { "; " };
                    let (name, means) = value.split_once(':').unwrap_or((value, ""));
                    let colon = if means.is_empty() { "" } else { ": " };
                    let _ = write!(said, "{gap}`{}`{colon}{}", name.trim(), means.trim());
                }
                None => {
                    let _ = write!(said, "{}{text}", if said.is_empty() { "" } else { " " });
                }
            }
        }
    }
    rows.retain(|(flag, _)| flag != "-h, --help" && flag != "-V, --version");
    rows
}

fn table(rows: &[Row]) -> String {
    let mut table = "| | |\n| --- | --- |\n".to_owned();
    for (flag, says) in rows {
        let says = says.replace(&format!(" {VALUES}"), ":").replace('|', "\\|").replace("*.", "\\*.");
        let _ = writeln!(table, "| `{}` | {says} |", flag.replace('|', "\\|"));
    }
    table
}

/// The help of one command: its description, its usage, and its headings with their rows.
struct Help {
    name: String,
    about: String,
    usage: String,
    parts: Vec<(String, Vec<Row>)>,
}

fn help_of(name: &str) -> Help {
    let text = said(&format!("{name} --help"));
    let all = sections(text.split_once("----- stdout -----\n").map_or("", |(_, help)| help));
    let (about, usage) = all[0].split_once("Usage: ").expect("every help has a usage line");
    let parts = all[1..].iter().map(|section| {
        let heading = section.lines().next().unwrap_or_default().trim_end_matches(':').to_owned();
        (heading, rows(section))
    });
    Help {
        name: name.to_owned(),
        about: about.split_whitespace().collect::<Vec<_>>().join(" "),
        usage: usage.split_whitespace().collect::<Vec<_>>().join(" "),
        parts: parts.filter(|(_, rows)| !rows.is_empty()).collect(),
    }
}

/// The commands that a help lists.
fn listed(help: &str) -> Vec<String> {
    let list = help.split_once("Commands:\n").map_or("", |(_, list)| list);
    let lines = list.lines().take_while(|line| !line.is_empty());
    lines
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

fn page() -> String {
    let mut helps = Vec::new();
    for name in listed(&said("--help")) {
        let help = help_of(&name);
        let below: Vec<_> =
            listed(&said(&format!("{name} --help"))).iter().map(|sub| help_of(&format!("{name} {sub}"))).collect();
        helps.push(help);
        helps.extend(below);
    }
    // Headings that say the same of several commands are written once.
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (heading, rows) in helps.iter().flat_map(|help| &help.parts) {
        *seen.entry((heading.clone(), table(rows))).or_default() += 1;
    }
    let own = |heading: &str| ["Options", "Arguments", "Commands"].contains(&heading);
    let shared = |heading: &String, table: &String| !own(heading) && seen[&(heading.clone(), table.clone())] > 2;

    let mut page = HEAD.to_owned();
    for help in &helps {
        let _ =
            writeln!(page, "- [`layerpack {}`](#layerpack-{}): {}", help.name, help.name.replace(' ', "-"), help.about);
    }
    for help in &helps {
        let _ = write!(page, "\n## layerpack {}\n\n{}\n\n    {}\n", help.name, help.about, help.usage);
        let mut elsewhere = Vec::new();
        for (heading, rows) in help.parts.iter().filter(|(heading, _)| heading != "Commands") {
            let table = table(rows);
            if shared(heading, &table) {
                elsewhere.push(format!("[{heading}](#{})", heading.to_lowercase().replace(' ', "-")));
            } else {
                let _ = write!(page, "\n**{heading}**\n\n{table}");
            }
        }
        if !elsewhere.is_empty() {
            let _ = write!(page, "\nAnd the flags of {}.\n", elsewhere.join(", "));
        }
    }
    page.push_str("\n# Flags of several commands\n");
    for ((heading, table), _) in seen.iter().filter(|((heading, table), _)| shared(heading, table)) {
        let _ = write!(page, "\n## {heading}\n\n{table}");
    }
    page
}

#[test]
fn the_page_of_commands_is_up_to_date() {
    let wanted = page();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/commands.md");
    if std::env::var_os("LAYERPACK_WRITE_DOCS").is_some() {
        fs_err::write(&path, &wanted).expect("docs/ can be written");
    }
    let is = fs_err::read_to_string(&path).expect("docs/reference/commands.md");
    assert!(is == wanted, "run LAYERPACK_WRITE_DOCS=1 cargo test --test suite commands_page");
}
