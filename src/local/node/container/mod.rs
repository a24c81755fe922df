//! Containers as machines.

use super::{Became, Desk, Report};

/// Makes containers what the machines should be, until the engine stops.
pub(super) async fn run(mut desk: Desk) {
    let (engine, folder) = (&desk.engine, desk.folder.display());
    let reason = format!("container nodes are not supported by this version of DISCO (engine {engine} in {folder})");
    loop {
        let wanted = desk.wanted.borrow_and_update().clone();
        for machine in wanted {
            let became = Became::Failed(reason.clone());
            let report = Report { machine: machine.id, generation: machine.generation, became };
            if desk.reports.send(report).is_err() {
                return;
            }
        }
        if desk.wanted.changed().await.is_err() {
            return;
        }
    }
}
