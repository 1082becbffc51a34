//! Layers from wheels that `testkit` builds: what goes where, the zip, the tree, the report.

mod contents;
mod layout;
mod properties;
mod report;
mod slim;
mod support;
mod trace;
mod tree;
mod zip_file;
