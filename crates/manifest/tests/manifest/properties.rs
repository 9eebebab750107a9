//! What holds for every text.

use ensconce_manifest::{Diagnostics, Piece, Template, Variable, parse, parse_bytes};
use proptest::prelude::*;

use super::complete;

fn assert_well_placed(diagnostics: &Diagnostics) {
    let source = diagnostics.source();
    for diagnostic in diagnostics {
        assert!(source.get(diagnostic.range.clone()).is_some(), "{diagnostic:?}");
        assert!(diagnostic.start <= diagnostic.end, "{diagnostic:?}");
        let before = &source[..diagnostic.range.start];
        assert_eq!(diagnostic.start.line, before.matches('\n').count() + 1);
    }
    assert!(diagnostics.count() > 0);
    assert!(diagnostics.to_json().is_array());
    diagnostics.render();
    diagnostics.render_colored();
}

/// Returns pieces of manifests in any order, so that the checks are reached.
fn fragment() -> impl Strategy<Value = String> {
    let pieces = vec![
        "[app]\n",
        "[ui]\n",
        "[service.a]\n",
        "[service.b]\n",
        "[task.t]\n",
        "[[route]]\n",
        "[service.a.dev]\n",
        "[secret.s]\n",
        "[env]\n",
        "[window]\n",
        "[python]\n",
        "[service.a",
        "id = \"com.example.a\"\n",
        "name = \"A\"\n",
        "version = \"1.0.0\"\n",
        "version = 1\n",
        "command = [\"x\", \"{port}\"]\n",
        "command = [\"{socket}\", \"{secret.s}\"]\n",
        "command = \"x y\"\n",
        "command = []\n",
        "command = [3]\n",
        "needs = [\"a\", \"b\", \"t\"]\n",
        "needs = [\"é\"]\n",
        "env = { A = \"{service.b.url}\", \"=\" = 1 }\n",
        "static = \"x\"\n",
        "service = \"a\"\n",
        "service = \"ü\"\n",
        "path = \"/\"\n",
        "ready = { log = \"(\" }\n",
        "ready = \"tcp\"\n",
        "listen = \"unix\"\n",
        "port = 80\n",
        "handshake = \"é{dat}\"\n",
        "width = 1\n",
        "dev = { command = [\"{\"] }\n",
        "\"\"\"",
        "'''",
        "\"",
        "\r\n",
        "é",
        "=",
        "[[",
        "generate = 32\n",
        "url = \"é\"\n",
        "host = \"é\"\n",
        "origin = \"http://é:1\"\n",
        "\u{feff}",
    ];
    proptest::collection::vec(proptest::sample::select(pieces), 0..24).prop_map(|all| all.concat())
}

fn variable() -> impl Strategy<Value = Variable> {
    let name = "[a-z0-9][a-z0-9_-]{0,10}";
    prop_oneof![
        Just(Variable::Data),
        Just(Variable::Port),
        Just(Variable::AppVersion),
        name.prop_map(Variable::ServicePort),
        name.prop_map(Variable::ServiceUrl),
        name.prop_map(Variable::ServiceSocket),
        name.prop_map(Variable::Secret),
        "[A-Z_.]{1,10}".prop_map(Variable::Env),
    ]
}

/// Returns templates as the parser makes them: no empty texts, and none side by side.
fn template() -> impl Strategy<Value = Template> {
    let part = (".{1,5}|[{}]{1,5}", variable());
    proptest::collection::vec(part, 0..6).prop_map(|parts| Template {
        pieces: parts
            .into_iter()
            .flat_map(|(text, variable)| [Piece::Text(text), Piece::Variable(variable)])
            .collect(),
    })
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        if let Err(diagnostics) = parse("ensconce.toml", &text) {
            assert_well_placed(&diagnostics);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>()) {
        if let Err(diagnostics) = parse_bytes("ensconce.toml", &bytes) {
            assert_well_placed(&diagnostics);
        }
    }

    #[test]
    fn any_fragments_are_read_or_refused(text in fragment()) {
        for text in [complete(&text), text] {
            if let Err(diagnostics) = parse("ensconce.toml", &text) {
                assert_well_placed(&diagnostics);
            }
        }
    }

    #[test]
    fn any_cut_of_a_manifest_is_read_or_refused(cut in 0..super::valid::EVERYTHING.len()) {
        if let Some(text) = super::valid::EVERYTHING.get(..cut)
            && let Err(diagnostics) = parse("ensconce.toml", text)
        {
            assert_well_placed(&diagnostics);
        }
    }

    #[test]
    fn templates_are_written_as_they_are_read(template in template()) {
        prop_assert_eq!(Template::parse(&template.to_string()), Ok(template));
    }

    #[test]
    fn templates_of_any_text_are_read_or_pointed_at(text in "[a-z{}.é ]{0,20}") {
        match Template::parse(&text) {
            Ok(template) => prop_assert_eq!(template.to_string(), text),
            Err(error) => prop_assert!(text.get(error.range).is_some_and(|part| !part.is_empty())),
        }
    }

    #[test]
    fn literals_stand_for_themselves(text in any::<String>()) {
        let template = Template::literal(text.as_str());
        prop_assert_eq!(Template::parse(&template.to_string()), Ok(template.clone()));
        prop_assert_eq!(template.variables().count(), 0);
    }
}
