use std::fs;
use std::path::Path;
use std::sync::Arc;

use keyring_core::CredentialStore;

use super::*;
use crate::cipher::Stretch;
use crate::keychain::Keychain;
use crate::sealed::SealedFile;

const RECIPE: SecretRecipe = SecretRecipe { bytes: 32, encoding: SecretEncoding::Base64url };

fn location(folder: &Path) -> VaultLocation {
    VaultLocation {
        app: "com.example.test".to_owned(),
        instance: folder.display().to_string(),
        folder: folder.join("data"),
        key_file: folder.join("keys/vault.key"),
    }
}

fn wanted(name: &str) -> WantedSecret {
    WantedSecret { name: name.to_owned(), recipe: Some(RECIPE) }
}

fn given(name: &str) -> WantedSecret {
    WantedSecret { name: name.to_owned(), recipe: None }
}

fn secret(value: &str) -> SecretValue {
    SecretValue::new(value.to_owned())
}

/// A vault in a file, whatever keychain there is.
struct World {
    _folder: tempfile::TempDir,
    location: VaultLocation,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = location(folder.path());
        fs::create_dir_all(&location.folder).unwrap();
        fs::write(location.folder.join("vault.json"), r#"{"store":"file"}"#).unwrap();
        Self { _folder: folder, location }
    }

    fn open(&self) -> Vault {
        Vault::open(&self.location).unwrap()
    }

    fn error(&self) -> VaultError {
        let vault = Vault::open(&self.location);
        vault.and_then(|mut vault| vault.obtain(&[wanted("session")])).unwrap_err()
    }

    fn sealed(&self) -> std::path::PathBuf {
        self.location.folder.join("secrets.sealed")
    }

    fn note(&self) -> std::path::PathBuf {
        self.location.folder.join("vault.json")
    }
}

fn mock() -> Arc<CredentialStore> {
    keyring_core::mock::Store::new().unwrap()
}

#[test]
fn a_secret_stays_what_it_was_and_others_are_added() {
    let world = World::new();
    let first = world.open().obtain(&[wanted("session")]).unwrap();
    let second = world.open().obtain(&[wanted("session"), wanted("other"), given("key")]).unwrap();
    assert_eq!(first["session"], second["session"]);
    assert_ne!(second["session"], second["other"]);
    assert!(first["session"].reveal().len() >= 43);
    assert!(!second.contains_key("key"), "nobody has given it yet");
    assert_eq!(world.open().kind(), StoreKind::File);
}

#[test]
fn any_text_can_be_kept_and_forgotten() {
    let world = World::new();
    let long = "é\n".repeat(32 * 1024);
    let values =
        ["", " spaces ", "quotes \" ' `", "lines\r\n\tand\u{0}more", "💡 {secret.x}", &long];
    for (number, value) in values.iter().enumerate() {
        world.open().set(&format!("s{number}"), secret(value)).unwrap();
    }
    let mut vault = world.open();
    for (number, value) in values.iter().enumerate() {
        assert_eq!(vault.get(&format!("s{number}")).unwrap().unwrap().reveal(), *value);
    }
    assert!(vault.remove("s0").unwrap());
    assert!(!vault.remove("s0").unwrap());
    assert!(vault.get("s0").unwrap().is_none());
    assert_eq!(vault.list().unwrap().len(), values.len() - 1);
}

#[test]
fn what_is_kept_is_listed_without_opening_anything() {
    let world = World::new();
    let mut vault = world.open();
    vault.obtain(&[wanted("session")]).unwrap();
    vault.set("key", secret("open sesame")).unwrap();
    fs::remove_file(&world.location.key_file).unwrap();
    let overview = Vault::overview(&world.location).unwrap();
    assert_eq!(overview.store, Some(StoreKind::File));
    let listed: Vec<_> = overview.secrets.iter().map(|one| (&*one.name, one.origin)).collect();
    assert_eq!(listed, [("key", SecretOrigin::Given), ("session", SecretOrigin::Generated)]);
    assert!(!fs::read_to_string(world.note()).unwrap().contains("sesame"));
}

#[test]
fn rotating_makes_another_one() {
    let world = World::new();
    let first = world.open().obtain(&[wanted("session")]).unwrap();
    world.open().rotate("session", RECIPE).unwrap();
    let second = world.open().obtain(&[wanted("session")]).unwrap();
    assert_ne!(first["session"], second["session"]);
}

#[test]
fn files_hold_no_secret_in_the_clear_and_only_their_owner_can_read_them() {
    let world = World::new();
    let secrets = world.open().obtain(&[wanted("session")]).unwrap();
    for file in [world.sealed(), world.location.key_file.clone(), world.note()] {
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
fn a_file_that_does_not_open_is_said_why_and_never_overwritten() {
    let world = World::new();
    world.open().obtain(&[wanted("session")]).unwrap();
    let (good, key) =
        (fs::read(world.sealed()).unwrap(), fs::read(&world.location.key_file).unwrap());

    let other_app = VaultLocation { app: "com.example.other".to_owned(), ..world.location.clone() };
    let error = Vault::open(&other_app).unwrap().obtain(&[wanted("x")]).unwrap_err();
    assert!(matches!(error, VaultError::Sealed { .. }), "{error}");

    for length in 0..good.len() {
        fs::write(world.sealed(), &good[..length]).unwrap();
        let error = world.error();
        assert!(matches!(error, VaultError::Damaged { .. }), "{length}: {error}");
        assert_eq!(fs::read(world.sealed()).unwrap(), &good[..length]);
    }
    let text = String::from_utf8(good.clone()).unwrap();
    let newer = text.replace("\"version\":1", "\"version\":3");
    fs::write(world.sealed(), &newer).unwrap();
    assert!(matches!(world.error(), VaultError::Newer { .. }));
    assert_eq!(fs::read_to_string(world.sealed()).unwrap(), newer);
    fs::write(world.sealed(), &good).unwrap();

    fs::write(&world.location.key_file, [7; 32]).unwrap();
    assert!(matches!(world.error(), VaultError::Sealed { .. }));
    fs::write(&world.location.key_file, "short").unwrap();
    assert!(matches!(world.error(), VaultError::Sealed { .. }));
    fs::remove_file(&world.location.key_file).unwrap();
    assert!(matches!(world.error(), VaultError::NoKey { .. }));
    assert!(!world.location.key_file.exists(), "no other key is made");
    assert_eq!(fs::read(world.sealed()).unwrap(), good);

    fs::write(&world.location.key_file, key).unwrap();
    world.open().obtain(&[wanted("session")]).unwrap();
}

#[test]
fn a_note_that_makes_no_sense_or_is_newer_is_an_error_and_stays() {
    let world = World::new();
    world.open().obtain(&[wanted("session")]).unwrap();
    for text in ["", "{\"store\":", r#"{"store":"cloud"}"#] {
        fs::write(world.note(), text).unwrap();
        assert!(matches!(world.error(), VaultError::Damaged { .. }), "{text}");
        assert_eq!(fs::read_to_string(world.note()).unwrap(), text);
    }
    fs::write(world.note(), r#"{"version":9,"store":"file","names":{}}"#).unwrap();
    assert!(matches!(world.error(), VaultError::Newer { .. }));
    let begun =
        Vault::begin_anew(&world.location, StoreKind::File, &VaultOptions::default()).map(|_| ());
    assert!(matches!(begun, Err(VaultError::Newer { .. })), "not even on purpose");
}

#[test]
fn a_lost_note_is_found_again_by_the_file() {
    let world = World::new();
    let before = world.open().obtain(&[wanted("session")]).unwrap();
    fs::remove_file(world.note()).unwrap();
    let mut vault = world.open();
    assert_eq!(vault.kind(), StoreKind::File);
    assert_eq!(vault.obtain(&[wanted("session")]).unwrap()["session"], before["session"]);
    assert_eq!(vault.list().unwrap().len(), 1, "its name is noted again");
}

#[test]
fn a_made_secret_that_has_gone_is_not_made_again_by_itself() {
    let world = World::new();
    world.open().obtain(&[wanted("session")]).unwrap();
    fs::remove_file(world.sealed()).unwrap();
    let error = world.error();
    assert!(matches!(&error, VaultError::Gone { name } if name == "session"), "{error}");
    assert!(error.hint().contains("ensconce secret rotate session"), "{}", error.hint());
    world.open().rotate("session", RECIPE).unwrap();
    world.open().obtain(&[wanted("session")]).unwrap();
}

#[test]
fn two_at_once_agree_on_the_same_secrets() {
    let world = World::new();
    let all: Vec<_> = std::thread::scope(|scope| {
        let one = || scope.spawn(|| world.open().obtain(&[wanted("a"), wanted("b")]).unwrap());
        let threads: Vec<_> = (0..8).map(|_| one()).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(all.iter().all(|secrets| *secrets == all[0]));
}

#[test]
fn begun_anew_the_old_file_is_set_aside() {
    let world = World::new();
    let before = world.open().obtain(&[wanted("session")]).unwrap();
    fs::write(&world.location.key_file, [7; 32]).unwrap();
    let opening = VaultOptions::default();
    let mut vault = Vault::begin_anew(&world.location, StoreKind::File, &opening).unwrap();
    assert!(vault.list().unwrap().is_empty());
    assert_ne!(vault.obtain(&[wanted("session")]).unwrap()["session"], before["session"]);
    assert!(world.location.folder.join("secrets.sealed.broken").exists());
}

#[test]
fn a_passphrase_opens_its_file_and_no_other_does() {
    let world = World::new();
    let before = world.open().obtain(&[wanted("session")]).unwrap();
    let opening =
        |text: &str| VaultOptions { passphrase: Some(secret(text)), ..VaultOptions::default() };
    let moved =
        world.open().move_to(StoreKind::Passphrase, &opening("four words of mine")).unwrap();
    assert_eq!(moved.kind(), StoreKind::Passphrase);
    drop(moved);

    let no = |opening| Vault::open_with(&world.location, &opening).map(|_| ()).unwrap_err();
    assert!(matches!(no(VaultOptions::default()), VaultError::PassphraseNeeded(_)));
    assert!(matches!(no(opening("four words of yours")), VaultError::WrongPassphrase { .. }));
    assert!(matches!(no(opening("")), VaultError::WrongPassphrase { .. }));

    let mut vault = Vault::open_with(&world.location, &opening("four words of mine")).unwrap();
    assert_eq!(vault.obtain(&[wanted("session")]).unwrap(), before);
    vault.set("key", secret("value")).unwrap();
    let overview = Vault::overview(&world.location).unwrap();
    assert_eq!(overview.store, Some(StoreKind::Passphrase));
    let back = vault.move_to(StoreKind::File, &VaultOptions::default()).unwrap();
    assert_eq!(back.get("key").unwrap().unwrap().reveal(), "value");
    assert_eq!(world.open().obtain(&[wanted("session")]).unwrap(), before);
}

#[test]
fn a_made_up_file_cannot_ask_for_all_memory() {
    let most = Stretch { memory_kib: u32::MAX, passes: 1, lanes: 1 };
    assert!(most.key(&secret("x"), &[0; 16]).is_none());
    let world = World::new();
    let content = r#"{"version":2,"argon2id":{"memory_kib":4294967295,"passes":1,"lanes":1,"salt":"AAAAAAAAAAAAAAAAAAAAAA=="},"nonce":"","sealed":""}"#;
    fs::write(world.sealed(), content).unwrap();
    let opening = VaultOptions { passphrase: Some(secret("x")), ..VaultOptions::default() };
    let error = Vault::open_with(&world.location, &opening).map(|_| ()).unwrap_err();
    assert!(matches!(error, VaultError::Damaged { .. }), "{error}");
}

#[test]
fn secrets_go_to_another_machine_and_nothing_else_opens_them() {
    let (here, there) = (World::new(), World::new());
    let mut vault = here.open();
    let made = vault.obtain(&[wanted("session")]).unwrap();
    vault.set("key", secret("with \"quotes\"\n")).unwrap();
    assert!(matches!(vault.export(&secret("")), Err(VaultError::EmptyPassphrase)));
    let passphrase = secret("on the way");
    let packed = vault.export(&passphrase).unwrap();

    let mut other = there.open();
    other.set("key", secret("before")).unwrap();
    assert_eq!(other.import(&packed, &passphrase).unwrap(), ["key", "session"]);
    assert_eq!(other.obtain(&[wanted("session")]).unwrap(), made);
    assert_eq!(other.get("key").unwrap().unwrap().reveal(), "with \"quotes\"\n");
    assert_eq!(other.list().unwrap(), vault.list().unwrap());

    let mut fails = |packed: &[u8], passphrase: &str| {
        let error = other.import(packed, &secret(passphrase)).unwrap_err();
        assert_eq!(other.get("key").unwrap().unwrap().reveal(), "with \"quotes\"\n");
        error
    };
    assert!(matches!(fails(&packed, "another"), VaultError::WrongPassphrase { .. }));
    assert!(matches!(fails(b"PK\x03\x04 a zip file", "on the way"), VaultError::Damaged { .. }));
    for length in [0, 15, 16, 40, packed.len() - 1] {
        fails(&packed[..length], "on the way");
    }
    let changed = |at: usize| {
        let mut changed = packed.clone();
        changed[at] ^= 1;
        changed
    };
    assert!(matches!(
        fails(&changed(packed.len() - 1), "on the way"),
        VaultError::WrongPassphrase { .. }
    ));
    assert!(matches!(fails(&changed(17), "on the way"), VaultError::Newer { .. }));
    let app = VaultLocation { app: "com.example.other".to_owned(), ..World::new().location };
    fs::create_dir_all(&app.folder).unwrap();
    fs::write(app.folder.join("vault.json"), r#"{"store":"file"}"#).unwrap();
    let error = Vault::open(&app).unwrap().import(&packed, &passphrase).unwrap_err();
    assert!(matches!(error, VaultError::OtherApp { .. }), "{error}");
}

#[test]
fn what_is_too_long_for_the_keychain_goes_to_the_file_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let location = location(folder.path());
    let store = mock();
    let open = || {
        let keychain = Keychain::of(Arc::clone(&store), &location, Some(2560));
        Vault::with_keychain(&location, keychain)
    };
    let fits = secret(&"é".repeat(1280));
    let long = secret(&"é".repeat(1281));
    open().set("a", fits.clone()).unwrap();
    assert!(!location.folder.join("secrets.sealed").exists());
    open().set("b", long.clone()).unwrap();
    let kept = |vault: &Vault| -> Vec<StoreKind> {
        vault.list().unwrap().iter().map(|one| one.kept).collect()
    };
    assert_eq!(kept(&open()), [StoreKind::Keychain, StoreKind::File]);
    assert_eq!(open().get("b").unwrap(), Some(long.clone()));
    // From long to short and back: there is never a second, older one.
    open().set("b", fits.clone()).unwrap();
    open().set("a", long.clone()).unwrap();
    assert_eq!(kept(&open()), [StoreKind::File, StoreKind::Keychain]);
    assert_eq!((open().get("a").unwrap(), open().get("b").unwrap()), (Some(long), Some(fits)));
    let beside = SealedFile::with_key_file(&location).read().unwrap();
    assert_eq!(beside.keys().collect::<Vec<_>>(), ["a"]);
    assert!(open().remove("a").unwrap() && open().remove("b").unwrap());
    assert!(open().list().unwrap().is_empty());
}

#[test]
fn secrets_move_out_of_a_keychain_when_they_are_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let location = location(folder.path());
    let store = mock();
    let open =
        || Vault::with_keychain(&location, Keychain::of(Arc::clone(&store), &location, None));
    let made = open().obtain(&[wanted("session")]).unwrap();
    assert_eq!(Vault::overview(&location).unwrap().store, Some(StoreKind::Keychain));
    let mut moved = open().move_to(StoreKind::File, &VaultOptions::default()).unwrap();
    assert_eq!(moved.obtain(&[wanted("session")]).unwrap(), made);
    let left = Keychain::of(store, &location, None).get("session").unwrap();
    assert!(left.is_none(), "it is in one place only");
}

#[test]
fn a_secret_is_not_in_its_debug_output() {
    assert_eq!(format!("{:?}", secret("open sesame")), "<secret>");
}

#[test]
fn hexadecimal_is_twice_as_long_as_its_bytes() {
    let secret =
        SecretValue::random(SecretRecipe { bytes: 16, encoding: SecretEncoding::Hex }).unwrap();
    assert_eq!(secret.reveal().len(), 32);
    assert!(secret.reveal().chars().all(|c| c.is_ascii_hexdigit()));
}
