//! What one machine gets: first-boot user-data, its configuration bundle, the node agent.
