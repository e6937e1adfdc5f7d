//! The program as an operator runs it, in a folder of its own with nothing of the outer environment.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder with a state folder and a folder for stand-ins on PATH.
pub(crate) struct Place {
    /// The folder; removed at the end.
    pub(crate) dir: tempfile::TempDir,
    env: Vec<(String, String)>,
}

impl Place {
    /// A new one.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("bin")).unwrap();
        fs::create_dir(dir.path().join("home")).unwrap();
        Self { dir, env: Vec::new() }
    }

    /// A path in it.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.dir.path().join(relative)
    }

    /// Sets a variable of the program's environment.
    pub(crate) fn env(&mut self, name: &str, value: &str) {
        self.env.retain(|(other, _)| other != name);
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// Writes a file.
    pub(crate) fn write(&self, relative: &str, text: &str) -> PathBuf {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Puts a program on PATH.
    pub(crate) fn stand_in(&self, name: &str, script: &str) {
        let path = self.write(&format!("bin/{name}"), script);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// `report last --format json`
    pub(crate) fn report(&self) -> serde_json::Value {
        let output = self.run(&["report", "last", "--format", "json"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What the program prints as JSON.
    pub(crate) fn json(&self, args: &[&str]) -> serde_json::Value {
        let output = self.run(args);
        ended(&output, 0);
        json(&output)
    }

    /// Another user beside the one who runs the tests, which takes root to have. A run that is not root goes without, and
    /// says so; in CI it must not.
    #[expect(clippy::print_stderr, reason = "what a test leaves out has to be seen")]
    pub(crate) fn other_user(&self) -> Option<OtherUser> {
        if !nix::unistd::geteuid().is_root() {
            assert!(std::env::var_os("CI").is_none(), "only root can work under another user, and in CI it must");
            eprintln!("WARNING: not root: what another user may do with a shared run is not tested");
            return None;
        }
        Some(OtherUser { program: self.program_for_all(), state: self.path("state") })
    }

    /// A copy of the program that every user reaches, as all of this folder.
    fn program_for_all(&self) -> PathBuf {
        fs::set_permissions(self.dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let program = self.path("bin/runbook-of-other");
        fs::copy(env!("CARGO_BIN_EXE_runbook"), &program).unwrap();
        program
    }

    /// Runs the program to its end as a user whom permissions hold back, which they do not where root runs the tests.
    pub(crate) fn run_without_privilege(&self, args: &[&str]) -> Output {
        let mut command = self.command(args);
        if nix::unistd::geteuid().is_root() {
            command = Command::new(self.program_for_all());
            let own = self.command(args);
            command.args(args).current_dir(self.dir.path()).env_clear().stdin(Stdio::null());
            command.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
            command.uid(OtherUser::ID).gid(OtherUser::ID);
        }
        command.output().unwrap()
    }

    /// The program with these arguments, not started yet.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_runbook"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .env_clear()
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", self.path("bin").display()))
            .env("HOME", self.path("home"))
            .env("RUNBOOK_STATE_DIR", self.path("state"))
            .env("LANG", "C.UTF-8")
            .env("USER", "operator")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The program on a disk that is full after `kib` KiB of each file: then a write is refused.
    pub(crate) fn on_full_disk(&self, kib: u32, args: &[&str]) -> Output {
        let program = self.command(args);
        let mut bash = Command::new("bash");
        bash.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {kib}; exec \"$@\""));
        bash.arg("bash").arg(program.get_program()).args(program.get_args());
        bash.current_dir(self.dir.path()).env_clear();
        bash.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        bash.stdin(Stdio::null()).output().unwrap()
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }
}

/// A user who has nothing but his group.
pub(crate) struct OtherUser {
    program: PathBuf,
    state: PathBuf,
}

impl OtherUser {
    /// On every Debian.
    pub(crate) const NAME: &str = "nobody";
    /// His group.
    pub(crate) const GROUP: &str = "nogroup";
    const ID: u32 = 65534;

    fn command(program: &Path) -> Command {
        let mut command = Command::new(program);
        command.uid(Self::ID).gid(Self::ID).env_clear().env("LANG", "C.UTF-8").current_dir("/").stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        Self::command(&self.program).args(args).arg("--state-dir").arg(&self.state).output().unwrap()
    }

    /// Whether he may look into a folder or file.
    pub(crate) fn reads(path: &Path) -> bool {
        Self::command(Path::new("/usr/bin/test")).arg("-r").arg(path).status().unwrap().success()
    }
}

/// The repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Standard output as text.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Standard error as text.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The exit code, and both outputs for whoever has to understand a failure.
#[track_caller]
pub(crate) fn ended(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "stdout:\n{}\nstderr:\n{}", stdout(output), stderr(output));
}

/// Standard output as JSON.
#[track_caller]
pub(crate) fn json(output: &Output) -> serde_json::Value {
    let text = stdout(output);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}\n{}", stderr(output)))
}
