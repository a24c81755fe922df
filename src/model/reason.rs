//! What Heat gives as the reason of a failure, as a person reads it.

/// What is said of a resource that the stack's time was up for.
pub(crate) const LATE: &str = "no answer before the stack's timeout";

/// How what is said of a node begins that DISCO has given up; the minutes follow.
pub(crate) const GIVEN_UP: &str = "did not answer within";

/// Whether a reason says that some service did not take Heat's token any more, as the clients that Heat uses say it.
pub(crate) fn is_token_refused(reason: &str) -> bool {
    reason.contains("(HTTP 401)") || reason.starts_with("Unauthorized: ")
}

/// Heat's reason without the names of Python classes and the path of the resource, which stand beside it already.
pub(crate) fn plain_reason(reason: &str, resource: &str) -> String {
    if reason.contains(" aborted (Task ") && reason.ends_with("Timed out)") {
        return LATE.to_owned();
    }
    if let Some(at) = reason.find(GIVEN_UP) {
        // What DISCO itself has said of a deployment, whose node is named beside it.
        return reason[at..].trim().to_owned();
    }
    let path = format!("resources.{resource}: ");
    let said = match reason.rfind(&path) {
        Some(at) => &reason[at + path.len()..],
        None => reason,
    };
    // The request's id helps nobody but the cloud's operator, who has it in the log.
    let said = said.split(" (Request-ID:").next().unwrap_or(said);
    let said = said.split("Neutron server returns request_ids:").next().unwrap_or(said).trim();
    if said.is_empty() { "no reason given".to_owned() } else { said.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{is_token_refused, plain_reason as plain};

    #[test]
    fn reasons_are_said_plainly() {
        assert_eq!(
            plain(
                "Forbidden: resources.v1: Quota exceeded for instances: Requested 1, but already used 2 of 2 instances (HTTP 403) (Request-ID: req-1)",
                "v1"
            ),
            "Quota exceeded for instances: Requested 1, but already used 2 of 2 instances (HTTP 403)"
        );
        let neutron = "Conflict: resources.subnet: Unable to complete operation on subnet 3c.\nNeutron server returns request_ids: ['req-1']";
        assert_eq!(plain(neutron, "subnet"), "Unable to complete operation on subnet 3c.");
        assert_eq!(plain("", "v1"), "no reason given");
        assert_eq!(plain("Timed out", "v1"), "Timed out");
        let late = "CREATE aborted (Task create from Server \"v1\" Stack \"lab\" [1] Timed out)";
        assert_eq!(plain(late, "v1"), "no answer before the stack's timeout");
        let expired = "Unauthorized: resources.net: The request you have made requires authentication. (HTTP 401) (Request-ID: req-1)";
        assert!(is_token_refused(expired) && is_token_refused(&plain(expired, "net")));
        // Neutron's client names no number.
        assert!(is_token_refused("Unauthorized: resources.net: Authentication required"));
        assert!(!is_token_refused("Forbidden: resources.v1: Quota exceeded (HTTP 403)"));
        assert!(!is_token_refused("Error: server 401 is gone"));
        let given_up = "Error: resources.slaves-1-deployment: Deployment to server failed: cluster.lab.slaves[1] did not answer within 5 min";
        assert_eq!(plain(given_up, "slaves-1-deployment"), "did not answer within 5 min");
    }
}
