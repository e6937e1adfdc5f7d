use super::*;

const START: Timestamp = Scenario::DEFAULT_START;

fn hosts(text: &str) -> Hosts {
    Hosts::new(Arc::new(Scenario::parse(text).unwrap()), START)
}

fn at(minutes: i64) -> Timestamp {
    START + SignedDuration::from_mins(minutes)
}

fn get(host: &str, target: &str) -> Request {
    Request { method: "GET".to_owned(), host: host.to_owned(), target: target.to_owned(), ..Request::default() }
}

fn body(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

fn status(hosts: &Hosts, request: &Request, minutes: i64) -> u16 {
    hosts.answer(request, at(minutes)).unwrap().status
}

const METRICS: &str = "/metrics/prom";

#[test]
fn only_what_the_scenario_names_is_there() {
    let hosts = hosts("[service]\n[slack]\n[[http]]\nurl = \"http://grafana.sim/api/*\"\nbody = \"ok\"\n");
    assert_eq!(hosts.names(), ["grafana.sim", "metasheet.sim:4000", "slack.sim"]);
    assert_eq!(hosts.answer(&get("example.com", "/"), at(0)), None);
    assert_eq!(hosts.answer(&get("metasheet.sim", METRICS), at(0)), None, "another port is another host");
    assert_eq!(body(&hosts.answer(&get("grafana.sim", "/api/health"), at(0)).unwrap()), "ok");
    assert_eq!(body(&hosts.answer(&get("grafana.sim:80", "/api/health"), at(0)).unwrap()), "ok");
    assert_eq!(status(&hosts, &get("grafana.sim", "/login"), 0), 404);
    assert_eq!(status(&hosts, &get("metasheet.sim:4000", "/metrics"), 0), 404);
}

#[test]
fn a_scrape_gives_exposition_text() {
    let hosts = hosts("[service]");
    let answer = hosts.answer(&get("metasheet.sim:4000", METRICS), at(30)).unwrap();
    assert_eq!((answer.status, answer.content_type.as_str()), (200, exposition::CONTENT_TYPE));
    // 72 hours before the start.
    assert!(body(&answer).ends_with("process_start_time_seconds 1767430800\n"), "{}", body(&answer));
}

#[test]
fn a_service_with_a_token_denies_all_others() {
    let hosts = hosts("[service]\ntoken = \"t0\"\n[[service.at]]\nafter = \"10m\"\ntoken = \"t1\"\n");
    let mut request = get("metasheet.sim:4000", METRICS);
    assert_eq!(status(&hosts, &request, 0), 401);
    request.headers.insert("authorization".to_owned(), "Bearer t0".to_owned());
    assert_eq!((status(&hosts, &request, 0), status(&hosts, &request, 10)), (200, 401));
    let request = Request {
        headers: [("x-metrics-token".to_owned(), "t1".to_owned())].into(),
        ..get("metasheet.sim:4000", METRICS)
    };
    assert_eq!(status(&hosts, &request, 10), 200);
}

#[test]
fn misbehaviour_has_its_time() {
    let hosts = hosts("[service]\n[[service.at]]\nafter = \"10m\"\nfor = \"5m\"\nanswer = \"html\"\ntakes = \"3s\"\n");
    let conduct = |minutes| hosts.conduct("GET", "metasheet.sim:4000", METRICS, at(minutes)).unwrap();
    assert_eq!(conduct(9), Conduct { manner: Manner::Ok, takes: Span::millis(20) });
    assert_eq!(conduct(10), Conduct { manner: Manner::Html, takes: Span::millis(3000) });
    let page = hosts.answer(&get("metasheet.sim:4000", METRICS), at(14)).unwrap();
    assert_eq!((page.status, page.content_type.as_str()), (200, "text/html; charset=utf-8"));
    assert_eq!(conduct(15).manner, Manner::Ok);
}

#[test]
fn instances_behind_one_address_take_turns() {
    let hosts = hosts("[service]\ninstances = 2\n");
    let started = |minutes| {
        let answer = hosts.answer(&get("metasheet.sim:4000", METRICS), at(minutes)).unwrap();
        body(&answer).lines().last().unwrap().to_owned()
    };
    let (first, second, third) = (started(1), started(1), started(1));
    assert_ne!(first, second);
    assert_eq!(first, third);
}

#[test]
fn alerts_fire_for_their_time_and_are_filtered() {
    let hosts = hosts(
        "[alertmanager]\n[[alertmanager.alert]]\nafter = \"10m\"\nfor = \"5m\"\n\
         labels = { alertname = \"Errors\", service = \"metasheet\" }\n\
         [[alertmanager.alert]]\nafter = \"10m\"\nsilenced = true\nlabels = { alertname = \"Quiet\" }\n",
    );
    let names = |query: &str, minutes| {
        let answer =
            hosts.answer(&get("alertmanager.sim:9093", &format!("/api/v2/alerts{query}")), at(minutes)).unwrap();
        let alerts: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let names: Vec<_> = alerts.as_array().unwrap().iter().map(|a| a["labels"]["alertname"].clone()).collect();
        serde_json::Value::from(names).to_string()
    };
    assert_eq!(names("", 9), "[]");
    assert_eq!(names("", 10), r#"["Errors","Quiet"]"#);
    assert_eq!(names("?active=true&silenced=false&inhibited=false", 10), r#"["Errors"]"#);
    assert_eq!(names("?filter=service%3D%22metasheet%22", 10), r#"["Errors"]"#);
    assert_eq!(names("?filter=alertname=~%22Q.*%22", 10), r#"["Quiet"]"#);
    assert_eq!(names("?filter=alertname!=%22Errors%22", 10), r#"["Quiet"]"#);
    assert_eq!(names("?silenced=false", 15), "[]");
    assert_eq!(status(&hosts, &get("alertmanager.sim:9093", "/api/v2/alerts?filter=nonsense"), 10), 400);
    assert_eq!(status(&hosts, &get("alertmanager.sim:9093", "/api/v1/alerts"), 10), 404);
}

#[test]
fn a_message_is_taken_as_a_webhook_takes_it() {
    let hosts = hosts("[slack]");
    let post = |body: &str| Request {
        method: "POST".to_owned(),
        body: body.as_bytes().to_vec(),
        ..get("slack.sim", "/services/T0/B0/x")
    };
    assert_eq!(body(&hosts.answer(&post(r#"{"text":"Phase 5 开始"}"#), at(1)).unwrap()), "ok");
    assert_eq!(status(&hosts, &post("text"), 1), 400);
    assert_eq!(hosts.messages(), [Message { at: at(1), text: "Phase 5 开始".to_owned() }]);
}
