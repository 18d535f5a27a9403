//! `taint` and `untaint`: whether the next apply replaces an object.

use super::state::edit;
use crate::address::ResourceInstance;
use crate::cli::Exit;
use crate::cli::args::TaintArgs;
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::cli::settings::StateSettings;
use crate::state::edits;
use crate::state::model::ObjectStatus;

/// Sets the mark, or takes it away.
pub async fn run(args: &TaintArgs, taint: bool) -> Exit {
    let session = Session::new(Style::default());
    let address: ResourceInstance = match args.address.parse() {
        Ok(address) => address,
        Err(e) => return session.output.fail("Invalid resource address", format!("{e}")),
    };
    let (operation, done) =
        if taint { ("taint", "has been marked as tainted") } else { ("untaint", "has been successfully untainted") };
    let result = edit(&session, &StateSettings::from(&args.state), operation, false, |state| {
        if args.missing.allow_missing && state.current(&address).is_none() {
            return Ok(format!("There is no object at {address}; nothing to do.\n"));
        }
        let status = if taint { ObjectStatus::Tainted } else { ObjectStatus::Ready };
        edits::set_taint(state, &address, status).map(|()| format!("Resource instance {address} {done}.\n"))
    })
    .await;
    match result {
        Ok(text) => {
            session.output.text(&text);
            Exit::Success
        }
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}
