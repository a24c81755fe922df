//! Speaking with an OpenStack: requests and responses as values, Keystone, Heat, retries, waiting.

pub mod wire;
