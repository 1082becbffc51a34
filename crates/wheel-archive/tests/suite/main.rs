//! What this crate promises, through its public face: one module per theme, in one binary because they share wheels.

mod archive;
mod entries;
mod framing;
mod large_binaries;
mod properties;
mod ranges;
mod support;
mod wheel;
