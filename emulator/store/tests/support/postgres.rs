//! A PostgreSQL server for tests: started by the tests themselves, from the programs that the machine has.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// A running server. It ends with the process that holds this, however that ends.
pub struct Server {
    shell: Mutex<Shell>,
    databases: AtomicU32,
    directory: TempDir,
}

struct Shell {
    child: Child,
    /// Closed first when the server is to end.
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Server {
    /// Starts a server of the newest version that is installed.
    ///
    /// # Errors
    /// Why there is none: not installed, or not started.
    pub fn start() -> Result<Server, String> {
        let programs = programs().ok_or("PostgreSQL is not installed: no /usr/lib/postgresql/*/bin/initdb")?;
        let directory = tempfile::Builder::new().prefix("hpcs-pg").tempdir().map_err(|error| error.to_string())?;
        let mut command = unprivileged(directory.path())?;
        command.args(["/bin/sh", "-c", include_str!("postgres.sh"), "postgres.sh"]).arg(programs).arg(directory.path());
        command.current_dir(directory.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("PostgreSQL is not started: {error}"))?;
        let answers = BufReader::new(child.stdout.take().ok_or("no answers")?);
        let commands = child.stdin.take();
        let mut shell = Shell { child, commands, answers };
        if shell.answer() != "up" {
            let logs = ["initdb.log", "server.log"].map(|log| fs::read_to_string(directory.path().join(log)));
            return Err(format!("PostgreSQL is not started: {logs:?}"));
        }
        Ok(Server { shell: Mutex::new(shell), databases: AtomicU32::new(0), directory })
    }

    /// The address of a database, with a password that must not show up anywhere.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://emulator:{PASSWORD}@/{database}?host={}", self.directory.path().display())
    }

    /// A connection of a stranger.
    pub async fn connect(&self, database: &str) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.url(database), NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// Makes an empty database and names it.
    pub async fn database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.connect("postgres").await.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        name
    }

    /// Stops the server; connections are cut.
    pub fn stop(&self) {
        assert_eq!(self.shell.lock().unwrap().tell("stop"), "down");
    }

    /// Starts the server again.
    pub fn start_again(&self) {
        assert_eq!(self.shell.lock().unwrap().tell("start"), "up");
    }
}

impl Shell {
    fn tell(&mut self, command: &str) -> String {
        writeln!(self.commands.as_mut().unwrap(), "{command}").unwrap();
        self.answer()
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        drop(self.commands.take());
        let _ = self.child.wait();
    }
}

/// Whether missing programs are a failure, as they are where every test has to run.
pub fn is_required() -> bool {
    #[expect(clippy::disallowed_methods, reason = "a switch of the test itself")]
    let required = std::env::var_os("HPCS_TEST_REQUIRE_POSTGRES");
    required.is_some_and(|value| value == "1")
}

/// In every address, in no text.
pub const PASSWORD: &str = "open-sesame";

/// The folder of the newest version's programs.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.filter_map(|version| Some(version.ok()?.path()));
    let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    folders.filter(|path| path.join("bin/initdb").exists()).max_by_key(version).map(|path| path.join("bin"))
}

/// The server refuses to be root; then it is the user that its package made, who owns the directory.
fn unprivileged(directory: &Path) -> Result<Command, String> {
    if fs::metadata("/proc/self").map_err(|error| error.to_string())?.uid() != 0 {
        return Ok(Command::new("/usr/bin/env"));
    }
    let users = fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
    let user = users.lines().find_map(|line| line.strip_prefix("postgres:")).ok_or("there is no user 'postgres'")?;
    let mut ids = user.split(':').skip(1).map_while(|id| id.parse::<u32>().ok());
    let (Some(user), Some(group)) = (ids.next(), ids.next()) else {
        return Err("/etc/passwd cannot be read".to_owned());
    };
    std::os::unix::fs::chown(directory, Some(user), Some(group)).map_err(|error| error.to_string())?;
    fs::set_permissions(directory, Permissions::from_mode(0o755)).map_err(|error| error.to_string())?;
    let mut command = Command::new("setpriv");
    command.args([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".to_owned()]);
    Ok(command)
}
