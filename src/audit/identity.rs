//! Whose rights count: cinder's, qemu's, and those that were asked for.
//!
//! Sources: libvirt 10.0 `src/qemu/qemu.conf.in` (user, group, dynamic_ownership, remember_owner) and
//! `virSecurityDACSetProcessLabel` (supplementary groups of the user), systemd.exec(5) (User, Group, SupplementaryGroups).

use std::collections::BTreeMap;

use ini::Ini;

use super::{
    access::Ids,
    domains::Domain,
    here::Here,
    model::{Identity, Qemu, Role},
    process::{Process, Program},
    sos,
};
use crate::message::Message;

/// The host's users and groups by their files; what only a directory service knows is not there.
#[derive(Debug, Default)]
pub struct Accounts {
    users: BTreeMap<String, (u32, u32)>,
    groups: BTreeMap<String, (u32, Vec<String>)>,
    /// Of several names for a number, the first in the file, as `getpwuid(3)` answers.
    user_names: BTreeMap<u32, String>,
    group_names: BTreeMap<u32, String>,
}

impl Accounts {
    /// Reads `/etc/passwd` and `/etc/group`.
    pub fn read(here: &Here<'_>) -> Self {
        let mut accounts = Self::default();
        let names = "the names of users and groups, and who is in which group";
        for line in sos::accounts(here, "passwd", names).lines() {
            let fields: Vec<&str> = line.split(':').collect();
            if let [name, _, uid, gid, ..] = fields[..]
                && let (Ok(uid), Ok(gid)) = (uid.parse(), gid.parse())
            {
                accounts.users.entry(name.into()).or_insert((uid, gid));
                accounts.user_names.entry(uid).or_insert_with(|| name.into());
            }
        }
        for line in sos::accounts(here, "group", names).lines() {
            let fields: Vec<&str> = line.split(':').collect();
            if let [name, _, gid, members, ..] = fields[..]
                && let Ok(gid) = gid.parse()
            {
                let members = members.split(',').filter(|member| !member.is_empty()).map(str::to_string).collect();
                accounts.groups.entry(name.into()).or_insert((gid, members));
                accounts.group_names.entry(gid).or_insert_with(|| name.into());
            }
        }
        accounts
    }

    /// Adds those of a container; what is known stays.
    pub fn merge(&mut self, other: Self) {
        for (name, user) in other.users {
            self.users.entry(name).or_insert(user);
        }
        for (name, group) in other.groups {
            self.groups.entry(name).or_insert(group);
        }
        for (uid, name) in other.user_names {
            self.user_names.entry(uid).or_insert(name);
        }
        for (gid, name) in other.group_names {
            self.group_names.entry(gid).or_insert(name);
        }
    }

    /// The name of a user, else the number.
    pub fn user(&self, uid: u32) -> String {
        self.user_names.get(&uid).cloned().unwrap_or_else(|| uid.to_string())
    }

    /// The name of a group, else the number.
    pub fn group(&self, gid: u32) -> String {
        self.group_names.get(&gid).cloned().unwrap_or_else(|| gid.to_string())
    }

    /// The number of a user: its name, or the number itself, with libvirt's `+` in front or not.
    pub fn uid(&self, text: &str) -> Option<u32> {
        self.users.get(text).map(|(uid, _)| *uid).or_else(|| number(text))
    }

    /// The number of a group.
    pub fn gid(&self, text: &str) -> Option<u32> {
        self.groups.get(text).map(|(gid, _)| *gid).or_else(|| number(text))
    }

    /// A user with these groups, and all that the group file puts the user in.
    pub fn ids(&self, user: &str, group: Option<&str>) -> Option<Ids> {
        let uid = self.uid(user)?;
        let by_number = || self.users.get_key_value(self.user_names.get(&uid)?);
        let entry = self.users.get_key_value(user).or_else(by_number);
        let primary = match group {
            Some(group) => self.gid(group)?,
            None => entry.map(|(_, (_, gid))| *gid)?,
        };
        let name = entry.map(|(name, _)| name.as_str());
        let member = self.groups.values().filter(|(_, members)| members.iter().any(|one| Some(one.as_str()) == name));
        let mut more: Vec<u32> = member.map(|(gid, _)| *gid).filter(|gid| *gid != primary).collect();
        more.sort_unstable();
        more.dedup();
        Some(Ids { uid, gids: std::iter::once(primary).chain(more).collect() })
    }

    /// What libvirt's DAC label gives a guest's qemu: the user, the group, and the groups that the user is in.
    pub fn labelled(&self, label: &str) -> Option<Ids> {
        let (user, group) = label.split_once(':')?;
        self.ids(user, Some(group))
    }

    /// `USER[:GROUP[,GROUP…]]`, names or numbers. Groups that are named are all that there are.
    ///
    /// # Errors
    /// A name that the host's files do not have.
    pub fn parse(&self, text: &str) -> Result<Ids, Message> {
        let unknown = |what: &str, name: &str| {
            Message::from(format!("no {what} `{name}` in the host's files")).help("write its number")
        };
        let Some((user, groups)) = text.split_once(':') else {
            return self
                .ids(text, None)
                .or_else(|| number(text).map(|uid| Ids { uid, gids: vec![uid] }))
                .ok_or_else(|| unknown("user", text));
        };
        let uid = self.uid(user).ok_or_else(|| unknown("user", user))?;
        let groups = groups.split(',').filter(|group| !group.is_empty());
        let gids = groups.map(|group| self.gid(group).ok_or_else(|| unknown("group", group)));
        let gids = gids.collect::<Result<Vec<u32>, Message>>()?;
        if gids.is_empty() {
            return Err(format!("`{text}` names no group after the colon").into());
        }
        Ok(Ids { uid, gids })
    }
}

fn number(text: &str) -> Option<u32> {
    text.strip_prefix('+').unwrap_or(text).parse().ok()
}

/// What `/etc/libvirt/qemu.conf` says; none where it is not there.
pub fn qemu_conf(here: &Here<'_>) -> Option<Qemu> {
    here.text("/etc/libvirt/qemu.conf", "as whom qemu runs").map(|text| read_qemu_conf(&text))
}

/// What is kept of `qemu.conf` when a host is collected: the same as is read of it, and no password of VNC.
pub(super) fn kept_of_qemu_conf(text: &str) -> String {
    let Qemu { user, group, dynamic_ownership, remember_owner } = read_qemu_conf(text);
    let named = [("user", user), ("group", group)];
    let named = named.into_iter().filter_map(|(key, value)| {
        let quote = if value.as_ref()?.contains('"') { '\'' } else { '"' };
        Some(format!("{key} = {quote}{}{quote}\n", value?))
    });
    let flags = [("dynamic_ownership", dynamic_ownership), ("remember_owner", remember_owner)];
    let flags = flags.into_iter().map(|(key, on)| format!("{key} = {}\n", u8::from(on)));
    named.chain(flags).collect()
}

fn read_qemu_conf(text: &str) -> Qemu {
    let mut qemu = Qemu { user: None, group: None, dynamic_ownership: true, remember_owner: true };
    for line in text.lines() {
        let Some((key, value)) = line.trim().split_once('=') else { continue };
        let value = value.split('#').next().unwrap_or_default().trim();
        let quoted = value.strip_prefix(['"', '\'']).and_then(|rest| rest.split(['"', '\'']).next());
        let value = quoted.unwrap_or(value);
        match key.trim() {
            "user" => qemu.user = Some(value.to_string()),
            "group" => qemu.group = Some(value.to_string()),
            "dynamic_ownership" => qemu.dynamic_ownership = value != "0",
            "remember_owner" => qemu.remember_owner = value != "0",
            _ => {}
        }
    }
    qemu
}

/// What is kept of a unit file when a host is collected: as whom the service runs, and none of its environment.
pub(super) fn kept_of_unit(text: &str) -> String {
    let Ok(unit) = Ini::load_from_str_noescape(text) else { return super::services::UNREADABLE.into() };
    let Some(service) = unit.section(Some("Service")) else { return String::new() };
    let mut kept = String::from("[Service]\n");
    for key in ["User", "Group"] {
        kept.extend(service.get(key).map(|value| format!("{key}={value}\n")));
    }
    kept.extend(service.get_all("SupplementaryGroups").map(|value| format!("SupplementaryGroups={value}\n")));
    kept
}

/// Where unit files lie, the one that takes effect first.
const UNITS: [&str; 4] =
    ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

/// The identities of a host, at most 64.
///
/// # Errors
/// What is wrong with one that was asked for.
pub fn find(
    here: &Here<'_>,
    accounts: &Accounts,
    qemu: Option<&Qemu>,
    processes: &[Process],
    domains: &[Domain],
    wanted: &[String],
) -> Result<Vec<(Identity, Ids)>, Message> {
    let mut found: Vec<(Identity, Ids)> = Vec::new();
    let mut add = |role: Role, ids: Ids, from: String| {
        if found.iter().any(|(known, known_ids)| known.role == role && *known_ids == ids) {
            return;
        }
        let groups: Vec<String> = ids.gids.iter().map(|gid| accounts.group(*gid)).collect();
        let label = format!("{}:{}", accounts.user(ids.uid), groups.join(","));
        let identity = Identity { label, role, uid: ids.uid, gids: ids.gids.clone(), from };
        found.push((identity, ids));
    };
    for text in wanted {
        add(Role::Asked, accounts.parse(text)?, "--as".into());
    }
    let running = |program| processes.iter().filter(move |process| process.program == program);
    for process in running(Program::CinderVolume) {
        if let Some(ids) = &process.ids {
            add(Role::Cinder, ids.clone(), format!("running cinder-volume, process {}", process.pid));
        }
    }
    if running(Program::CinderVolume).next().is_none()
        && let Some((ids, from)) = cinder(here, accounts)
    {
        add(Role::Cinder, ids, from);
    }
    for process in running(Program::Qemu) {
        if let Some(ids) = &process.ids {
            add(Role::Qemu, ids.clone(), format!("running qemu, process {}", process.pid));
        }
    }
    for domain in domains.iter().filter(|domain| domain.running) {
        if let Some(ids) = domain.label.as_deref().and_then(|label| accounts.labelled(label)) {
            add(Role::Qemu, ids, format!("libvirt's label of {}", domain.name));
        }
    }
    let by_conf = qemu.and_then(|conf| {
        let user = conf.user.as_deref()?;
        accounts.ids(user, conf.group.as_deref()).map(|ids| (ids, "/etc/libvirt/qemu.conf".to_string()))
    });
    let by_default = || {
        let known = |name: &&str| accounts.users.contains_key(*name);
        let user = ["qemu", "libvirt-qemu"].into_iter().find(known)?;
        let group = qemu.and_then(|conf| conf.group.as_deref());
        accounts.ids(user, group).map(|ids| (ids, format!("libvirt's default user, {user}")))
    };
    match by_conf.or_else(by_default) {
        Some((ids, from)) => add(Role::Qemu, ids, from),
        None if running(Program::Qemu).next().is_none() && wanted.is_empty() => here.not_seen(
            "qemu's user",
            "no qemu.conf, no qemu user and no running qemu on this host",
            "whether guests can open the files; name the compute hosts' user with --as USER:GROUP",
        ),
        None => {}
    }
    if found.len() > 64 {
        here.not_seen(
            "identities",
            format!("{} of them; only 64 are checked", found.len()),
            "what the others can open",
        );
        found.truncate(64);
    }
    Ok(found)
}

/// As whom cinder-volume would run: by its unit file, else the user `cinder`.
fn cinder(here: &Here<'_>, accounts: &Accounts) -> Option<(Ids, String)> {
    let mut user = None;
    let mut group = None;
    let mut more: Vec<String> = Vec::new();
    let mut from = String::new();
    for name in ["cinder-volume.service", "openstack-cinder-volume.service"] {
        let unit = UNITS.iter().map(|folder| format!("{folder}/{name}"));
        let Some((path, text)) =
            unit.filter_map(|path| Some((path.clone(), here.text(&path, "as whom cinder-volume runs")?))).next()
        else {
            continue;
        };
        let mut texts = vec![(path, text)];
        for folder in UNITS.iter().rev() {
            let folder = format!("{folder}/{name}.d");
            for file in here.list(&folder, "as whom cinder-volume runs") {
                let path = format!("{folder}/{file}");
                texts.extend(here.text(&path, "as whom cinder-volume runs").map(|text| (path.clone(), text)));
            }
        }
        for (path, text) in texts {
            let Ok(unit) = Ini::load_from_str_noescape(&text) else {
                here.not_seen(path, "is not a readable unit file", "as whom cinder-volume runs");
                continue;
            };
            let Some(service) = unit.section(Some("Service")) else { continue };
            if let Some(value) = service.get("User") {
                user = Some(value.to_string());
                from.clone_from(&path);
            }
            if let Some(value) = service.get("Group") {
                group = Some(value.to_string());
            }
            for value in service.get_all("SupplementaryGroups") {
                more.extend(value.split_whitespace().map(str::to_string));
            }
        }
    }
    let name = user.as_deref().unwrap_or("cinder");
    if user.is_none() && !accounts.users.contains_key("cinder") {
        return None;
    }
    let mut ids = accounts.ids(name, group.as_deref())?;
    ids.gids.extend(more.iter().filter_map(|group| accounts.gid(group)));
    Some((ids, if from.is_empty() { "the user cinder in /etc/passwd".into() } else { from }))
}
