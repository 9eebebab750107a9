//! Certificates that are right, and each way in which they are not.
//!
//! Where the system's authorities come from a variable, as on Linux, the tests have one of their
//! own.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
    date_time_ymd,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;
use tempfile::TempDir;

use crate::checks::check_in;
use crate::servers::{Server, answer, request};
use crate::world::{Said, helper};

/// An authority, and the file that says that it is believed.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: TempDir,
}

/// A certificate and its key.
pub(crate) struct Pair {
    pub(crate) certificate: rcgen::Certificate,
    pub(crate) key: KeyPair,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let folder = tempfile::tempdir().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Self { issuer: Issuer::new(params, key), folder }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A certificate for names and addresses, changed a bit.
    pub(crate) fn sign(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Pair {
        let (params, key) = params(names, change);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Pair { certificate, key }
    }
}

fn params(
    names: &[&str],
    change: impl FnOnce(&mut CertificateParams),
) -> (CertificateParams, KeyPair) {
    let mut params = CertificateParams::default();
    params.subject_alt_names = names
        .iter()
        .map(|name| match name.parse() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName((*name).try_into().unwrap()),
        })
        .collect();
    change(&mut params);
    (params, KeyPair::generate().unwrap())
}

fn serving(pair: &Pair, text: String) -> Server {
    let key = PrivateKeyDer::try_from(pair.key.serialize_der()).unwrap();
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![pair.certificate.der().clone()], key)
            .unwrap();
    let config = Arc::new(config);
    Server::start(move |stream, seen| {
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        let request = request(&mut stream);
        seen.lock().unwrap().push(request);
        let _ = stream.write_all(text.as_bytes());
        stream.conn.send_close_notify();
        let _ = stream.flush();
    })
}

fn call(authority: &Authority, url: &str) -> Said {
    let request = json!({
        "kind": "http", "method": "GET", "url": url, "headers": { "x-api-key": "my-secret" }, "timeout_ms": 10_000,
    });
    check_in(helper().env("SSL_CERT_FILE", authority.file()), &request)
}

fn https(server: &Server) -> String {
    format!("https://127.0.0.1:{}/", server.address.port())
}

#[test]
fn a_certificate_that_is_right() {
    let authority = Authority::new();
    let server = serving(&authority.sign(&["127.0.0.1"], |_| ()), answer("200 OK", "", ""));
    call(&authority, &https(&server)).is("ok");
    assert!(server.seen()[0].contains("x-api-key: my-secret"));
}

#[test]
fn certificates_that_are_wrong() {
    let authority = Authority::new();
    let past = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    };
    let future = |params: &mut CertificateParams| params.not_before = date_time_ymd(2090, 1, 1);
    let (own, key) = params(&["127.0.0.1"], |_| ());
    let own = Pair { certificate: own.self_signed(&key).unwrap(), key };
    let (able, key) = params(&["127.0.0.1"], |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
    let able = Pair { certificate: able.self_signed(&key).unwrap(), key };
    for (pair, reason) in [
        (authority.sign(&["127.0.0.1"], past), "certificate_expired"),
        (authority.sign(&["127.0.0.1"], future), "certificate_not_yet"),
        (authority.sign(&["example.com"], |_| ()), "certificate_name"),
        (Authority::new().sign(&["127.0.0.1"], |_| ()), "certificate_unknown"),
        (own, "certificate_unknown"),
        (able, "certificate_unknown"),
    ] {
        let server = serving(&pair, answer("200 OK", "", ""));
        call(&authority, &https(&server)).is(reason).hides("my-secret");
        assert!(server.seen().iter().all(|request| !request.contains("my-secret")));
    }
}

#[test]
fn encryption_where_there_is_none_and_the_other_way_round() {
    let authority = Authority::new();
    let plain = Server::start(|mut stream, _| {
        let _ = stream.write_all(answer("400 Bad Request", "", "").as_bytes());
    });
    call(&authority, &https(&plain)).is("not_tls");
    let server = serving(&authority.sign(&["127.0.0.1"], |_| ()), answer("200 OK", "", ""));
    let said = call(&authority, &server.url("/"));
    assert!(["not_http", "broken_off"].contains(&said.reason().as_str()), "{said:?}");
}

#[test]
fn encryption_is_not_given_up_on_the_way() {
    let authority = Authority::new();
    let plain = Server::answering(&answer("200 OK", "", ""));
    let location = format!("location: {}\r\n", plain.url("/"));
    let pair = authority.sign(&["127.0.0.1"], |_| ());
    let server = serving(&pair, answer("302 Found", &location, ""));
    call(&authority, &https(&server)).is("redirect_insecure");
    assert!(plain.seen().is_empty());
}
