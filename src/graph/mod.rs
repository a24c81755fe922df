//! `ClusterSpec + CloudFacts + Members -> ResourceGraph`.
