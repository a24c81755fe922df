//! What differs between two configurations of a cluster, in the words of the manifest that it comes from.

use super::counted;
use crate::catalogue::software::archive_name;
use crate::catalogue::{
    ClusterConfiguration, ClusterStep, ConfiguredFile, FileDeclaration, Framework, GroupConfiguration,
    MachineDeclaration, Readiness, ServiceDeclaration, StepMoment, Unit,
};
use crate::source::Span;
use crate::syntax::tree::{Expression, ExpressionKind};

/// Something that differs.
pub(super) struct Difference<'f> {
    /// In the manifest's words: ``the key `a` of `file "f"` ``.
    pub(super) what: String,
    /// What it may follow from, the most likely first.
    pub(super) from: Vec<&'f Expression>,
    /// The block.
    pub(super) origin: Span,
}

/// All that a framework has to answer for, group by group; each once.
pub(super) fn of<'f>(
    framework: &'f Framework,
    now: &ClusterConfiguration,
    later: &ClusterConfiguration,
) -> Vec<Difference<'f>> {
    let mut all = All { framework, found: Vec::new() };
    for (name, now) in &now.groups {
        let Some(later) = later.groups.get(name) else { continue };
        all.software(now, later);
        all.files(now, later);
        all.contributions(now, later);
        all.units(now, later);
        all.probes(now, later);
        all.steps(&now.steps, &later.steps);
    }
    let early = |of: &ClusterConfiguration| -> Vec<ClusterStep> {
        of.steps.iter().filter(|step| step.moment == StepMoment::BeforeStart).cloned().collect()
    };
    all.steps(&early(now), &early(later));
    all.found
}

struct All<'f> {
    framework: &'f Framework,
    found: Vec<Difference<'f>>,
}

impl<'f> All<'f> {
    fn add(&mut self, what: String, from: Vec<&'f Expression>, origin: Span) {
        if self.found.iter().all(|found| found.what != what || found.origin != origin) {
            self.found.push(Difference { what, from, origin });
        }
    }

    /// Packages, archives, accounts, folders, ensembles: what no file and no service is.
    fn software(&mut self, now: &GroupConfiguration, later: &GroupConfiguration) {
        let framework = self.framework;
        if now.packages != later.packages && !framework.packages.is_empty() {
            let declared = framework.packages.iter();
            let from = declared.flat_map(|packages| [&packages.names].into_iter().chain(&packages.when)).collect();
            self.add("`names` of `packages`".to_owned(), from, framework.origin);
        }
        let own = |of: &GroupConfiguration| {
            let archives: Vec<_> = of.archives.iter().filter(|one| one.name == framework.name).cloned().collect();
            let pythons: Vec<_> = of.pythons.iter().filter(|one| one.name == framework.name).cloned().collect();
            (archives, pythons)
        };
        if own(now) != own(later) {
            let settings = framework.settings.iter().filter_map(|setting| setting.default.as_ref());
            let from = framework.installation.when.iter().chain(settings).collect();
            self.add("the `installation`".to_owned(), from, framework.origin);
        }
        for archive in &framework.archives {
            let name = archive_name(framework, archive);
            let there = |of: &GroupConfiguration| of.archives.iter().find(|one| one.name == name).cloned();
            if there(now) != there(later) {
                let from = archive.formulas().chain(&archive.when).collect();
                self.add(format!("`archive \"{}\"`", archive.name), from, archive.origin);
            }
        }
        // What several frameworks ask of a machine is one: it is those that count nodes who change it.
        let counts = |machine: &&MachineDeclaration| {
            machine.formulas().chain(&machine.when).any(|formula| counted::in_expression(framework, formula).is_some())
        };
        if let Some(machine) = framework.machines.iter().find(counts).filter(|_| now.machine != later.machine) {
            let from = machine.formulas().chain(&machine.when).collect();
            self.add("a `machine`".to_owned(), from, machine.origin);
        }
        if now.users != later.users {
            for user in framework.users.iter().filter(|user| user.when.is_some()) {
                let there = |of: &GroupConfiguration| of.users.iter().any(|one| one.name == user.name);
                if there(now) != there(later) {
                    self.add(format!("`user \"{}\"`", user.name), user.when.iter().collect(), framework.origin);
                }
            }
        }
        if now.directories != later.directories {
            let declared = framework.directories.iter();
            let from: Vec<_> = declared.flat_map(|one| [&one.path].into_iter().chain(&one.when)).collect();
            if let Some(first) = from.first() {
                self.add("a `directory`".to_owned(), from.clone(), first.span);
            }
        }
        for ensemble in &framework.ensembles {
            let name = format!("{}.{}", framework.name, ensemble.name);
            if now.ensembles.get(&name) != later.ensembles.get(&name) {
                let from = ensemble.group.iter().chain([&ensemble.size]).collect();
                self.add(format!("`ensemble \"{}\"`", ensemble.name), from, ensemble.origin);
            }
        }
    }

    fn files(&mut self, now: &GroupConfiguration, later: &GroupConfiguration) {
        let framework = self.framework;
        for declared in &framework.files {
            let find = |of: &'_ GroupConfiguration| -> Option<ConfiguredFile> {
                let own = |file: &&ConfiguredFile| file.framework == framework.name && file.name == declared.name;
                // Two files may have one name: then the path tells them apart, where it is written out.
                let is_meant = |file: &&ConfiguredFile| match &declared.path.kind {
                    ExpressionKind::String(path) => file.path == **path,
                    _ => true,
                };
                of.files.iter().filter(own).find(is_meant).cloned()
            };
            match (find(now), find(later)) {
                (Some(now), Some(later)) => self.file(declared, &now, &later),
                (None, None) => {}
                _ => {
                    let what = format!("`file \"{}\"`", declared.name);
                    self.add(what, declared.when.iter().collect(), declared.origin);
                }
            }
        }
        for service in &framework.services {
            let name = format!("{}.env", service.unit);
            let find = |of: &GroupConfiguration| {
                let mut files = of.files.iter();
                let own = files.find(|file| file.framework == framework.name && file.name == name);
                own.map(|file| file.content.clone())
            };
            if find(now) != find(later) {
                let from = service.environment.iter().map(|(_, value)| value).collect();
                self.add(format!("`environment` of `service \"{}\"`", service.name), from, service.origin);
            }
        }
    }

    fn file(&mut self, declared: &'f FileDeclaration, now: &ConfiguredFile, later: &ConfiguredFile) {
        let what = format!("`file \"{}\"`", declared.name);
        if now.owner != later.owner {
            self.add(format!("`owner` of {what}"), declared.owner.iter().collect(), declared.origin);
        }
        if now.mode != later.mode {
            self.add(format!("`mode` of {what}"), declared.mode.iter().collect(), declared.origin);
        }
        if now.content == later.content {
            return;
        }
        let value = |of: &ConfiguredFile, key: &str| {
            of.values.iter().find(|value| value.key == key).map(|value| value.value.clone())
        };
        let mut found = false;
        for (key, expression) in &declared.keys {
            if value(now, key) != value(later, key) {
                found = true;
                self.add(format!("`{key}` in `keys` of {what}"), vec![expression], declared.origin);
            }
        }
        if !found {
            let keys = declared.keys.iter().map(|(_, value)| value);
            let from = declared.template.iter().chain(&declared.computed_keys).chain(keys).collect();
            self.add(what, from, declared.origin);
        }
    }

    /// Keys for files of other frameworks.
    fn contributions(&mut self, now: &GroupConfiguration, later: &GroupConfiguration) {
        for declared in &self.framework.contributions {
            let value = |of: &GroupConfiguration, key: &str| {
                let mut files = of.files.iter();
                let file = files.find(|file| file.framework == declared.framework && file.name == declared.file)?;
                file.values.iter().find(|value| value.key == key).map(|value| value.value.clone())
            };
            for (key, expression) in declared.keys.iter().chain(&declared.append) {
                if value(now, key) != value(later, key) && counted::in_expression(self.framework, expression).is_some()
                {
                    let what = format!("`{key}` of `contribute \"{}/{}\"`", declared.framework, declared.file);
                    self.add(what, vec![expression], declared.origin);
                }
            }
        }
    }

    fn units(&mut self, now: &GroupConfiguration, later: &GroupConfiguration) {
        for service in &self.framework.services {
            let find = |of: &'_ GroupConfiguration| -> Option<Unit> {
                let own = |unit: &&Unit| unit.framework == self.framework.name && unit.service == service.name;
                of.units.iter().find(own).cloned()
            };
            match (find(now), find(later)) {
                (Some(now), Some(later)) if now != later => self.unit(service, &now, &later),
                (Some(_), None) | (None, Some(_)) => {
                    let what = format!("`service \"{}\"`", service.name);
                    self.add(what, service.when.iter().collect(), service.origin);
                }
                _ => {}
            }
        }
    }

    fn unit(&mut self, service: &'f ServiceDeclaration, now: &Unit, later: &Unit) {
        let what = |name: &str| format!("`{name}` of `service \"{}\"`", service.name);
        if now.exec != later.exec {
            self.add(what("exec"), service.exec.iter().collect(), service.origin);
        }
        if now.memory_mib != later.memory_mib {
            self.add(what("memory"), vec![&service.memory], service.origin);
        }
        if now.kill_mode != later.kill_mode {
            self.add(what("kill_mode"), service.kill_mode.iter().collect(), service.origin);
        }
        if now.success_exit_status != later.success_exit_status {
            self.add(what("success_exit_status"), service.success_exit_status.iter().collect(), service.origin);
        }
        for (name, expression) in &service.environment {
            if now.environment.get(name) != later.environment.get(name) {
                self.add(what(&format!("environment.{name}")), vec![expression], service.origin);
            }
        }
        for (name, expression) in &service.options {
            if now.options.get(name) != later.options.get(name) {
                self.add(what(&format!("options.{name}")), vec![expression], service.origin);
            }
        }
        if now.needs_step != later.needs_step {
            let steps = self.framework.steps.iter().filter_map(|step| step.when.as_ref());
            self.add(what("needs_step"), steps.collect(), service.origin);
        }
        if now.after != later.after {
            let others = self.framework.services.iter().filter_map(|other| other.when.as_ref());
            self.add(what("after"), others.collect(), service.origin);
        }
    }

    fn probes(&mut self, now: &GroupConfiguration, later: &GroupConfiguration) {
        for service in &self.framework.services {
            let Some(Readiness::Command { command, .. }) = &service.ready else { continue };
            let find = |of: &'_ GroupConfiguration| {
                of.probes.iter().find(|probe| probe.name == service.description).map(|probe| probe.kind.clone())
            };
            if let (Some(now), Some(later)) = (find(now), find(later))
                && now != later
            {
                self.add(format!("`ready` of `service \"{}\"`", service.name), vec![command], service.origin);
            }
        }
    }

    /// Steps of nodes and those before services start: the others stand on no node.
    fn steps(&mut self, now: &[ClusterStep], later: &[ClusterStep]) {
        for step in &self.framework.steps {
            let find = |of: &'_ [ClusterStep]| {
                let own = |one: &&ClusterStep| one.framework == self.framework.name && one.name == step.name;
                of.iter().find(own).map(|one| one.action.clone())
            };
            match (find(now), find(later)) {
                (Some(now), Some(later)) if now != later => {
                    self.add(format!("`action` of `step \"{}\"`", step.name), vec![&step.action], step.origin);
                }
                (Some(_), None) | (None, Some(_)) => {
                    self.add(format!("`step \"{}\"`", step.name), step.when.iter().collect(), step.origin);
                }
                _ => {}
            }
        }
    }
}
