//! One layer on one target, from what is asked of it to what is written: left as it lies there where nothing has changed,
//! else decided, and written once that is admitted.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use lambda_compat::{Code, Date, Finding, Target};
use layer_pack::{Part, Reserved, Slim};
use wheel_archive::Sha256;

use crate::failure::Failure;
use crate::layer::decide::{Decided, Gathered};
use crate::layer::{Asked, Chosen, LayerWheel, Stamp, StampKey, Stopped};
use crate::plan::{Destination, Exceptions, OutputPlan};

/// How a layer is built, on whichever target.
pub(crate) struct Order<'a> {
    pub(crate) asked: &'a Asked,
    pub(crate) outputs: OutputPlan,
    /// Bytes, unpacked, for everything that shares the budget.
    pub(crate) limit: u64,
    /// What else the function has.
    pub(crate) reserved: Vec<Reserved>,
    pub(crate) exceptions: Exceptions,
    pub(crate) slim: Slim,
    /// Threads that write it.
    pub(crate) jobs: NonZeroUsize,
    /// Not with `--dry-run`.
    pub(crate) writes: bool,
    pub(crate) today: Date,
    /// A refusal says where each fact comes from.
    pub(crate) with_sources: bool,
}

/// One layer on one target, to be built.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) order: &'a Order<'a>,
    pub(crate) target: &'a Target,
}

/// What came of it.
pub(crate) enum Made {
    /// It was written, or lay there already.
    Layer(Box<Stamp>),
    /// It was decided, and not admitted: what it weighs, and what could be left out of it.
    Withheld(Part),
}

/// Who is asked whether a layer is written, told what it weighs; nobody where the layer is all by itself.
pub(crate) type Admission<'a> = Option<&'a mut dyn FnMut(Part) -> bool>;

impl<'a> Order<'a> {
    /// The layer on each of its targets.
    pub(crate) fn on_targets(&'a self) -> impl Iterator<Item = Job<'a>> {
        self.asked.targets.all.iter().map(|target| Job { order: self, target })
    }
}

impl<'a> Job<'a> {
    /// The layer's name.
    pub(crate) fn name(&self) -> &'a str {
        &self.order.asked.source.name
    }

    /// Builds it. What is to be said on the way is added to `told`.
    pub(crate) fn build(&self, mut admission: Admission<'_>, told: &mut Vec<Finding>) -> Result<Made, Failure> {
        let (order, target) = (self.order, self.target);
        let asked = order.asked;
        let destination = order.outputs.destination(&asked.source.name, target);
        destination.is_outside_of(&asked.source.packed_folders())?;
        // Reading the lock says whether it still satisfies its source: that comes before "unchanged".
        let locked = match &asked.lock {
            Some(lock) => Some((lock, asked.locked(lock, target)?)),
            None => None,
        };
        let key = match &locked {
            Some((lock, set)) => {
                let (options, places) = (self.options()?, order.outputs.places());
                Some(StampKey::new(asked, lock, target, set, &destination, (&options, &places))?)
            }
            None => None,
        };
        let stamp = key.as_ref().and_then(|key| Stamp::unchanged(key, asked, &destination));
        if let Some(mut stamp) = stamp.filter(|stamp| admission.is_none() || stamp.is_weighable()) {
            if let Some(admits) = &mut admission
                && !admits(stamp.weighed()?)
            {
                return Ok(Made::Withheld(stamp.part()?));
            }
            stamp.document.unchanged = true;
            stamp.document.dry_run = !order.writes;
            return Ok(Made::Layer(Box::new(stamp)));
        }
        let chosen = match &locked {
            Some((lock, set)) => asked.chosen_by(target, || asked.choose_from(lock, set, target))?,
            None => asked.chosen(target)?,
        };
        let made = self.make(&chosen, &destination, admission, told)?;
        if let (Made::Layer(stamp), Some(key)) = (&made, key.filter(|_| order.writes)) {
            Stamp::write(&key, &asked.cache_dir, stamp)?;
        }
        Ok(made)
    }

    /// What decides about the outputs besides the lock and the source.
    fn options(&self) -> Result<String, Failure> {
        let Order { asked, limit, reserved, exceptions, slim, .. } = self.order;
        let below =
            asked.below_on(self.target).map(|below| below.fingerprint(self.target)).collect::<Result<Vec<_>, _>>()?;
        let sdk = asked.args.sdk.exclude_runtime_sdk;
        Ok(format!("{limit} {reserved:?} {exceptions} {below:?} slim {slim} sdk {sdk}"))
    }

    /// Gathers, decides and writes. A damaged copy in the store is dropped and fetched anew, each wheel's once.
    fn make(
        &self,
        chosen: &Chosen,
        destination: &Destination,
        mut admission: Admission<'_>,
        told: &mut Vec<Finding>,
    ) -> Result<Made, Failure> {
        told.extend(chosen.resolution.notes.iter().cloned());
        let mut healed = BTreeSet::new();
        loop {
            let gathered = Gathered::new(self, chosen)?;
            let said = told.len();
            let (filename, sha256) = match pack(&gathered, destination, &mut admission, told) {
                Ok(made) => return Ok(made),
                Err(Stopped::Failed(failure)) => return Err(failure),
                Err(Stopped::Damaged { filename, sha256 }) => (filename, sha256),
            };
            if !in_store(&gathered.wheels, sha256) || !healed.insert(sha256) {
                return Err(Failure::new(Code::HashMismatch, format!("{filename} changed while it was read"))
                    .help("see whether another program writes to the wheel or to the cache folder"));
            }
            told.truncate(said);
            let message = format!("the stored copy of {filename} was damaged and is fetched again");
            told.push(Finding::warning(Code::HashMismatch, message));
            self.order.asked.store.remove(&sha256)?;
        }
    }
}

/// Decides, asks and writes.
fn pack(
    gathered: &Gathered<'_>,
    destination: &Destination,
    admission: &mut Admission<'_>,
    told: &mut Vec<Finding>,
) -> Result<Made, Stopped> {
    let decided = Decided::new(gathered)?;
    told.extend(decided.findings.iter().cloned());
    // Whoever was admitted is not asked again after a damaged wheel has come anew.
    if let Some(admits) = admission.take()
        && !admits(decided.weighed())
    {
        return Ok(Made::Withheld(decided.part()?));
    }
    Ok(Made::Layer(Box::new(decided.write(destination)?)))
}

/// Only what lies in the store can be fetched again.
fn in_store(wheels: &[LayerWheel], sha256: Sha256) -> bool {
    wheels.iter().any(|wheel| wheel.in_store && wheel.manifest.sha256 == sha256)
}
