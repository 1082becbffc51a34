//! The locks of other tools and pyproject.toml: what each installs on a target, what is refused, and properties.

mod make;
mod pipfile;
mod poetry;
mod project;
mod properties;
mod uv;
