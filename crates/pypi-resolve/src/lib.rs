//! Requirements and locks to pinned wheels in the store.
//!
//! Here live what a requirements file means (`requirements`), what a pyproject.toml asks for (`project`), locks
//! (`lock`), package indexes and the only network code of the workspace (`index`), and the choice of versions and wheels
//! for one target (`resolve`). Nothing that is downloaded is ever executed.
//!
//! Which wheel loads where is `lambda-compat`'s judgement; what is inside a wheel is `wheel-archive`'s.

pub mod index;
pub mod lock;
pub mod project;
pub mod requirements;
pub mod resolve;
mod source_text;
