//! What the tests of this suite share: a folder to work in, a run of the command in it, and a shop of wheels.

use std::ffi::OsString;
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;
use testkit::{ElfBuilder, FakeIndex, FakeIndexBuilder, Machine, WheelBuilder};

/// A folder of one test's own: it works in `work`, has its home in `home` and its cache in `cache`.
pub(crate) struct Scratch(TempDir);

impl Scratch {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        for name in ["work", "home", "cache"] {
            fs_err::create_dir(folder.path().join(name)).expect("a new folder");
        }
        Self(folder)
    }

    /// A folder `src` with these requirement lines.
    pub(crate) fn with_requirements(lines: &str) -> Self {
        let scratch = Self::new();
        scratch.write("src/requirements.txt", lines);
        scratch
    }

    /// A place in the working folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join("work").join(path)
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.0.path().join("cache")
    }

    /// Writes a file and the folders above it.
    pub(crate) fn write(&self, path: &str, contents: impl AsRef<[u8]>) -> &Self {
        let path = self.path(path);
        fs_err::create_dir_all(path.parent().expect("a file lies in a folder")).expect("new folders");
        fs_err::write(path, contents).expect("a new file");
        self
    }

    /// Writes a wheel into a folder.
    pub(crate) fn wheel(&self, folder: &str, wheel: &WheelBuilder) -> &Self {
        self.write(&format!("{folder}/{}", wheel.filename()), wheel.build())
    }

    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        fs_err::read(self.path(path)).expect("a file that was written")
    }

    pub(crate) fn text(&self, path: &str) -> String {
        String::from_utf8(self.read(path)).expect("text")
    }

    /// The names in a folder, sorted, hidden ones too; none where there is no folder.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs_err::read_dir(self.path(folder)) else { return Vec::new() };
        let name = |entry: std::io::Result<fs_err::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<String> = entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// `layerpack` with these arguments, split at white space, in the working folder.
    pub(crate) fn layerpack(&self, arguments: &str) -> Run<'_> {
        Run {
            scratch: self,
            arguments: arguments.split_whitespace().map(str::to_owned).collect(),
            variables: Vec::new(),
            folder: "",
            input: None,
            shell: None,
        }
    }
}

/// For runs that are stopped in the middle.
#[cfg(unix)]
impl Scratch {
    /// How many files are being written to the store.
    pub(crate) fn temporaries(&self) -> usize {
        fs_err::read_dir(self.cache().join("tmp")).map_or(0, Iterator::count)
    }

    /// Waits until a file is being written to the store.
    pub(crate) fn until_it_stores(&self) {
        let begin = std::time::Instant::now();
        while self.temporaries() == 0 {
            assert!(begin.elapsed() < std::time::Duration::from_mins(1), "nothing is being downloaded");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}

/// One run of the command, with no environment but what is said.
#[must_use]
pub(crate) struct Run<'a> {
    scratch: &'a Scratch,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    folder: &'static str,
    input: Option<&'static str>,
    shell: Option<&'static str>,
}

impl Run<'_> {
    /// `--index-url`.
    pub(crate) fn index(self, index: &FakeIndex) -> Self {
        self.arguments(["--index-url", &index.url()])
    }

    /// Further arguments, as they are.
    pub(crate) fn arguments<'b>(mut self, arguments: impl IntoIterator<Item = &'b str>) -> Self {
        self.arguments.extend(arguments.into_iter().map(str::to_owned));
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs in this folder of the working folder.
    pub(crate) fn within(mut self, folder: &'static str) -> Self {
        self.folder = folder;
        self
    }

    /// Pipes this in.
    pub(crate) fn input(mut self, text: &'static str) -> Self {
        self.input = Some(text);
        self
    }

    /// Runs this line of shell first, in the same process. Windows has no such shell.
    pub(crate) fn after(mut self, shell: &'static str) -> Self {
        self.shell = Some(shell);
        self
    }

    /// The run, not started yet.
    pub(crate) fn command(&self) -> Command {
        let binary = cargo_bin("layerpack");
        let mut command = match self.shell {
            None => Command::new(binary),
            Some(line) => {
                let mut shell = Command::new("/bin/sh");
                shell.args(["-c", &format!("{line}; exec \"$0\" \"$@\"")]).arg(binary);
                shell
            }
        };
        let root = self.scratch.0.path();
        command
            .args(&self.arguments)
            .current_dir(root.join("work").join(self.folder))
            .env_clear()
            .env("HOME", root.join("home"))
            .envs(windows_variables(root))
            .env("LAYERPACK_CACHE_DIR", root.join("cache"))
            .env("LAYERPACK_TODAY", "2026-11-22")
            // The machine's own pip may have an index.
            .env("PIP_CONFIG_FILE", if cfg!(windows) { "nul" } else { "/dev/null" })
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(self) -> Ran {
        let root = self.scratch.0.path();
        let names_before = self.scratch.names(".");
        let output = output(&mut self.command(), self.input);
        assert_eq!(leftovers(&root.join("work")), Vec::<PathBuf>::new(), "temporary files of {:?}", self.arguments);
        let text = |bytes| String::from_utf8(bytes).expect("layerpack prints UTF-8");
        Ran {
            code: output.status.code().expect("layerpack exits by itself"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            root: root.to_path_buf(),
            names_before,
            names: self.scratch.names("."),
        }
    }
}

/// What programs on Windows cannot do without, and where they keep the user's settings there.
fn windows_variables(root: &Path) -> Vec<(&'static str, OsString)> {
    if !cfg!(windows) {
        return Vec::new();
    }
    let system = std::env::var_os("SystemRoot").map(|folder| ("SystemRoot", folder));
    system.into_iter().chain([("APPDATA", root.join("home").join(".config").into_os_string())]).collect()
}

fn output(command: &mut Command, input: Option<&str>) -> Output {
    let Some(text) = input else { return command.output().expect("layerpack starts") };
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("layerpack starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(text.as_bytes()).expect("layerpack reads");
    drop(stdin);
    child.wait_with_output().expect("layerpack ends")
}

/// What a run that writes beside its outputs must have cleared away.
fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_name().to_string_lossy().starts_with(".layerpack") {
            found.push(entry.path());
        } else if entry.file_type().expect("its type").is_dir() {
            found.extend(leftovers(&entry.path()));
        }
    }
    found
}

/// How a run ended. Its `Display` shows all of it, without what differs from run to run.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    root: PathBuf,
    names_before: Vec<String>,
    names: Vec<String>,
}

impl Ran {
    /// The one JSON document on stdout.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// Goes on only after exit 0.
    pub(crate) fn fine(self) -> Self {
        assert_eq!(self.code, 0, "{self}");
        self
    }

    /// Goes on only after another exit code, and where nothing has come into the working folder.
    pub(crate) fn refused(self) -> Self {
        assert_ne!(self.code, 0, "{self}");
        assert_eq!(self.names, self.names_before, "{self}");
        self
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "exit {}", self.code)?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                writeln!(f, "----- {name} -----")?;
                f.write_str(&filtered(text, &self.root))?;
            }
        }
        Ok(())
    }
}

/// A text without the temporary folder, ports, digests and the system's error numbers, and on Windows with the words and
/// separators that are another system's.
pub(crate) fn filtered(text: &str, root: &Path) -> String {
    let text = if cfg!(windows) { as_elsewhere(text, root) } else { text.to_owned() };
    let text = text.replace(&root.display().to_string(), "[TEMP]");
    let text = replace_runs(&text, "(os error ", |c| c.is_ascii_digit(), 1..=5, "(os error N");
    let text = replace_runs(&text, "127.0.0.1:", |c| c.is_ascii_digit(), 1..=5, "127.0.0.1:PORT");
    replace_runs(&text, "", |c| matches!(c, '0'..='9' | 'a'..='f'), 64..=64, "[SHA256]")
}

/// What is said on Windows, in the words of Linux. A backslash that separates nothing stays: JSON and Markdown have some.
fn as_elsewhere(text: &str, root: &Path) -> String {
    let root = root.display().to_string().replace('\\', "/");
    let mut out = String::new();
    // Escaped, as JSON has them.
    let text = text.replace(r"\\", "/");
    let mut letters = text.chars().peekable();
    let is_json = text.starts_with('{');
    while let Some(letter) = letters.next() {
        let separates =
            letter == '\\' && !is_json && letters.peek().is_some_and(|c| c.is_alphanumeric() || ".*[".contains(*c));
        out.push(if separates { '/' } else { letter });
    }
    // A URL has a slash before the drive.
    let text = out.replace(&format!("/{root}"), "[TEMP]").replace(&root, "[TEMP]");
    let mut parts = text.split(" (os error ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let words = match part.split(')').next().unwrap_or_default() {
            "2" | "3" => "No such file or directory",
            "5" => "Permission denied",
            "183" => "File exists",
            "267" => "Not a directory",
            "10061" => "Connection refused",
            _ => "",
        };
        if let Some(at) = out.rfind(": ").filter(|_| !words.is_empty()) {
            out.replace_range(at + 2.., words);
        }
        out.push_str(" (os error ");
        out.push_str(part);
    }
    out
}

/// Replaces every `prefix` that is followed by so many letters of a kind.
fn replace_runs(
    text: &str,
    prefix: &str,
    kind: impl Fn(char) -> bool,
    count: std::ops::RangeInclusive<usize>,
    by: &str,
) -> String {
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let run = rest.strip_prefix(prefix).map_or(0, |after| after.chars().take_while(|c| kind(*c)).count());
        if count.contains(&run) {
            out.push_str(by);
            rest = &rest[prefix.len() + run..];
        } else {
            // A longer run than asked for is left whole.
            let step = if prefix.is_empty() { run.max(1) } else { 1 };
            let step: usize = rest.chars().take(step).map(char::len_utf8).sum();
            out.push_str(&rest[..step]);
            rest = &rest[step..];
        }
    }
    out
}

/// A module with this many bytes of text.
pub(crate) fn module(name: &str) -> String {
    format!("name = {name:?}\n")
}

/// A wheel of one module of its own name.
pub(crate) fn pure(name: &str, version: &str) -> WheelBuilder {
    WheelBuilder::new(name, version).file(&format!("{name}/__init__.py"), module(name))
}

/// A wheel with an extension module for `CPython` 3.12 that needs this glibc.
pub(crate) fn native(name: &str, version: &str, machine: Machine, glibc: &str) -> WheelBuilder {
    let cpu = if machine == Machine::X86_64 { "x86_64" } else { "aarch64" };
    let tag = format!("cp312-cp312-manylinux_{}_{cpu}", glibc.replace('.', "_"));
    let extension =
        ElfBuilder::shared(machine).needed("libc.so.6").version("libc.so.6", &format!("GLIBC_{glibc}")).build();
    WheelBuilder::new(name, version)
        .tag(&tag)
        .file(&format!("{name}/__init__.py"), "from . import _native\n")
        .file(&format!("{name}/_native.cpython-312-{cpu}-linux-gnu.so"), extension)
}

/// An index of a small web framework: `web` needs `templates`, its extra `fast` needs `loop`, which is native; on
/// Windows it needs `colours`. `tables` has its newest version for a glibc that no runtime has.
pub(crate) fn shop() -> FakeIndexBuilder {
    let web = pure("web", "1.2")
        .requires("templates>=2")
        .requires("colours; sys_platform == \"win32\"")
        .extra("fast", &["loop"])
        .requires_python(">=3.9")
        .script("web", "web.cli:main");
    FakeIndex::builder()
        .wheel(web)
        .wheel(pure("web", "1.1").requires("templates"))
        .wheel(pure("templates", "2.0"))
        .wheel(pure("templates", "2.1"))
        .wheel(pure("templates", "3.0rc1"))
        .wheel(pure("colours", "0.4"))
        .wheel(native("loop", "0.9", Machine::X86_64, "2.17"))
        .wheel(native("loop", "0.9", Machine::Aarch64, "2.17"))
        .wheel(native("tables", "1.0", Machine::X86_64, "2.28"))
        .wheel(native("tables", "2.0", Machine::X86_64, "2.39"))
        .sdist("sources", "1.0")
}
