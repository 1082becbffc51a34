//! `layerpack explain`: what a finding means, why it happens and how to fix it; also for the line that another program
//! shows.

use std::io::Read as _;

use lambda_compat::Code;
use serde::Serialize;

use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::explain::{Explanation, Line, Recognised, Word, codes_in, explain, lines, recognise};
use crate::failure::Failure;
use crate::report::{Console, SCHEMA, code_list, explanation, recognised, several};

/// Bytes of stdin at most.
const MAX_INPUT: u64 = 1 << 20;

/// What was asked about.
enum Question {
    Everything,
    Codes(Vec<Code>),
    Line(Recognised),
}

#[derive(Serialize)]
struct ExplainDocument<'a> {
    schema: u8,
    command: &'static str,
    /// The line that was recognised.
    line: Option<LineFields<'a>>,
    codes: Vec<CodeFields<'a>>,
    /// Every line that is known, where nothing was asked about.
    lines: Vec<KnownLine<'a>>,
}

#[derive(Serialize)]
struct LineFields<'a> {
    says: &'a str,
    shown_by: &'a str,
    words: &'a [Word],
}

#[derive(Serialize)]
struct KnownLine<'a> {
    like: &'a str,
    shown_by: &'a str,
    says: &'a str,
    codes: &'a [Code],
}

#[derive(Serialize)]
struct CodeFields<'a> {
    code: Code,
    title: &'static str,
    means: &'a str,
    why: &'a str,
    fix: &'a str,
    example: Option<&'a str>,
    source: Option<&'a str>,
    /// What other programs show.
    lines: Vec<&'a str>,
}

pub(crate) fn run(args: &ExplainArgs, console: &mut Console) -> Result<Exit, Failure> {
    let question = read(&args.about)?;
    if !console.is_text() {
        console.document(&document(&question))?;
        return Ok(Exit::Fine);
    }
    match &question {
        Question::Everything => {
            console.result(&code_list())?;
            console.summary(
                "layerpack explain CODE says more; it also takes a line from CloudWatch, in quotes or on stdin",
            );
        }
        Question::Codes(codes) => {
            let texts: Vec<_> = codes.iter().map(|code| explanation(*code, console.columns)).collect();
            console.result(&texts.join("\n\n"))?;
        }
        Question::Line(found) => {
            let text = match found.line.codes.as_slice() {
                [code] => explanation(*code, console.columns),
                codes => several(codes, console.columns),
            };
            console.result(&format!("{}\n\n{text}", recognised(found, console.columns)))?;
        }
    }
    Ok(Exit::Fine)
}

fn read(about: &[String]) -> Result<Question, Failure> {
    if about.is_empty() {
        return Ok(Question::Everything);
    }
    if let Ok(codes) = about.iter().map(|word| word.parse::<Code>()).collect::<Result<Vec<_>, _>>() {
        return Ok(Question::Codes(codes));
    }
    let text = if about == ["-"] { read_stdin()? } else { about.join(" ") };
    if let Some(found) = recognise(&text) {
        return Ok(Question::Line(found));
    }
    let codes = codes_in(&text);
    if !codes.is_empty() {
        return Ok(Question::Codes(codes));
    }
    let text = text.trim();
    let message = match text.parse::<Code>() {
        Err(unknown) if !text.contains(' ') => unknown.to_string(),
        _ => "no finding is known that shows this line".to_owned(),
    };
    Err(Failure::new(Code::Usage, message).help(
        "layerpack explain lists the codes. Of a log, pass the line that names a file, library, module or size; or let \
         layerpack check look at the wheels, the layer or the function itself",
    ))
}

fn read_stdin() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_INPUT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn document(question: &Question) -> ExplainDocument<'_> {
    let (codes, line) = match question {
        Question::Everything => (Code::ALL, None),
        Question::Codes(codes) => (codes.as_slice(), None),
        Question::Line(found) => (found.line.codes.as_slice(), Some(found)),
    };
    let known = |line: &'static Line| KnownLine {
        like: &line.like,
        shown_by: &line.shown_by,
        says: &line.says,
        codes: &line.codes,
    };
    ExplainDocument {
        schema: SCHEMA,
        command: "explain",
        line: line.map(|found| LineFields {
            says: &found.line.says,
            shown_by: &found.line.shown_by,
            words: &found.words,
        }),
        codes: codes.iter().map(|code| fields(*code)).collect(),
        lines: if matches!(question, Question::Everything) { lines().iter().map(known).collect() } else { Vec::new() },
    }
}

fn fields(code: Code) -> CodeFields<'static> {
    let Explanation { means, why, fix, example, source } = explain(code);
    CodeFields {
        code,
        title: code.title(),
        means: means.trim(),
        why: why.trim(),
        fix: fix.trim(),
        example: example.as_deref().map(str::trim_end),
        source: source.as_deref(),
        lines: lines().iter().filter(|line| line.codes.contains(&code)).map(|line| line.like.as_str()).collect(),
    }
}
