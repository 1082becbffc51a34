//! The layers of a run: what was named, and beside it what the configuration says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use lambda_compat::Code;
use pypi_resolve::requirements::near_word;

use crate::args::{AskingArgs, LayerArgs};
use crate::config::{Config, ConfiguredLayer, fill};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::built::{FinishedBelow, NamedBy};
use crate::plan::packages_file::select;
use crate::plan::source::{
    LayerSource, Origin, existing, expand, from_goes_with_a_folder, is_source, is_wheel, join_requirements, located,
    of_requirements, of_wheels, read_path,
};
use crate::plan::targets::Asker;

/// One layer of a run.
pub(crate) struct PlannedLayer {
    pub(crate) source: LayerSource,
    /// What was typed, and where that and its variables say nothing, what the configuration says.
    pub(crate) args: LayerArgs,
    pub(crate) configured: Configured,
    /// The layers that it lies on, the lowest first.
    pub(crate) below: Vec<PlannedBelow>,
    /// It was asked for, and does not only lie below one that was.
    pub(crate) wanted: bool,
}

/// A layer below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PlannedBelow {
    /// One of the run's, by its number.
    Layer(usize),
    /// One that is there.
    Finished(FinishedBelow),
}

impl PlannedBelow {
    /// Whether both are one layer, whoever names it.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Finished(one), Self::Finished(other)) => one.path == other.path,
            _ => self == other,
        }
    }
}

/// What the configuration says of a layer that counts only after variables: its targets, its indexes, how versions are
/// chosen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Configured {
    /// The file, where there is one.
    pub(crate) file: Option<PathBuf>,
    pub(crate) asking: AskingArgs,
}

impl Configured {
    /// Names that it may have, and that it is the configuration which has them.
    pub(super) fn said(&self, names: &[String]) -> Option<(Vec<String>, Asker)> {
        let file = self.file.clone().filter(|_| !names.is_empty())?;
        Some((names.to_vec(), Asker::Configuration(file)))
    }
}

/// What was named, before it is looked at.
enum Named<'a> {
    Layer(&'a ConfiguredLayer),
    Path(PathBuf),
    Wheels(Vec<PathBuf>),
    Requirements(PathBuf),
}

/// What makes two that are named one layer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    /// A configured layer, by its name.
    Configured(&'a str),
    /// A source that the configuration does not know, by its path without links.
    Source(PathBuf),
}

impl<'a> Named<'a> {
    fn key(&self) -> Option<Key<'a>> {
        match self {
            Self::Layer(layer) => Some(Key::Configured(&layer.name)),
            // What is not there is refused when it is read.
            Self::Path(path) => fs_err::canonicalize(path).ok().map(Key::Source),
            Self::Wheels(_) | Self::Requirements(_) => None,
        }
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configured(name) => f.write_str(name),
            Self::Source(path) => path.display().fmt(f),
        }
    }
}

/// The layers that were named: each folder or file one of its own, wheels named together one, a configured layer by its
/// name or its path. Where nothing is named, all layers of the configuration, in its order.
pub(crate) fn plan_layers(
    typed: &LayerArgs,
    config: Option<&Config>,
    environment: &Environment,
) -> Result<Vec<PlannedLayer>, Failure> {
    let (named, joining) = named(typed, config)?;
    let wanted = named.iter().filter_map(Named::key).collect();
    let mut planner =
        Planner { typed, config, environment, wanted, layers: Vec::new(), numbers: BTreeMap::new(), open: Vec::new() };
    for named in named {
        planner.add(named)?;
    }
    let mut layers = planner.layers;
    let mut wanted: Vec<&mut PlannedLayer> = layers.iter_mut().filter(|layer| layer.wanted).collect();
    if wanted.len() > 1 && !typed.function.include.is_empty() {
        return Err(Failure::new(Code::Usage, "--include goes with one SOURCE").help("build each layer by itself"));
    }
    finish(typed, joining, &mut wanted)?;
    for PlannedLayer { source, args, .. } in &mut layers {
        source.shape(&args.function)?;
        select(source, &args.source.selection)?;
        source.constraints = args.source.constraint.iter().map(|path| located(path)).collect::<Result<_, _>>()?;
    }
    Ok(layers)
}

/// What the command line says of one layer goes with one layer.
fn finish(typed: &LayerArgs, joining: &[PathBuf], layers: &mut [&mut PlannedLayer]) -> Result<(), Failure> {
    let of_folder = matches!(&*layers, [layer] if matches!(layer.source.origin, Origin::Folder(_)));
    if typed.source.selection.from.is_some() && !of_folder {
        return Err(from_goes_with_a_folder());
    }
    match (joining, &mut *layers) {
        ([], _) => {}
        (files, [layer]) => files.iter().try_for_each(|file| join_requirements(&mut layer.source, file))?,
        _ => return Err(Failure::new(Code::Usage, "-r goes with one SOURCE").help("build each layer by itself")),
    }
    match (&typed.output.name, layers) {
        // The name becomes that of files: `../x` would leave --out-dir.
        (Some(name), [_]) if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\']) => {
            return Err(Failure::new(Code::Usage, format!("--name `{name}` is no name for a file"))
                .help("a name has no slashes and no dot at its start"));
        }
        (Some(name), [layer]) => name.clone_into(&mut layer.source.name),
        (Some(_), _) => {
            return Err(Failure::new(Code::Usage, "--name goes with one SOURCE")
                .help("each folder or file is a layer of its own, named after its folder"));
        }
        (None, _) => {}
    }
    Ok(())
}

/// Layers in the order of their being built: what lies below comes first.
struct Planner<'a> {
    typed: &'a LayerArgs,
    config: Option<&'a Config>,
    environment: &'a Environment,
    /// The layers that are asked for.
    wanted: BTreeSet<Key<'a>>,
    layers: Vec<PlannedLayer>,
    numbers: BTreeMap<Key<'a>, usize>,
    /// The layers that are being planned, each on top of the next.
    open: Vec<Key<'a>>,
}

impl<'a> Planner<'a> {
    /// Plans a layer and what it lies on.
    fn add(&mut self, named: Named<'a>) -> Result<usize, Failure> {
        let key = named.key();
        if let Some(known) = key.as_ref().and_then(|key| self.numbers.get(key)) {
            return Ok(*known);
        }
        let wanted = key.as_ref().is_none_or(|key| self.wanted.contains(key));
        if let Some(from) = key.as_ref().and_then(|key| self.open.iter().position(|open| open == key)) {
            let around: Vec<String> = self.open.iter().skip(from).chain(&key).map(Key::to_string).collect();
            let message = format!("layers lie on top of each other: {}", around.join(" on "));
            return Err(Failure::new(Code::Usage, message)
                .help("take one of them out of on-top-of: of two layers one is below"));
        }
        self.open.extend(key.clone());
        // What is typed is about the layers that are named, but for the target and the indexes.
        let typed = if wanted {
            self.typed.clone()
        } else {
            let AskingArgs { target, index, .. } = self.typed.asking.clone();
            LayerArgs { asking: AskingArgs { target, index, ..AskingArgs::default() }, ..LayerArgs::default() }
        };
        let mut layer = planned(named, &typed, self.config, self.environment)?;
        layer.wanted = wanted;
        let by_flag = wanted && !self.typed.asking.below.on_top_of.is_empty();
        for place in layer.args.asking.below.on_top_of.clone() {
            let own = self.not_built(&place)?;
            // What is typed of several is not said of the one that it names.
            if by_flag && key.is_some() && own.as_ref().and_then(Named::key) == key {
                continue;
            }
            let below = match own {
                Some(own) => PlannedBelow::Layer(self.add(own)?),
                None => PlannedBelow::Finished(self.there(place, key.as_ref(), by_flag)?),
            };
            let under = match &below {
                PlannedBelow::Layer(number) => self.layers.get(*number).map(|lower| lower.below.clone()),
                PlannedBelow::Finished(_) => None,
            };
            for one in under.into_iter().flatten().chain([below]) {
                if !layer.below.iter().any(|known| known.is(&one)) {
                    layer.below.push(one);
                }
            }
        }
        if key.is_some() {
            self.open.pop();
        }
        self.layers.push(layer);
        let number = self.layers.len() - 1;
        self.numbers.extend(key.map(|key| (key, number)));
        Ok(number)
    }

    /// A layer below that is there, named by a flag or else by the configuration.
    fn there(&self, place: PathBuf, on_top: Option<&Key<'_>>, by_flag: bool) -> Result<FinishedBelow, Failure> {
        let what = "a zip, an unpacked tree, a report of build, a folder with a requirement or lock file, or a configured \
                    layer";
        let (by, help) = match (on_top, self.config) {
            (Some(Key::Configured(name)), Some(config)) if !by_flag => {
                let (name, file) = ((*name).to_owned(), config.file.clone());
                let help = format!("correct on-top-of of layers.{name} in {}: it names {what}", file.display());
                (NamedBy::Layer { name, file }, help)
            }
            _ => (NamedBy::Flag, format!("--on-top-of names {what}")),
        };
        let path = existing(place).map_err(|failure| failure.help(help))?;
        Ok(FinishedBelow { path, by })
    }

    /// A layer that is still to be built: the configured one that is called so or whose source this is, or a source that
    /// the configuration does not know.
    fn not_built(&self, place: &Path) -> Result<Option<Named<'a>>, Failure> {
        if let Some(config) = self.config
            && let Some(own) = layer_called(config, place)?
        {
            return Ok(Some(Named::Layer(own)));
        }
        Ok(is_source(place)?.then(|| Named::Path(place.to_owned())))
    }
}

/// What is named, and the requirements files that join it.
fn named<'a>(typed: &'a LayerArgs, config: Option<&'a Config>) -> Result<(Vec<Named<'a>>, &'a [PathBuf]), Failure> {
    let (mut named, mut wheels) = (Vec::new(), Vec::new());
    for source in &typed.source.sources {
        if let Some(layer) = config.and_then(|config| config.layer(source)) {
            named.push(Named::Layer(layer));
            continue;
        }
        for path in expand(std::slice::from_ref(source))? {
            match config.map(|config| layer_of(config, &path)).transpose()?.flatten() {
                Some(layer) => named.push(Named::Layer(layer)),
                None if is_wheel(&path) => wheels.push(existing(path)?),
                None => named.push(Named::Path(path)),
            }
        }
    }
    if !wheels.is_empty() {
        named.push(Named::Wheels(wheels));
    }
    match (typed.source.requirement.split_first(), named.is_empty()) {
        (Some((first, rest)), true) => Ok((vec![Named::Requirements(first.clone())], rest)),
        (None, true) => {
            let layers = config.map(|config| config.layers.as_slice()).unwrap_or_default();
            if layers.is_empty() {
                return Err(nothing_named(config));
            }
            Ok((layers.iter().map(Named::Layer).collect(), &[]))
        }
        (_, false) => Ok((named, &typed.source.requirement)),
    }
}

fn nothing_named(config: Option<&Config>) -> Failure {
    let message = match config {
        None => "no SOURCE is named".to_owned(),
        Some(config) => format!("no SOURCE is named, and {} has no layers", config.file.display()),
    };
    Failure::new(Code::Usage, message).help(
        "name a folder with a requirement or lock file or *.whl in it, such a file, or wheels; or configure layers in \
         layerpack.toml",
    )
}

/// The configured layer that is called so, or whose source this is.
pub(super) fn layer_called<'a>(config: &'a Config, place: &Path) -> Result<Option<&'a ConfiguredLayer>, Failure> {
    config.layer(place).map_or_else(|| layer_of(config, place), |own| Ok(Some(own)))
}

/// The configured layer whose source this is.
pub(super) fn layer_of<'a>(config: &'a Config, path: &Path) -> Result<Option<&'a ConfiguredLayer>, Failure> {
    let real = fs_err::canonicalize(path).ok();
    let same = |source: &PathBuf| source == path || (real.is_some() && fs_err::canonicalize(source).ok() == real);
    let is_source = |layer: &&ConfiguredLayer| matches!(layer.args.source.sources.as_slice(), [only] if same(only));
    let mut layers = config.layers.iter().filter(is_source);
    match (layers.next(), layers.next()) {
        (Some(one), Some(other)) => {
            let message = format!("{} is the source of the layers {} and {}", path.display(), one.name, other.name);
            Err(Failure::new(Code::Usage, message).help(format!("name the layer: {} or {}", one.name, other.name)))
        }
        (one, _) => Ok(one),
    }
}

fn planned(
    named: Named<'_>,
    typed: &LayerArgs,
    config: Option<&Config>,
    environment: &Environment,
) -> Result<PlannedLayer, Failure> {
    let own = if let Named::Layer(layer) = &named { Some(*layer) } else { None };
    let mut args = typed.clone();
    let configured = settled(&mut args, own.map(|layer| &layer.args), config, environment);
    let from = args.source.selection.from.as_deref();
    let mut source = match named {
        Named::Layer(layer) => configured_source(layer, from).map_err(|failure| in_config(failure, layer, config))?,
        Named::Path(path) => read_path(path.clone(), from).map_err(|failure| nearly(failure, &path, config))?,
        Named::Wheels(wheels) => of_wheels(wheels)?,
        Named::Requirements(file) => of_requirements(&file)?,
    };
    if let Some(layer) = own {
        source.name.clone_from(&layer.name);
    }
    Ok(PlannedLayer { source, args, configured, below: Vec::new(), wanted: true })
}

/// A name that is nearly a layer's, and no path.
fn nearly(failure: Failure, path: &Path, config: Option<&Config>) -> Failure {
    let Some((name, config)) = path.to_str().zip(config).filter(|_| failure.code == Code::Missing) else {
        return failure;
    };
    let near = near_word(name, config.layers.iter().map(|layer| layer.name.as_str()));
    failure.maybe_help(near.map(|near| format!("did you mean `{near}`, a layer of {}?", config.file.display())))
}

fn configured_source(layer: &ConfiguredLayer, from: Option<&Path>) -> Result<LayerSource, Failure> {
    match layer.args.source.sources.as_slice() {
        [path] if !is_wheel(path) => read_path(path.clone(), from),
        wheels => of_wheels(expand(wheels)?),
    }
}

/// A source that is not there: it is the file that names it.
fn in_config(failure: Failure, layer: &ConfiguredLayer, config: Option<&Config>) -> Failure {
    match config {
        Some(config) if failure.code == Code::Missing => {
            let file = config.file.display();
            let help = format!("correct the source of layers.{} in {file}: it is relative to that file", layer.name);
            failure.about(&format!("layer {}", layer.name)).help(help)
        }
        _ => failure,
    }
}

/// Fills what was typed with what the configuration says; the rest of that comes back.
pub(super) fn settled(
    typed: &mut LayerArgs,
    own: Option<&LayerArgs>,
    config: Option<&Config>,
    environment: &Environment,
) -> Configured {
    let Some(config) = config else { return Configured::default() };
    let (said, is_any) = fill(typed, own, &config.every, environment);
    Configured { file: (is_any || own.is_some()).then(|| config.file.clone()), asking: said.asking }
}
