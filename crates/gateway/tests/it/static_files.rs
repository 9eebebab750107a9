//! Pages from a folder.

use std::fs;
use std::fs::File;
use std::path::Path;

use ensconce_gateway::Site;
use tempfile::TempDir;

use crate::client::Answer;
use crate::service::{self, echo};
use crate::world::{Kind, World, files, route};

const PERSON: &str = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("index.html", "<p>start"),
        ("about.html", "<p>about"),
        ("docs/index.html", "<p>docs"),
        ("empty/x.txt", "x"),
        ("assets/index-BxK2_d3f.js", "1"),
        ("assets/main.3f2a1b4c.css", "p{}"),
        ("plain.js", "let x = 1;"),
        ("plain.js.br", "brotli"),
        ("plain.js.gz", "gzip"),
        ("module.wasm", "wasm"),
        ("font.woff2", "font"),
        ("café.svg", "<svg/>"),
        ("text.txt", "0123456789"),
        (".env", "SECRET=1"),
        (".git/config", "secret"),
        (".well-known/x.txt", "known"),
    ] {
        write(folder.path(), name, text);
    }
    folder
}

struct Files {
    world: World,
    folder: TempDir,
}

impl Files {
    async fn serve() -> Self {
        let folder = folder();
        Self { world: World::start(files(folder.path()), Kind::Proxy).await, folder }
    }

    async fn get(&self, path: &str, headers: &[&str]) -> Answer {
        self.world.window("GET", &format!("http://items.localhost{path}"), headers).await
    }
}

#[tokio::test]
async fn types_are_right() {
    let files = Files::serve().await;
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/plain.js", "text/javascript; charset=utf-8"),
        ("/assets/main.3f2a1b4c.css", "text/css; charset=utf-8"),
        ("/text.txt", "text/plain; charset=utf-8"),
        ("/module.wasm", "application/wasm"),
        ("/caf%C3%A9.svg", "image/svg+xml"),
        ("/font.woff2", "font/woff2"),
        ("/.well-known/x.txt", "text/plain; charset=utf-8"),
    ] {
        let answer = files.get(path, &[]).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
    }
}

#[tokio::test]
async fn pages_are_found_by_their_short_names() {
    let files = Files::serve().await;
    for (path, text) in [("/", "<p>start"), ("/about", "<p>about"), ("/docs/", "<p>docs")] {
        assert_eq!(files.get(path, &[]).await.text(), text, "{path}");
    }
    let folder = files.get("/docs?a=b", &[]).await;
    assert_eq!((folder.status, folder.header("location")), (308, Some("./docs/?a=b")));
    for path in ["/empty", "/empty/", "/nothing", "/about/"] {
        assert_eq!(files.get(path, &[]).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn only_navigations_fall_back_to_the_start_page() {
    let files = Files::serve().await;
    for path in ["/items/7", "/users/jane@example.com", "/v1.2", "/empty/", "/items/a:b", "/a//b"] {
        let answer = files.get(path, &[PERSON]).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, "<p>start"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert_eq!(files.get(path, &["Accept: */*"]).await.status, 404, "{path}");
    }
    for path in ["/missing.js", "/missing.png", "/assets/old-Ab12cD34.css", "/data.json"] {
        assert_eq!(files.get(path, &[PERSON]).await.status, 404, "{path}");
    }
    let post =
        files.world.window("POST", "http://items.localhost/", &[PERSON, "Content-Length: 0"]);
    let post = post.await;
    assert_eq!((post.status, post.header("allow")), (405, Some("GET, HEAD")));
}

#[tokio::test]
async fn only_names_with_a_hash_are_kept_for_good() {
    let files = Files::serve().await;
    for path in ["/assets/index-BxK2_d3f.js", "/assets/main.3f2a1b4c.css"] {
        let caching = files.get(path, &[]).await;
        assert_eq!(caching.header("cache-control"), Some("public, max-age=31536000, immutable"));
    }
    let first = files.get("/text.txt", &[]).await;
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    let tag = format!("If-None-Match: {}", first.header("etag").unwrap());
    let again = files.get("/text.txt", &[&tag]).await;
    assert_eq!((again.status, again.header("cache-control")), (304, Some("no-cache")));
    assert_eq!(again.header("etag"), first.header("etag"));
    // Within the second that dates can tell apart.
    write(files.folder.path(), "text.txt", "9876543210+");
    assert_eq!(files.get("/text.txt", &[&tag]).await.text(), "9876543210+");
}

/// All files of a reproducible package have the same time, in every version of the app.
#[tokio::test]
async fn a_new_edition_of_a_file_is_seen_though_its_size_and_time_are_the_same() {
    let files = Files::serve().await;
    let path = files.folder.path().join("text.txt");
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_577_836_800);
    let set_time = || File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    set_time();
    let first = files.get("/text.txt", &[]).await;
    let tag = format!("If-None-Match: {}", first.header("etag").unwrap());
    assert_eq!(first.header("last-modified"), None, "a date is no proof");
    std::fs::remove_file(&path).unwrap();
    write(files.folder.path(), "text.txt", "abcdefghij");
    set_time();
    let since = "If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT";
    for condition in [tag.as_str(), since] {
        assert_eq!(files.get("/text.txt", &[condition]).await.text(), "abcdefghij");
    }
}

#[tokio::test]
async fn ranges_are_answered() {
    let files = Files::serve().await;
    let part = files.get("/text.txt", &["Range: bytes=2-4"]).await;
    assert_eq!((part.status, part.text().as_str()), (206, "234"));
    assert_eq!(part.header("content-range"), Some("bytes 2-4/10"));
    assert_eq!(files.get("/text.txt", &["Range: bytes=-3"]).await.text(), "789");
    assert_eq!(files.get("/text.txt", &["Range: bytes=20-"]).await.status, 416);
    assert_eq!(files.get("/text.txt", &["Range: nonsense"]).await.status, 200);
    let changed = files.get("/text.txt", &["Range: bytes=2-4", "If-Range: \"old\""]).await;
    assert_eq!((changed.status, changed.text().as_str()), (200, "0123456789"));
    let head = files.world.window("HEAD", "http://items.localhost/text.txt", &[]).await;
    let same = format!("If-Range: {}", head.header("etag").unwrap());
    assert_eq!(files.get("/text.txt", &["Range: bytes=2-4", &same]).await.status, 206);
    assert_eq!(head.header("content-length"), Some("10"));
}

#[tokio::test]
async fn compressed_copies_are_preferred() {
    let files = Files::serve().await;
    for (accept, text, encoding) in [
        ("Accept-Encoding: gzip, br", "brotli", Some("br")),
        ("Accept-Encoding: gzip", "gzip", Some("gzip")),
        ("Accept-Encoding: zstd", "let x = 1;", None),
        ("X: y", "let x = 1;", None),
    ] {
        let answer = files.get("/plain.js", &[accept]).await;
        assert_eq!((answer.text().as_str(), answer.header("content-encoding")), (text, encoding));
        assert_eq!(answer.header("content-type"), Some("text/javascript; charset=utf-8"));
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
    }
}

/// CVE-2026-41612: path traversal in a loopback preview server.
#[tokio::test]
async fn nothing_outside_the_folder_is_served() {
    let files = Files::serve().await;
    let folder = files.folder.path();
    let name = folder.file_name().unwrap().to_str().unwrap();
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "secret.txt", "secret");
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(outside.path().join("secret.txt"), folder.join("link.txt")).unwrap();
        symlink(outside.path(), folder.join("linked")).unwrap();
        symlink(outside.path().join("secret.txt"), folder.join("text.txt.br")).unwrap();
        symlink(folder.join("text.txt"), folder.join("inside.txt")).unwrap();
        assert_eq!(files.get("/inside.txt", &[]).await.text(), "0123456789");
        let answer = files.get("/text.txt", &["Accept-Encoding: br"]).await;
        assert_eq!(answer.text(), "0123456789");
    }
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%252e%252e/secret.txt",
        "/..%5csecret.txt",
        "/..\\secret.txt",
        "/assets/../.env",
        "/text.txt%00.html",
        "/%00",
        "/.env",
        "/%2eenv",
        "/.git/config",
        "/.git/",
        "/link.txt",
        "/linked/secret.txt",
        "/linked/",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/C:/x",
        "/text.txt/",
        "/text.txt::$DATA",
        "/assets",
        "/assets/",
        &format!("/../{name}/text.txt"),
        "/....//secret.txt",
        "/%c0%ae%c0%ae/secret.txt",
        "/nul",
        "/plain.js.",
    ] {
        let answer = files.get(path, &[]).await;
        assert!(matches!(answer.status, 400 | 404), "{path}: {} {}", answer.status, answer.text());
        assert!(!answer.text().contains("secret") || answer.text().contains("error"), "{path}");
    }
    assert_eq!(files.get("/.env", &[PERSON]).await.status, 404);
}

#[tokio::test]
async fn a_route_wins_over_a_file() {
    let folder = folder();
    write(folder.path(), "api/x", "file");
    let service = service::tcp(echo).await;
    let site = Site { routes: vec![route(None, "/api", false)], ..files(folder.path()) };
    let world = World::ready(site, Kind::Proxy, &service.address).await;
    let answer = world.window("GET", "http://items.localhost/api/x", &[]).await;
    assert!(answer.text().starts_with("GET /api/x\n"));
    for path in ["/%61pi/x", "//api/x", "/api%2fx"] {
        let answer = world.window("GET", &format!("http://items.localhost{path}"), &[]).await;
        assert_ne!(answer.text(), "file", "{path}");
    }
}

#[tokio::test]
async fn a_missing_folder_is_not_found() {
    let world = World::start(files(Path::new("/nonexistent/folder")), Kind::Proxy).await;
    assert_eq!(world.window("GET", "http://items.localhost/", &[PERSON]).await.status, 404);
}
