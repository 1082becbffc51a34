use super::*;
use crate::profile::{RootName, runtime, runtimes};

fn profile(python: u8) -> &'static Profile {
    runtime(format!("python3.{python}").parse().expect("a known runtime"))
}

/// `system /lib64`, `function /var/lang/lib`, `reported`.
fn verdict(fact: &LibraryFact<'_>) -> String {
    let grade = match fact.grade {
        Grade::Probed => "probed",
        Grade::Function => "function",
        Grade::SameRoot => "system",
        Grade::Reported => "reported",
        Grade::Unlisted => "unlisted",
        Grade::NotProbed => "not probed",
        Grade::Unknown => "unknown",
    };
    fact.folder.map_or_else(|| grade.to_owned(), |folder| format!("{grade} {folder}"))
}

/// Each name of a table, on these runtimes, by architecture.
fn assert_table(pythons: &[u8], arches: &[Arch], table: &[(&str, &str)]) {
    for (names, expected) in table {
        for name in names.split_whitespace() {
            for python in pythons.iter().copied() {
                for arch in arches {
                    let fact = profile(python).library(*arch, name);
                    assert_eq!(verdict(&fact), *expected, "{name} on python3.{python} {arch}");
                }
            }
        }
    }
}

#[test]
fn libraries_on_amazon_linux_2023() {
    assert_table(
        &[12, 13, 14],
        &Arch::ALL,
        &[
            ("libexpat.so.1 libodbc.so.2", "reported"),
            (
                "libglib-2.0.so.0 libgthread-2.0.so.0 libgobject-2.0.so.0 libgio-2.0.so.0 libgmodule-2.0.so.0
                 libmagic.so.1 libuuid.so.1 libblkid.so.1 libmount.so.1 libxml2.so.2 libcurl.so.4 libhistory.so.8
                 libssl.so.3 libcrypto.so.3 libffi.so.8 libz.so.1 libncursesw.so.6 libtinfo.so.6 libpanelw.so.6
                 liblz4.so.1 libnghttp2.so.14 libidn2.so.0 libunistring.so.2 libpsl.so.5 libkrb5.so.3
                 libgssapi_krb5.so.2 libk5crypto.so.3 libcom_err.so.2 libkeyutils.so.1 libresolv.so.2 libanl.so.1
                 libdl.so.2 librt.so.1 libutil.so.1 libpthread.so.0 libc.so.6 libm.so.6 libyaml-0.so.2 libpcre2-8.so.0
                 libjson-c.so.5 libarchive.so.13 libgmp.so.10 libmpfr.so.6 libcap.so.2 libacl.so.1 libattr.so.1
                 libselinux.so.1 libaudit.so.1 libgcrypt.so.20 libgpg-error.so.0 libassuan.so.0 libgpgme.so.11
                 libgcc_s.so.1 libstdc++.so.6 libz.so.1.2.11 liblua-5.4.so",
                "system /lib64",
            ),
            (
                "libbz2.so.1 liblzma.so.5 libreadline.so.8 libsqlite3.so.0 libcrypt.so.2 libgdbm.so.6
                 libgdbm_compat.so.4 libsqlite3.so.0.8.6 libpython3.so",
                "function /var/lang/lib",
            ),
            (
                "libxslt.so.1 libexslt.so.0 libssl.so.1.1 libssl.so.10 libnsl.so.1 libaio.so.1 libicuuc.so.50
                 libpcre.so.1 libgpgme-pthread.so.11 libgomp.so.1 libgomp.so.1.0.0 libatomic.so.1 libquadmath.so.0
                 libgfortran.so.5 libGL.so.1 libEGL.so.1 libX11.so.6 libXext.so.6 libXrender.so.1 libSM.so.6 libICE.so.6
                 libxcb.so.1 libfontconfig.so.1 libfreetype.so.6 libpng16.so.16 libjpeg.so.62 libtiff.so.5
                 libcairo.so.2 libpango-1.0.so.0 libharfbuzz.so.0 libodbcinst.so.2 libltdl.so.7 libpq.so.5
                 libmariadb.so.3 libssh2.so.1 libudev.so.1 libsystemd.so.0 libpam.so.0 libelf.so.1 libdb-5.3.so
                 libnss3.so libsoftokn3.so libcrypto.so.10 libreadline.so.6 libc.musl-x86_64.so.1",
                "unlisted",
            ),
        ],
    );
    assert_table(
        &[12, 13, 14, 15],
        &[Arch::X86_64],
        &[
            ("libcrypt.so.1 libcrypt.so.1.1.0", "function /var/lang/lib"),
            ("libmvec.so.1 ld-linux-x86-64.so.2", "system /lib64"),
            ("ld-linux-aarch64.so.1", "unlisted"),
        ],
    );
    assert_table(
        &[12, 13, 14, 15],
        &[Arch::Arm64],
        &[("libcrypt.so.1 libmvec.so.1 ld-linux-x86-64.so.2", "unlisted"), ("ld-linux-aarch64.so.1", "system /lib")],
    );
    assert_table(&[12, 13], &Arch::ALL, &[("libzstd.so.1", "system /lib64"), ("libzstd.so", "unlisted")]);
    assert_table(&[14, 15], &Arch::ALL, &[("libzstd.so.1 libzstd.so", "function /var/lang/lib")]);
}

#[test]
fn libraries_on_amazon_linux_2() {
    assert_table(
        &[8, 9, 10, 11],
        &Arch::ALL,
        &[
            (
                "libbz2.so.1 liblzma.so.5 libsqlite3.so.0 libreadline.so.6 libcrypt.so.1 libgdbm.so.4
                 libgdbm_compat.so.4 libpython3.so",
                "function /var/lang/lib",
            ),
            (
                "libc.so.6 libz.so.1 libffi.so.6 libssl.so.10 libcrypto.so.10 libnsl.so.1 libgmp.so.10 libpcre.so.1
                 libnspr4.so libstdc++.so.6 libgcc_s.so.1 libkrb5.so.3 libtinfo.so.6 libcap.so.2",
                "system /lib64",
            ),
            (
                "libcurl.so.4 libgomp.so.1 libGL.so.1 libgthread-2.0.so.0 libgobject-2.0.so.0 libglib-2.0.so.0
                 libmagic.so.1 libxml2.so.2",
                "reported",
            ),
            (
                "libcrypt.so.2 libreadline.so.8 libgdbm.so.6 libssl.so.3 libssl.so.1.1 libffi.so.8 libodbc.so.2
                 libX11.so.6 libzstd.so.1 libblkid.so.1 libpng16.so.16",
                "unlisted",
            ),
        ],
    );
    let later = "libexpat.so.1 libuuid.so.1 libfontconfig.so.1 libfreetype.so.6 libpng15.so.15 libpsx.so.2
                 libicudata.so.50 libicui18n.so.50 libicuio.so.50 libicule.so.50 libiculx.so.50 libicutest.so.50
                 libicutu.so.50 libicuuc.so.50 libexpat.so.1.6.0";
    assert_table(&[8, 9], &Arch::ALL, &[(later, "unknown")]);
    assert_table(&[10, 11], &Arch::ALL, &[(later, "system /lib64")]);
    assert_table(
        &[8, 9, 10, 11],
        &[Arch::X86_64],
        &[("libmvec.so.1 libmvec-2.26.so ld-linux-x86-64.so.2", "system /lib64")],
    );
    assert_table(
        &[8, 9, 10, 11],
        &[Arch::Arm64],
        &[("libmvec.so.1 ld-linux-x86-64.so.2", "unlisted"), ("ld-linux-aarch64.so.1", "system /lib64")],
    );
}

#[test]
fn every_runtime_has_its_own_python_only() {
    for runtime in runtimes() {
        for python in 8..=15 {
            let expected = if runtime.name == profile(python).name { "function /var/lang/lib" } else { "unlisted" };
            let file = format!("libpython3.{python}.so.1.0");
            assert_eq!(verdict(&runtime.library(Arch::Arm64, &file)), expected, "{file} on {}", runtime.name);
        }
    }
}

#[test]
fn names_are_taken_as_they_are() {
    for name in ["", "libz", "libz.so", "/lib64/libz.so.1", "LIBZ.SO.1", "libz.so.1 ", "libz.so.1\0", "ÿ"] {
        assert_eq!(profile(13).library(Arch::X86_64, name).grade, Grade::Unlisted, "{name:?}");
    }
}

#[test]
fn every_library_fact_names_its_source_and_date() {
    for runtime in runtimes() {
        for arch in Arch::ALL {
            let known = runtime.known_libraries(arch);
            assert!(known.len() > 150 && known.is_sorted_by(|a, b| a.0 < b.0), "{}", runtime.name);
            let unlisted = ("libnosuch.so.9", runtime.library(arch, "libnosuch.so.9"));
            for (name, fact) in known.into_iter().chain([unlisted]) {
                assert_eq!(fact, runtime.library(arch, name));
                assert!(fact.source.len() > 15, "{name} on {}: {fact:?}", runtime.name);
                assert_eq!(fact.checked.to_string(), "2026-11-22", "{name} on {}", runtime.name);
                assert_eq!(fact.folder.is_some(), fact.availability == Availability::Present, "{name}: {fact:?}");
                let says_more = !matches!(fact.grade, Grade::Unlisted);
                assert!(!says_more || fact.note.is_some_and(|note| note.len() > 10), "{name}: {fact:?}");
            }
        }
    }
}

#[test]
fn lists_are_sorted_and_remarks_are_of_listed_files() {
    let roots = RootName::ALL.map(RootName::root);
    for (root, name) in roots.into_iter().zip(RootName::ALL) {
        assert_eq!(root.name, name);
        assert_eq!(root.listing[0].folder, "/lib64", "it stands for the root where a file is in no list");
        for absence in &root.absent {
            for file in &absence.files {
                assert!(
                    root.listing.iter().all(|listing| listing.names(Arch::X86_64).all(|name| name != file)),
                    "{file}"
                );
            }
        }
    }
    let listings = runtimes().iter().map(|runtime| &runtime.libraries).chain(roots.iter().flat_map(|r| &r.listing));
    for listing in listings {
        let lists = std::iter::once(&listing.files).chain(listing.only.values());
        assert!(lists.into_iter().all(|list| list.is_sorted_by(|a, b| a < b)), "{}", listing.source);
        for arch in Arch::ALL {
            let names: Vec<_> = listing.names(arch).collect();
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{}", listing.source);
        }
        let remarked: Vec<_> = listing.remark.iter().flat_map(|remark| &remark.files).collect();
        assert_eq!(remarked.iter().collect::<BTreeSet<_>>().len(), remarked.len(), "one remark for each file");
        for file in remarked {
            assert!(Arch::ALL.iter().any(|arch| listing.names(*arch).any(|name| name == file)), "{file}");
        }
    }
    for runtime in runtimes() {
        for file in runtime.unknown.iter().flat_map(|doubt| &doubt.files) {
            assert!(runtime.root.value.root().listing[0].names(Arch::Arm64).any(|name| name == file), "{file}");
        }
    }
}

#[test]
fn find_library_sees_the_root_only() {
    let finds = |python, arch, stem: &str| {
        let fact = profile(python).finds_by_ldconfig(arch, stem);
        format!(
            "{}{}",
            verdict(&fact),
            if fact.note.is_some_and(|note| note.contains("cache")) { ", elsewhere" } else { "" }
        )
    };
    for (python, arch, stem, expected) in [
        (13, Arch::Arm64, "magic", "system /lib64"),
        (13, Arch::Arm64, "gobject-2.0", "system /lib64"),
        (13, Arch::Arm64, "lua-5.4", "system /lib64"),
        (13, Arch::Arm64, "c", "system /lib64"),
        (13, Arch::Arm64, "stdc++", "system /lib64"),
        // In both folders.
        (13, Arch::Arm64, "bz2", "system /lib64"),
        (13, Arch::X86_64, "mvec", "system /lib64"),
        (13, Arch::Arm64, "mvec", "unlisted"),
        // In /var/lang/lib only.
        (13, Arch::Arm64, "gdbm", "unlisted, elsewhere"),
        (13, Arch::X86_64, "crypt", "unlisted, elsewhere"),
        (13, Arch::X86_64, "python3.13", "unlisted, elsewhere"),
        (9, Arch::X86_64, "sqlite3", "unlisted, elsewhere"),
        (13, Arch::Arm64, "expat", "reported"),
        (13, Arch::Arm64, "cairo", "unlisted"),
        (13, Arch::Arm64, "libmagic", "unlisted"),
        (13, Arch::Arm64, "gl", "unlisted"),
        (13, Arch::Arm64, "", "unlisted"),
        (11, Arch::Arm64, "magic", "reported"),
        (11, Arch::Arm64, "expat", "system /lib64"),
        (9, Arch::Arm64, "expat", "unknown"),
        (9, Arch::Arm64, "uuid", "unknown"),
        (9, Arch::Arm64, "bz2", "unknown"),
    ] {
        assert_eq!(finds(python, arch, stem), expected, "{stem} on python3.{python} {arch}");
    }
}

#[test]
fn the_loader_looks_in_the_runtimes_own_folder_first() {
    for runtime in runtimes() {
        let path = runtime.library_path();
        assert_eq!(
            path.value.join(":"),
            "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
        );
        assert!(path.source.contains("Dockerfile.python3."), "{}", path.source);
        assert_eq!(runtime.libraries.folder, path.value[0]);
        assert!(runtime.os.value.to_lowercase().replace(' ', "-") == runtime.root.value.to_string());
    }
}

#[test]
fn symbol_levels() {
    let level = |python, library, prefix| {
        let fact = profile(python).symbol_level(Arch::Arm64, library, prefix)?;
        assert!(fact.source.len() > 15 && fact.note.is_some_and(|note| note.len() > 10), "{fact:?}");
        assert!(fact.level.certain <= fact.level.recent, "{fact:?}");
        Some(format!("{} {}", fact.level.certain, fact.level.recent))
    };
    for (library, prefix, old, new) in [
        ("libz.so.1", "ZLIB_", Some("1.2.5.2 1.2.5.2"), Some("1.2.9 1.2.9")),
        ("libcrypto.so.3", "OPENSSL_", None, Some("3.0.8 3.5.0")),
        ("libssl.so.3", "OPENSSL_", None, Some("3.0.0 3.5.0")),
        ("libcrypt.so.2", "XCRYPT_", None, Some("4.4 4.4")),
        ("libcrypt.so.1", "XCRYPT_", None, Some("4.4 4.4")),
        ("libstdc++.so.6", "GLIBCXX_", Some("3.4.24 3.4.24"), Some("3.4.29 3.4.33")),
        ("libstdc++.so.6", "CXXABI_", Some("1.3.11 1.3.11"), Some("1.3.13 1.3.15")),
        ("libgcc_s.so.1", "GCC_", Some("7.0.0 7.0.0"), Some("11.0 14.0.0")),
        ("libz.so.1", "ZLIB", None, None),
        ("libexpat.so.1", "EXPAT_", None, None),
    ] {
        for python in 8..=15 {
            let expected = if python < 12 { old } else { new };
            assert_eq!(level(python, library, prefix).as_deref(), expected, "{library} {prefix} on python3.{python}");
        }
    }
    for runtime in runtimes() {
        for (library, prefix, fact) in runtime.symbol_levels() {
            assert_eq!(runtime.symbol_level(Arch::X86_64, library, prefix), Some(fact));
            let libraries = || runtime.known_libraries(Arch::X86_64);
            assert!(libraries().iter().any(|(name, _)| *name == library), "{library} on {}", runtime.name);
        }
    }
}
