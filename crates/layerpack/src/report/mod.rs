//! What is printed, and how: text for people, JSON for programs. Nothing is worked out here.

mod cache;
mod console;
mod diff;
mod diff_markdown;
mod explain;
mod findings;
mod fold;
mod github;
pub(crate) mod json;
mod log;
mod matrix;
mod pins;
mod progress;
mod reasons;
mod style;
mod table;
mod wrap;

pub(crate) use cache::{CacheReport, Damage};
pub(crate) use console::Console;
pub(crate) use diff::{Compared, DiffDocument, DiffSide, diff_text};
pub(crate) use diff_markdown::diff_markdown;
pub(crate) use explain::{code_list, explanation, recognised, several};
pub(crate) use findings::{error_block, loads_line, placed, refusal, verdict_block};
pub(crate) use github::Annotation;
pub(crate) use json::SCHEMA;
pub(crate) use log::start_log;
pub(crate) use matrix::{Row, matrix_block, matrix_table};
pub(crate) use pins::{Cell, Lack, PinsOnTarget, Problem, pins_block, pins_matrix};
pub(crate) use progress::{Bars, Busy, Verifying};
pub(crate) use reasons::{about, reasons};
pub(crate) use table::{counted, packages, table};
pub(crate) use wrap::wrapped;
