//! The resolver against an index in memory.

mod failures;
mod memory;
mod properties;
mod rules;
mod scenarios;
mod survey;
mod together;
