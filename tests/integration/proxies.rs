//! By way of whom others are asked: of nobody, whatever the environment names for all programs; of the proxy that is
//! named for this one, but for this machine.

use crate::drivers_server::{Server, response, say};
use crate::support::program::{Place, ended, stderr, stdout};

const TEXT: &str = "text/plain; version=0.0.4";

/// A proxy that answers itself, and so shows what it was asked.
fn proxy() -> Server {
    Server::new(|asked, stream| match asked.line.split(' ').nth(1) {
        Some("http://metrics.example/ok") => say(stream, &response("200 OK", TEXT, "up 1\n")),
        _ => say(stream, &response("502 Bad Gateway", "text/plain", "no way there")),
    })
}

#[test]
fn proxies_of_the_environment_are_left_alone() {
    let server = Server::says(response("200 OK", TEXT, "up 1\n"));
    let mut place = Place::new();
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        place.env(name, "http://127.0.0.1:9");
    }
    let show = place.run(&["metrics", "show", &server.url("/ok")]);
    ended(&show, 0);
    assert_eq!(stdout(&show), "up 1\n");
    // A name that leads nowhere is looked up here, not there.
    let show = place.run(&["metrics", "show", "http://metrics.invalid/ok"]);
    ended(&show, 2);
    assert!(stderr(&show).contains("metrics.invalid: ") && !stderr(&show).contains("127.0.0.1"), "{}", stderr(&show));
}

#[test]
fn a_proxy_that_is_named_for_this_program_is_used_and_named_in_failures() {
    let proxy = proxy();
    let mut place = Place::new();
    place.env("RUNBOOK_PROXY", &format!("http://operator:pa55word@{}", proxy.address));
    let show = place.run(&["metrics", "show", "http://metrics.example/ok"]);
    ended(&show, 0);
    assert_eq!(stdout(&show), "up 1\n");
    assert_eq!(proxy.asked()[0].line, "GET http://metrics.example/ok HTTP/1.1");
    assert_eq!(proxy.asked()[0].header("proxy-authorization"), Some("Basic b3BlcmF0b3I6cGE1NXdvcmQ="));
    let show = place.run(&["metrics", "show", "https://metrics.example/ok"]);
    ended(&show, 2);
    assert_eq!(proxy.asked()[1].line, "CONNECT metrics.example:443 HTTP/1.1");
    let named = format!("metrics.example (proxy {}): ", proxy.address);
    assert!(stderr(&show).contains(&named) && !stderr(&show).contains("pa55word"), "{}", stderr(&show));
    // Nobody is there.
    place.env("RUNBOOK_PROXY", "http://127.0.0.1:9");
    let show = place.run(&["metrics", "show", "http://metrics.example/ok"]);
    ended(&show, 2);
    assert!(stderr(&show).contains("metrics.example (proxy 127.0.0.1:9): connection refused"), "{}", stderr(&show));
}

#[test]
fn this_machine_and_who_is_excepted_are_asked_directly() {
    let server = Server::says(response("200 OK", TEXT, "up 1\n"));
    let proxy = proxy();
    let mut place = Place::new();
    place.env("RUNBOOK_PROXY", &proxy.url("/"));
    place.env("NO_PROXY", "other.example,.invalid");
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("http://{host}:{}/ok", server.address.port());
        let show = place.run(&["metrics", "show", &url]);
        ended(&show, 0);
    }
    let show = place.run(&["metrics", "show", "http://metrics.invalid/ok"]);
    ended(&show, 2);
    assert!(!stderr(&show).contains("proxy"), "{}", stderr(&show));
    assert!(proxy.asked().is_empty());
}

#[test]
fn what_is_no_proxy_is_refused_before_anything_is_asked() {
    let server = Server::says(response("200 OK", TEXT, "up 1\n"));
    let mut place = Place::new();
    place.env("RUNBOOK_PROXY", "yes");
    let show = place.run(&["metrics", "show", &server.url("/ok")]);
    ended(&show, 2);
    assert!(stderr(&show).contains("RB0867]: $RUNBOOK_PROXY"), "{}", stderr(&show));
    assert!(server.asked().is_empty());
    place.env("LANG", "zh_CN.UTF-8");
    let show = place.run(&["metrics", "show", &server.url("/ok")]);
    assert!(stderr(&show).contains("RB0867]：$RUNBOOK_PROXY：不是代理的 URL"), "{}", stderr(&show));
}

#[test]
fn a_run_asks_by_way_of_the_same_proxy() {
    let proxy = proxy();
    let mut place = Place::new();
    place.write(
        "a.rb",
        "runbook a, \"A\" do\n  section s, \"S\" do\n    step one, \"One\" do\n      \
         http get: \"http://metrics.example/ok\", timeout: 10.s\n    end\n    step two, \"Two\" do\n      \
         http get: \"http://gone.example/x\", timeout: 10.s\n    end\n  end\nend\n",
    );
    place.env("HTTP_PROXY", "http://127.0.0.1:9");
    place.env("RUNBOOK_PROXY", &proxy.url(""));
    let exec = place.run(&["exec", "a.rb"]);
    let lines: Vec<String> = proxy.asked().into_iter().map(|asked| asked.line).collect();
    assert_eq!(
        lines,
        ["GET http://metrics.example/ok HTTP/1.1", "GET http://gone.example/x HTTP/1.1"],
        "{}",
        stderr(&exec)
    );
    let named = format!("gone.example (proxy {}): status 502 Bad Gateway", proxy.address);
    assert!(stderr(&exec).contains(&named), "{}", stderr(&exec));
}
