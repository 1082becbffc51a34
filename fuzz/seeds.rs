//! Sound inputs to begin with, made by testkit: `cargo run --example seeds -- FOLDER` writes `FOLDER/<target>/<name>`.

use std::fs;
use std::path::Path;

use testkit::{ElfBuilder, Machine, WheelBuilder, ZipBuilder, ZipEntry, deflate};

fn main() {
    let root = std::env::args_os().nth(1).expect("a folder");
    let write = |target: &str, name: &str, bytes: &[u8]| {
        let folder = Path::new(&root).join(target);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(name), bytes).expect("a file");
    };
    let library = ElfBuilder::shared(Machine::Aarch64).needed("libc.so.6").version("libc.so.6", "GLIBC_2.17").build();
    let wheel = || {
        let wheel = WheelBuilder::new("a", "1").requires("click>=8; python_version < '3.13'").script("a", "a:main");
        wheel.requires_python(">=3.9").file("a/__init__.py", "import a.b\n").file("a/b.so", &library)
    };
    write("elf", "aarch64", &library);
    write("elf", "x86_64", &ElfBuilder::shared(Machine::X86_64).needed("libm.so.6").soname("liba.so.1").build());
    write("wheel", "deflated", &wheel().build());
    write("wheel", "stored", &wheel().stored().build());
    write("wheel", "descriptors", &wheel().descriptors().build());
    write("wheel", "zip64", &wheel().zip().edit("a/__init__.py", ZipEntry::zip64).zip64_end().build());
    let layer = ZipBuilder::new()
        .entry(ZipEntry::directory("python/"))
        .entry(ZipEntry::deflated("python/a/__init__.py", b"import b\n"))
        .entry(ZipEntry::deflated("python/a-1.dist-info/METADATA", wheel().metadata()))
        .entry(ZipEntry::stored("python/a-1.dist-info/RECORD", b"a/__init__.py,,\n"))
        .entry(ZipEntry::symlink("lib/liba.so", "liba.so.1"))
        .entry(ZipEntry::deflated("lib/liba.so.1", &library).mode(0o755));
    write("layer", "layer", &layer.build());
    write("layer", "function", &ZipBuilder::new().entry(ZipEntry::deflated("app.py", b"import a\n")).build());
    write("inflate_and_copy", "text", &deflate(&b"hello hello hello".repeat(50)));
    write("inflate_and_copy", "two", &[deflate(b"one"), deflate(b"two")].concat());
    write("inflate_and_copy", "stored", b"\x01\x03\x00\xfc\xffabc");
    write("metadata", "metadata", &wheel().metadata());
    write("metadata", "wheel", b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
    write("metadata", "record", b"a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n\"b,\"\"c\",,\n");
    let lines = "# one\nclick[x]>=8,!=8.1 ; python_version < '3.13' --hash=sha256:00 \\\n  --hash=sha256:11\n-c c.txt\n-r r.txt\n\
                 --index-url https://me:${TOKEN}@h/simple\nfoo @ https://h/foo-1-py3-none-any.whl\n-e .\ngit+https://h/x.git@main\n";
    write("requirements", "lines", lines.as_bytes());
    write("requirements", "utf16", &lines.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    let marker = "foo[a,b]>=1,<2; (python_version >= '3.9' and sys_platform == 'linux') or extra == 'x'";
    write("markers", "marker", marker.as_bytes());
    let json = r#"0{"meta": {"api-version": "1.1"}, "name": "foo", "files": [{"filename": "foo-1.0-py3-none-any.whl", "url": "../f/foo-1.0-py3-none-any.whl", "hashes": {"sha256": "00"}, "requires-python": ">=3.8", "size": 1, "yanked": "why", "core-metadata": {"sha256": "00"}}]}"#;
    write("pages", "json", json.as_bytes());
    let html = "2<!DOCTYPE html><base href='/x/'><a href='foo-1.0.tar.gz#sha256=00' data-requires-python='&gt;=3' data-yanked>foo-1.0.tar.gz</a>";
    write("pages", "html", html.as_bytes());
    let digest = "0".repeat(64);
    let wheel = format!("{{ url = \"https://h/a-1-py3-none-any.whl\", hashes = {{ sha256 = \"{digest}\" }} }}");
    let pylock = format!("lock-version = \"1.0\"\ncreated-by = \"x\"\n[[packages]]\nname = \"a\"\nversion = \"1\"\nwheels = [{wheel}]\n");
    write("locks", "pylock", format!("\0{pylock}").as_bytes());
    let uv = format!("\x01version = 1\nrevision = 3\nrequires-python = \">=3.9\"\n[[package]]\nname = \"a\"\nversion = \"1\"\nsource = {{ registry = \"https://h/simple\" }}\ndependencies = [{{ name = \"b\", marker = \"sys_platform == 'linux'\" }}]\nwheels = [{{ url = \"https://h/a-1-py3-none-any.whl\", hash = \"sha256:{digest}\" }}]\n[[package]]\nname = \"p\"\nsource = {{ virtual = \".\" }}\ndependencies = [{{ name = \"a\" }}]\n");
    write("locks", "uv", uv.as_bytes());
    let poetry = format!("\x02[[package]]\nname = \"a\"\nversion = \"1\"\noptional = false\npython-versions = \">=3.9\"\nfiles = [{{file = \"a-1-py3-none-any.whl\", hash = \"sha256:{digest}\"}}]\n[metadata]\nlock-version = \"2.1\"\npython-versions = \">=3.9\"\ncontent-hash = \"{digest}\"\n");
    write("locks", "poetry", poetry.as_bytes());
    let pipfile = format!("\x03{{\"_meta\": {{\"hash\": {{\"sha256\": \"{digest}\"}}, \"pipfile-spec\": 6, \"sources\": [{{\"name\": \"i\", \"url\": \"https://h/simple\"}}]}}, \"default\": {{\"a\": {{\"version\": \"==1\", \"hashes\": [\"sha256:{digest}\"]}}}}}}");
    write("locks", "pipfile", pipfile.as_bytes());
    write("locks", "project", b"\x04[project]\nname = \"p\"\ndependencies = [\"a>=1\"]\n[dependency-groups]\ndev = [\"b\"]\n");
    write("python_source", "imports", b"import a\ntry:\n    from ctypes import CDLL\n    CDLL('libx.so')\nexcept ImportError:\n    pass\n");
    write("file_names", "wheel", b"a-1-1-cp312.cp313-abi3-manylinux_2_17_x86_64.whl");
}
