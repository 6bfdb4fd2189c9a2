use std::io::{self, Write};

use clap::ValueEnum;
use toml::{Table, Value};

use super::choices::Choices;
use crate::{lint::Severity, source, workspace::Workspace};

/// The files that would be linted, one a line: as what form, in which deployments, and why. Behind them what is left out.
pub(super) fn files(input: &mut Workspace, out: &mut dyn Write) -> io::Result<()> {
    input.decisions.sort_by(|a, b| (a.form.is_none(), &a.path).cmp(&(b.form.is_none(), &b.path)));
    for decision in &input.decisions {
        let names = match decision.deployments.as_slice() {
            [one] if *one == decision.path => String::new(),
            names => names.iter().map(|name| format!(", in {name}")).collect(),
        };
        let line = format!("{}: {}{names}: {}", decision.path, decision.form.unwrap_or("left out"), decision.why);
        writeln!(out, "{}", line.replace(crate::text::is_unprintable, "\u{fffd}"))?;
    }
    Ok(())
}

/// What holds for each set of files, flags included.
pub(super) fn show(choices: &Choices, input: &Workspace, out: &mut dyn Write) -> io::Result<()> {
    let mut groups = input.groups.iter().peekable();
    while let Some(group) = groups.next() {
        let settings = &group.settings.settings;
        let path = group.settings.path.as_deref().map_or("none".to_string(), source::relative);
        writeln!(out, "# settings: {}", path.replace(crate::text::is_unprintable, "\u{fffd}"))?;
        let mut table = Table::new();
        let releases: std::collections::BTreeSet<_> = group.deployments.iter().map(|one| one.release).collect();
        let names = |items: &mut dyn Iterator<Item = String>| Value::Array(items.map(Value::String).collect());
        match releases.first().filter(|_| releases.len() == 1) {
            Some(release) => table.insert("release".into(), release.name().into()),
            None => table.insert("releases".into(), names(&mut releases.iter().map(|r| r.name().to_string()))),
        };
        if let Some(root) = group.root() {
            table.insert("root".into(), source::relative(root).into());
        }
        if let Some(new_install) = group.host.new_install {
            table.insert("new-install".into(), new_install.into());
        }
        let python = if group.host.python == crate::nas::Python::Two { 2 } else { 3 };
        table.insert("python".into(), python.into());
        table.insert("pedantic".into(), (choices.pedantic || settings.pedantic.unwrap_or(false)).into());
        table.insert("preview".into(), choices.asked().preview(group).into());
        let fail_on = choices.asked().threshold(group).to_possible_value().map(|value| value.get_name().to_string());
        table.insert("fail-on".into(), fail_on.unwrap_or_default().into());
        let rules = choices.asked().chosen(group);
        table.insert("rules".into(), names(&mut rules.iter().map(|rule| rule.id.to_string())));
        let severities = settings.severities.iter();
        let severities: Table = severities
            .map(|(name, severity): (_, &Severity)| (name.get_ref().clone(), severity.name().into()))
            .collect();
        if !severities.is_empty() {
            table.insert("severities".into(), Value::Table(severities));
        }
        let mut policies: Vec<Value> = Vec::new();
        for deployment in &group.deployments {
            let policy = Value::try_from(&deployment.nas_policy).map_err(io::Error::other)?;
            if !policies.contains(&policy) {
                policies.push(policy);
            }
        }
        match <[Value; 1]>::try_from(policies) {
            Ok([policy]) => table.insert("nas-policy".into(), policy),
            Err(policies) => table.insert("nas-policies".into(), Value::Array(policies)),
        };
        let exclude = settings.exclude.iter().map(|glob| glob.get_ref().clone());
        table.insert("exclude".into(), names(&mut exclude.into_iter()));
        table.insert("require-suppression-reason".into(), settings.require_suppression_reason.into());
        let drivers = group.settings.drivers.iter().map(|one| one.class.clone());
        table.insert("drivers".into(), names(&mut drivers.into_iter()));
        let mut forbidden: Vec<String> = group.settings.forbidden.iter().cloned().collect();
        forbidden.sort();
        table.insert("not-suppressible".into(), names(&mut forbidden.into_iter()));
        write!(out, "{}", toml::to_string(&table).map_err(io::Error::other)?)?;
        for deployment in &group.deployments {
            let files: Vec<&str> = deployment.layers.iter().map(|&id| input.files.get(id).relative.as_str()).collect();
            writeln!(out, "# {}: {}", deployment.release.name(), files.join(", "))?;
        }
        if groups.peek().is_some() {
            writeln!(out)?;
        }
    }
    Ok(())
}
