//! How many nodes are changed at a time: a tenth of their group, and never so many that data is away.

use super::life::Life;

/// The lab with twenty slaves that store, and so many copies of each block.
fn of_twenty(replication: u32) -> Life {
    let mut life = Life::begin();
    life.edit(&[("count  = 3", "count  = 20"), ("replication = 2", &format!("replication = {replication}"))]);
    life.apply();
    life
}

#[test]
fn of_each_block_one_copy_stays() {
    let mut life = of_twenty(2);
    life.edit(&[("rootLogger=INFO", "rootLogger=WARN")]);
    let text = life.plan();
    assert!(text.contains("in 23 batches of one node"), "{text}");
    assert!(!text.contains("disco::"), "{text}");

    life.edit(&[(r#"lifecycle { timeout = "60m" }"#, "lifecycle { batch_size = 4 }")]);
    let text = life.plan();
    assert!(text.contains("in 7 batches of up to 4 nodes"), "the owner has the last word: {text}");
    for word in ["disco::batch_too_large", "4 nodes of `slaves` be without HDFS DataNode of hadoop", "`batch_size = 1`"]
    {
        assert!(text.contains(word), "nothing of `{word}` in {text}");
    }
}

#[test]
fn more_copies_let_no_more_nodes_go_at_a_time() {
    // A tenth of twenty nodes would be two; since edition 3 one DataNode at a time is away, however many copies there are.
    let mut life = of_twenty(3);
    life.edit(&[("rootLogger=INFO", "rootLogger=WARN")]);
    let text = life.plan();
    assert!(text.contains("in 23 batches of one node"), "{text}");
    life.edit(&[(r#"lifecycle { timeout = "60m" }"#, "lifecycle { batch_size = 2 }")]);
    assert!(life.plan().contains("disco::batch_too_large"), "the owner is told what that means");
}
