//! Package indexes over HTTP on loopback: pages, METADATA and wheels, and what servers do wrong.

mod hostile;
mod machine;
mod pages;
mod wheels;
