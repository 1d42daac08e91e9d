//! Starting, watching and killing the binaries.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The longest a command that is expected to end may run.
const END: Duration = Duration::from_secs(120);

/// Where cargo put this example: beside the test that runs.
pub(crate) fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let file = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(file.is_file(), "{} is missing; build it first: cargo build --examples", file.display());
    file
}

/// A running binary. Its output goes to files, so that no pipe can fill up; it is killed when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Process {
    pub(crate) fn start(name: &str, args: &[&str], envs: &[(&str, &str)], folder: &Path) -> Self {
        let file = |number: usize, kind: &str| folder.join(format!("{name}-{number}.{kind}"));
        let number = (0..).find(|number| !file(*number, "out").exists()).unwrap();
        let (stdout, stderr) = (file(number, "out"), file(number, "err"));
        let child = command(name, args, envs)
            .stdout(File::create(&stdout).unwrap())
            .stderr(File::create(&stderr).unwrap())
            .spawn()
            .unwrap();
        Self { child, stdout, stderr }
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// The end without notice: `SIGKILL`.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself, which is an end too.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    pub(crate) fn stdout(&self) -> String {
        std::fs::read_to_string(&self.stdout).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        std::fs::read_to_string(&self.stderr).unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What a command that ended has left.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

/// Runs a command to its end.
#[allow(clippy::disallowed_methods, reason = "a real process takes real time")]
pub(crate) fn run(name: &str, args: &[&str], envs: &[(&str, &str)]) -> Done {
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let mut process = Process::start(name, args, envs, folder.path());
    let status = loop {
        if let Some(status) = process.child.try_wait().unwrap() {
            break status;
        }
        assert!(began.elapsed() < END, "{name} {args:?} does not end: {}", process.stderr());
        std::thread::sleep(Duration::from_millis(5));
    };
    let (stdout, stderr) = (process.stdout(), process.stderr());
    Done { success: status.success(), stdout, stderr, took: began.elapsed() }
}

fn command(name: &str, args: &[&str], envs: &[(&str, &str)]) -> Command {
    let mut command = Command::new(binary(name));
    // What the one who runs the tests has in the environment must not decide them.
    command.args(args).env_remove("RUST_LOG").stdin(Stdio::null());
    command.envs(envs.iter().copied());
    command
}
