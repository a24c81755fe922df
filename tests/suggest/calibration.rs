//! What publishers say of their own frameworks has to come out. A change of a trait that breaks one of these needs a better
//! source.

use super::{before, first, place, suggested};
use disco::suggest::{Lead, Suggestions, hdfs_capacity_gb};

fn ruled_out(result: &Suggestions, begin: &str) -> bool {
    result.ruled_out.iter().any(|reason| reason.sentence.starts_with(begin))
}

/// The book of `HBase`, "When should I use `HBase`?"
#[test]
fn row_1_billions_of_rows_are_for_hbase() {
    let result =
        suggested("work = [\"lookup\"]\nvolume = { now = \"5 TB\" }\nanswer = \"10ms\"\nlanguages = [\"java\"]");
    assert_eq!(first(&result), "hbase with hadoop and zookeeper");
    assert!(result.suggestions[0].sizing.slaves() >= 5, "{:#?}", result.suggestions[0].sizing);
}

/// The same.
#[test]
fn row_2_some_million_rows_are_for_a_database() {
    let result =
        suggested("work = [\"lookup\"]\nvolume = { now = \"5 GB\" }\nanswer = \"10ms\"\nlanguages = [\"java\"]");
    assert_eq!(first(&result), "no cluster: a database on one machine");
    assert_eq!(result.lead, Lead::Clear);
}

/// Dask documentation, "Comparison to Spark"
#[test]
fn row_3_business_analytics_are_for_spark() {
    let result = suggested(
        "work = [\"sql\", \"batch\"]\nvolume = { now = \"20 TB\" }\nlanguages = [\"sql\", \"scala\"]\nanswer = \"1min\"\ncode = []",
    );
    assert_eq!(first(&result), "spark");
    before(&result, "spark", "dask");
    let result = suggested(
        "work = [\"sql\", \"batch\"]\nvolume = { now = \"20 TB\" }\nlanguages = [\"sql\", \"scala\", \"python\"]\nanswer = \"1min\"",
    );
    before(&result, "spark", "dask");
}

/// The same.
#[test]
fn row_4_python_and_native_code_are_for_dask() {
    let result = suggested(
        "work = [\"arrays\"]\nvolume = { now = \"5 TB\" }\nlanguages = [\"python\", \"native\"]\ncode = [\"pandas\"]",
    );
    assert_eq!(first(&result), "dask");
    assert!(
        place(&result, "spark").is_none() && ruled_out(&result, "spark is not for arrays"),
        "{:#?}",
        result.ruled_out
    );
}

/// The same.
#[test]
fn row_5_a_terabyte_of_tables_is_for_a_database() {
    let result = suggested("work = [\"sql\"]\nvolume = { now = \"1 TB\" }\nlanguages = [\"sql\"]\nanswer = \"1min\"");
    assert_eq!(first(&result), "no cluster: a database on one machine");
    let result = suggested("work = [\"sql\"]\nvolume = { now = \"20 TB\" }\nlanguages = [\"sql\"]\nanswer = \"1min\"");
    assert!(ruled_out(&result, "a database on one machine is for up to 1 TB"), "{:#?}", result.ruled_out);
}

/// HDFS architecture, "Assumptions and goals"
#[test]
fn row_6_large_files_in_batches_are_for_hdfs() {
    let result = suggested(
        "work = [\"batch\"]\nvolume = { now = \"200 TB\" }\nhome = \"cluster\"\nfiles = \"1 GB\"\nanswer = \"hours\"\nlife = \"always\"",
    );
    assert!(result.suggestions[0].frameworks.contains(&"hadoop".to_owned()), "{}", first(&result));
    let result = suggested("work = [\"lookup\"]\nvolume = { now = \"200 TB\" }");
    assert!(place(&result, "hadoop").is_none() && ruled_out(&result, "hadoop is not for reads and writes by key"));
}

/// Spark, Structured Streaming guide
#[test]
fn row_7_a_spark_team_streams_with_spark_where_a_second_is_enough() {
    let text = "work = [\"stream\"]\narrival = \"stream\"\nanswer = \"1s\"\nloss = { events = \"exactly-once\" }\n\
                languages = [\"scala\", \"java\"]\ncode = [\"spark\"]";
    let result = suggested(text);
    assert_eq!(first(&result), "spark with kafka");
    assert_eq!(result.ranking[1].0, "flink with kafka");
    assert_eq!(result.lead, Lead::Close, "{:#?}", result.ranking);
}

/// Flink, "Use cases"
#[test]
fn row_8_fraud_detection_is_for_flink() {
    let text = "work = [\"stream\"]\narrival = \"stream\"\nanswer = \"10ms\"\nloss = { events = \"exactly-once\", node = true }";
    let result = suggested(text);
    assert_eq!(first(&result), "flink with kafka");
    assert!(ruled_out(&result, "spark answers no sooner than within 100 ms"), "{:#?}", result.ruled_out);
}

/// Kafka documentation, "Use cases"
#[test]
fn row_9_site_activity_is_for_kafka_alone() {
    let result = suggested("work = [\"transport\"]\narrival = \"stream\"\nrate = { events = 20000, bytes = 500 }");
    assert_eq!(first(&result), "kafka");
}

/// Hive, "What Hive is not"
#[test]
fn row_10_a_warehouse_is_for_hive_or_spark_on_hdfs() {
    let result = suggested(
        "work = [\"sql\"]\nvolume = { now = \"50 TB\" }\nhome = \"cluster\"\nlanguages = [\"sql\"]\nanswer = \"1min\"\nlife = \"always\"",
    );
    let first = first(&result);
    assert!(["spark with hadoop", "hive with hadoop"].contains(&first), "{:#?}", result.ranking);
    let result = suggested("work = [\"lookup\"]\nvolume = { now = \"50 TB\" }");
    assert!(ruled_out(&result, "hive is not for reads and writes by key"), "{:#?}", result.ruled_out);
}

/// Storm, front page
#[test]
fn row_11_topologies_that_exist_are_for_storm() {
    let text =
        "work = [\"stream\"]\narrival = \"stream\"\nanswer = \"1s\"\nlanguages = [\"java\", \"python\", \"native\"]";
    let result = suggested(&format!("{text}\ncode = [\"storm\"]"));
    assert!(first(&result).starts_with("storm with kafka"), "{:#?}", result.ranking);
    let result = suggested(text);
    assert!(!first(&result).starts_with("storm"), "{:#?}", result.ranking);
}

/// AWS HPC lens, tightly coupled
#[test]
fn row_12_simulation_is_for_slurm_on_few_large_nodes() {
    let result = suggested("work = [\"simulation\"]\nlanguages = [\"native\"]\ncode = [\"mpi\"]\npeople = 10");
    assert_eq!(first(&result), "slurm");
    assert_eq!(result.suggestions[0].sizing.groups[0].vcpus, 16);
}

/// Ray documentation, "Use cases"
#[test]
fn row_13_training_on_gpus_is_for_ray() {
    let result =
        suggested("work = [\"ml\"]\nlanguages = [\"python\"]\nhardware = { gpu = true }\nvolume = { now = \"2 TB\" }");
    assert_eq!(first(&result), "ray");
}

const PASS: &str = "volume = { now = \"50 TB\" }\nhome = \"cluster\"\nanswer = \"hours\"\nlanguages = [\"java\"]\n\
                    run = { data = \"50 TB\", within = \"8 h\" }";

/// Published comparisons of both
#[test]
fn row_14_one_pass_of_mapreduce_code_is_not_worse_on_hadoop() {
    let result = suggested(&format!("work = [\"batch\"]\ncode = [\"mapreduce\"]\n{PASS}"));
    before(&result, "hadoop", "spark with hadoop");
}

/// The same; pages of Spark on graphs and on machine learning
#[test]
fn row_15_data_that_is_iterated_is_for_spark() {
    let result = suggested(&format!("work = [\"ml\"]\n{PASS}"));
    before(&result, "spark with hadoop", "hadoop");
}

/// EMR guidelines, HDFS capacity
#[test]
fn row_16_what_hdfs_holds() {
    assert_eq!(hdfs_capacity_gb(10, 800, 3), 2666);
}
