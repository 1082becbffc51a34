//! From the ELF header by way of the dynamic section to what it names, reading only the ranges that are needed.

use object::elf;
use object::endian::Endianness;
use object::pod::{Pod, from_bytes};
use object::read::elf::{FileHeader, ProgramHeader as _};

use super::{Bytes, Class, ElfFacts, Kind, Machine, Misaligned, NeededVersion};

/// What is wrong with a file: a lower-case fragment.
#[derive(Debug)]
pub(super) struct Damage(pub(super) String);

fn damage<T>(what: impl Into<String>) -> Result<T, Damage> {
    Err(Damage(what.into()))
}

/// Bytes read of one file before it is given up: real ones need some kilobytes.
const MAX_READ: usize = 8 << 20;
/// Program headers of one file: real ones have about ten.
const MAX_SEGMENTS: usize = 1024;
/// Bytes of the dynamic section: 65,536 entries.
const MAX_DYNAMIC: u64 = 1 << 20;
/// Symbol versions that one file needs, or provides: glibc itself has some forty.
const MAX_VERSIONS: usize = 4096;
/// Bytes of one name: Linux's `PATH_MAX`.
const MAX_NAME: usize = 4096;
/// Bytes read at once for a name: few are longer.
const USUAL_NAME: usize = 128;

pub(super) fn read_elf(bytes: &mut dyn Bytes) -> Result<ElfFacts, Damage> {
    let mut file = File { bytes, left: MAX_READ, endian: Endianness::Little, loads: Vec::new() };
    let (Some(&class), Some(&order)) = (file.read(4, 1)?.first(), file.read(5, 1)?.first()) else {
        return damage("its header is cut off");
    };
    file.endian = match order {
        1 => Endianness::Little,
        2 => Endianness::Big,
        _ => return damage(format!("byte order {order} does not exist")),
    };
    match class {
        1 => read_facts::<elf::FileHeader32<Endianness>>(&mut file, Class::Elf32),
        2 => read_facts::<elf::FileHeader64<Endianness>>(&mut file, Class::Elf64),
        _ => damage(format!("ELF class {class} does not exist")),
    }
}

fn read_facts<H: FileHeader<Endian = Endianness>>(file: &mut File<'_>, class: Class) -> Result<ElfFacts, Damage> {
    let endian = file.endian;
    let header: H = file.read_struct(0)?;
    let mut facts = ElfFacts {
        class,
        little_endian: endian == Endianness::Little,
        machine: match header.e_machine(endian) {
            elf::EM_X86_64 => Machine::X86_64,
            elf::EM_AARCH64 => Machine::Aarch64,
            elf::EM_386 => Machine::I386,
            elf::EM_ARM => Machine::Arm,
            other => Machine::Other(other.0),
        },
        kind: match header.e_type(endian) {
            elf::ET_DYN => Kind::Shared,
            elf::ET_EXEC => Kind::Executable,
            elf::ET_REL => Kind::Relocatable,
            elf::ET_CORE => Kind::Core,
            other => Kind::Other(other.0),
        },
        soname: None,
        needed: Vec::new(),
        versions_needed: Vec::new(),
        versions_provided: Vec::new(),
        rpath: Vec::new(),
        runpath: Vec::new(),
        interpreter: None,
        executable_stack: false,
        misaligned: None,
    };
    if !matches!(facts.kind, Kind::Shared | Kind::Executable) {
        return Ok(facts);
    }

    let segments: Vec<H::ProgramHeader> = {
        let count = usize::from(header.e_phnum(endian));
        if count > MAX_SEGMENTS {
            return damage(format!("it claims {count} program headers"));
        }
        if count > 0 && usize::from(header.e_phentsize(endian)) != size_of::<H::ProgramHeader>() {
            return damage("its program headers have a wrong size");
        }
        file.read_structs(header.e_phoff(endian).into(), count)?
    };
    let mut dynamic = None;
    for segment in &segments {
        let (offset, size) = segment.file_range(endian);
        match segment.p_type(endian) {
            elf::PT_LOAD => {
                let address = segment.p_vaddr(endian).into();
                file.load(Load { address, offset, size })?;
                let misaligned = Misaligned::of(offset, address, segment.p_align(endian).into());
                facts.misaligned = facts.misaligned.or(misaligned);
            }
            elf::PT_GNU_STACK => facts.executable_stack = segment.p_flags(endian).0 & elf::PF_X.0 != 0,
            elf::PT_DYNAMIC => dynamic = Some((segment.p_vaddr(endian).into(), size)),
            elf::PT_INTERP => facts.interpreter = Some(file.interpreter(offset, size)?),
            _ => {}
        }
    }
    match dynamic {
        // What the linker split off for debuggers keeps the headers without the bytes.
        Some((_, 0)) => {}
        Some((address, size)) => read_dynamic::<H::Dyn>(file, address, size, &mut facts)?,
        None if facts.kind == Kind::Shared => return damage("it has no dynamic section"),
        None => {}
    }
    Ok(facts)
}

/// The entries of the dynamic section that matter here. Where one that stands once is repeated, the last one counts, as
/// for the loader.
#[derive(Default)]
struct Dynamic {
    needed: Vec<u64>,
    soname: Option<u64>,
    rpath: Option<u64>,
    runpath: Option<u64>,
    strings: Option<u64>,
    strings_size: Option<u64>,
    versions_needed: Option<u64>,
    versions_provided: Option<u64>,
    is_program: bool,
}

fn read_dynamic<D: object::read::elf::Dyn<Endian = Endianness>>(
    file: &mut File<'_>,
    address: u64,
    size: u64,
    facts: &mut ElfFacts,
) -> Result<(), Damage> {
    if size > MAX_DYNAMIC {
        return damage(format!("its dynamic section claims {size} bytes"));
    }
    let (offset, available) = file.locate(address)?;
    let count = usize::try_from(size.min(available)).unwrap_or(0) / size_of::<D>();
    let mut dynamic = Dynamic::default();
    for entry in file.read_structs::<D>(offset, count)? {
        let value = entry.d_val(file.endian).into();
        match entry.d_tag(file.endian) {
            elf::DT_NULL => break,
            elf::DT_NEEDED => dynamic.needed.push(value),
            elf::DT_SONAME => dynamic.soname = Some(value),
            elf::DT_RPATH => dynamic.rpath = Some(value),
            elf::DT_RUNPATH => dynamic.runpath = Some(value),
            elf::DT_STRTAB => dynamic.strings = Some(value),
            elf::DT_STRSZ => dynamic.strings_size = Some(value),
            elf::DT_VERNEED => dynamic.versions_needed = Some(value),
            elf::DT_VERDEF => dynamic.versions_provided = Some(value),
            elf::DT_FLAGS_1 => dynamic.is_program = value & elf::DF_1_PIE.0 != 0,
            _ => {}
        }
    }

    let names = match dynamic {
        Dynamic { strings: Some(address), strings_size, .. } => {
            Names { address, size: strings_size.unwrap_or(u64::MAX) }
        }
        Dynamic {
            needed,
            soname: None,
            rpath: None,
            runpath: None,
            versions_needed: None,
            versions_provided: None,
            ..
        } if needed.is_empty() => {
            return Ok(());
        }
        _ => return damage("its dynamic section has no string table"),
    };
    for &name in &dynamic.needed {
        facts.needed.push(file.name(&names, name)?);
    }
    facts.soname = dynamic.soname.map(|name| file.name(&names, name)).transpose()?;
    let mut paths = |name: Option<u64>| -> Result<Vec<String>, Damage> {
        let list = name.map(|name| file.name(&names, name)).transpose()?;
        Ok(list.map(|list| list.split(':').map(str::to_owned).collect()).unwrap_or_default())
    };
    facts.rpath = paths(dynamic.rpath)?;
    facts.runpath = paths(dynamic.runpath)?;
    if let Some(address) = dynamic.versions_needed {
        facts.versions_needed = versions_needed(file, &names, address)?;
    }
    if let Some(address) = dynamic.versions_provided {
        facts.versions_provided = versions_provided(file, &names, address)?;
    }
    // A position-independent program is a shared object to the header; older linkers did not mark it.
    if dynamic.is_program || (facts.interpreter.is_some() && facts.soname.is_none()) {
        facts.kind = Kind::Executable;
    }
    Ok(())
}

/// Follows both chains to their ends as the loader does, which pays no heed to the counts. Links lead forward only, so
/// that a chain ends with the file if not before.
fn versions_needed(file: &mut File<'_>, names: &Names, start: u64) -> Result<Vec<NeededVersion>, Damage> {
    let endian = file.endian;
    let mut versions = Vec::new();
    let mut at = Some(start);
    while let Some(address) = at {
        let library_entry: elf::Verneed<Endianness> = file.read_struct_at(address)?;
        let library = file.name(names, library_entry.vn_file.get(endian).into())?;
        let mut version_at = Some(forward(address, library_entry.vn_aux.get(endian))?);
        while let Some(address) = version_at {
            let entry: elf::Vernaux<Endianness> = file.read_struct_at(address)?;
            let version = file.name(names, entry.vna_name.get(endian).into())?;
            let weak = entry.vna_flags.get(endian).0 & elf::VER_FLG_WEAK.0 != 0;
            versions.push(NeededVersion { library: library.clone(), version, weak });
            if versions.len() > MAX_VERSIONS {
                return damage("it needs too many symbol versions");
            }
            version_at = next(address, entry.vna_next.get(endian))?;
        }
        at = next(address, library_entry.vn_next.get(endian))?;
    }
    versions.sort();
    versions.dedup();
    Ok(versions)
}

fn versions_provided(file: &mut File<'_>, names: &Names, start: u64) -> Result<Vec<String>, Damage> {
    let endian = file.endian;
    let mut versions = Vec::new();
    let mut at = Some(start);
    while let Some(address) = at {
        let entry: elf::Verdef<Endianness> = file.read_struct_at(address)?;
        // The base definition is the file's own name.
        if entry.vd_flags.get(endian).0 & elf::VER_FLG_BASE.0 == 0 {
            // The first name is the version's own, the others are those of the versions it inherits from.
            let name: elf::Verdaux<Endianness> = file.read_struct_at(forward(address, entry.vd_aux.get(endian))?)?;
            versions.push(file.name(names, name.vda_name.get(endian).into())?);
        }
        if versions.len() > MAX_VERSIONS {
            return damage("it provides too many symbol versions");
        }
        at = next(address, entry.vd_next.get(endian))?;
    }
    versions.sort();
    versions.dedup();
    Ok(versions)
}

fn next(address: u64, distance: u32) -> Result<Option<u64>, Damage> {
    if distance == 0 { Ok(None) } else { forward(address, distance).map(Some) }
}

fn forward(address: u64, distance: u32) -> Result<u64, Damage> {
    address.checked_add(distance.into()).map_or_else(|| damage("its symbol versions lead out of the file"), Ok)
}

/// Part of the file that the loader maps to addresses.
struct Load {
    address: u64,
    offset: u64,
    size: u64,
}

/// Where the names are: an address, and the bytes there.
struct Names {
    address: u64,
    size: u64,
}

/// A file being read: what it maps where, and how many more bytes may be read of it.
struct File<'a> {
    bytes: &'a mut dyn Bytes,
    left: usize,
    endian: Endianness,
    loads: Vec<Load>,
}

impl File<'_> {
    fn read(&mut self, offset: u64, len: usize) -> Result<Vec<u8>, Damage> {
        let Some(left) = self.left.checked_sub(len) else {
            return damage("its dynamic section leads through too much of it");
        };
        self.left = left;
        self.bytes.read_at(offset, len).map_or_else(|| damage("it is cut off"), |bytes| Ok(bytes.into_owned()))
    }

    fn read_structs<T: Pod>(&mut self, offset: u64, count: usize) -> Result<Vec<T>, Damage> {
        let Some(len) = size_of::<T>().checked_mul(count) else {
            return damage("it is cut off");
        };
        let bytes = self.read(offset, len)?;
        Ok(bytes.chunks_exact(size_of::<T>()).filter_map(|one| from_bytes(one).ok().map(|(one, _)| *one)).collect())
    }

    fn read_struct<T: Pod>(&mut self, offset: u64) -> Result<T, Damage> {
        self.read_structs(offset, 1)?.pop().map_or_else(|| damage("it is cut off"), Ok)
    }

    fn read_struct_at<T: Pod>(&mut self, address: u64) -> Result<T, Damage> {
        let (offset, _) = self.locate(address)?;
        self.read_struct(offset)
    }

    fn load(&mut self, load: Load) -> Result<(), Damage> {
        match load.offset.checked_add(load.size) {
            Some(end) if end <= self.bytes.len() => {
                self.loads.push(load);
                Ok(())
            }
            _ => damage("it is cut off: a segment reaches beyond its end"),
        }
    }

    /// The offset in the file of what is loaded at an address, and how many bytes there are from there on.
    fn locate(&self, address: u64) -> Result<(u64, u64), Damage> {
        let place = |load: &Load| {
            let inside = address.checked_sub(load.address)?;
            let available = load.size.checked_sub(inside)?;
            (available > 0).then_some((load.offset + inside, available))
        };
        // Of overlapping segments the later is mapped over the earlier.
        self.loads
            .iter()
            .rev()
            .find_map(place)
            .map_or_else(|| damage("its dynamic section leads to an address that is not in the file"), Ok)
    }

    fn name(&mut self, names: &Names, offset: u64) -> Result<String, Damage> {
        let (Some(address), Some(size)) = (names.address.checked_add(offset), names.size.checked_sub(offset)) else {
            return damage("a name lies outside of the string table");
        };
        let (at, available) = self.locate(address)?;
        let most = usize::try_from(available.min(size)).unwrap_or(MAX_NAME).min(MAX_NAME);
        for len in [most.min(USUAL_NAME), most] {
            let bytes = self.read(at, len)?;
            if let Some(end) = bytes.iter().position(|&byte| byte == 0) {
                return Ok(String::from_utf8_lossy(&bytes[..end]).into_owned());
            }
        }
        damage("a name in its string table has no end")
    }

    fn interpreter(&mut self, offset: u64, size: u64) -> Result<String, Damage> {
        let len = usize::try_from(size).unwrap_or(MAX_NAME).min(MAX_NAME);
        let bytes = self.read(offset, len)?;
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        Ok(String::from_utf8_lossy(&bytes[..end]).into_owned())
    }
}
