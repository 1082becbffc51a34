//! What lies below what is checked, on each of its targets: as it was built for that target.

use std::path::Path;
use std::sync::Arc;

use lambda_compat::{Finding, Target};
use pypi_resolve::resolve::{BelowPackage, Report};
use wheel_tags::WheelFilename;

use crate::failure::Failure;
use crate::layer::{Below, Brought, Finished, FinishedLayers};
use crate::plan::BuiltBelow;
use crate::report::about;

/// What a group lies on.
pub(super) struct LiesOn {
    /// In the order of the targets.
    on: Vec<OnTarget>,
}

struct OnTarget {
    target: Target,
    /// The lowest first.
    finished: Vec<Arc<Finished>>,
    not_built: Vec<String>,
}

/// What lies below on one target, read for the judge.
pub(super) struct Under {
    pub(super) brought: Vec<Arc<Brought>>,
    /// What it settles.
    pub(super) packages: Vec<BelowPackage>,
    /// There is more, which is not built.
    pub(super) is_open: bool,
}

impl Under {
    /// LP303, where a wheel is of a project that lies below in another version.
    pub(super) fn refuses(&self, path: &str, wheel: &WheelFilename) -> Option<Finding> {
        // Of one that several have, the last layer's files are unpacked over the others'.
        let there = self.packages.iter().rev().find(|there| there.name == wheel.name)?;
        let Report { code, message, help, .. } = there.refuses(Path::new(path), wheel)?;
        let mut finding = Finding::error(code, message);
        finding.help = help;
        Some(finding)
    }
}

impl LiesOn {
    /// Reads what is there of `below`, which has what lies below on each target.
    pub(super) fn read(
        targets: &[Target],
        below: Vec<BuiltBelow>,
        known: &mut FinishedLayers,
    ) -> Result<Self, Failure> {
        let mut read = |(target, below): (&Target, BuiltBelow)| {
            let finished = below.finished.iter().map(|named| known.read(named)).collect::<Result<_, Failure>>()?;
            Ok(OnTarget { target: *target, finished, not_built: below.not_built })
        };
        Ok(Self { on: targets.iter().zip(below).map(&mut read).collect::<Result<_, Failure>>()? })
    }

    /// Every layer below once, on whichever target it counts.
    pub(super) fn layers(&self) -> Vec<Below> {
        let mut each: Vec<&Arc<Finished>> = Vec::new();
        for finished in self.on.iter().flat_map(|on| &on.finished) {
            if !each.iter().any(|known| Arc::ptr_eq(known, finished)) {
                each.push(finished);
            }
        }
        each.into_iter().map(|finished| Below::Finished(Arc::clone(finished))).collect()
    }

    /// What there is to lie on, in the order of the targets.
    pub(super) fn under(&self) -> Result<Vec<Under>, Failure> {
        let under = |OnTarget { target, finished, not_built }: &OnTarget| {
            let (mut brought, mut packages) = (Vec::new(), Vec::new());
            for below in finished.iter().map(|finished| Below::Finished(Arc::clone(finished))) {
                brought.push(below.brought(target)?);
                packages.extend(below.packages(target)?);
            }
            Ok(Under { brought, packages, is_open: !not_built.is_empty() })
        };
        self.on.iter().map(under).collect()
    }

    /// The layers below that are not built for a target.
    pub(super) fn not_built(&self, target: &Target) -> &[String] {
        self.on.iter().find(|on| on.target == *target).map(|on| on.not_built.as_slice()).unwrap_or_default()
    }

    /// A line for those that are not built for the same targets: `pypi, below, is not built; what it may have is left open`.
    pub(super) fn left_open(&self) -> Vec<String> {
        let mut each: Vec<(&str, Vec<Target>)> = Vec::new();
        for (target, layer) in self.on.iter().flat_map(|on| on.not_built.iter().map(|layer| (on.target, layer))) {
            match each.iter_mut().find(|(known, _)| known == layer) {
                Some((_, targets)) => targets.push(target),
                None => each.push((layer, vec![target])),
            }
        }
        let mut alike: Vec<(Vec<&str>, Vec<Target>)> = Vec::new();
        for (layer, targets) in each {
            match alike.iter_mut().find(|(_, known)| *known == targets) {
                Some((layers, _)) => layers.push(layer),
                None => alike.push((vec![layer], targets)),
            }
        }
        alike.iter().map(|(layers, targets)| self.line(layers, targets)).collect()
    }

    fn line(&self, layers: &[&str], missing: &[Target]) -> String {
        let every: Vec<Target> = self.on.iter().map(|on| on.target).collect();
        let there: Vec<Target> = every.iter().filter(|target| !missing.contains(target)).copied().collect();
        let (are, they) = if layers.len() == 1 { ("is", "it") } else { ("are", "they") };
        let layers = layers.join(" and ");
        match (about(missing, &every), about(&there, &every)) {
            // The shorter of both.
            (Some(_), Some(on)) if !there.is_empty() && there.len() < missing.len() => {
                format!("{layers}, below, {are} built for {on} only; what {they} may have elsewhere is left open")
            }
            (on, _) => {
                let on = on.map(|on| format!(" for {on}")).unwrap_or_default();
                format!("{layers}, below, {are} not built{on}; what {they} may have is left open")
            }
        }
    }
}
