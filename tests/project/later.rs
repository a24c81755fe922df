//! Settings that name what another cluster will have: known only once that one is there.

use super::side_by_side::steps;
use crate::support::{TestProject, snapshot};

/// A cluster with `hadoop`, or one with `spark`, whose file systems are `uses`.
fn cluster(name: &str, framework: &str, uses: Option<&str>) -> String {
    let network = name.bytes().map(u32::from).sum::<u32>() % 200;
    let set = uses.map(|uses| format!("set = {{ \"spark.hadoop.fs.defaultFS\" = {uses} }}"));
    let config = set.map(|set| format!("config \"spark-defaults.conf\" {{\n      {set}\n    }}")).unwrap_or_default();
    format!(
        r#"cluster "{name}" {{
  image = "debian-12"
  network {{
    cidr             = "10.{network}.0.0/24"
    external_network = "public"
  }}
  master {{
    flavor      = "m1.large"
    floating_ip = true
  }}
  slaves {{
    count  = 1
    flavor = "m1.large"
    volume "data" {{ size = 10 }}
  }}
  framework "{framework}" {{
    {config}
  }}
}}
"#
    )
}

fn two() -> String {
    cluster("lake", "hadoop", None) + &cluster("compute", "spark", Some("cluster.lake.endpoint.hdfs-rpc"))
}

/// Whether the template of a cluster names an address of the cloud.
fn is_configured(project: &TestProject, cluster: &str) -> bool {
    project.disco(&format!("template {cluster}")).ends_with(0).stdout.contains("hdfs://198.18.")
}

#[test]
fn a_setting_may_be_known_only_after_another_cluster_is_there() {
    let project = TestProject::with(&two());
    project.disco("validate").ends_with(0);
    snapshot!("later-plan", project.disco("plan").ends_with(0).stdout);
    let told = steps(&project.disco("apply --auto-approve --json").ends_with(0));
    assert_eq!(told, ["+lake", "-lake", "+compute", "-compute"]);
    project.disco("plan --detailed-exitcode").ends_with(0);
    assert!(is_configured(&project, "compute"));

    // One that is known is an ordinary change; one of a cluster that is to come is not known yet.
    let other = cluster("other", "hadoop", None) + &two().replace("cluster.lake.", "cluster.other.");
    project.write("main.disco.hcl", &other);
    snapshot!("later-plan-of-a-change", project.disco("plan").ends_with(0).stdout);
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    project.disco("destroy --auto-approve").ends_with(0);
}

#[test]
fn clusters_in_a_row_become_known_one_after_the_other() {
    let row = cluster("a", "hadoop", None)
        + &cluster("b", "spark", Some("cluster.a.endpoint.hdfs-rpc"))
        + &cluster("c", "spark", Some("\"${cluster.b.master[0].floating_ip}:${cluster.a.id}\""));
    let project = TestProject::with(&row);
    let told = steps(&project.disco("apply --auto-approve --json").ends_with(0));
    assert_eq!(told, ["+a", "-a", "+b", "-b", "+c", "-c"]);
    project.disco("plan --detailed-exitcode").ends_with(0);
}

#[test]
fn a_saved_plan_has_what_is_not_known_and_is_carried_out() {
    let project = TestProject::with(&two());
    project.disco("plan --out two.plan").ends_with(0);
    let said = project.disco("template --plan two.plan --out folder").ends_with(1).stderr;
    assert!(said.contains("known only after apply"), "{said}");
    project.disco("apply two.plan").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
}

#[test]
fn a_whole_file_and_a_secret_may_wait_and_sizes_may_not() {
    let file = r#"content = "${cluster.lake.master[0].floating_ip} ${sensitive("hush")}\n""#;
    let config = format!("config \"log4j2.properties\" {{\n      {file}\n    }}");
    let definition = two().replace("  framework \"spark\" {\n", &format!("  framework \"spark\" {{\n    {config}\n"));
    let project = TestProject::with(&definition);
    let plan = project.disco("plan").ends_with(0).stdout;
    assert!(plan.contains("· log4j2.properties content: (known after apply)\n"), "{plan}");
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);

    let sized = two().replace("\"spark.hadoop.fs.defaultFS\"", "\"spark.executor.memory\"");
    let refused = TestProject::with(&sized).disco("validate").ends_with(1);
    snapshot!("later-size", refused.stderr);
}
