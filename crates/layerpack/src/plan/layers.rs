//! The layers of a run: what was named, and beside it what the configuration says of it.

use std::path::{Path, PathBuf};

use lambda_compat::Code;

use crate::args::{AskingArgs, LayerArgs};
use crate::config::{Config, ConfiguredLayer, fill};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::packages_file::select;
use crate::plan::source::{
    LayerSource, Origin, existing, expand, from_goes_with_a_folder, is_wheel, join_requirements, located,
    of_requirements, of_wheels, read_file, read_path,
};
use crate::plan::targets::Asker;

/// One layer of a run.
pub(crate) struct PlannedLayer {
    pub(crate) source: LayerSource,
    /// What was typed, and where that and its variables say nothing, what the configuration says.
    pub(crate) args: LayerArgs,
    pub(crate) configured: Configured,
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

/// A requirement or lock file by itself, with what is said of the layer that it belongs to: one whose source is the file,
/// or the folder that has it.
pub(crate) fn plan_file(
    path: &Path,
    typed: &LayerArgs,
    config: Option<&Config>,
    environment: &Environment,
) -> Result<PlannedLayer, Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let own = match config {
        Some(config) => match layer_of(config, path)? {
            Some(layer) => Some(layer),
            // Of a folder that is several layers' nothing can be told.
            None => layer_of(config, folder).ok().flatten(),
        },
        None => None,
    };
    let mut args = typed.clone();
    let configured = settled(&mut args, own.map(|layer| &layer.args), config, environment);
    let mut source = read_file(path.to_path_buf())?;
    source.constraints = args.source.constraint.iter().map(|path| located(path)).collect::<Result<_, _>>()?;
    Ok(PlannedLayer { source, args, configured })
}

/// What `check` is to look at, and for which targets.
pub(crate) struct CheckedPaths {
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) configured: Configured,
}

/// The paths that were named, a configured layer's name being its source's; where none is named, the sources of all
/// layers.
pub(crate) fn plan_checked(
    paths: &[PathBuf],
    config: Option<&Config>,
    environment: &Environment,
) -> Result<CheckedPaths, Failure> {
    let layers = config.map(|config| config.layers.as_slice()).unwrap_or_default();
    if paths.is_empty() && layers.is_empty() {
        let failure = Failure::new(Code::Usage, "no PATH is named");
        return Err(failure.help("name wheels, layer and function zips, unpacked trees or requirement files, or configure layers in layerpack.toml"));
    }
    let all = layers.iter().filter(|_| paths.is_empty()).map(Some);
    let named = paths.iter().map(|path| config.and_then(|config| config.layer(path)));
    let (mut looked, mut owners) = (Vec::new(), Vec::new());
    let places = paths.iter().map(Some).chain(std::iter::repeat(None));
    for (layer, path) in named.chain(all).zip(places) {
        match (layer, path) {
            (Some(layer), _) => {
                owners.push(Some(layer));
                looked.extend(layer.args.source.sources.iter().cloned());
            }
            (None, Some(path)) => {
                owners.push(config.map(|config| layer_of(config, path)).transpose()?.flatten());
                looked.push(path.clone());
            }
            (None, None) => {}
        }
    }
    let of = |own: Option<&ConfiguredLayer>| {
        settled(&mut LayerArgs::default(), own.map(|layer| &layer.args), config, environment)
    };
    let mut owners = owners.into_iter();
    let first = owners.next().flatten();
    let configured = of(first);
    for other in owners {
        let (mine, others) = (&configured.asking.target, of(other).asking.target);
        if (&mine.runtime, &mine.arch) != (&others.runtime, &others.arch) {
            let name = |layer: Option<&ConfiguredLayer>| layer.map_or("the others", |layer| &layer.name).to_owned();
            let message = format!("{} and {} are for different targets", name(first), name(other));
            return Err(Failure::new(Code::Usage, message)
                .help("check them one by one, or name the targets with --runtime and --arch"));
        }
    }
    Ok(CheckedPaths { paths: looked, configured })
}

/// What was named, before it is looked at.
enum Named<'a> {
    Layer(&'a ConfiguredLayer),
    Path(PathBuf),
    Wheels(Vec<PathBuf>),
    Requirements(PathBuf),
}

/// The layers that were named: each folder or file one of its own, wheels named together one, a configured layer by its
/// name or its path. Where nothing is named, all layers of the configuration, in its order.
pub(crate) fn plan_layers(
    typed: &LayerArgs,
    config: Option<&Config>,
    environment: &Environment,
) -> Result<Vec<PlannedLayer>, Failure> {
    let (named, joining) = named(typed, config)?;
    let mut layers = Vec::with_capacity(named.len());
    for named in named {
        layers.push(planned(named, typed, config, environment)?);
    }
    let from = typed.source.selection.from.is_some();
    if from
        && !matches!(layers.as_slice(), [PlannedLayer { source: LayerSource { origin: Origin::Folder(_), .. }, .. }])
    {
        return Err(from_goes_with_a_folder());
    }
    match (joining, layers.as_mut_slice()) {
        ([], _) => {}
        (files, [layer]) => files.iter().try_for_each(|file| join_requirements(&mut layer.source, file))?,
        _ => return Err(Failure::new(Code::Usage, "-r goes with one SOURCE").help("build each layer by itself")),
    }
    for PlannedLayer { source, args, .. } in &mut layers {
        select(source, &args.source.selection)?;
        source.constraints = args.source.constraint.iter().map(|path| located(path)).collect::<Result<_, _>>()?;
    }
    match (&typed.output.name, layers.as_mut_slice()) {
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
    Ok(layers)
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

/// The configured layer whose source this is.
fn layer_of<'a>(config: &'a Config, path: &Path) -> Result<Option<&'a ConfiguredLayer>, Failure> {
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
        Named::Path(path) => read_path(path, from)?,
        Named::Wheels(wheels) => of_wheels(wheels)?,
        Named::Requirements(file) => of_requirements(&file)?,
    };
    if let Some(layer) = own {
        source.name.clone_from(&layer.name);
    }
    Ok(PlannedLayer { source, args, configured })
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
fn settled(
    typed: &mut LayerArgs,
    own: Option<&LayerArgs>,
    config: Option<&Config>,
    environment: &Environment,
) -> Configured {
    let Some(config) = config else { return Configured::default() };
    let (said, is_any) = fill(typed, own, &config.every, environment);
    Configured { file: (is_any || own.is_some()).then(|| config.file.clone()), asking: said.asking }
}
