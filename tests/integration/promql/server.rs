//! A real Prometheus 3 with the samples of a file.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// A running server; it ends with this value.
pub(crate) struct Server {
    process: Child,
    /// On 127.0.0.1.
    pub(crate) port: u16,
    /// Holds its data; removed after the process has ended.
    _folder: TempDir,
}

/// Where the programs are, fetched if they are not there. Nothing where they cannot be had: said loudly here, and a failure
/// in CI.
pub(crate) fn programs() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("target/prometheus3");
    let fetched = Command::new("bash").arg(root.join("tests/tools/prometheus3.sh")).arg(&folder).output();
    let reason = match fetched {
        Ok(output) if output.status.success() => return Some(folder.join("usr/bin")),
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    assert!(std::env::var_os("CI").is_none(), "Prometheus 3 cannot be had, and in CI it must: {reason}");
    eprintln!("NOT TESTED against a real Prometheus 3, which cannot be had here: {reason}");
    None
}

/// Starts a server that holds the samples of the `OpenMetrics` text at `samples`.
pub(crate) fn start(samples: &Path) -> Option<Server> {
    let programs = programs()?;
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let blocks = Command::new(programs.join("promtool"))
        .args(["tsdb", "create-blocks-from", "openmetrics"])
        .args([samples, &data])
        .output()
        .unwrap();
    assert!(blocks.status.success(), "{}", String::from_utf8_lossy(&blocks.stderr));
    Some(run(&programs, folder, "global:\n  evaluation_interval: 1m\n"))
}

/// Starts a server that scrapes `target` by itself, every `interval_ms`.
pub(crate) fn start_scraping(target: SocketAddr, interval_ms: u64) -> Option<Server> {
    let programs = programs()?;
    let config = format!(
        "global: {{ scrape_interval: {interval_ms}ms, scrape_timeout: {interval_ms}ms }}\n\
         scrape_configs:\n\
         - job_name: target\n  \
           static_configs: [{{ targets: ['{target}'] }}]\n  \
           metric_relabel_configs: [{{ action: labeldrop, regex: job|instance }}]\n"
    );
    Some(run(&programs, TempDir::new().unwrap(), &config))
}

/// Runs a server on a free port, and waits until it is ready.
fn run(programs: &Path, folder: TempDir, config_text: &str) -> Server {
    let config = folder.path().join("prometheus.yml");
    std::fs::write(&config, config_text).unwrap();
    let data = folder.path().join("data");
    let mut process = Command::new(programs.join("prometheus"))
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.tsdb.path={}", data.display()))
        .args(["--storage.tsdb.retention.time=100y", "--web.listen-address=127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(process.stderr.take().unwrap());
    let (mut port, mut seen) = (None, String::new());
    // The two lines come from threads of the server's own, in either order.
    while port.is_none() || !seen.contains("Server is ready to receive web requests") {
        let mut line = String::new();
        let read = log.read_line(&mut line).unwrap();
        assert!(read > 0, "the server ended before it was ready:\n{seen}");
        if line.contains("Listening on") {
            port = line.rsplit(':').next().and_then(|number| number.trim().parse().ok());
        }
        seen.push_str(&line);
    }
    // What it says later must be read, or it would stop at a full pipe.
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    Server { process, port: port.expect("the log names the port"), _folder: folder }
}

impl Server {
    /// Its answer at `at_ms` as `{"data": …}` or `{"error": …}`.
    pub(crate) fn answer(&self, expression: &str, at_ms: i64) -> Json {
        let at_s = format!("{}.{:03}", at_ms / 1000, at_ms % 1000);
        let answer = self.post("/api/v1/query", &[("query", expression), ("time", &at_s)]);
        match answer.get("data") {
            Some(data) if answer["status"] == "success" => json!({ "data": data }),
            _ => json!({ "error": answer["error"] }),
        }
    }

    /// Sends a form; HTTP/1.0, so that the body ends with the connection.
    pub(crate) fn post(&self, path: &str, form: &[(&str, &str)]) -> Json {
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
        let body = body.join("&");
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
