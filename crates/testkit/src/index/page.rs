//! The pages of an index as text: HTML (PEP 503, 592, 658) and JSON (PEP 691, 700).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::IndexFile;
use crate::http::Response;

/// The media type of a JSON page.
pub(super) const JSON: &str = "application/vnd.pypi.simple.v1+json";
const HTML: &str = "application/vnd.pypi.simple.v1+html";
/// The folder of the files.
pub(super) const FILES: &str = "/files/";

/// The list of projects.
pub(super) fn projects(json: bool, names: &BTreeSet<String>) -> Response {
    if json {
        let names: Vec<_> = names.iter().map(|name| format!("{{\"name\": {}}}", quoted(name))).collect();
        let text = format!("{{\"meta\": {{\"api-version\": \"1.1\"}}, \"projects\": [{}]}}", names.join(", "));
        return Response::ok(JSON, text);
    }
    let links: Vec<_> = names.iter().map(|name| format!("<a href=\"{name}/\">{name}</a><br/>\n")).collect();
    Response::ok(HTML, html("Simple index", &links.concat()))
}

/// The files of a project.
pub(super) fn project(json: bool, name: &str, files: &[IndexFile]) -> Response {
    if json {
        let files: Vec<_> = files.iter().map(file_object).collect();
        let text = format!(
            "{{\"meta\": {{\"api-version\": \"1.1\"}}, \"name\": {}, \"files\": [\n{}\n]}}",
            quoted(name),
            files.join(",\n")
        );
        return Response::ok(JSON, text);
    }
    let links: String = files.iter().map(file_link).collect();
    Response::ok(HTML, html(&format!("Links for {name}"), &links))
}

fn html(title: &str, links: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html><head><meta name=\"pypi:repository-version\" content=\"1.1\"><title>{title}</title>\
         </head>\n<body><h1>{title}</h1>\n{links}</body></html>\n"
    )
}

fn file_link(file: &IndexFile) -> String {
    let mut href = url(file);
    if let Some((algorithm, digest)) = file.hashes.iter().next() {
        write!(href, "#{algorithm}={digest}").expect("writing to memory");
    }
    let mut attributes = format!("href=\"{}\"", escaped(&href));
    let mut attribute = |name: &str, value: &str| {
        write!(attributes, " {name}=\"{}\"", escaped(value)).expect("writing to memory");
    };
    if let Some(specifiers) = &file.requires_python {
        attribute("data-requires-python", specifiers);
    }
    if let Some(reason) = &file.yanked {
        attribute("data-yanked", reason);
    }
    if file.metadata.is_some() {
        let claim = file.metadata_sha256.as_ref().map_or("true".to_owned(), |digest| format!("sha256={digest}"));
        attribute("data-dist-info-metadata", &claim);
        attribute("data-core-metadata", &claim);
    }
    format!("<a {attributes}>{}</a><br/>\n", escaped(&file.filename))
}

fn file_object(file: &IndexFile) -> String {
    let mut members = vec![
        format!("\"filename\": {}", quoted(&file.filename)),
        format!("\"url\": {}", quoted(&url(file))),
        format!("\"hashes\": {}", hashes(&file.hashes)),
    ];
    members.extend(file.size.map(|size| format!("\"size\": {size}")));
    members.extend(file.requires_python.iter().map(|text| format!("\"requires-python\": {}", quoted(text))));
    members.extend(file.upload_time.iter().map(|text| format!("\"upload-time\": {}", quoted(text))));
    if file.metadata.is_some() {
        let claim = file.metadata_sha256.as_ref();
        let claim = claim.map_or("true".to_owned(), |digest| format!("{{\"sha256\": {}}}", quoted(digest)));
        members.push(format!("\"core-metadata\": {claim}"));
    }
    members.push(match &file.yanked {
        Some(reason) if reason.is_empty() => "\"yanked\": true".to_owned(),
        Some(reason) => format!("\"yanked\": {}", quoted(reason)),
        None => "\"yanked\": false".to_owned(),
    });
    format!("{{{}}}", members.join(", "))
}

fn hashes(hashes: &BTreeMap<String, String>) -> String {
    let members: Vec<_> =
        hashes.iter().map(|(algorithm, digest)| format!("{}: {}", quoted(algorithm), quoted(digest))).collect();
    format!("{{{}}}", members.join(", "))
}

fn url(file: &IndexFile) -> String {
    file.url.clone().unwrap_or_else(|| format!("../..{FILES}{}", encoded(&file.filename)))
}

/// The path of a file, as it is after percent-decoding.
pub(super) fn file_path(filename: &str) -> String {
    format!("{FILES}{filename}")
}

/// Percent-decodes once; what is no escape stays.
pub(super) fn decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escape = tail.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encoded(filename: &str) -> String {
    filename.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => write!(out, "%{byte:02X}").expect("writing to memory"),
        }
        out
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\0'..='\x1f' => write!(out, "\\u{:04x}", u32::from(letter)).expect("writing to memory"),
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}
