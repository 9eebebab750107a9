//! What the app asks its user, and the databases that are taken care of.

use ensconce_plan::{CheckMeans, Plan};

use super::check::{facts, plan_jobs};

const ASKED: &str = r#"
    [[route]]
    path = "/api"
    service = "api"
    strip = true

    [service.api]
    command = ["run", "{port}"]
    env = { OWN = "mine", KEY_FILE = "{setup.key.file}" }

    [service.other]
    command = ["run"]

    [task.migrate]
    command = ["run"]

    [[setup.page]]
    title = "Provider"
    fields = [
      { name = "key", type = "secret", label = "Key", env = "KEY" },
      { name = "own", label = "Own", env = "OWN", check = { http = "https://a.example/{setup.own}", headers = { "x-key" = "{setup.key}" } } },
    ]
    check = { http = "/api/check?full=1", timeout = "3s" }

    [database.main]
    file = "{data}/notes.db"
    migrate = "migrate"
    backup = "24h"
"#;

fn planned() -> Plan {
    plan_jobs(ASKED, &facts()).unwrap()
}

fn env(plan: &Plan, job: &str) -> Vec<String> {
    let job = plan.jobs.iter().find(|one| one.name == job).unwrap();
    job.env.iter().map(|(name, value)| format!("{name}={value}")).collect()
}

#[test]
fn every_job_gets_the_answers_but_keeps_its_own() {
    let plan = planned();
    assert_eq!(
        env(&plan, "api"),
        ["OWN=mine", "KEY_FILE=<file of answer key>", "KEY=<answer key>"]
    );
    assert_eq!(env(&plan, "other"), ["KEY=<answer key>", "OWN=<answer own>"]);
    let answers = |name: &str| {
        let job = plan.jobs.iter().find(|job| job.name == name).unwrap();
        job.answers().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(answers("api"), ["key", "key"]);
    assert_eq!(answers("migrate"), ["key", "own"]);
}

#[test]
fn checks_know_whom_to_ask() {
    let plan = planned();
    assert_eq!(plan.setup.asked_services().collect::<Vec<_>>(), ["api"]);
    let page = &plan.setup.pages[0];
    let check = page.check.as_ref().unwrap();
    assert_eq!(check.timeout.as_secs(), 3);
    let CheckMeans::BackEnd { service, path, method, .. } = &check.means else {
        panic!("{check:?}")
    };
    assert_eq!(
        (service.as_str(), path.as_str(), method.as_str()),
        ("api", "/check?full=1", "POST")
    );
    let check = page.fields[1].check.as_ref().unwrap();
    let CheckMeans::Http { url, headers, method, .. } = &check.means else { panic!("{check:?}") };
    assert_eq!(url.to_string(), "https://a.example/<answer own>");
    assert_eq!(headers[0].1.to_string(), "<answer key>");
    assert_eq!((method.as_str(), check.timeout.as_secs()), ("GET", 10));
}

#[test]
fn databases_lie_where_the_data_is() {
    let plan = planned();
    let database = &plan.databases[0];
    assert_eq!(database.file, facts().folders.data.join("notes.db"));
    assert_eq!(database.backup.map(|every| every.as_secs()), Some(86_400));
    assert_eq!((database.migrate.as_deref(), database.keep), (Some("migrate"), 5));
    let shown = plan.to_string();
    for line in ["key, asked of the user", "notes.db, backed up before migrate"] {
        assert!(shown.contains(line), "{shown}");
    }
}

#[test]
fn the_plan_is_shown_to_machines() {
    let json = serde_json::to_value(planned()).unwrap();
    assert_eq!(json["setup"]["pages"][0]["fields"][0]["name"], "key");
    assert_eq!(json["databases"][0]["backup_ms"], 86_400_000);
}
