//! What one function has together: a layer, those below it, and what is reserved for others.

use std::sync::Arc;

use lambda_compat::{Code, Finding};
use layer_pack::{Budget, ByteSize, LAYERS_LIMIT, LIMITS_PAGE, Reserved, Saving, Weight};

use crate::layer::Brought;

/// What a layer shares its function with.
pub(crate) struct Function<'a> {
    /// Bytes, unpacked, for all of it.
    pub(crate) limit: u64,
    pub(crate) below: &'a [Arc<Brought>],
    pub(crate) reserved: &'a [Reserved],
}

impl Function<'_> {
    /// Everything else, with its bytes.
    fn others(&self) -> impl Iterator<Item = (&str, u64)> {
        let below = self.below.iter().map(|below| (below.name.as_str(), below.unzipped));
        below.chain(self.reserved.iter().map(|reserved| (reserved.name.as_str(), reserved.bytes)))
    }

    fn taken(&self) -> u64 {
        self.others().fold(0, |sum, (_, bytes)| sum.saturating_add(bytes))
    }

    /// LP401 or LP407, where it is too much; `savings` are what could be left out.
    pub(crate) fn over(&self, weight: &Weight, savings: &[Saving]) -> Option<Finding> {
        let layers = 1 + self.below.len() + self.reserved.len();
        if layers > LAYERS_LIMIT {
            let others: Vec<&str> = self.others().map(|(name, _)| name).collect();
            let message = format!("{layers} layers, with {}; a function may have {LAYERS_LIMIT}", others.join(", "));
            return Some(
                Finding::error(Code::TooManyLayers, message)
                    .help("put two layers into one, or use a container image, which has no layers")
                    .source(LIMITS_PAGE),
            );
        }
        let budget = Budget { bytes: self.limit, taken: self.taken() };
        budget.over(weight).map(|over| over.finding(savings))
    }

    /// `31.2 of 250.0 MB`, or with what else there is: `0.2 MB, with pypi (31.2 MB): 31.4 MB of 250.0 MB`.
    pub(crate) fn in_words(&self, weight: &Weight) -> String {
        let (own, limit) = (ByteSize(weight.unzipped), ByteSize(self.limit));
        let others: Vec<String> = self.others().map(|(name, bytes)| format!("{name} ({})", ByteSize(bytes))).collect();
        if others.is_empty() {
            return format!("{own} of {limit}");
        }
        let all = ByteSize(weight.unzipped.saturating_add(self.taken()));
        format!("{own}, with {}: {all} of {limit}", others.join(", "))
    }
}
