//! The command as its users see it: whole runs against an index on loopback, what they print, their exit code and what
//! they leave on the disk. One binary, because linking is what takes time.

#[cfg(unix)]
mod action;
mod bad_input;
mod bad_surroundings;
mod broken_machine;
mod build;
mod cache;
mod check;
mod check_below;
mod check_choices;
mod check_deep;
mod check_formats;
mod check_held;
mod check_inputs;
mod check_layers;
mod check_locks;
mod check_matrix;
mod check_requirements;
mod choices;
mod commands_page;
mod completions;
mod config;
mod diff;
mod documents;
mod dry_run;
mod explain;
mod findings_page;
mod functions;
mod handing_over;
mod help;
mod help_indexes;
mod hooks;
mod hostile;
mod identity;
mod indexes;
mod init;
mod interrupt;
mod layers;
mod leave_out;
mod lock;
mod lock_again;
mod lock_targets;
mod locked_shop;
mod locks;
mod on_top_of;
mod outputs;
mod package;
#[cfg(unix)]
mod pages;
#[cfg(unix)]
mod pages_run;
mod platforms;
mod private_index;
mod requires;
mod resolve;
mod runtimes;
#[cfg(unix)]
mod shell;
mod side_by_side;
mod size;
mod source_build;
mod stacks;
mod support;
mod tls;
mod traced;
mod treemap;
mod urls;
