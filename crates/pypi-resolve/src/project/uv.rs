//! `[tool.uv]`: where the project's own dependencies come from, and which indexes are asked.
//! <https://docs.astral.sh/uv/concepts/projects/dependencies/#dependency-sources>

use std::path::Path;

use wheel_archive::with_slashes;

use super::Project;
use super::asked::{Asked, git_address};
use super::pins::entries;
use crate::requirements::{Fault, IndexOptions, Located, Requirement, RequirementsError, joined};

const LOCK_IT: &str = "lock it with `uv lock`: layerpack reads uv.lock";

impl Project {
    /// The requirement, from where `[tool.uv.sources]` says: several where its sources hold on different environments.
    /// One that is pinned to an index stays as it is; the pin is `pins`' business.
    pub(super) fn with_its_sources(&self, asked: Asked) -> Result<Vec<Asked>, RequirementsError> {
        // What names its own address needs no other.
        let Asked::Wheel(requirement) = asked else { return Ok(vec![asked]) };
        let requirement = *requirement;
        let sources = self.document.tool.uv.as_ref().map(|uv| &uv.sources);
        let of_name = |name: &str| name.parse().as_ref() == Ok(&requirement.name);
        let Some((_, value)) = sources.into_iter().flatten().find(|(name, _)| of_name(name)) else {
            return Ok(vec![requirement.into()]);
        };
        let name = requirement.name.clone();
        let is_table = |value: &toml::Value| value.is_table();
        if !is_table(value.get_ref()) && !value.get_ref().as_array().is_some_and(|items| items.iter().all(is_table)) {
            return Err(self.unreadable(&value.span(), format!("the source of {name} is a table")));
        }
        let mut found = Vec::new();
        let mut rest = requirement.clone();
        for table in entries(value).filter(|table| !table.contains_key("index")) {
            let marker = self.source_marker(&name, table, value)?;
            let mut one = requirement.clone();
            one.marker.and(marker.clone());
            rest.marker.and(marker.negate());
            found.push(self.by_source(one, table, value)?);
        }
        if found.is_empty() || !rest.marker.is_false() {
            found.push(rest.into());
        }
        Ok(found)
    }

    /// The requirement, from a source that is no index.
    fn by_source(
        &self,
        requirement: Requirement,
        table: &toml::Table,
        value: &toml::Spanned<toml::Value>,
    ) -> Result<Asked, RequirementsError> {
        let refused = |what: String, help: &str| self.wrong(&value.span(), Fault::unsupported(0..0, what, help));
        let name = &requirement.name;
        if ["extra", "group"].iter().any(|key| table.contains_key(*key)) {
            return Err(refused(format!("{name} has a source that holds only for an extra or a group"), LOCK_IT));
        }
        let text = |key: &str| table.get(key).and_then(toml::Value::as_str);
        let folder = text("subdirectory").map(|folder| format!("#subdirectory={folder}")).unwrap_or_default();
        let address =
            text("path").map(str::to_owned).or(text("url").map(|url| format!("{url}{folder}"))).or(git_address(table));
        if let Some(address) = address {
            return self.met_by(requirement, &address, &value.span());
        }
        Err(if table.contains_key("workspace") {
            refused(format!("{name} is a project of the workspace, and layerpack does not look for it"), LOCK_IT)
        } else {
            refused(format!("the source of {name} is of a kind that layerpack does not know"), LOCK_IT)
        })
    }

    /// The indexes that `[tool.uv]` names. One that is `explicit` serves only packages that are pinned to it.
    pub(super) fn uv_indexes(&self, options: &mut IndexOptions) {
        let Some(uv) = &self.document.tool.uv else { return };
        let located = |value: &str, at: usize| Located { value: value.to_owned(), place: self.place(at) };
        for index in uv.index.iter().filter(|index| !index.get_ref().explicit) {
            let url = located(&index.get_ref().url, index.span().start);
            if index.get_ref().default {
                options.index_url.get_or_insert(url);
            } else {
                options.first_index_urls.push(url);
            }
        }
        let texts = |urls: &[toml::Spanned<String>]| -> Vec<_> {
            urls.iter().map(|url| located(url.get_ref(), url.span().start)).collect()
        };
        options.first_index_urls.extend(texts(&uv.extra_index_url));
        if let Some(url) = &uv.index_url {
            options.index_url.get_or_insert_with(|| located(url.get_ref(), url.span().start));
        }
        options.find_links.extend(texts(&uv.find_links).into_iter().map(|mut links| {
            if !links.value.contains(':') {
                links.value = with_slashes(joined(self.folder(), Path::new(&links.value)));
            }
            links
        }));
        if let Some(no_index) = uv.no_index.as_ref().filter(|no_index| *no_index.get_ref()) {
            options.no_index = Some(self.place(no_index.span().start));
        }
    }
}
