//! What programs read.

use serde_json::Value as Json;

use crate::support::TestProject;

fn lines(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_line_is_a_message_and_the_story_is_whole() {
    let project = TestProject::example("hadoop");
    let plan = lines(&project.disco("plan --json").ends_with(0).stdout);
    assert_eq!((&plan[0]["type"], &plan[1]["type"]), (&"version".into(), &"plan".into()));
    assert_eq!(plan[1]["plan"]["summary"]["add"], 13);

    let run = project.disco("apply --json --auto-approve").ends_with(0);
    assert_eq!(run.stderr, "");
    let messages = lines(&run.stdout);
    let of = |kind: &str| messages.iter().filter(|message| message["type"] == kind).count();
    assert_eq!(
        (of("plan"), of("step_start"), of("step_complete"), of("change_summary"), of("outputs"), of("end")),
        (1, 1, 1, 2, 1, 1)
    );
    let ready = messages.iter().filter(|message| message["hook"]["phase"] == "ready").count();
    assert_eq!(ready, 4, "each node says that it is ready");
    // Terraform's messages, in the shape of its own.
    let of_node: Vec<&Json> = messages
        .iter()
        .filter(|message| message["hook"]["resource"]["addr"] == "cluster.analytics.slaves[1]")
        .collect();
    let kinds: Vec<&str> = of_node.iter().map(|message| message["type"].as_str().unwrap()).collect();
    assert_eq!((kinds.first(), kinds.last()), (Some(&"apply_start"), Some(&"apply_complete")));
    assert!(kinds.len() > 3 && kinds[1..kinds.len() - 1].iter().all(|kind| *kind == "apply_progress"), "{kinds:?}");
    let resource = &of_node[0]["hook"]["resource"];
    let parts = ["module", "resource", "resource_type", "resource_name"].map(|part| resource[part].as_str().unwrap());
    assert_eq!(parts, ["cluster.analytics", "slaves[1]", "node", "slaves"]);
    assert_eq!(resource["resource_key"], 1);
    assert!(of_node.iter().all(|message| message["hook"]["action"] == "create"));
    assert!(of_node[1..].iter().all(|message| message["hook"]["elapsed_seconds"].is_number()));
    assert!(messages.iter().all(|message| message["@message"].is_string() && message["@level"].is_string()));

    let changed = project.disco("apply --json --auto-approve --var slaves=4").ends_with(0);
    let actions: Vec<String> = lines(&changed.stdout)
        .iter()
        .filter(|message| message["type"] == "apply_start")
        .map(|message| {
            format!("{} {}", message["hook"]["action"], message["hook"]["resource"]["addr"]).replace('"', "")
        })
        .collect();
    assert!(actions.contains(&"create cluster.analytics.slaves[3]".to_owned()), "{actions:?}");
    let refused = project.disco("apply --json --auto-approve --var slaves=2").ends_with(1);
    let mut messages = lines(&refused.stdout);
    let (end, told) = (messages.pop().unwrap(), messages.pop().unwrap());
    assert_eq!((&told["type"], &told["diagnostic"]["code"]), (&"diagnostic".into(), &"disco::data_loss".into()));
    assert_eq!((&end["result"], &end["failure"]), (&"failed".into(), &"refused".into()));
}

#[test]
fn outputs_hold_every_number() {
    let project = TestProject::with(
        "output \"third\" { value = 1 / 3 }\noutput \"power\" { value = pow(2, 64) }\n\
         output \"long\" { value = [3.0000000000000000000000000001] }\noutput \"text\" { value = jsonencode(1 / 3) }\n",
    );
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan -detailed-exitcode").ends_with(0);
    let written = project.disco("output --json").ends_with(0).stdout;
    for digits in [&"3".repeat(150), "18446744073709551616", "3.0000000000000000000000000001"] {
        assert!(written.contains(digits), "{written}");
        assert!(project.disco("output").ends_with(0).stdout.contains(digits));
        assert!(project.read("disco.state.json").contains(digits));
    }
    let text = project.disco("output text").ends_with(0).stdout;
    assert!(text.contains(project.disco("output third").ends_with(0).stdout.trim()), "{text}");
}

#[test]
fn json_never_asks() {
    let project = TestProject::example("hadoop");
    let run = project.disco_answering("apply --json", "yes\n").ends_with(1);
    assert!(run.stdout.contains("--auto-approve"), "{}", run.stdout);
}

#[test]
fn single_answers_are_single_documents() {
    let project = TestProject::example("hadoop");
    let valid: Json = serde_json::from_str(&project.disco("validate --json").ends_with(0).stdout).unwrap();
    assert_eq!((&valid["valid"], &valid["error_count"]), (&true.into(), &0.into()));
    let wrong = project.disco("validate --json --var slavs=3").ends_with(1);
    let wrong: Json = serde_json::from_str(&wrong.stdout).unwrap();
    assert_eq!((&wrong["valid"], &wrong["error_count"]), (&false.into(), &1.into()));
    assert_eq!(wrong["diagnostics"][0]["code"], "disco::undeclared_variable");

    let template: Json = serde_json::from_str(&project.disco("template --json").ends_with(0).stdout).unwrap();
    assert_eq!(template["heat_template_version"], "2021-04-16");
    project.disco("apply --auto-approve").ends_with(0);
    let shown: Json = serde_json::from_str(&project.disco("show --json").ends_with(0).stdout).unwrap();
    assert_eq!(shown["clusters"]["analytics"]["nodes"].as_array().unwrap().len(), 4);
    let outputs: Json = serde_json::from_str(&project.disco("output --json").ends_with(0).stdout).unwrap();
    let ui = outputs["yarn_ui"]["value"].as_str().unwrap();
    assert_eq!(project.disco("output -raw yarn_ui").ends_with(0).stdout.trim(), ui);
    assert_eq!(project.disco("output yarn_ui").ends_with(0).stdout.trim(), format!("\"{ui}\""));
    project.disco("output yarn_iu").ends_with(1);
}
