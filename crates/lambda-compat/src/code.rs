//! The register of finding codes. A code is never reused and never changes its meaning.
//!
//! `LP1xx` loading, `LP2xx` the archive or wheel is malformed, `LP3xx` resolution and indexes, `LP4xx` layout, size and
//! limits, `LP5xx` input and configuration.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal, $title:literal;)+) => {
        /// A stable finding code; its text form is `LP` and three digits.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The number after `LP`.
            #[must_use]
            pub fn number(self) -> u16 { match self { $(Self::$name => $number),+ } }

            /// What the code means, in a few words.
            #[must_use]
            pub fn title(self) -> &'static str { match self { $(Self::$name => $title),+ } }
        }
    };
}

codes! {
    /// No python or ABI tag of the wheel fits the runtime's Python.
    PythonTag = 101, "built for another Python";
    /// Built for another processor.
    Architecture = 102, "built for another architecture";
    /// Needs a newer glibc than the runtime has.
    Glibc = 103, "needs a newer glibc";
    /// Built for musl, macOS, Windows or another system.
    ForeignPlatform = 104, "built for another platform";
    /// Requires-Python excludes the runtime's Python.
    RequiresPython = 105, "Requires-Python excludes the runtime";
    /// Needs newer symbols of libstdc++ or libgcc than the runtime has.
    CxxRuntime = 106, "needs a newer C++ runtime library";
    /// A shared object is damaged.
    DamagedBinary = 107, "a shared object is damaged";
    /// The tag promises less than the bytes need.
    TagTooLow = 108, "the tag promises less than the bytes need";
    /// A variant label (PEP 825) that cannot be judged.
    Variant = 109, "a wheel variant";
    /// An extension module whose file name is for another Python, and none of that module for this one.
    ModuleForOtherPython = 110, "an extension module for another Python";
    /// A segment whose offset and address disagree modulo its alignment, or which is not aligned to pages.
    MisalignedSegment = 111, "a segment is misaligned";
    /// Asks for an executable stack, which glibc 2.41 and newer refuse.
    ExecutableStack = 112, "asks for an executable stack";

    /// Needs a shared library that neither the runtime nor anything given has.
    MissingLibrary = 131, "a shared library is missing";
    /// Needs a shared library of which it is not known whether the runtime has it.
    UnknownLibrary = 132, "not known whether the runtime has a library";
    /// Needs a symbol version that the library which would be loaded has not.
    SymbolVersion = 133, "a library lacks a symbol version";
    /// Loads a library by name at run time that neither the runtime nor anything given has.
    RuntimeLoad = 134, "loads a library at run time that is missing";

    /// Not a zip archive at all.
    NotAZip = 201, "not a zip archive";
    /// The end of the archive: several end records, bytes before, between or after.
    ArchiveFraming = 202, "the archive's framing is ambiguous";
    /// Local header and central directory disagree.
    HeadersDisagree = 203, "local header and central directory disagree";
    /// Entries overlap, or bytes belong to none.
    EntryLayout = 204, "entries overlap or leave gaps";
    /// A data descriptor that says something else.
    DataDescriptor = 205, "a data descriptor disagrees";
    /// The compressed data do not give what the headers promise.
    EntryData = 206, "an entry's data are damaged";
    /// A compression method or encryption that wheels must not use.
    Compression = 207, "unsupported compression";
    /// An entry's name escapes the layer or cannot be told.
    EntryName = 208, "an unsafe entry name";
    /// Two entries of one name.
    DuplicateEntry = 209, "a duplicate entry";
    /// A symbolic link, device or other special file.
    SpecialFile = 210, "a link or special file";
    /// More bytes or entries than any layer may have.
    ArchiveLimits = 211, "the archive exceeds a limit";
    /// Zip64 records that disagree or must not be there.
    Zip64 = 212, "zip64 records disagree";
    /// No `.dist-info`, several, or one of another project.
    DistInfo = 220, "the .dist-info folder is wrong";
    /// METADATA is missing, unreadable or names another project.
    Metadata = 221, "METADATA is wrong";
    /// The WHEEL file is missing, unreadable or of an unknown version.
    WheelFile = 222, "the WHEEL file is wrong";
    /// RECORD is missing or unreadable.
    Record = 223, "RECORD is wrong";
    /// RECORD and the archive list different files.
    RecordFiles = 224, "RECORD and the archive list different files";
    /// A file does not have the digest or size that RECORD says.
    RecordDigest = 225, "a file differs from RECORD";
    /// An entry point that is no valid name or escapes `bin/`.
    EntryPoint = 226, "an entry point is invalid";
    /// A `.data` folder with an unknown scheme or a path that escapes.
    DataScheme = 227, "the .data folder is wrong";
    /// Not a wheel's file name.
    WheelFilename = 228, "not a wheel's file name";
    /// The tags inside are not those of the file name.
    TagsDiffer = 229, "tags inside differ from the file name";

    /// No index knows the project.
    UnknownProject = 301, "no index knows the project";
    /// No version satisfies what is asked for.
    NoVersion = 302, "no version satisfies the requirement";
    /// Requirements exclude each other.
    Conflict = 303, "requirements exclude each other";
    /// There are source distributions only.
    OnlySdists = 304, "source distributions only";
    /// There are wheels, but none for the target.
    NoWheelForTarget = 305, "no wheel for the target";
    /// The bytes do not have the hash that was promised.
    HashMismatch = 306, "a hash does not match";
    /// The network, a proxy or TLS.
    Network = 307, "the network failed";
    /// An index page or metadata that cannot be read.
    IndexAnswer = 308, "an index answer cannot be read";
    /// The index wants other credentials.
    Credentials = 309, "the index refuses the credentials";
    /// The lock no longer satisfies its source.
    StaleLock = 310, "the lock is stale";
    /// A lock that cannot be read.
    UnreadableLock = 311, "the lock cannot be read";
    /// Offline, and not in the cache.
    NotCached = 312, "offline, and not in the cache";
    /// An older version was taken because the newest has no wheel for the target.
    HeldBack = 313, "held back for the target";
    /// A yanked version was taken.
    Yanked = 314, "a yanked version";
    /// Several local wheels of one project with different versions.
    LocalVersions = 315, "local wheels of two versions";
    /// The distribution has no such extra.
    UnknownExtra = 316, "no such extra";

    /// Over the unzipped budget.
    OverBudget = 401, "over the size limit";
    /// Two packages bring different files of one path.
    PathConflict = 402, "two packages bring different files of one path";
    /// Too large for a direct upload.
    DirectUpload = 404, "too large for a direct upload";
    /// More entries than a zip without zip64 holds.
    TooManyEntries = 405, "too many entries";
    /// The output place holds something that layerpack did not write.
    ForeignOutput = 406, "the output place holds foreign files";
    /// More layers than a function may have.
    TooManyLayers = 407, "too many layers";
    /// One package in two layers, or in a layer and the function.
    PackedTwice = 408, "a package is packed twice";
    /// A packed wheel inside a layer: Python does not look into it.
    PackedWheel = 410, "a packed wheel inside a layer";
    /// Nothing at the places where Python looks in a layer.
    NoPythonFolder = 411, "no python/ at the root";
    /// `python/python/`: packed one folder too deep.
    NestedPythonFolder = 412, "python/ inside python/";
    /// `python/lib/python3.X/site-packages` of another Python.
    OtherSitePackages = 413, "site-packages of another Python";
    /// An entry that not everybody may read: Lambda's user may not.
    Unreadable = 414, "an entry that not everybody may read";
    /// A `.pth` file that Python does not process in a layer.
    PthFile = 415, "a .pth file that is not processed";
    /// A module that hides one of the standard library.
    HidesStandardLibrary = 416, "hides a module of the standard library";
    /// A part of the AWS SDK that is mixed with the runtime's.
    MixedSdk = 417, "mixed with the runtime's AWS SDK";
    /// A packed package needs another that is not there.
    UnmetRequirement = 418, "a requirement is not met";
    /// A script at a function's root without x bit.
    NotExecutable = 419, "a script without x bit";
    /// A script at a function's root with Windows line ends.
    WindowsLineEnds = 420, "a script with Windows line ends";
    /// A module that a layer below has as well, of another distribution.
    ShadowsBelow = 421, "shadows a module of a layer below";
    /// Packages that the runtime's AWS SDK stands in for were left out.
    LeftToRuntime = 422, "left to the runtime's AWS SDK";

    /// A file of a finished layer that comes from no wheel of the lock.
    Untraced = 430, "a file that no wheel of the lock has";
    /// A file of a finished layer that is not the one that its wheel has.
    Altered = 431, "a file that is not its wheel's";
    /// A file or package that the lock's wheels would give is missing in a finished layer.
    Absent = 432, "a file or package of the lock is missing";

    /// Arguments that do not make sense.
    Usage = 501, "usage";
    /// A path that does not exist.
    Missing = 502, "no such file or folder";
    /// Nothing to build.
    NothingToBuild = 503, "nothing to build";
    /// A line that cannot be parsed.
    UnreadableLine = 504, "a line cannot be read";
    /// An option line that is not known.
    UnknownOption = 505, "an unknown option line";
    /// A requirement that a layer cannot be built from.
    Unsupported = 506, "not supported";
    /// A Lambda runtime or architecture that does not exist.
    UnknownTarget = 507, "no such runtime or architecture";
    /// A Python file beside the requirements that is not packed.
    NotPacked = 508, "a file that is not packed";
    /// Reading or writing failed.
    Io = 509, "reading or writing failed";
    /// Nobody named a target.
    DefaultTarget = 510, "nobody named a target";
    /// The runtime is deprecated or a preview.
    RuntimeDates = 511, "a runtime that is not live";
    /// A zip archive without any `.dist-info`: not malformed, but something else.
    NotAWheel = 512, "a zip archive, but not a wheel";
    /// A Git LFS pointer in place of a file.
    GitLfsPointer = 513, "a Git LFS pointer";
    /// A page saved in place of a file.
    SavedPage = 514, "a page saved as a wheel";
    /// An exception that names no finding of this run.
    UnusedIgnore = 515, "an --ignore or --exclude that meets nothing";
    /// The configuration file says something that cannot be used.
    Configuration = 520, "the configuration file cannot be used";
}

impl Code {
    /// Findings of this code are about the libraries that a file needs: what else is judged with it may bring them.
    #[must_use]
    pub fn is_about_libraries(self) -> bool {
        matches!(self, Self::MissingLibrary | Self::UnknownLibrary | Self::SymbolVersion | Self::RuntimeLoad)
    }

    /// Findings of this code are about the archive itself, `LP2xx` and what is none at all: no exception can be made of
    /// them, since nothing else that is said of the file could be trusted.
    #[must_use]
    pub fn is_about_the_archive(self) -> bool {
        (200..300).contains(&self.number()) || matches!(self, Self::NotAWheel | Self::GitLfsPointer | Self::SavedPage)
    }

    /// Findings of this code say of a finished layer that its files are not those of the wheels that it should be made of,
    /// which does not keep them from loading.
    #[must_use]
    pub fn is_about_tracing(self) -> bool {
        matches!(
            self,
            Self::Untraced | Self::Altered | Self::Absent | Self::Record | Self::RecordFiles | Self::RecordDigest
        )
    }

    /// Findings of this code say that the judge cannot tell: they leave the verdict open.
    #[must_use]
    pub fn is_unknown(self) -> bool {
        matches!(self, Self::Variant | Self::UnknownLibrary)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LP{:03}", self.number())
    }
}

/// No finding has this code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no finding has the code `{0}`; codes look like LP102")]
pub struct UnknownCode(String);

/// As it is printed, in any case, or the number alone: `LP131`, `lp131`, `131`.
impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownCode(s.to_owned());
        let digits = match s.split_at_checked(2) {
            Some((letters, digits)) if letters.eq_ignore_ascii_case("LP") => digits,
            _ => s,
        };
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(unknown());
        }
        let number = digits.parse::<u16>().map_err(|_| unknown())?;
        Self::ALL.iter().copied().find(|code| code.number() == number).ok_or_else(unknown)
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_in_order() {
        assert!(Code::ALL.windows(2).all(|w| w[0].number() < w[1].number()));
    }

    #[test]
    fn text_round_trips() {
        for code in Code::ALL {
            assert_eq!(code.to_string().parse(), Ok(*code));
        }
        for text in ["131", "LP131", "lp131", "Lp131"] {
            assert_eq!(text.parse(), Ok(Code::MissingLibrary), "{text}");
        }
        for text in ["LP999", "", "LP", "LP+13", "LP1310", "0131", "LPabc", "é131", "XX131"] {
            assert!(text.parse::<Code>().is_err(), "{text}");
        }
    }
}
