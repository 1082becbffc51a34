//! `layerpack build`: resolve, download, check, pack, weigh. `groups` says which layers are built together, `stacks` what a
//! function has together, `tell` what is said of each layer.

mod groups;
mod stacks;
mod tell;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::Arc;

use lambda_compat::{Code, Date, Finding};
use layer_pack::UNZIPPED_LIMIT;

use super::conclude;
use super::side_by_side::{Permits, in_order, keep_to};
use crate::args::{BuildArgs, Format, LayerArgs};
use crate::config::Config;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layer::{Asked, Common, Job, Order, Several};
use crate::plan::{Exceptions, OutputPlan, parse_reserved, parse_size, plan_layers, slim, stem};
use crate::report::{Console, json, terraform_strings};
use groups::groups;
use tell::Telling;

pub(crate) fn run(
    args: &BuildArgs,
    config: Option<&Config>,
    environment: &Environment,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let jobs = keep_to(args.jobs, environment)?;
    let layers = plan_layers(&LayerArgs::from(args), config, environment)?;
    let names: Vec<String> =
        layers.iter().filter(|layer| layer.wanted).map(|layer| layer.source.name.clone()).collect();
    let common = Common::new(environment, jobs);
    let layers = Several::read(layers, |layer, below| Asked::read(layer, below, &args.lock, &common, console));
    let (advice, failures) = (layers.default_targets(), layers.failures.clone());
    let layers = layers.wanted();
    tell_apart(layers)?;
    let count = layers.iter().map(|layer| layer.targets.all.len()).sum();
    let today = environment.today()?;
    let order = |layer| order(layer, (args, count, jobs.threads()), config, today, console);
    let orders: Vec<Order<'_>> = layers.iter().map(|layer| &**layer).map(order).collect::<Result<_, _>>()?;
    let all: Vec<Job<'_>> = orders.iter().flat_map(Order::on_targets).collect();
    let read: Vec<&str> = layers.iter().map(|layer| layer.source.name.as_str()).collect();
    let stacks = config.map(|config| stacks::planned(config, &names, &read)).transpose()?.unwrap_or_default();

    let (groups, permits) = (groups(&all, &stacks), Permits::new(jobs.layers()));
    for advice in &advice {
        console.finding(advice);
    }
    let mut telling = Telling::begin(&all, failures, today, console);
    let mut judged = Vec::new();
    in_order(
        &groups,
        jobs.layers(),
        |group| group.build(&permits),
        |(done, of_stacks)| {
            judged.extend(of_stacks);
            telling.take(done, console)
        },
    )?;
    let (built, mut failures) = telling.end();
    // In the order of the configuration, whichever was judged first.
    judged.sort_by_key(|(number, _)| *number);
    for (_, stack) in &judged {
        failures.extend(stack.tell(console));
    }
    let of_stacks: Vec<json::BuiltStack> = judged.iter().map(|(_, stack)| stack.document()).collect();
    let exit = conclude("build", &built, Some(&of_stacks), failures, console)?;
    if console.format == Format::Terraform {
        console.document(&terraform_strings(&built, stem))?;
    }
    // A layer that was let pass is not the same as one without findings.
    let left_out: BTreeSet<String> = orders.iter().flat_map(|order| order.exceptions.ignores.used()).collect();
    if !left_out.is_empty() {
        let left_out: Vec<String> = left_out.into_iter().collect();
        console.summary(&format!("left out, as asked: {}", left_out.join(", ")));
    }
    // What was said first is said last as well: nothing else tells that a layer may be for another function.
    if console.is_text() && !built.is_empty() {
        for advice in &advice {
            console.summary(&advice.message);
        }
    }
    Ok(exit)
}

/// How one layer is built.
fn order<'a>(
    asked: &'a Asked,
    (args, count, jobs): (&BuildArgs, usize, NonZeroUsize),
    config: Option<&Config>,
    today: Date,
    console: &mut Console,
) -> Result<Order<'a>, Failure> {
    let LayerArgs { output, judging, .. } = &asked.args;
    Ok(Order {
        asked,
        outputs: OutputPlan::new(output, count)?,
        limit: budget(output.budget.as_deref(), console)?,
        reserved: output.reserve.iter().map(|text| parse_reserved(text)).collect::<Result<_, _>>()?,
        exceptions: Exceptions::read(judging, config)?,
        slim: slim(&asked.args.slim),
        jobs,
        writes: !args.output.dry_run,
        today,
        with_sources: console.verbose > 0,
    })
}

/// Two layers of one name would be written to one place, the second over the first.
fn tell_apart(layers: &[Arc<Asked>]) -> Result<(), Failure> {
    let mut named: BTreeMap<&str, &Asked> = BTreeMap::new();
    for layer in layers {
        if let Some(other) = named.insert(&layer.source.name, layer) {
            let (name, one, two) = (&layer.source.name, other.source.text(), layer.source.text());
            return Err(Failure::new(Code::Usage, format!("{one} and {two} are both called {name}"))
                .help("build them one by one: name one with --name, or give it an --out-dir of its own"));
        }
    }
    Ok(())
}

fn budget(text: Option<&str>, console: &mut Console) -> Result<u64, Failure> {
    let Some(text) = text else { return Ok(UNZIPPED_LIMIT) };
    let bytes = parse_size(text)?;
    if bytes > UNZIPPED_LIMIT {
        let message = format!(
            "--budget {text} is above Lambda's limit of {UNZIPPED_LIMIT} bytes unzipped: Lambda will refuse a larger layer"
        );
        console.finding(&Finding::warning(Code::OverBudget, message));
    }
    Ok(bytes)
}
