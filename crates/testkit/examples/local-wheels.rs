//! Makes the two local wheels that the README and examples/fastapi-cdk speak of, so that no binary lies in the
//! repository: one of pure Python, and one with an extension module for `x86_64` that needs glibc 2.28, which no `arm64`
//! function can load.
//!
//!     cargo run -p testkit --example local-wheels -- dist/whl

use std::io::Write as _;
use std::path::PathBuf;

use testkit::{ElfBuilder, Machine, WheelBuilder};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("name the folder for the wheels")?);
    fs_err::create_dir_all(&folder)?;

    let pure = WheelBuilder::new("local_package1", "0.1.0")
        .file("local_package1/__init__.py", b"def greeting() -> str:\n    return \"hello from a local wheel\"\n")
        .requires_python(">=3.8");

    let extension = ElfBuilder::shared(Machine::X86_64).needed("libc.so.6").version("libc.so.6", "GLIBC_2.28").build();
    let native = WheelBuilder::new("local_package2", "0.2.0")
        .tag("cp311-cp311-manylinux_2_28_x86_64")
        .file("local_package2/__init__.py", b"from . import _native\n")
        .file("local_package2/_native.cpython-311-x86_64-linux-gnu.so", &extension)
        .requires_python(">=3.11");

    for wheel in [pure, native] {
        let path = wheel.write_to(&folder);
        writeln!(std::io::stdout(), "{}", path.display())?;
    }
    Ok(())
}
