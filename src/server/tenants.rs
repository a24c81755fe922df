//! Tenants: each has a folder of projects, and what works on them, and sees nothing of the others.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::Service;
use super::api::Repeated;
use super::caller::{Allowance, Caller};
use super::projects::Projects;
use super::service_manager::ServiceManager;
use super::worker::Workers;
use crate::model::{OcciDefaults, ServiceLimits};
use crate::project::{AuditLog, CloudAccess, Failure, NO_DEFINITIONS, Request, TeamAccess, make_folders, subfolders};
use crate::suggest::Place;

/// All tenants of a service.
#[derive(Debug)]
pub(super) struct Tenants {
    /// How projects are asked for, but for who asks.
    request: Request,
    /// The folder with a folder for each cloud, which has one for each tenant.
    folder: PathBuf,
    limits: ServiceLimits,
    occi: OcciDefaults,
    all: Mutex<BTreeMap<(String, String), Arc<Tenant>>>,
}

/// What works on the projects of one tenant.
#[derive(Debug)]
pub(super) struct Tenant {
    folder: PathBuf,
    workers: Arc<Workers>,
    beginning: Arc<Mutex<()>>,
    writing: Arc<Mutex<()>>,
    repeated: Arc<Repeated>,
    manager: Arc<ServiceManager>,
    audit: Arc<AuditLog>,
    /// By the ids of users.
    allowances: Mutex<BTreeMap<String, Arc<Allowance>>>,
}

impl Tenants {
    /// Those that have folders there, and those to come.
    pub(super) fn new(request: Request, folder: PathBuf, limits: ServiceLimits, occi: OcciDefaults) -> Self {
        // Nothing of the machine's is a caller's but how fast the embedded Heat goes.
        let own = |(name, _): &(String, String)| name.starts_with("DISCO_LOCAL_");
        let environment = request.environment.iter().filter(|variable| own(variable)).cloned().collect();
        let request = Request { environment, home: None, variables: Vec::new(), ..request };
        Self { request, folder, limits, occi, all: Mutex::default() }
    }

    /// One of a cloud, by its id; its folder is made where there is none.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) fn of(&self, cloud: &str, id: &str) -> Result<Arc<Tenant>, Failure> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (cloud.to_owned(), id.to_owned());
        if let Some(known) = all.get(&key) {
            return Ok(Arc::clone(known));
        }
        let folder = self.folder.join(cloud).join(id);
        make_folders(&folder.join(NO_DEFINITIONS))?;
        let place = Place::Cloud(Some(cloud.to_owned()));
        let tenant = Arc::new(Tenant {
            workers: Arc::new(Workers::default()),
            beginning: Arc::default(),
            writing: Arc::default(),
            repeated: Arc::default(),
            manager: Arc::new(ServiceManager::new(place, self.occi.clone())),
            audit: Arc::new(AuditLog::of(&folder)),
            allowances: Mutex::default(),
            folder,
        });
        all.insert(key, Arc::clone(&tenant));
        Ok(tenant)
    }

    /// The tenants of a cloud that have been here, by their ids.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) fn known(&self, cloud: &str) -> Result<Vec<String>, Failure> {
        subfolders(&self.folder.join(cloud))
    }

    /// All that work at the moment.
    pub(super) fn workers(&self) -> Vec<Arc<Workers>> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().map(|tenant| Arc::clone(&tenant.workers)).collect()
    }

    /// The service of a tenant for somebody.
    pub(super) fn service(&self, tenant: &Tenant, caller: Caller, access: TeamAccess) -> Service {
        let directory = tenant.folder.clone();
        let (user, clouds) = (caller.user.clone(), CloudAccess::Team(Box::new(access)));
        let request = Request { directory: directory.clone(), user, clouds, ..self.request.clone() };
        Service {
            projects: Projects::below(request, directory),
            workers: Arc::clone(&tenant.workers),
            beginning: Arc::clone(&tenant.beginning),
            writing: Arc::clone(&tenant.writing),
            repeated: Arc::clone(&tenant.repeated),
            manager: Arc::clone(&tenant.manager),
            audit: Arc::clone(&tenant.audit),
            caller,
        }
    }

    /// What a user of a tenant may ask for.
    pub(super) fn allowance(&self, tenant: &Tenant, user: &str) -> Arc<Allowance> {
        let mut all = tenant.allowances.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(user.to_owned()).or_insert_with(|| Arc::new(Allowance::new(&self.limits))))
    }
}
