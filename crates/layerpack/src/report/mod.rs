//! What is printed, and how: text for people, JSON for programs. Nothing is worked out here.

mod console;
mod findings;
pub(crate) mod json;
mod log;
mod matrix;
mod pins;
mod progress;
mod style;
mod table;
mod wrap;

pub(crate) use console::Console;
pub(crate) use findings::{malformed_block, placed, refusal, verdict_block};
pub(crate) use log::start_log;
pub(crate) use matrix::matrix_block;
pub(crate) use pins::{Cell, Lack, PinsOnTarget, Problem, pins_block, pins_matrix};
pub(crate) use progress::{Bars, Busy};
pub(crate) use table::{packages, table};
pub(crate) use wrap::wrapped;
