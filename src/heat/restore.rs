//! Putting back what was taken away behind Heat's back, where Heat itself would do harm: replacing a floating IP's
//! association, or a router's interface, ends with taking the new one away again.

use http::Method;
use serde_json::json;

use super::catalog::Service;
use super::cloud::{Ask, Cloud, escaped};
use super::error::HeatError;
use super::facts::read;
use crate::model::ServerAction;

#[derive(serde::Deserialize)]
struct OneServer {
    server: ServerNow,
}

#[derive(serde::Deserialize)]
struct ServerNow {
    status: String,
}

impl Cloud {
    /// Asks Nova to let a server run again; does not wait for it. One that runs already is fine.
    pub async fn start_server(&self, id: &str, action: ServerAction) -> Result<(), HeatError> {
        let failed = |source| HeatError::Restore { what: "a server", id: id.to_owned(), source };
        let path = format!("/servers/{}/action", escaped(id));
        let ask = Ask::new(Service::Compute, Method::POST, path);
        let ask = ask.with(&json!({ action.request(): null })).map_err(failed)?;
        match self.ask(ask).await.map_err(failed) {
            Ok(_) => Ok(()),
            // Nova refuses what is done already.
            Err(error) if error.is_conflict() && self.server_status(id).await? == "ACTIVE" => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Nova's status of a server.
    pub async fn server_status(&self, id: &str) -> Result<String, HeatError> {
        let path = format!("/servers/{}", escaped(id));
        let one: OneServer = read(self, Service::Compute, path, "a server").await?;
        Ok(one.server.status)
    }

    /// Gives a floating IP to a port.
    pub async fn associate(&self, floating_ip: &str, port: &str) -> Result<(), HeatError> {
        let path = format!("/v2.0/floatingips/{}", escaped(floating_ip));
        let body = json!({ "floatingip": { "port_id": port } });
        self.put(path, &body, "a floating IP", floating_ip).await
    }

    /// Connects a router to a subnet.
    pub async fn connect_router(&self, router: &str, subnet: &str) -> Result<(), HeatError> {
        let path = format!("/v2.0/routers/{}/add_router_interface", escaped(router));
        self.put(path, &json!({ "subnet_id": subnet }), "a router", router).await
    }

    async fn put(&self, path: String, body: &serde_json::Value, what: &'static str, id: &str) -> Result<(), HeatError> {
        let failed = |source| HeatError::Restore { what, id: id.to_owned(), source };
        let ask = Ask::new(Service::Network, Method::PUT, path).with(body).map_err(failed)?;
        self.ask(ask).await.map(drop).map_err(failed)
    }
}
