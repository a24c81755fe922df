//! A large cluster costs little.

#![expect(clippy::disallowed_methods, reason = "it is about time")]

use std::time::Instant;

use disco::local::EngineOptions;
use http::Method;

use super::driver::{Cloud, cluster};

#[tokio::test]
async fn three_hundred_slaves() {
    let folder = tempfile::tempdir().unwrap();
    let options = EngineOptions { time_scale: 0.001, ..EngineOptions::default() };
    let cloud = Cloud::open(folder.path(), options).await;
    let start = Instant::now();
    let stack = cloud.create("big", &cluster(300)).await;
    while cloud.status(&stack).await == "CREATE_IN_PROGRESS" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(cloud.status(&stack).await, "CREATE_COMPLETE", "{}", cloud.reason(&stack).await);
    // Generous: an unoptimized build on a busy machine.
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    assert_eq!(cloud.ids(&stack).await.len(), 900 + 15);
    cloud.heat(Method::DELETE, &stack, None).await;
    while cloud.status(&stack).await == "DELETE_IN_PROGRESS" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(cloud.status(&stack).await, "DELETE_COMPLETE", "{}", cloud.reason(&stack).await);
}
