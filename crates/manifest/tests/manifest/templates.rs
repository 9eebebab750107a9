//! Templates by themselves.

use ensconce_manifest::{Piece, Template, Variable};
use expect_test::{Expect, expect};

#[track_caller]
fn check(text: &str, expect: Expect) {
    let found = match Template::parse(text) {
        Ok(template) => format!("{:?}", template.pieces),
        Err(error) => {
            let hint = error.hint.map_or(String::new(), |hint| format!("; {hint}"));
            format!("{:?} {}{hint}", &text[error.range], error.message)
        }
    };
    expect.assert_eq(&found);
}

#[test]
fn names() {
    check("{data}", expect!["[Variable(Data)]"]);
    check(
        "{config}{cache}{logs}{run}{resources}",
        expect![
            "[Variable(Config), Variable(Cache), Variable(Logs), Variable(Run), Variable(Resources)]"
        ],
    );
    check("{python}", expect!["[Variable(Python)]"]);
    check(
        "{port} {socket} {handshake}",
        expect![[
            r#"[Variable(Port), Text(" "), Variable(Socket), Text(" "), Variable(Handshake)]"#
        ]],
    );
    check("{origin}", expect!["[Variable(Origin)]"]);
    check(
        "{app.id} {app.name} {app.version} {control.url} {control.token}",
        expect![[
            r#"[Variable(AppId), Text(" "), Variable(AppName), Text(" "), Variable(AppVersion), Text(" "), Variable(ControlUrl), Text(" "), Variable(ControlToken)]"#
        ]],
    );
    check(
        "{service.a-b.port}{service.a.url}{service.a.socket}",
        expect![[
            r#"[Variable(ServicePort("a-b")), Variable(ServiceUrl("a")), Variable(ServiceSocket("a"))]"#
        ]],
    );
    check("{secret.session}", expect![[r#"[Variable(Secret("session"))]"#]]);
    check("{env.HOME}{env.a.b}", expect![[r#"[Variable(Env("HOME")), Variable(Env("a.b"))]"#]]);
}

#[test]
fn literals() {
    check("", expect!["[]"]);
    check("a", expect![[r#"[Text("a")]"#]]);
    check("ä{{b}}", expect![[r#"[Text("ä{b}")]"#]]);
    check("{{}}", expect![[r#"[Text("{}")]"#]]);
    check("{{{data}}}", expect![[r#"[Text("{"), Variable(Data), Text("}")]"#]]);
    check("}}{{", expect![[r#"[Text("}{")]"#]]);
    check("{{data}}", expect![[r#"[Text("{data}")]"#]]);
}

#[test]
fn near_misses() {
    check("{dat}", expect![[r#""{dat}" Unknown template `{dat}`; Did you mean `{data}`?"#]]);
    check("{Data}", expect![[r#""{Data}" Unknown template `{Data}`; Did you mean `{data}`?"#]]);
    check(
        "{ data }",
        expect![[r#""{ data }" Unknown template `{ data }`; Write `{data}`, without spaces"#]],
    );
    check("{ dat }", expect![[r#""{ dat }" Unknown template `{ dat }`; Did you mean `{data}`?"#]]);
    check("{prot}", expect![[r#""{prot}" Unknown template `{prot}`; Did you mean `{port}`?"#]]);
    check("{sock}", expect![[r#""{sock}" Unknown template `{sock}`; Did you mean `{socket}`?"#]]);
    check(
        "{hand-shake}",
        expect![[r#""{hand-shake}" Unknown template `{hand-shake}`; Did you mean `{handshake}`?"#]],
    );
    check(
        "{app.nam}",
        expect![[r#""{app.nam}" Unknown template `{app.nam}`; Did you mean `{app.name}`?"#]],
    );
    check(
        "{app}",
        expect![[r#""{app}" Unknown template `{app}`; Write `{{` and `}}` for literal braces"#]],
    );
    check(
        "{service.api.prot}",
        expect![[
            r#""{service.api.prot}" Unknown template `{service.api.prot}`; A service has a `port`, a `url` and a `socket`: `{service.api.port}`"#
        ]],
    );
    check(
        "{service.api.uri}",
        expect![[
            r#""{service.api.uri}" Unknown template `{service.api.uri}`; A service has a `port`, a `url` and a `socket`: `{service.api.url}`"#
        ]],
    );
    check(
        "{service.api}",
        expect![[
            r#""{service.api}" Unknown template `{service.api}`; A service has a `port`, a `url` and a `socket`: `{service.api.port}`"#
        ]],
    );
    check(
        "{service.}",
        expect![[
            r#""{service.}" Unknown template `{service.}`; A service has a `port`, a `url` and a `socket`: `{service.NAME.port}`"#
        ]],
    );
    check(
        "{service}",
        expect![[
            r#""{service}" Unknown template `{service}`; Write `{{` and `}}` for literal braces"#
        ]],
    );
    check(
        "{service..port}",
        expect![[
            r#""{service..port}" Unknown template `{service..port}`; A service has a `port`, a `url` and a `socket`: `{service.NAME.port}`"#
        ]],
    );
    check(
        "{secret.}",
        expect![[
            r#""{secret.}" Unknown template `{secret.}`; Write `{{` and `}}` for literal braces"#
        ]],
    );
    check(
        "{secrets.a}",
        expect![[r#""{secrets.a}" Unknown template `{secrets.a}`; Did you mean `{secret.a}`?"#]],
    );
    check(
        "{secret}",
        expect![[r#""{secret}" Unknown template `{secret}`; Did you mean `{socket}`?"#]],
    );
    check(
        "{svc.a.port}",
        expect![[
            r#""{svc.a.port}" Unknown template `{svc.a.port}`; Write `{{` and `}}` for literal braces"#
        ]],
    );
    check(
        "{env.}",
        expect![[r#""{env.}" Unknown template `{env.}`; Write `{{` and `}}` for literal braces"#]],
    );
    check(
        "{env}",
        expect![[r#""{env}" Unknown template `{env}`; Write `{{` and `}}` for literal braces"#]],
    );
    check(
        "{HOME}",
        expect![[
            r#""{HOME}" Unknown template `{HOME}`; For an environment variable, write `{env.HOME}`"#
        ]],
    );
    check(
        "{envs.A}",
        expect![[r#""{envs.A}" Unknown template `{envs.A}`; Did you mean `{env.A}`?"#]],
    );
    check(
        "{ro.x}",
        expect![[r#""{ro.x}" Unknown template `{ro.x}`; Write `{{` and `}}` for literal braces"#]],
    );
    check("{}", expect![[r#""{}" Unknown template `{}`; Write `{{` and `}}` for literal braces"#]]);
    check(
        "{ }",
        expect![[r#""{ }" Unknown template `{ }`; Write `{{` and `}}` for literal braces"#]],
    );
    check(
        "{xyzzy}",
        expect![[
            r#""{xyzzy}" Unknown template `{xyzzy}`; Write `{{` and `}}` for literal braces"#
        ]],
    );
    check(
        r#"{"a":1}"#,
        expect![[
            r#""{\"a\":1}" Unknown template `{"a":1}`; Write `{{` and `}}` for literal braces"#
        ]],
    );
    check(
        "${HOME}",
        expect![[
            r#""{HOME}" Unknown template `{HOME}`; For an environment variable, write `{env.HOME}`"#
        ]],
    );
    check(
        "{0}",
        expect![[r#""{0}" Unknown template `{0}`; Write `{{` and `}}` for literal braces"#]],
    );
    check("{env.A}{dat}", expect![[r#""{dat}" Unknown template `{dat}`; Did you mean `{data}`?"#]]);
    check(
        "{services.api.port}",
        expect![[
            r#""{services.api.port}" Unknown template `{services.api.port}`; Did you mean `{service.api.port}`?"#
        ]],
    );
}

#[test]
fn lone_braces() {
    check("{", expect![[r#""{" Unmatched `{`; Write `{{` for a literal brace"#]]);
    check("}", expect![[r#""}" Unmatched `}`; Write `}}` for a literal brace"#]]);
    check("a{b", expect![[r#""{" Unmatched `{`; Write `{{` for a literal brace"#]]);
    check("a}b", expect![[r#""}" Unmatched `}`; Write `}}` for a literal brace"#]]);
    check("{a{b}", expect![[r#""{" Unmatched `{`; Write `{{` for a literal brace"#]]);
    check("{data}}", expect![[r#""}" Unmatched `}`; Write `}}` for a literal brace"#]]);
    check("{{data}", expect![[r#""}" Unmatched `}`; Write `}}` for a literal brace"#]]);
    check("{data", expect![[r#""{" Unmatched `{`; Write `{{` for a literal brace"#]]);
    check("{{{data}}", expect![[r#""}" Unmatched `}`; Write `}}` for a literal brace"#]]);
    check("ä{ü", expect![[r#""{" Unmatched `{`; Write `{{` for a literal brace"#]]);
}

#[test]
fn literals_are_never_templates() {
    let template = Template::literal("{data}");
    assert_eq!(template.pieces, [Piece::Text("{data}".to_owned())]);
    assert_eq!(template.to_string(), "{{data}}");
    assert_eq!(Template::literal("").pieces, []);
}

#[test]
fn variables_come_in_order() {
    let template = Template::parse("{data}/{secret.a}").unwrap();
    let variables: Vec<_> = template.variables().collect();
    assert_eq!(variables, [&Variable::Data, &Variable::Secret("a".to_owned())]);
}
