//! A key of the configuration file: its name, what may stand behind it, what it means, and where it goes.

use super::kind::{Shape, Value};
use super::text::Wrong;
use crate::args::LayerArgs;

/// A key of a table that is read into a `T`.
pub(super) struct Key<T: 'static> {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// What it means, in a sentence.
    pub(super) doc: &'static str,
    /// A value, as TOML.
    pub(super) example: &'static str,
    pub(super) required: bool,
    pub(super) read: fn(&mut T, &Value<'_>) -> Result<(), Wrong>,
}

impl<T> Key<T> {
    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

/// A key that says something of layers.
pub(super) struct LayerKey {
    pub(super) key: Key<LayerArgs>,
    pub(super) stands: Stands,
    pub(super) counts: Counts,
    pub(super) is_said: fn(&LayerArgs) -> bool,
    /// Takes what others say where nothing is said.
    pub(super) fill: fn(&mut LayerArgs, &LayerArgs),
}

/// Where a key may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// At the top, for all layers, or in the table of one.
    Anywhere,
    /// In the table of a layer: at the top it would make no sense.
    OfOneLayer,
    /// At the top: it is about the run.
    OfTheRun,
}

/// What comes before the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// The flag, and these variables.
    AfterFlag(&'static [&'static str]),
    /// What else there is, is settled where all of it is known: targets, indexes, the choice of versions.
    InItsPlace,
}

impl LayerKey {
    pub(super) const fn of_one_layer(mut self) -> Self {
        self.stands = Stands::OfOneLayer;
        self
    }

    pub(super) const fn of_the_run(mut self) -> Self {
        self.stands = Stands::OfTheRun;
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.key = self.key.required();
        self
    }

    /// These variables come before it.
    pub(super) const fn after(mut self, variables: &'static [&'static str]) -> Self {
        self.counts = Counts::AfterFlag(variables);
        self
    }

    pub(super) const fn in_its_place(mut self) -> Self {
        self.counts = Counts::InItsPlace;
        self
    }
}

/// Whether something was said.
pub(super) trait Said {
    fn is_said(&self) -> bool;
}

impl<T> Said for Option<T> {
    fn is_said(&self) -> bool {
        self.is_some()
    }
}

impl<T> Said for Vec<T> {
    fn is_said(&self) -> bool {
        !self.is_empty()
    }
}

impl Said for bool {
    fn is_said(&self) -> bool {
        *self
    }
}

/// A key whose value goes to one field of a type: `key!(TYPE, KIND, "name" => field.of.it, example, doc)`.
macro_rules! key {
    ($of:ty, $kind:ty, $name:literal => $($field:ident).+, $example:literal, $doc:literal) => {
        Key {
            name: $name,
            shape: <$kind as Kind>::SHAPE,
            doc: $doc,
            example: $example,
            required: false,
            read: |to: &mut $of, value| {
                to.$($field).+ = <$kind as Kind>::read(value)?;
                Ok(())
            },
        }
    };
}

/// The same, of a layer.
macro_rules! layer_key {
    ($kind:ty, $name:literal => $($field:ident).+, $example:literal, $doc:literal) => {
        LayerKey {
            key: key!(LayerArgs, $kind, $name => $($field).+, $example, $doc),
            stands: Stands::Anywhere,
            counts: Counts::AfterFlag(&[]),
            is_said: |args| args.$($field).+.is_said(),
            fill: |to, from| {
                if !to.$($field).+.is_said() {
                    to.$($field).+ = from.$($field).+.clone();
                }
            },
        }
    };
}

pub(super) use {key, layer_key};
