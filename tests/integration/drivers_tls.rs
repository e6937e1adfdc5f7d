//! How a source is shown who asks, and how it shows who it is: own certificates over real TLS, basic credentials, and several
//! scrapes that must come from one process.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use runbook::engine::action::{Access, Input, Scrape};
use runbook::engine::input::{Data, FailureKind};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::drivers_bench::{Bench, failed};
use crate::drivers_http::{scrape_of, scrape_with, scraped};
use crate::drivers_server::{Server, response, say};

const TEXT: &str = "text/plain; version=0.0.4";

const METRICS: &str = "http_requests_total 7\n";

fn certificate(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/certificates").join(name)
}

/// A server with the certificate of this name, which is signed by the authority of the tests.
fn secure(name: &str) -> SocketAddr {
    let chain = vec![CertificateDer::from_pem_file(certificate(&format!("{name}.pem"))).unwrap()];
    let key = PrivateKeyDer::from_pem_file(certificate(&format!("{name}.key"))).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            let mut asked = Vec::new();
            let mut piece = [0; 1024];
            // Who does not trust the certificate goes away in the middle.
            while !asked.windows(4).any(|four| four == b"\r\n\r\n") {
                match stream.read(&mut piece) {
                    Ok(length) if length > 0 => asked.extend_from_slice(&piece[..length]),
                    Ok(_) | Err(_) => break,
                }
            }
            drop(stream.write_all(&response("200 OK", TEXT, METRICS)).and_then(|()| stream.flush()));
        }
    });
    address
}

fn trusting(bench: &Bench, address: SocketAddr, ca: Option<&str>) -> runbook::engine::input::Outcome {
    let access = Access { ca: ca.map(str::to_owned), ..Access::default() };
    scrape_with(bench, &Scrape { access, ..scrape_of(vec![format!("https://{address}/metrics")]) })
}

#[test]
fn an_own_authority_is_trusted_where_it_is_named_and_for_its_own_hosts_alone() {
    let bench = Bench::new("t-tls");
    bench.write("ca.pem", std::fs::read(certificate("ca.pem")).unwrap());
    let own = secure("own");
    let outcome = trusting(&bench, own, Some("ca.pem"));
    assert_eq!(outcome.failure, None, "relative to the working directory of the run");
    assert_eq!(scraped(&outcome).scrapes[0].samples("http_requests_total").count(), 1);

    let outcome = trusting(&bench, own, None);
    let (kind, message) = failed(&outcome);
    assert_eq!(kind, FailureKind::Unreachable, "{message}");
    assert!(message.contains("certificate"), "{message}");
    let outcome = trusting(&bench, secure("other"), Some("ca.pem"));
    let (kind, message) = failed(&outcome);
    assert_eq!(kind, FailureKind::Unreachable, "{message}");
    assert!(message.contains("certificate") && message.contains("other.example"), "{message}");

    let outcome = trusting(&bench, own, Some("none.pem"));
    assert_eq!(failed(&outcome).0, FailureKind::NotStarted);
    bench.write("none.pem", "no certificate\n");
    let outcome = trusting(&bench, own, Some("none.pem"));
    let (kind, message) = failed(&outcome);
    assert!(kind == FailureKind::NotStarted && message.ends_with("there is no certificate in it"), "{message}");
}

#[test]
fn a_name_and_a_password_are_sent_and_never_told() {
    let bench = Bench::new("t-basic");
    assert!(bench.secrets.insert("password", "pass:wörd".into()));
    let server = Server::new(|asked, stream| {
        // monitor:pass:wörd
        if asked.header("authorization") == Some("Basic bW9uaXRvcjpwYXNzOnfDtnJk") {
            say(stream, &response("200 OK", TEXT, METRICS));
        } else {
            say(stream, &response("401 Unauthorized", "text/plain", "who are you?"));
        }
    });
    let with = |basic: Option<(String, Input)>| {
        let access = Access { basic, ..Access::default() };
        scrape_with(&bench, &Scrape { access, ..scrape_of(vec![server.url("/metrics")]) })
    };
    let password = |name: &str| Some(("monitor".to_owned(), Input::Secret(name.to_owned())));
    assert_eq!(with(password("password")).failure, None);
    assert_eq!(failed(&with(None)).0, FailureKind::Denied);
    assert_eq!(failed(&with(password("other"))), (FailureKind::NotStarted, "the secret other is not set"));
}

#[test]
fn instances_that_answer_in_turn_are_found_before_anything_depends_on_them() {
    for (instances, good) in [(1, true), (2, false)] {
        let turn = AtomicUsize::new(0);
        let server = Server::new(move |_, stream| {
            let start = 100 + turn.fetch_add(1, Ordering::Relaxed) % instances;
            let body = format!("{METRICS}process_start_time_seconds {start}\n");
            say(stream, &response("200 OK", TEXT, body));
        });
        let bench = Bench::new("t-compare");
        let outcome = scrape_with(&bench, &Scrape { compare: true, ..scrape_of(vec![server.url("/metrics")]) });
        assert_eq!(server.asked().len(), 5);
        if good {
            assert_eq!(scraped(&outcome).kept.len(), 1, "the last one is the evidence");
        } else {
            let (kind, message) = failed(&outcome);
            assert_eq!(kind, FailureKind::BadAnswer);
            assert!(message.contains("several instances behind one URL"), "{message}");
            assert_eq!(outcome.data, Data::None);
        }
    }
}
