//! What the app asks its user, and the databases that Ensconce takes care of.

use expect_test::{Expect, expect};

use super::check;

/// Checks a page with these fields; the first is line 3.
#[track_caller]
fn fields(lines: &str, expect: Expect) {
    check(&format!("[[setup.page]]\ntitle = \"Page\"\n{lines}\n"), expect);
}

#[test]
fn a_field_needs_little() {
    fields("fields = [{ name = \"key\", label = \"Key\" }]", expect!["valid"]);
    fields(
        "fields = []",
        expect![[r#"
            ensconce.toml:3:10: `setup.page.fields` is empty
              hint: Write at least one in `fields`"#]],
    );
    fields(
        "fields = [{ name = \"Key\", label = \"\", typ = \"secret\" }]",
        expect![[r#"
            ensconce.toml:3:20: Expected a name of 1 to 40 lower-case letters, digits, `-` and `_`, found `Key`
            ensconce.toml:3:35: `setup.page.fields.label` is empty
            ensconce.toml:3:39: Unknown key `typ` in `setup.page.fields`
              hint: Did you mean `type`?"#]],
    );
    fields(
        "",
        expect![[r#"
            ensconce.toml:1:1: Missing key `fields` in `setup.page`
              hint: `fields`: What is asked."#]],
    );
}

#[test]
fn names_are_given_once() {
    fields(
        "fields = [{ name = \"key\", label = \"Key\" }, { name = \"key\", label = \"Other\" }]",
        expect!["ensconce.toml:3:53: Duplicate field `key`"],
    );
    fields(
        "fields = [{ name = \"key\", label = \"Key\" }]\n[secret.key]\ngenerate = 32",
        expect![[r#"
            ensconce.toml:3:20: `key` is both a field and a secret
              hint: An answer needs no table `[secret.NAME]`: use it as `{setup.NAME}`"#]],
    );
}

#[test]
fn kinds_and_answers_fit() {
    for valid in [
        "type = \"number\", min = 1, max = 2.5, default = 2",
        "type = \"switch\", default = true",
        "type = \"choice\", choices = [\"a\", { value = \"b\", label = \"B\" }], default = \"b\"",
        "type = \"secret\", pattern = \"sk-.+\", required = false",
        "type = \"file\", extensions = [\"wav\"]",
    ] {
        let field = format!("fields = [{{ name = \"a\", label = \"A\", {valid} }}]");
        fields(&field, expect!["valid"]);
    }
    for (wrong, expect) in [
        (
            "type = \"choice\"",
            expect![[r#"
            ensconce.toml:3:20: `a` has no `choices`
              hint: Write `choices = ["one", "other"]`"#]],
        ),
        (
            "type = \"choice\", choices = [\"east\", \"west\"], default = \"eest\"",
            expect![[r#"
            ensconce.toml:3:93: `eest` is not one of the choices of `a`
              hint: Did you mean `east`?"#]],
        ),
        (
            "choices = [\"a\"]",
            expect!["ensconce.toml:3:48: `choices` is only for fields of type `choice`"],
        ),
        (
            "min = 1, max = 2, extensions = [\"a\"]",
            expect![[r#"
            ensconce.toml:3:44: `min` is only for fields of type `number`
            ensconce.toml:3:53: `max` is only for fields of type `number`
            ensconce.toml:3:69: `extensions` is only for fields of type `file`"#]],
        ),
        (
            "type = \"switch\", default = \"yes\", pattern = \"y\"",
            expect![[r#"
            ensconce.toml:3:65: The default of `a` must be `true` or `false`
            ensconce.toml:3:82: `pattern` is only for fields with one line of text"#]],
        ),
        (
            "type = \"number\", default = \"2\"",
            expect!["ensconce.toml:3:65: The default of `a` must be a number"],
        ),
        ("default = 2", expect!["ensconce.toml:3:48: The default of `a` must be text"]),
        (
            "type = \"secret\", default = \"abc\"",
            expect![[r#"
            ensconce.toml:3:65: A secret cannot have a default
              hint: Everyone who has the app would know it"#]],
        ),
        (
            "pattern = \"(\"",
            expect![
                "ensconce.toml:3:48: `pattern` is not a valid regular expression: unclosed group"
            ],
        ),
        (
            "env = \"A=B\"",
            expect![
                "ensconce.toml:3:44: Expected the name of an environment variable, without `=` and NUL, found `A=B`"
            ],
        ),
    ] {
        fields(&format!("fields = [{{ name = \"a\", label = \"A\", {wrong} }}]"), expect);
    }
}

#[test]
fn conditions_name_other_fields() {
    let with = |condition: &str| {
        format!(
            "fields = [\n{{ name = \"kind\", label = \"Kind\", type = \"choice\", choices = [\"a\", \"b\"] }},\n\
             {{ name = \"key\", label = \"Key\", type = \"secret\" }},\n\
             {{ name = \"more\", label = \"More\", show_if = {{ {condition} }} }}]"
        )
    };
    fields(&with("kind = \"a\""), expect!["valid"]);
    fields(&with("kind = [\"a\", \"b\"]"), expect!["valid"]);
    fields(
        &with("kind = \"c\""),
        expect!["ensconce.toml:6:53: `c` is not one of the choices of `kind`"],
    );
    fields(
        &with("kid = \"a\""),
        expect![[r#"
        ensconce.toml:6:46: Unknown field `kid`
          hint: Did you mean `kind`?"#]],
    );
    fields(&with("more = \"a\""), expect!["ensconce.toml:6:46: `more` depends on its own answer"]);
    fields(
        &with("key = \"a\""),
        expect!["ensconce.toml:6:46: `key` is a secret, so no other field can depend on it"],
    );
}

#[test]
fn what_is_tried_can_be_reached() {
    let with = |check: &str| {
        format!("fields = [{{ name = \"key\", label = \"Key\", check = {{ {check} }} }}]")
    };
    for valid in [
        "http = \"https://api.example.com/v1\"",
        "http = \"{setup.key}/health\", headers = { a = \"{setup.key}\" }, status = [200, 204]",
        "postgres = \"{setup.key}\", timeout = \"3s\"",
        "command = [\"{python}\", \"-m\", \"check\", \"{setup.key.file}\"], env = { A = \"{setup.key}\" }",
    ] {
        fields(&with(valid), expect!["valid"]);
    }
    fields(
        &with("http = \"/api/check\""),
        expect![[r#"
        ensconce.toml:3:59: No route leads from `/api/check` to a service
          hint: Add a table `[[route]]` with its `path` and `service`"#]],
    );
    fields(
        &with("http = \"api/check\""),
        expect![[r#"
        ensconce.toml:3:59: `api/check` is neither a path nor an address
          hint: Write `/api/check`, or `https://api.example.com/check`"#]],
    );
    fields(
        &with("http = \"{setup.kee}\""),
        expect![[r#"
        ensconce.toml:3:60: Unknown field `kee`
          hint: Did you mean `key`?"#]],
    );
    fields(
        &with("command = [\"check\", \"{setup.key}\"]"),
        expect![[r#"
        ensconce.toml:3:73: `{setup.key}` in a command: other programs can read arguments
          hint: Put it in `env`, or pass a file: `{setup.key.file}`"#]],
    );
    fields(
        &with("htp = \"/api\""),
        expect![[r#"
            ensconce.toml:3:52: Unknown key `htp` in `setup.page.fields.check`
              hint: Did you mean `http`?"#]],
    );
    let routed = "[[route]]\npath = \"/api\"\nservice = \"api\"\n[service.api]\ncommand = [\"x\", \"{port}\"]\n";
    check(
        &format!("{routed}[[setup.page]]\ntitle = \"A\"\n{}", with("http = \"/api/check\"")),
        expect!["valid"],
    );
    check(
        &format!("{routed}[[setup.page]]\ntitle = \"A\"\n{}", with("http = \"/apis/check\"")),
        expect![[r#"
            ensconce.toml:8:59: No route leads from `/apis/check` to a service
              hint: Add a table `[[route]]` with its `path` and `service`"#]],
    );
}

#[test]
fn answers_are_named_in_templates() {
    let service =
        "[service.api]\ncommand = [\"x\"]\nenv = { A = \"{setup.key} {setup.key.file}\" }\n";
    let asked = "[[setup.page]]\ntitle = \"A\"\nfields = [{ name = \"key\", label = \"Key\" }]\n";
    check(&format!("{service}{asked}"), expect!["valid"]);
    check(
        service,
        expect![[r#"
            ensconce.toml:3:14: Unknown field `key`
              hint: Add a field with `name = "key"` to a `[[setup.page]]`
            ensconce.toml:3:26: Unknown field `key`
              hint: Add a field with `name = "key"` to a `[[setup.page]]`"#]],
    );
    let argument = service.replace("\"x\"", "\"x\", \"{setup.key}\"");
    check(
        &format!("{argument}{asked}"),
        expect![[r#"
        ensconce.toml:2:18: `{setup.key}` in a command: other programs can read arguments
          hint: Put it in `env`, or pass a file: `{setup.key.file}`"#]],
    );
}

#[test]
fn conditions_have_no_cycle() {
    let field = |name: &str, other: &str| {
        format!("{{ name = \"{name}\", label = \"L\", show_if = {{ {other} = \"x\" }} }}")
    };
    let cycle = [field("a", "b"), field("b", "c"), field("c", "a"), field("d", "a")].join(", ");
    fields(
        &format!("fields = [{cycle}]"),
        expect![[r#"
        ensconce.toml:3:154: Cycle in `show_if`: a -> b -> c -> a
          hint: None of them could be shown; remove one of these conditions"#]],
    );
    let chain = [field("a", "b"), field("b", "c"), field("d", "b")].join(", ");
    let chain = format!("fields = [{chain}, {{ name = \"c\", label = \"L\" }}]");
    fields(&chain, expect!["valid"]);
}

#[test]
fn set_up_asks_something() {
    check(
        "[setup]\nwelcome = \"Hello\"",
        expect![[r#"
            ensconce.toml:1:2: `[setup]` asks nothing
              hint: Add a table `[[setup.page]]`, or remove `[setup]`"#]],
    );
}

#[test]
fn databases_are_changed_by_tasks() {
    let task = "[task.migrate]\ncommand = [\"x\"]\n";
    let database = "[database.main]\nfile = \"{data}/notes.db\"\nmigrate = \"migrate\"\n";
    check(&format!("{task}{database}"), expect!["valid"]);
    check(
        database,
        expect![[r#"
        ensconce.toml:3:11: Unknown task `migrate`
          hint: Add a table `[service.migrate]` or `[task.migrate]`"#]],
    );
    check(
        &format!("{database}[service.migrate]\ncommand = [\"x\"]"),
        expect![[r#"
        ensconce.toml:3:11: `migrate` is a service, not a task
          hint: `migrate` names the task that changes the database's schema"#]],
    );
    check(
        "[database.main]\nfile = \"{dat}/notes.db\"\nkeep = 0\nbackup = \"often\"",
        expect![[r#"
            ensconce.toml:2:9: Unknown template `{dat}`
              hint: Did you mean `{data}`?
            ensconce.toml:3:8: `database.main.keep` must be from 1 to 1000, found `0`
            ensconce.toml:4:10: Expected a duration such as `10s`, `500ms` or `5m`, found `often`"#]],
    );
    check(
        "[database.main]\nmigrate = \"migrate\"",
        expect![[r#"
        ensconce.toml:1:1: Missing key `file` in `database.main`
          hint: `file`: Its file, such as `{data}/notes.db`."#]],
    );
}
