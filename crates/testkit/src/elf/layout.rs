//! Where the bytes of an ELF file lie: headers first, then each table as it is written (gABI; symbol versions: LSB 5.0,
//! "Symbol Versioning").

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Elf32,
    Elf64,
}

const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const PT_INTERP: u32 = 3;
const PT_GNU_STACK: u32 = 0x6474_e551;
/// `PF_R` and `PF_W`.
const READ_WRITE: u32 = 6;

const SHT_STRTAB: u32 = 3;
const SHT_HASH: u32 = 5;
const SHT_DYNAMIC: u32 = 6;
const SHT_DYNSYM: u32 = 11;
const SHT_GNU_VERDEF: u32 = 0x6fff_fffd;
const SHT_GNU_VERNEED: u32 = 0x6fff_fffe;
const SHT_GNU_VERSYM: u32 = 0x6fff_ffff;

#[derive(Debug)]
struct Symbol {
    name: u32,
    defined: bool,
    version: u16,
}

/// A version needed from a library, and the index by which symbols name it.
#[derive(Debug)]
pub(super) struct VersionNeed<'a> {
    pub(super) name: &'a str,
    pub(super) flags: u16,
    pub(super) index: u16,
}

#[derive(Debug)]
struct Table {
    name: &'static str,
    kind: u32,
    offset: usize,
    length: usize,
    entry_size: u64,
    info: u32,
}

/// A file being laid out: what was written so far, and the strings and symbols gathered.
#[derive(Debug)]
pub(super) struct Layout {
    class: Class,
    big_endian: bool,
    machine: u16,
    kind: u16,
    address: u64,
    bytes: Vec<u8>,
    strings: Vec<u8>,
    symbols: Vec<Symbol>,
    tables: Vec<Table>,
    has_dynamic: bool,
    interpreter: Option<(usize, usize)>,
    /// The flags of `PT_GNU_STACK`.
    pub(super) stack: Option<u32>,
    section_headers: usize,
    section_count: u16,
}

impl Layout {
    pub(super) fn new(class: Class, big_endian: bool, machine: u16, kind: u16, address: u64) -> Self {
        Self {
            class,
            big_endian,
            machine,
            kind,
            address,
            bytes: Vec::new(),
            strings: vec![0],
            symbols: vec![Symbol { name: 0, defined: false, version: 0 }],
            tables: Vec::new(),
            has_dynamic: false,
            interpreter: None,
            stack: None,
            section_headers: 0,
            section_count: 0,
        }
    }

    /// Leaves room for the file and program headers, which are written last, and the padding.
    pub(super) fn reserve_headers(&mut self, dynamic: bool, interpreter: bool, padding: usize) {
        self.has_dynamic = dynamic;
        let segments = 1 + usize::from(dynamic) + usize::from(interpreter) + usize::from(self.stack.is_some());
        let length = self.header_size() + segments * self.segment_size();
        self.bytes.resize(length.next_multiple_of(16) + padding, 0);
    }

    pub(super) fn interpreter(&mut self, path: &str) {
        let offset = self.bytes.len();
        self.bytes.extend(path.as_bytes());
        self.bytes.push(0);
        self.interpreter = Some((offset, path.len() + 1));
    }

    /// The offset of a string in the string table.
    pub(super) fn string(&mut self, text: &str) -> u32 {
        let offset = self.strings.len();
        self.strings.extend(text.as_bytes());
        self.strings.push(0);
        word(offset)
    }

    pub(super) fn symbol(&mut self, name: &str, defined: bool, version: u16) {
        let name = self.string(name);
        self.symbols.push(Symbol { name, defined, version });
    }

    pub(super) fn symbol_size(&self) -> u64 {
        if self.class == Class::Elf64 { 24 } else { 16 }
    }

    /// A hash table of one bucket, whose chain visits every symbol; its number of chains is how readers count symbols.
    pub(super) fn write_hash(&mut self) -> u64 {
        let count = word(self.symbols.len());
        let first = u32::from(count > 1);
        let chain = (0..count).map(|index| if index == 0 || index + 1 == count { 0 } else { index + 1 });
        let words: Vec<u32> = [1, count, first].into_iter().chain(chain).collect();
        self.table(".hash", SHT_HASH, 4, 0, |file| {
            for word in words {
                file.u32(word);
            }
        })
    }

    pub(super) fn write_symbols(&mut self) -> u64 {
        let symbols = std::mem::take(&mut self.symbols);
        let address = self.table(".dynsym", SHT_DYNSYM, self.symbol_size(), 1, |file| {
            for (index, symbol) in symbols.iter().enumerate() {
                // Global function; section 1 stands for "defined here".
                let (info, section) = if index == 0 { (0, 0) } else { (0x12, u16::from(symbol.defined)) };
                file.u32(symbol.name);
                if file.class == Class::Elf32 {
                    file.u32(0);
                    file.u32(0);
                }
                file.bytes.extend([info, 0]);
                file.u16(section);
                if file.class == Class::Elf64 {
                    file.u64(0);
                    file.u64(0);
                }
            }
        });
        self.symbols = symbols;
        address
    }

    pub(super) fn write_symbol_versions(&mut self) -> u64 {
        let versions: Vec<u16> = self.symbols.iter().map(|symbol| symbol.version).collect();
        self.table(".gnu.version", SHT_GNU_VERSYM, 2, 0, |file| {
            for version in versions {
                file.u16(version);
            }
        })
    }

    /// Definitions as (hash, name, flags), numbered from 1 in their order.
    pub(super) fn write_definitions(&mut self, definitions: &[(u32, u32, u16)]) -> u64 {
        self.table(".gnu.version_d", SHT_GNU_VERDEF, 0, word(definitions.len()), |file| {
            for (index, (hash, name, flags)) in (1..).zip(definitions) {
                let last = usize::from(index) == definitions.len();
                file.u16(1);
                file.u16(*flags);
                file.u16(index);
                file.u16(1);
                file.u32(*hash);
                file.u32(20);
                file.u32(if last { 0 } else { 28 });
                file.u32(*name);
                file.u32(0);
            }
        })
    }

    /// Needs as (library, versions).
    pub(super) fn write_needs(&mut self, needs: &[(&str, Vec<VersionNeed<'_>>)]) -> u64 {
        let named: Vec<_> = needs
            .iter()
            .map(|(library, versions)| {
                let library = self.string(library);
                let versions: Vec<_> = versions.iter().map(|version| (version, self.string(version.name))).collect();
                (library, versions)
            })
            .collect();
        self.table(".gnu.version_r", SHT_GNU_VERNEED, 0, word(needs.len()), |file| {
            for (position, (library, versions)) in named.iter().enumerate() {
                let size = word(16 + 16 * versions.len());
                file.u16(1);
                file.u16(u16::try_from(versions.len()).expect("fewer than 65,536 versions"));
                file.u32(*library);
                file.u32(16);
                file.u32(if position + 1 == named.len() { 0 } else { size });
                for (position, (version, name)) in versions.iter().enumerate() {
                    file.u32(hash(version.name));
                    file.u16(version.flags);
                    file.u16(version.index);
                    file.u32(*name);
                    file.u32(if position + 1 == versions.len() { 0 } else { 16 });
                }
            }
        })
    }

    /// Writes the string table; gives its address and length in bytes. No string may be added afterwards.
    pub(super) fn write_strings(&mut self) -> (u64, u64) {
        let strings = std::mem::take(&mut self.strings);
        let length = strings.len() as u64;
        let address = self.table(".dynstr", SHT_STRTAB, 0, 0, |file| file.bytes.extend(strings));
        (address, length)
    }

    pub(super) fn write_entries(&mut self, entries: &[(u64, u64)]) {
        let size = if self.class == Class::Elf64 { 16 } else { 8 };
        self.table(".dynamic", SHT_DYNAMIC, size, 0, |file| {
            for (tag, value) in entries {
                file.native(*tag);
                file.native(*value);
            }
        });
    }

    pub(super) fn write_sections(&mut self) {
        let mut names = vec![0];
        let mut name_of = |name: &str| {
            let offset = word(names.len());
            names.extend(name.as_bytes());
            names.push(0);
            offset
        };
        let tables = std::mem::take(&mut self.tables);
        let mut sections: Vec<(u32, &Table)> = tables.iter().map(|table| (name_of(table.name), table)).collect();
        let own_name = name_of(".shstrtab");
        let own = Table {
            name: ".shstrtab",
            kind: SHT_STRTAB,
            offset: self.bytes.len(),
            length: names.len(),
            entry_size: 0,
            info: 0,
        };
        self.bytes.extend(names);
        sections.push((own_name, &own));

        self.align();
        self.section_headers = self.bytes.len();
        self.section_count = u16::try_from(sections.len() + 1).expect("a handful of sections");
        let number = |wanted: &str| {
            let position = sections.iter().position(|(_, table)| table.name == wanted);
            position.map_or(0, |position| word(position + 1))
        };
        let header_size = if self.class == Class::Elf64 { 64 } else { 40 };
        self.bytes.resize(self.bytes.len() + header_size, 0);
        for (name, table) in &sections {
            let link = match table.kind {
                SHT_HASH | SHT_GNU_VERSYM => number(".dynsym"),
                SHT_DYNSYM | SHT_DYNAMIC | SHT_GNU_VERDEF | SHT_GNU_VERNEED => number(".dynstr"),
                _ => 0,
            };
            let allocated = table.name != ".shstrtab";
            self.u32(*name);
            self.u32(table.kind);
            self.native(if allocated { 2 } else { 0 });
            self.native(if allocated { self.address + table.offset as u64 } else { 0 });
            self.native(table.offset as u64);
            self.native(table.length as u64);
            self.u32(link);
            self.u32(table.info);
            self.native(if allocated { 8 } else { 1 });
            self.native(table.entry_size);
        }
        self.tables = tables;
    }

    /// Writes the headers, now that everything has its place.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let body = std::mem::take(&mut self.bytes);
        let length = body.len();
        self.file_header();
        if let Some((offset, length)) = self.interpreter {
            self.segment(PT_INTERP, READ_WRITE, offset, length);
        }
        if let Some(flags) = self.stack {
            self.segment(PT_GNU_STACK, flags, 0, 0);
        }
        self.segment(PT_LOAD, READ_WRITE, 0, length);
        if self.has_dynamic {
            let dynamic = self.tables.iter().find(|table| table.kind == SHT_DYNAMIC);
            let (offset, length) = dynamic.map(|table| (table.offset, table.length)).expect("it was written");
            self.segment(PT_DYNAMIC, READ_WRITE, offset, length);
        }
        let headers = self.bytes.len();
        self.bytes.extend(&body[headers..]);
        self.bytes
    }

    fn file_header(&mut self) {
        let class = if self.class == Class::Elf64 { 2 } else { 1 };
        let order = if self.big_endian { 2 } else { 1 };
        self.bytes.extend([0x7F, b'E', b'L', b'F', class, order, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let optional = [self.has_dynamic, self.interpreter.is_some(), self.stack.is_some()];
        let segments = 1 + optional.into_iter().map(u16::from).sum::<u16>();
        let names = self.section_count.saturating_sub(1);
        let section_size = if self.class == Class::Elf64 { 64 } else { 40 };
        self.u16(self.kind);
        self.u16(self.machine);
        self.u32(1);
        self.native(0);
        self.native(self.header_size() as u64);
        self.native(self.section_headers as u64);
        self.u32(0);
        self.u16(if self.class == Class::Elf64 { 64 } else { 52 });
        self.u16(if self.class == Class::Elf64 { 56 } else { 32 });
        self.u16(segments);
        self.u16(if self.section_count == 0 { 0 } else { section_size });
        self.u16(self.section_count);
        self.u16(names);
    }

    fn segment(&mut self, kind: u32, flags: u32, offset: usize, length: usize) {
        let (address, offset, length) = (self.address + offset as u64, offset as u64, length as u64);
        let alignment = if kind == PT_LOAD { 0x1000 } else { 8 };
        self.u32(kind);
        if self.class == Class::Elf64 {
            self.u32(flags);
        }
        for value in [offset, address, address, length, length] {
            self.native(value);
        }
        if self.class == Class::Elf32 {
            self.u32(flags);
        }
        self.native(alignment);
    }

    /// Writes a table at the next aligned offset; gives its address.
    fn table(
        &mut self,
        name: &'static str,
        kind: u32,
        entry_size: u64,
        info: u32,
        write: impl FnOnce(&mut Self),
    ) -> u64 {
        self.align();
        let offset = self.bytes.len();
        write(self);
        let length = self.bytes.len() - offset;
        self.tables.push(Table { name, kind, offset, length, entry_size, info });
        self.address + offset as u64
    }

    fn align(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
    }

    fn header_size(&self) -> usize {
        if self.class == Class::Elf64 { 64 } else { 52 }
    }

    fn segment_size(&self) -> usize {
        if self.class == Class::Elf64 { 56 } else { 32 }
    }

    /// A value as wide as the class's addresses; in a 32-bit file the low half of it.
    #[expect(clippy::cast_possible_truncation, reason = "a 32-bit file holds the low half")]
    fn native(&mut self, value: u64) {
        if self.class == Class::Elf64 { self.u64(value) } else { self.u32(value as u32) }
    }

    fn u16(&mut self, value: u16) {
        self.bytes.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    fn u32(&mut self, value: u32) {
        self.bytes.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    fn u64(&mut self, value: u64) {
        self.bytes.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }
}

/// The hash of the ELF specification, which version records carry.
pub(super) fn hash(name: &str) -> u32 {
    name.bytes().fold(0_u32, |hash, byte| {
        let hash = (hash << 4).wrapping_add(u32::from(byte));
        let high = hash & 0xF000_0000;
        (hash ^ (high >> 24)) & !high
    })
}

fn word(value: usize) -> u32 {
    u32::try_from(value).expect("less than 4 GiB")
}
