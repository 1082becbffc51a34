//! ELF files of a few hundred bytes that say what a loader would read, and the first bytes of foreign formats.
//!
//! Addresses are file offsets plus one constant, there is no code, and the symbol table has one symbol per version. By
//! default there are no section headers: the loader looks at `PT_DYNAMIC` only (gABI, "Dynamic Linking").

mod layout;
#[cfg(test)]
mod tests;

use layout::{Class, Layout, VersionNeed};

/// The first bytes of a 64-bit little-endian Mach-O dynamic library for arm64.
pub const MACHO_64: &[u8] =
    &[0xCF, 0xFA, 0xED, 0xFE, 0x0C, 0, 0, 1, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// The first bytes of a universal Mach-O file of two architectures (x86-64 and arm64).
pub const MACHO_FAT: &[u8] = &[
    0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 2, 1, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0x40, 0, 0, 0, 0x10, 0, 0, 0, 0, 14, 1, 0, 0, 12,
    0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0x10, 0, 0, 0, 0, 14,
];

/// The first bytes of a Windows DLL for x86-64: a DOS header whose `e_lfanew` leads to a PE header.
pub const PE: &[u8] = &{
    let mut bytes = [0; 88];
    bytes[0] = b'M';
    bytes[1] = b'Z';
    bytes[0x3C] = 0x40;
    bytes[0x40] = b'P';
    bytes[0x41] = b'E';
    bytes[0x44] = 0x64;
    bytes[0x45] = 0x86;
    bytes[0x56] = 0x22;
    bytes[0x57] = 0x20;
    bytes
};

/// The machine a file is built for (`e_machine`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// `EM_X86_64`, 64-bit.
    X86_64,
    /// `EM_AARCH64`, 64-bit.
    Aarch64,
    /// `EM_386`, 32-bit.
    I386,
    /// `EM_ARM`, 32-bit.
    Arm,
    /// `EM_S390`, 64-bit and big-endian.
    S390x,
    /// Another number, 64-bit.
    Other(u16),
}

impl Machine {
    fn number(self) -> u16 {
        match self {
            Self::I386 => 3,
            Self::S390x => 22,
            Self::Arm => 40,
            Self::X86_64 => 62,
            Self::Aarch64 => 183,
            Self::Other(number) => number,
        }
    }
}

const ET_EXEC: u16 = 2;
const ET_DYN: u16 = 3;

const DT_NULL: u64 = 0;
const DT_NEEDED: u64 = 1;
const DT_HASH: u64 = 4;
const DT_STRTAB: u64 = 5;
const DT_SYMTAB: u64 = 6;
const DT_STRSZ: u64 = 10;
const DT_SYMENT: u64 = 11;
const DT_SONAME: u64 = 14;
const DT_RPATH: u64 = 15;
const DT_RUNPATH: u64 = 29;
const DT_VERSYM: u64 = 0x6fff_fff0;
const DT_VERDEF: u64 = 0x6fff_fffc;
const DT_VERDEFNUM: u64 = 0x6fff_fffd;
const DT_VERNEED: u64 = 0x6fff_fffe;
const DT_VERNEEDNUM: u64 = 0x6fff_ffff;

const VER_FLG_BASE: u16 = 1;
const VER_FLG_WEAK: u16 = 2;

#[derive(Clone, Debug)]
struct NeededVersion {
    version: String,
    weak: bool,
}

/// Builds an ELF file.
///
/// ```
/// # use testkit::{ElfBuilder, Machine};
/// let library = ElfBuilder::shared(Machine::X86_64)
///     .soname("libx.so.1")
///     .needed("libc.so.6")
///     .version("libc.so.6", "GLIBC_2.28")
///     .runpath("$ORIGIN/../x.libs")
///     .build();
/// assert_eq!(&library[..4], b"\x7fELF");
/// ```
#[derive(Clone, Debug)]
pub struct ElfBuilder {
    machine: Machine,
    kind: u16,
    class: Class,
    big_endian: bool,
    address: u64,
    interpreter: Option<String>,
    soname: Option<String>,
    needed: Vec<String>,
    versions: Vec<(String, Vec<NeededVersion>)>,
    provides: Vec<String>,
    rpath: Option<String>,
    runpath: Option<String>,
    imports: Vec<String>,
    exports: Vec<String>,
    entries: Vec<(u64, u64)>,
    stack: Option<u32>,
    dynamic: bool,
    sections: bool,
    pad_to: usize,
}

impl ElfBuilder {
    /// A shared object, with the class and byte order usual for the machine.
    #[must_use]
    pub fn shared(machine: Machine) -> Self {
        Self {
            machine,
            kind: ET_DYN,
            class: if matches!(machine, Machine::I386 | Machine::Arm) { Class::Elf32 } else { Class::Elf64 },
            big_endian: machine == Machine::S390x,
            address: 0,
            interpreter: None,
            soname: None,
            needed: Vec::new(),
            versions: Vec::new(),
            provides: Vec::new(),
            rpath: None,
            runpath: None,
            imports: Vec::new(),
            exports: Vec::new(),
            entries: Vec::new(),
            stack: None,
            dynamic: true,
            sections: false,
            pad_to: 0,
        }
    }

    /// A dynamically linked program with its interpreter, at a fixed address.
    #[must_use]
    pub fn executable(machine: Machine, interpreter: &str) -> Self {
        let shared = Self::shared(machine);
        Self { kind: ET_EXEC, address: 0x40_0000, interpreter: Some(interpreter.to_owned()), ..shared }
    }

    /// The file type (`e_type`): 1 relocatable, 2 executable, 3 shared, 4 core.
    #[must_use]
    pub fn kind(mut self, kind: u16) -> Self {
        self.kind = kind;
        self
    }

    /// 32-bit, whatever the machine.
    #[must_use]
    pub fn class32(mut self) -> Self {
        self.class = Class::Elf32;
        self
    }

    /// 64-bit, whatever the machine.
    #[must_use]
    pub fn class64(mut self) -> Self {
        self.class = Class::Elf64;
        self
    }

    /// Big-endian, whatever the machine.
    #[must_use]
    pub fn big_endian(mut self) -> Self {
        self.big_endian = true;
        self
    }

    /// The address at which the file's first byte is loaded, so that addresses differ from offsets.
    #[must_use]
    pub fn load_at(mut self, address: u64) -> Self {
        self.address = address;
        self
    }

    /// `PT_INTERP`.
    #[must_use]
    pub fn interpreter(mut self, path: &str) -> Self {
        self.interpreter = Some(path.to_owned());
        self
    }

    /// `PT_GNU_STACK` with `PF_X`: asks for a stack that can be executed.
    #[must_use]
    pub fn executable_stack(mut self) -> Self {
        self.stack = Some(7);
        self
    }

    /// `DT_SONAME`.
    #[must_use]
    pub fn soname(mut self, soname: &str) -> Self {
        self.soname = Some(soname.to_owned());
        self
    }

    /// A `DT_NEEDED` library.
    #[must_use]
    pub fn needed(mut self, library: &str) -> Self {
        self.needed.push(library.to_owned());
        self
    }

    /// A symbol version needed from a library (`DT_VERNEED`); adds no `DT_NEEDED`.
    #[must_use]
    pub fn version(self, library: &str, version: &str) -> Self {
        self.add_version(library, version, false)
    }

    /// A symbol version needed weakly: the loader goes on without it.
    #[must_use]
    pub fn weak_version(self, library: &str, version: &str) -> Self {
        self.add_version(library, version, true)
    }

    /// A symbol version that the file defines (`DT_VERDEF`).
    #[must_use]
    pub fn provides(mut self, version: &str) -> Self {
        self.provides.push(version.to_owned());
        self
    }

    /// `DT_RPATH`, as one string with colons.
    #[must_use]
    pub fn rpath(mut self, path: &str) -> Self {
        self.rpath = Some(path.to_owned());
        self
    }

    /// `DT_RUNPATH`, as one string with colons.
    #[must_use]
    pub fn runpath(mut self, path: &str) -> Self {
        self.runpath = Some(path.to_owned());
        self
    }

    /// An undefined symbol without a version.
    #[must_use]
    pub fn import(mut self, symbol: &str) -> Self {
        self.imports.push(symbol.to_owned());
        self
    }

    /// A defined symbol without a version, such as `PyInit_foo`.
    #[must_use]
    pub fn export(mut self, symbol: &str) -> Self {
        self.exports.push(symbol.to_owned());
        self
    }

    /// A dynamic entry as it is, put before the others; of two of a kind, glibc believes the last.
    #[must_use]
    pub fn dynamic_entry(mut self, tag: u64, value: u64) -> Self {
        self.entries.push((tag, value));
        self
    }

    /// No `PT_DYNAMIC`: a static file.
    #[must_use]
    pub fn without_dynamic(mut self) -> Self {
        self.dynamic = false;
        self
    }

    /// Adds section headers, which say the same.
    #[must_use]
    pub fn sections(mut self) -> Self {
        self.sections = true;
        self
    }

    /// Makes the file this many bytes long, zeroes between the program headers and the dynamic data at the end.
    #[must_use]
    pub fn pad_to(mut self, length: usize) -> Self {
        self.pad_to = length;
        self
    }

    /// The file's bytes; panics if `pad_to` is shorter than the file needs.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let unpadded = self.layout(0).finish();
        if self.pad_to == 0 {
            return unpadded;
        }
        let gap = self.pad_to.checked_sub(unpadded.len()).expect("pad_to() is longer than the file without padding");
        // Only whole words before the data keep it aligned; the rest follows it.
        let mut file = self.layout(gap / 16 * 16).finish();
        file.resize(self.pad_to, 0);
        file
    }

    fn add_version(mut self, library: &str, version: &str, weak: bool) -> Self {
        let version = NeededVersion { version: version.to_owned(), weak };
        match self.versions.iter_mut().find(|(known, _)| known == library) {
            Some((_, versions)) => versions.push(version),
            None => self.versions.push((library.to_owned(), vec![version])),
        }
        self
    }

    fn layout(&self, padding: usize) -> Layout {
        let mut file = Layout::new(self.class, self.big_endian, self.machine.number(), self.kind, self.address);
        file.stack = self.stack;
        file.reserve_headers(self.dynamic, self.interpreter.is_some(), padding);
        if let Some(path) = &self.interpreter {
            file.interpreter(path);
        }
        if self.dynamic {
            self.write_dynamic(&mut file);
        }
        if self.sections {
            file.write_sections();
        }
        file
    }

    fn write_dynamic(&self, file: &mut Layout) {
        let mut entries = self.entries.clone();
        entries.extend(self.needed.iter().map(|library| (DT_NEEDED, u64::from(file.string(library)))));
        let names = [(DT_SONAME, &self.soname), (DT_RPATH, &self.rpath), (DT_RUNPATH, &self.runpath)];
        for (tag, text) in names {
            entries.extend(text.iter().map(|text| (tag, u64::from(file.string(text)))));
        }

        for symbol in &self.imports {
            file.symbol(symbol, false, 1);
        }
        for symbol in &self.exports {
            file.symbol(symbol, true, 1);
        }
        // Version index 1 is the file itself, so definitions and then needs count from 2.
        let mut index = 2;
        for version in &self.provides {
            file.symbol(&format!("defined_{version}"), true, index);
            index += 1;
        }
        let definitions = self.definitions(file);
        let mut needs = Vec::new();
        for (library, versions) in &self.versions {
            let mut auxiliaries = Vec::new();
            for NeededVersion { version, weak } in versions {
                file.symbol(&format!("needed_{version}"), false, index);
                let flags = if *weak { VER_FLG_WEAK } else { 0 };
                auxiliaries.push(VersionNeed { name: version, flags, index });
                index += 1;
            }
            needs.push((library.as_str(), auxiliaries));
        }

        entries.push((DT_HASH, file.write_hash()));
        entries.push((DT_SYMTAB, file.write_symbols()));
        entries.push((DT_SYMENT, file.symbol_size()));
        if index > 2 {
            entries.push((DT_VERSYM, file.write_symbol_versions()));
        }
        if !definitions.is_empty() {
            entries.push((DT_VERDEF, file.write_definitions(&definitions)));
            entries.push((DT_VERDEFNUM, definitions.len() as u64));
        }
        if !needs.is_empty() {
            entries.push((DT_VERNEED, file.write_needs(&needs)));
            entries.push((DT_VERNEEDNUM, needs.len() as u64));
        }
        let (strings, length) = file.write_strings();
        entries.extend([(DT_STRTAB, strings), (DT_STRSZ, length), (DT_NULL, 0)]);
        file.write_entries(&entries);
    }

    fn definitions(&self, file: &mut Layout) -> Vec<(u32, u32, u16)> {
        if self.provides.is_empty() {
            return Vec::new();
        }
        let base = self.soname.as_deref().unwrap_or("base");
        let mut definitions = vec![(layout::hash(base), file.string(base), VER_FLG_BASE)];
        for version in &self.provides {
            definitions.push((layout::hash(version), file.string(version), 0));
        }
        definitions
    }
}
