#![allow(clippy::all, clippy::pedantic, missing_docs)]
use lambda_compat::*;
use std::io::BufRead;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    match a[1].as_str() {
        "time" => {
            let t = std::time::Instant::now();
            let n = runtimes().len();
            println!("{n} {:?}", t.elapsed());
        }
        "rank" => {
            let t = Target::new(a[2].parse().unwrap(), a[3].parse().unwrap());
            let mut last: Option<Rank> = None;
            let mut n = 0;
            for l in std::io::stdin().lock().lines() {
                let l = l.unwrap();
                let r = t.rank(&l.parse().unwrap(), Origin::Unverified).unwrap_or_else(|e| panic!("{l} {e:?}"));
                if let Some(x) = last {
                    assert!(r < x, "{l}");
                }
                last = Some(r);
                n += 1;
            }
            println!("{t} {n} ok");
        }
        "accept" => {
            for l in std::io::stdin().lock().lines() {
                let l = l.unwrap();
                let p: Vec<&str> = l.split(' ').collect();
                let t = Target::new(p[0].parse().unwrap(), p[1].parse().unwrap());
                let f = p[3].parse::<wheel_tags::WheelFilename>();
                let r = f.as_ref().map(|f| {
                    t.rank(&f.tags, Origin::Unverified).map_err(|m| m.iter().map(|m| m.to_string()).collect::<Vec<_>>())
                });
                let ok = matches!(r, Ok(Ok(_)));
                println!(
                    "{} {} {:?}",
                    if ok == (p[2] == "accept") { "same" } else { "DIFF" },
                    l,
                    r.map_err(|e| e.to_string())
                );
            }
        }
        "elf" => {
            for f in &a[2..] {
                let b = std::fs::read(f).unwrap();
                let mut s = &b[..];
                match elf::read(&mut s) {
                    Some(elf::Binary::Elf(e)) => {
                        println!(
                            "{f} ELF {:?} {} {:?} soname={:?} interp={:?}",
                            e.class, e.machine, e.kind, e.soname, e.interpreter
                        );
                        for n in &e.needed {
                            println!("  N {n}");
                        }
                        for v in &e.versions_needed {
                            println!("  V {} {} {}", v.library, v.version, v.weak);
                        }
                        for v in &e.versions_provided {
                            println!("  D {v}");
                        }
                        for r in &e.rpath {
                            println!("  R {r}");
                        }
                        for r in &e.runpath {
                            println!("  U {r}");
                        }
                    }
                    o => println!("{f} {o:?}"),
                }
            }
        }
        "judge" => {
            let f: wheel_tags::WheelFilename = a[2].parse().unwrap();
            let root = &a[3];
            let mut bins = Vec::new();
            for p in &a[4..] {
                let b = std::fs::read(p).unwrap();
                let mut s = &b[..];
                if let Some(x) = elf::read(&mut s) {
                    bins.push((p.strip_prefix(root.as_str()).unwrap().to_owned(), x));
                }
            }
            println!("== {} {} native", a[2], bins.len());
            for r in ["python3.11", "python3.12", "python3.14"] {
                for arch in Arch::ALL {
                    let t = Target::new(r.parse().unwrap(), arch);
                    let w = WheelFacts {
                        filename: &f,
                        origin: Origin::PublicIndex,
                        requires_python: None,
                        native: bins.iter().map(|(e, b)| NativeFile { entry: e, binary: b }).collect(),
                    };
                    let fs = judge(&w, &t);
                    println!("{t} {}", verdict_of(&fs));
                    for x in fs {
                        println!("   {} {} {}: {}", x.severity, x.code, x.entry.unwrap_or_default(), x.message);
                    }
                    if let Some(h) = advise(&w, &t, "2026-11-22".parse().unwrap()) {
                        println!("   help {h}");
                    }
                }
            }
        }
        _ => {}
    }
}
