//! From TOML to what it says, by the tables of keys. Everything that is wrong is told at once.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use pypi_resolve::requirements::near_word;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::key::{Key, LayerKey, Stands};
use super::kind::Value;
use super::text::{Text, Wrong};
use super::{Config, ConfiguredIgnore, ConfiguredLayer, ConfiguredStack, keys};
use crate::args::LayerArgs;
use crate::failure::Failure;

/// The tables of a configuration file, beside the keys that hold for all layers.
const TABLES: [&str; 3] = ["layers", "stacks", "ignore"];

/// Nobody mends more than so many at a time, and a file that is none of layerpack's has one in every line.
const MOST_ERRORS: usize = 100;

type Name<'a> = Spanned<Cow<'a, str>>;

/// What a file says; `None` for a `pyproject.toml` without `[tool.layerpack]`.
pub(super) fn read(file: PathBuf, source: String) -> Result<Option<Config>, Failure> {
    let is_project = file.file_name().is_some_and(|name| name == "pyproject.toml");
    let mut text = Text { file, source, layers: BTreeSet::new() };
    let document = match DeTable::parse(&text.source) {
        Ok(document) => document.into_inner(),
        // Whoever reads the project says what is wrong with it; here it only matters where it might configure layerpack.
        Err(_) if is_project && !text.source.contains("tool.layerpack") => return Ok(None),
        Err(error) => {
            let message = error.message().lines().collect::<Vec<_>>().join(" ");
            let end = text.source.len();
            return Err(text.failure(Wrong::new(error.span().unwrap_or(end..end), message)));
        }
    };
    let table = if is_project {
        let tools = document.get("tool").and_then(|tools| tools.get_ref().as_table());
        match tools.and_then(|tools| tools.get("layerpack")?.get_ref().as_table()) {
            Some(table) => table,
            None => return Ok(None),
        }
    } else {
        &document
    };
    let names = table.get("layers").and_then(|layers| layers.get_ref().as_table());
    text.layers = names.iter().flat_map(|names| names.keys()).map(|name| name.get_ref().to_string()).collect();

    let mut reader = Reader { text: &text, wrong: Vec::new() };
    let config = reader.root(table);
    let mut wrong = reader.wrong;
    wrong.sort_by_key(Wrong::start);
    wrong.truncate(MOST_ERRORS);
    match Failure::all(wrong.into_iter().map(|wrong| text.failure(wrong))) {
        Some(failure) => Err(failure),
        None => Ok(Some(config)),
    }
}

struct Reader<'a> {
    text: &'a Text,
    wrong: Vec<Wrong>,
}

impl Reader<'_> {
    fn root(&mut self, table: &DeTable<'_>) -> Config {
        let mut config = Config {
            file: self.text.file.clone(),
            every: LayerArgs::default(),
            layers: Vec::new(),
            stacks: Vec::new(),
            ignores: Vec::new(),
        };
        for (name, value) in in_order(table) {
            match name.get_ref().as_ref() {
                "layers" => config.layers = self.layers(name, value),
                "stacks" => config.stacks = self.stacks(value),
                "ignore" => config.ignores = self.ignores(value),
                _ => self.key_of_all(&mut config.every, name, value),
            }
        }
        config
    }

    /// A key at the top: it holds for every layer.
    fn key_of_all(&mut self, every: &mut LayerArgs, name: &Name<'_>, value: &Spanned<DeValue<'_>>) {
        match keys::LAYER.iter().find(|known| known.key.name == name.get_ref().as_ref()) {
            Some(known) if known.stands == Stands::OfOneLayer => {
                let wrong = Wrong::new(name.span(), format!("`{}` is a key of one layer", known.key.name));
                self.wrong.push(wrong.help("write it below [layers.NAME]"));
            }
            Some(known) => self.value(&known.key, every, value),
            None => {
                let at_top = keys::LAYER.iter().filter(|known| known.stands != Stands::OfOneLayer);
                let _ = self.unknown(name, at_top.map(|known| known.key.name).chain(TABLES));
            }
        }
    }

    fn layers(&mut self, name: &Name<'_>, value: &Spanned<DeValue<'_>>) -> Vec<ConfiguredLayer> {
        let Some(layers) = value.get_ref().as_table() else {
            self.wrong.push(
                Wrong::new(value.span(), format!("`{}` must be a table", name.get_ref()))
                    .help("write [layers.NAME], with a source below it"),
            );
            return Vec::new();
        };
        let mut read = Vec::new();
        for (name, value) in in_order(layers) {
            let layer = name.get_ref().to_string();
            // The name becomes that of files: `../x` would leave the output folder.
            if layer.is_empty() || layer.starts_with('.') || layer.contains(['/', '\\']) {
                let wrong = Wrong::new(name.span(), format!("`{layer}` is no name for a layer's files"));
                self.wrong.push(wrong.help("a name has no slashes and no dot at its start"));
            }
            let mut args = LayerArgs::default();
            let of_layer = keys::LAYER.iter().filter(|known| known.stands != Stands::OfTheRun);
            let of_layer: Vec<&Key<LayerArgs>> = of_layer.map(|known| &known.key).collect();
            self.table(&of_layer, &mut args, &format!("layers.{layer}"), name.span(), value);
            read.push(ConfiguredLayer { name: layer, args });
        }
        read
    }

    fn stacks(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<ConfiguredStack> {
        let Some(stacks) = value.get_ref().as_table() else {
            let wrong = Wrong::new(value.span(), "`stacks` must be a table");
            self.wrong.push(wrong.help("write [stacks.NAME], with layers below it"));
            return Vec::new();
        };
        let keys: Vec<_> = keys::STACK.iter().collect();
        let mut read = Vec::new();
        for (name, value) in in_order(stacks) {
            let mut stack = ConfiguredStack { name: name.get_ref().to_string(), ..ConfiguredStack::default() };
            self.table(&keys, &mut stack, &format!("stacks.{}", name.get_ref()), name.span(), value);
            read.push(stack);
        }
        read
    }

    fn ignores(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<ConfiguredIgnore> {
        let Some(all) = value.get_ref().as_array() else {
            let wrong = Wrong::new(value.span(), "`ignore` must be a list of tables");
            self.wrong.push(wrong.help("write [[ignore]], with a code and a reason below it"));
            return Vec::new();
        };
        let keys: Vec<_> = keys::IGNORE.iter().collect();
        let mut read = Vec::new();
        for each in all {
            let mut ignore = ConfiguredIgnore::default();
            self.table(&keys, &mut ignore, "ignore", each.span(), each);
            read.push(ignore);
        }
        read
    }

    /// A table of known keys. `at` is where it is named.
    fn table<T>(&mut self, keys: &[&Key<T>], to: &mut T, called: &str, at: Range<usize>, value: &Spanned<DeValue<'_>>) {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong.push(Wrong::new(value.span(), format!("`{called}` must be a table")));
            return;
        };
        let mut meant = Vec::new();
        for (name, value) in in_order(table) {
            match keys.iter().find(|known| known.name == name.get_ref().as_ref()) {
                Some(known) => self.value(known, to, value),
                None => meant.extend(self.unknown(name, keys.iter().map(|known| known.name))),
            }
        }
        // One that is only misspelt is told once.
        let is_there = |key: &Key<T>| table.contains_key(key.name) || meant.contains(&key.name);
        for missing in keys.iter().filter(|key| key.required && !is_there(key)) {
            let message = format!("`{called}` has no `{}`, {}", missing.name, missing.shape.in_words());
            let help = format!("{}: {} = {}", missing.doc, missing.name, missing.example);
            self.wrong.push(Wrong::new(at.clone(), message).help(help));
        }
    }

    fn value<T>(&mut self, key: &Key<T>, to: &mut T, value: &Spanned<DeValue<'_>>) {
        if let Err(wrong) = (key.read)(to, &Value { text: self.text, key: key.name, is: value }) {
            self.wrong.push(wrong);
        }
    }

    /// An unknown key; gives the one that was probably meant.
    fn unknown<'k>(&mut self, name: &Name<'_>, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
        let of_the_run =
            |known: &LayerKey| known.stands == Stands::OfTheRun && known.key.name == name.get_ref().as_ref();
        if keys::LAYER.iter().any(of_the_run) {
            let wrong = Wrong::new(name.span(), format!("`{}` is a key of the whole run", name.get_ref()));
            self.wrong.push(wrong.help("write it at the top of the file"));
            return None;
        }
        let known: Vec<&str> = known.collect();
        let near = near_word(name.get_ref(), known.iter().copied());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the keys here are {}", known.join(", ")),
        };
        self.wrong.push(Wrong::new(name.span(), format!("unknown key `{}`", name.get_ref())).help(help));
        near
    }
}

/// A table's entries as the file has them.
fn in_order<'t, 'a>(table: &'t DeTable<'a>) -> Vec<(&'t Name<'a>, &'t Spanned<DeValue<'a>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}
