//! The sockets of a simulation: one real HTTP/1.1 server on loopback for all symbolic hosts, and one address at which
//! nobody listens.
//!
//! A request finds its host by its `Host` header. Every connection carries one request, so a process that is not there
//! any more at the next one is refused, as it should be.
#![expect(clippy::disallowed_methods, reason = "the simulated hosts answer on real sockets of loopback")]

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::fields::Manner;
use super::hosts::{Answer, Hosts, Request};
use crate::drivers::{Clock, Route};

/// Longest head of a request: more than any client of ours sends.
const MAX_HEAD_BYTES: u64 = 64 * 1024;

/// Longest body of a request: a message with a long report in it.
const MAX_BODY_BYTES: u64 = 4 * 1024 * 1024;

/// A client on the same machine that is silent for so long is not one of ours.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connections that are left without an answer until the server ends; a scenario's hang needs one a request.
const MAX_HELD: usize = 64;

/// A running server; it ends when it is dropped.
pub struct Server {
    hosts: Arc<Hosts>,
    clock: Arc<dyn Clock>,
    address: SocketAddr,
    nobody: Nobody,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts it; `clock` is the virtual one.
    pub fn start(hosts: Arc<Hosts>, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let nobody = Nobody::new()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let (asked, time) = (Arc::clone(&hosts), Arc::clone(&clock));
        let thread = std::thread::Builder::new().name("simulated hosts".to_owned()).spawn(move || {
            let mut held = Vec::new();
            for stream in listener.incoming() {
                if stopped.load(Ordering::Acquire) {
                    return;
                }
                // A client that goes away in the middle is its own affair.
                if let Ok(Some(left_open)) = stream.and_then(|stream| serve(stream, &asked, &*time)) {
                    held.truncate(MAX_HELD - 1);
                    held.insert(0, left_open);
                }
            }
        })?;
        Ok(Self { hosts, clock, address, nobody, stop, thread: Some(thread) })
    }

    /// Where it listens, for all hosts.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// An address that refuses every connection.
    pub fn nobody(&self) -> SocketAddr {
        self.nobody.address
    }

    /// The way to its hosts: those that are there now, and nobody else.
    pub fn route(&self) -> Arc<dyn Route> {
        let Self { hosts, clock, address, nobody, .. } = self;
        Arc::new(SimRoute {
            hosts: Arc::clone(hosts),
            clock: Arc::clone(clock),
            address: *address,
            nobody: nobody.address,
        })
    }
}

/// See [`Server::route`].
struct SimRoute {
    hosts: Arc<Hosts>,
    clock: Arc<dyn Clock>,
    address: SocketAddr,
    nobody: SocketAddr,
}

impl Route for SimRoute {
    fn address(&self, host: &str, port: u16) -> Option<SocketAddr> {
        let listens = self.hosts.listens(&format!("{host}:{port}"), self.clock.now())?;
        Some(if listens { self.address } else { self.nobody })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // Wakes the thread from its `accept`; where even that fails it cannot be waited for.
        if TcpStream::connect_timeout(&self.address, PATIENCE).is_ok()
            && let Some(thread) = self.thread.take()
        {
            drop(thread.join());
        }
    }
}

/// An address that is taken and at which nobody listens: one end of a connection to ourselves.
#[derive(Debug)]
struct Nobody {
    address: SocketAddr,
    _ends: (TcpStream, TcpStream),
}

impl Nobody {
    fn new() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let near = TcpStream::connect(listener.local_addr()?)?;
        let (far, _) = listener.accept()?;
        Ok(Self { address: near.local_addr()?, _ends: (near, far) })
    }
}

/// Answers one request. Gives the connection back where it is to be left open without an answer.
fn serve(stream: TcpStream, hosts: &Hosts, clock: &dyn Clock) -> io::Result<Option<TcpStream>> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let Some(request) = read_request(&mut reader)? else { return Ok(None) };
    let mut stream = reader.into_inner();
    let now = clock.now();
    let conduct = hosts.conduct(&request.method, &request.host, &request.target, now);
    let manner = conduct.map_or(Manner::Refused, |conduct| conduct.manner);
    let Some(answer) = hosts.answer(&request, now) else { return Ok(None) };
    let body_wanted = !request.method.eq_ignore_ascii_case("HEAD");
    match manner {
        Manner::Refused | Manner::Reset => {}
        Manner::Hang => return Ok(Some(stream)),
        Manner::Slow => {
            write_head(&mut stream, &answer)?;
            stream.flush()?;
            return Ok(Some(stream));
        }
        Manner::Cut => {
            write_head(&mut stream, &answer)?;
            let half = answer.body.len() / 2;
            stream.write_all(answer.body.get(..half).unwrap_or_default())?;
            stream.flush()?;
        }
        Manner::Ok | Manner::Html | Manner::Json | Manner::Denied | Manner::Status(_) => {
            write_head(&mut stream, &answer)?;
            if body_wanted {
                stream.write_all(&answer.body)?;
            }
            stream.flush()?;
        }
    }
    Ok(None)
}

fn write_head(stream: &mut TcpStream, answer: &Answer) -> io::Result<()> {
    let Answer { status, content_type, body } = answer;
    let reason = match status {
        200..=299 => "OK",
        300..=399 => "Elsewhere",
        400..=499 => "Refused",
        _ => "Failed",
    };
    let head = format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())
}

/// Reads a request; none: it is none, or the connection was closed before it was whole.
fn read_request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let mut head = reader.by_ref().take(MAX_HEAD_BYTES);
    let mut line = String::new();
    head.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
    let (method, target) = (method.to_owned(), target.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        if head.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    let length = headers.get("content-length").and_then(|length| length.parse::<u64>().ok()).unwrap_or(0);
    if length > MAX_BODY_BYTES {
        return Ok(None);
    }
    let mut body = Vec::new();
    reader.by_ref().take(length).read_to_end(&mut body)?;
    let host = headers.get("host").cloned().unwrap_or_default();
    Ok(Some(Request { method, host, target, headers, body }))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::Receiver;

    use jiff::{SignedDuration, Timestamp};

    use super::super::scenario::Scenario;
    use super::*;
    use crate::drivers::Busy;
    use crate::drivers::reply::Message;

    struct Fixed(Timestamp);

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            self.0
        }

        fn monotonic(&self) -> SignedDuration {
            SignedDuration::ZERO
        }

        fn wait(&self, _: &Receiver<Message>, _: Option<Timestamp>, _: Busy) -> Option<Message> {
            None
        }
    }

    fn server(scenario: &str, minutes: i64) -> Server {
        let start = Scenario::DEFAULT_START;
        let hosts = Hosts::new(Arc::new(Scenario::parse(scenario).unwrap()), start);
        let clock = Fixed(start + SignedDuration::from_mins(minutes));
        Server::start(Arc::new(hosts), Arc::new(clock)).unwrap()
    }

    fn raw(server: &Server, request: &str) -> String {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    const SCRAPE: &str = "GET /metrics/prom HTTP/1.1\r\nHost: metasheet.sim:4000\r\n\r\n";

    #[test]
    fn hosts_are_told_apart_by_their_name() {
        let server = server("[service]\n[slack]\n", 0);
        let answer = raw(&server, SCRAPE);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{head}");
        assert!(body.starts_with("# HELP http_requests_total "));
        let message = "POST /services/x HTTP/1.1\r\nHost: slack.sim\r\nContent-Length: 13\r\n\r\n{\"text\":\"hi\"}";
        assert!(raw(&server, message).ends_with("\r\n\r\nok"));
        assert_eq!(raw(&server, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"), "", "nobody of that name");
        assert_eq!(raw(&server, "\r\n\r\n"), "");
    }

    #[test]
    fn a_head_has_no_body() {
        let server = server("[service]", 0);
        let answer = raw(&server, "HEAD /metrics/prom HTTP/1.1\r\nHost: metasheet.sim:4000\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n"), "{answer}");
    }

    #[test]
    fn a_cut_answer_is_shorter_than_it_says() {
        let server = server("[service]\nanswer = \"cut\"\n", 0);
        let answer = raw(&server, SCRAPE);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let length: usize = head.split("Content-Length: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
        assert_eq!(body.len(), length / 2);
    }

    #[test]
    fn a_reset_answer_has_no_byte() {
        assert_eq!(raw(&server("[service]\nanswer = \"reset\"\n", 0), SCRAPE), "");
    }

    #[test]
    fn nobody_listens_at_the_other_address() {
        let server = server("[service]", 0);
        let error = TcpStream::connect(server.nobody()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn the_way_leads_to_hosts_that_listen_and_nowhere_else() {
        let scenario = "[service]\n[[service.at]]\nafter = \"10m\"\nanswer = \"refused\"\n";
        let (there, gone) = (server(scenario, 9), server(scenario, 10));
        assert_eq!(there.route().address("metasheet.sim", 4000), Some(there.address()));
        assert_eq!(there.route().address("metasheet.sim", 80), None);
        assert_eq!(there.route().address("example.com", 443), None);
        assert_eq!(gone.route().address("metasheet.sim", 4000), Some(gone.nobody()));
    }
}
