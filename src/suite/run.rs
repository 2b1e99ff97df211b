//! A run of the suite: in memory, kept in a folder, continued, or put together from its shards.

use super::campaign::{Campaign, Scope};
use super::cost::ClaimCost;
use super::store::{Identity, Kept, Store};
use super::task::Shard;
use super::{Hooks, Outcome, Settings, Suite, SuiteError, budget, names, threads};
use crate::claims::Claim;
use std::path::{Path, PathBuf};

/// A run of the suite.
///
/// # Examples
/// ```no_run
/// use rmt_verify::claims::registry;
/// use rmt_verify::evidence::Silent;
/// use rmt_verify::suite::{Run, Settings};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = std::path::Path::new("deep");
/// let run = match Run::resumed(folder, &registry()) {
///     Ok(run) => run,
///     Err(_) => Run::new(registry(), Settings::default())?.kept_in(folder)?,
/// };
/// println!("{}", run.execute(&Silent)?.ledger.claims.len());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Run {
    claims: Vec<Claim>,
    settings: Settings,
    scope: Scope,
    order: Vec<usize>,
    store: Store,
    kept: Kept,
}

impl Run {
    /// A run in memory.
    ///
    /// # Errors
    /// When claims share an id, outgrow the error budget, or none lists the planted rival.
    pub fn new(claims: Vec<Claim>, settings: Settings) -> Result<Self, SuiteError> {
        budget::spend(claims.len())?;
        for (index, claim) in claims.iter().enumerate() {
            let id = claim.statement.id;
            if claims[..index].iter().any(|c| c.statement.id == id) {
                return Err(SuiteError::ClaimNamedTwice { id: id.into() });
            }
        }
        if settings.jobs == Some(0) {
            return Err(SuiteError::NoJobs);
        }
        if let Some(name) = &settings.plant {
            check_planted(&claims, &settings, name)?;
        }
        Ok(Self {
            order: (0..claims.len()).collect(),
            claims,
            settings,
            scope: Scope::All,
            store: Store::default(),
            kept: Kept::default(),
        })
    }

    /// Only the tasks of one shard, at the first look. Executing it judges nothing: the outcome is
    /// empty, the journal holds the results.
    #[must_use]
    pub fn sharded(mut self, shard: Shard) -> Self {
        self.scope = Scope::Shard(shard);
        self
    }

    /// Keeps every finished unit in a journal in this folder, which must exist.
    ///
    /// # Errors
    /// When there is one already, or it cannot be made.
    pub fn kept_in(mut self, folder: &Path) -> Result<Self, SuiteError> {
        let store = Store::create(folder, &self.identity())?;
        store.continue_from(self.kept.continues.as_deref())?;
        self.store = store.with_digests(&self.kept.digests);
        Ok(self)
    }

    pub(super) fn identity(&self) -> Identity {
        let claims = self.claims.iter().map(|c| c.statement.id.to_owned());
        let shard = match self.scope {
            Scope::Shard(shard) => Some(shard),
            _ => None,
        };
        Identity::new(&self.settings, claims.collect(), shard)
    }

    /// The run whose journal is in this folder, to be continued.
    ///
    /// # Errors
    /// When there is none, another process uses it, it is damaged, or it was begun by another version
    /// or with claims that are not in the registry.
    pub fn resumed(folder: &Path, registry: &[Claim]) -> Result<Self, SuiteError> {
        let (store, identity, mut kept) = Store::open(folder)?;
        if let Some(whole) = kept.continues.clone() {
            let other = Store::read(&whole, &mut kept)?;
            if !identity.is_part_of(&other) {
                return Err(SuiteError::OtherRun {
                    first: whole,
                    other: folder.to_owned(),
                });
            }
        }
        let (claims, settings) = settle(folder, &identity, registry)?;
        let mut run = Self::new(claims, settings)?;
        if let Some(shard) = identity.shard {
            run.scope = Scope::Shard(shard);
        }
        run.store = store.with_digests(&kept.digests);
        run.kept = kept;
        Ok(run)
    }

    /// One shard of what the run in this folder still needs: what it knows serves to see which further
    /// looks there are. The folder is left alone, also when the shard is resumed, which reads it again.
    ///
    /// # Errors
    /// As [`Run::resumed`].
    pub fn shard_of(folder: &Path, shard: Shard, registry: &[Claim]) -> Result<Self, SuiteError> {
        let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let mut run = Self::merged(&[folder.to_owned()], registry)?;
        run.scope = Scope::Shard(shard);
        run.kept.continues = Some(whole);
        Ok(run)
    }

    /// What these folders hold of one run, such as its shards. Executing it computes nothing; it fails
    /// with [`SuiteError::Missing`] when that is not enough for all verdicts.
    ///
    /// # Errors
    /// As [`Run::resumed`], or when the folders belong to different runs.
    ///
    /// # Panics   without a folder
    pub fn merged(folders: &[PathBuf], registry: &[Claim]) -> Result<Self, SuiteError> {
        let mut kept = Kept::default();
        let mut whole: Option<Identity> = None;
        for folder in folders {
            let identity = Store::read(folder, &mut kept)?;
            let whole = whole.get_or_insert_with(|| identity.clone());
            if !identity.is_part_of(whole) {
                return Err(SuiteError::OtherRun {
                    first: folders[0].clone(),
                    other: folder.clone(),
                });
            }
        }
        let identity = whole.expect("there is a folder");
        let (claims, settings) = settle(&folders[0], &identity, registry)?;
        let mut run = Self::new(claims, settings)?;
        run.scope = Scope::Known;
        run.store = Store::default().with_digests(&kept.digests);
        run.kept = kept;
        run.kept.continues = None;
        Ok(run)
    }

    /// Writes what is known into a journal of its own in this folder, so that [`Run::resumed`] can
    /// compute the rest.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn copied_to(&self, folder: &Path) -> Result<(), SuiteError> {
        Store::create(folder, &self.identity())?.copy(&self.kept)
    }

    /// Threads to use; `None` for as many as the machine has. No number depends on it.
    ///
    /// # Errors
    /// When there are to be none.
    pub fn on(mut self, jobs: Option<usize>) -> Result<Self, SuiteError> {
        if jobs == Some(0) {
            return Err(SuiteError::NoJobs);
        }
        self.settings.jobs = jobs;
        Ok(self)
    }

    /// Begins with the claims of the costliest units, so that few processes are idle at the end. Of
    /// claims without costs the order stays. No number depends on it.
    #[must_use]
    pub fn costliest_first(mut self, costs: &[ClaimCost]) -> Self {
        let longest = |index: usize| {
            let id = self.claims[index].statement.id;
            let cost = costs.iter().find(|cost| cost.id == id);
            cost.map_or(0.0, ClaimCost::longest_unit)
        };
        self.order
            .sort_by(|&a, &b| longest(b).total_cmp(&longest(a)));
        self
    }

    /// The claims, in order.
    #[must_use]
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// How it is run.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The shard, if it is one.
    #[must_use]
    pub fn shard(&self) -> Option<Shard> {
        match self.scope {
            Scope::Shard(shard) => Some(shard),
            _ => None,
        }
    }

    /// The folder of the run whose rest this is a shard of.
    #[must_use]
    pub fn continues(&self) -> Option<&Path> {
        self.kept.continues.as_deref()
    }

    /// Units that earlier sessions finished.
    #[must_use]
    pub fn known(&self) -> usize {
        self.kept.known.len()
    }

    /// The vector instructions of the sessions before, with those of this machine. With more than
    /// one the last digits may differ from those of a run on one machine; verdicts hold for either.
    #[must_use]
    pub fn instructions(&self) -> Vec<String> {
        let mut all = self.kept.instructions.clone();
        if self.scope != Scope::Known {
            all.insert(super::store::instructions());
        }
        all.into_iter().collect()
    }

    /// Computes what is not known, on the threads of this process, and judges.
    ///
    /// # Errors
    /// When it is cancelled or the journal cannot be written; what was finished by then is kept.
    pub fn execute(self, hooks: &dyn Hooks) -> Result<Outcome, SuiteError> {
        match self.settings.jobs {
            None => self.execute_here(hooks),
            Some(jobs) => rayon::ThreadPoolBuilder::new()
                .num_threads(jobs)
                .build()?
                .install(|| self.execute_here(hooks)),
        }
    }

    fn execute_here(self, hooks: &dyn Hooks) -> Result<Outcome, SuiteError> {
        self.with_campaign(hooks, threads::work)
    }

    /// What is found when `work` has computed the campaign's tasks.
    pub(super) fn with_campaign(
        self,
        hooks: &dyn Hooks,
        work: impl FnOnce(&Campaign<'_>),
    ) -> Result<Outcome, SuiteError> {
        let Self {
            claims,
            settings,
            scope,
            order,
            store,
            kept,
        } = self;
        let plan = (scope, order);
        let campaign = Campaign::new(&claims, &settings, plan, hooks, store, kept.known);
        work(&campaign);
        campaign.finish()
    }
}

/// The claims and settings that a journal's identity names.
pub(super) fn settle(
    folder: &Path,
    identity: &Identity,
    registry: &[Claim],
) -> Result<(Vec<Claim>, Settings), SuiteError> {
    let other_version = || SuiteError::OtherVersion {
        folder: folder.to_owned(),
        found: identity.version.clone(),
    };
    if identity.version != env!("CARGO_PKG_VERSION") {
        return Err(other_version());
    }
    let settings = Settings {
        tier: identity.tier.parse().map_err(|_| other_version())?,
        epoch: identity.epoch,
        jobs: None,
        plant: identity.plant.clone(),
    };
    Ok((Suite::select(registry, &identity.claims)?, settings))
}

fn check_planted(claims: &[Claim], settings: &Settings, name: &str) -> Result<(), SuiteError> {
    let rivals: Vec<String> = claims
        .iter()
        .flat_map(|claim| (claim.plan)(settings.tier).rivals)
        .map(|rival| rival.name)
        .collect();
    if rivals.iter().any(|rival| rival == name) {
        return Ok(());
    }
    Err(SuiteError::UnknownRival {
        name: name.into(),
        near: names::near(name, rivals.iter().map(String::as_str)),
    })
}
