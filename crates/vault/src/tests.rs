use super::*;

fn location(folder: &Path) -> Location {
    Location {
        app: "com.example.test".to_owned(),
        instance: folder.display().to_string(),
        folder: folder.join("data"),
        key_file: folder.join("keys/vault.key"),
    }
}

fn wanted(name: &str) -> Wanted {
    Wanted { name: name.to_owned(), bytes: 32, encoding: Encoding::Base64url }
}

#[test]
fn a_secret_stays_what_it_was_and_others_are_added() {
    let folder = tempfile::tempdir().unwrap();
    let location = location(folder.path());
    let first = from_file(&location, &[wanted("session")]).unwrap();
    let second = from_file(&location, &[wanted("session"), wanted("other")]).unwrap();
    assert_eq!(first["session"], second["session"]);
    assert_ne!(second["session"], second["other"]);
    assert!(first["session"].reveal().len() >= 43);
}

#[test]
fn the_file_does_not_hold_the_secret_and_only_its_owner_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let location = location(folder.path());
    let secrets = from_file(&location, &[wanted("session")]).unwrap();
    for file in [location.folder.join("secrets.sealed"), location.key_file.clone()] {
        let content = fs::read(&file).unwrap();
        assert!(!String::from_utf8_lossy(&content).contains(secrets["session"].reveal()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}

#[test]
fn a_changed_file_another_key_or_another_app_is_an_error_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let location = location(folder.path());
    from_file(&location, &[wanted("session")]).unwrap();
    let sealed = location.folder.join("secrets.sealed");
    let good = fs::read(&sealed).unwrap();

    let other_app = Location { app: "com.example.other".to_owned(), ..location.clone() };
    assert!(matches!(from_file(&other_app, &[wanted("x")]), Err(VaultError::Sealed { .. })));

    fs::write(&sealed, &good[..good.len() / 2]).unwrap();
    assert!(matches!(from_file(&location, &[wanted("x")]), Err(VaultError::Sealed { .. })));
    fs::write(&sealed, &good).unwrap();

    fs::write(&location.key_file, [7; 32]).unwrap();
    assert!(matches!(from_file(&location, &[wanted("x")]), Err(VaultError::Sealed { .. })));
    fs::remove_file(&location.key_file).unwrap();
    assert!(matches!(from_file(&location, &[wanted("x")]), Err(VaultError::Sealed { .. })));
    assert_eq!(fs::read(&sealed).unwrap(), good);
}

#[test]
fn a_secret_is_not_in_its_debug_output() {
    let secret = SecretValue::new("open sesame".to_owned());
    assert_eq!(format!("{secret:?}"), "<secret>");
}

#[test]
fn hexadecimal_is_twice_as_long_as_its_bytes() {
    let secret = SecretValue::random(16, Encoding::Hex).unwrap();
    assert_eq!(secret.reveal().len(), 32);
    assert!(secret.reveal().chars().all(|c| c.is_ascii_hexdigit()));
}
