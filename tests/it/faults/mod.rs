//! Killed, stopped, changed and lied to: what was finished stays, nothing half made is shown, nobody waits for ever.

mod broken;
mod changed;
mod forked;
mod growing;
mod interrupted;
mod killed;
mod no_files;
mod references;
mod schema;
mod started;
