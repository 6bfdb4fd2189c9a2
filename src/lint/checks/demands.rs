//! What a driver demands before it talks to its storage, and the files do not give it.

use std::borrow::Cow;

use super::{Attached, Candidate, Candidates, Context, SETTING, SETTING_PLACES, shown_value, yes};
use crate::{
    catalog::{self, Demand, Refused, Wanted, types},
    config::{Backend, Setting, Texts},
    nas::family::NETAPP_PROXY,
    vocabulary::{Fact, Finds, Kind},
};

/// What [`find`] hands to rules.
pub(super) static DEMANDS: Finds = Finds {
    check: "demands",
    meaning: "What a driver requires before it contacts its storage",
    kinds: &[
        Kind::new("missing", "an option without a value").facts(&[SETTING, FACTS]).places(&[SETTING_PLACES]),
        Kind::new("combination", "a value that is refused beside another one")
            .facts(&[SETTING, FACTS])
            .places(&[SETTING_PLACES]),
        Kind::new("value", "a value, or a default, that is refused").facts(&[SETTING, FACTS]).places(&[SETTING_PLACES]),
        Kind::new("key", "a value that lacks a part").facts(&[SETTING, FACTS]).places(&[SETTING_PLACES]),
        Kind::new("backup-missing", "an option of cinder-backup's driver without a value")
            .facts(&[SETTING, FACTS])
            .places(&[SETTING_PLACES]),
    ],
};
const FACTS: &[Fact] = &[
    Fact::text("raises", "the exception, with its text"),
    Fact::text("backend", "the name of the backend; empty: cinder-backup"),
    Fact::text("class", "the class of the driver"),
    Fact::text("state", "`empty` or `not set`"),
    Fact::text("given", "the option and value with which it is required; empty: always"),
    Fact::text("instead", "what may be set instead, in words"),
    Fact::text("allowed", "the values that do, or the keys that are missing"),
    Fact::text("has", "the value that the option has, in words"),
    Fact::flag("secret", "the option is a secret"),
    Fact::one_of("stops", &["false"], "another rule says what ends; not set: the backend ends with this"),
    Fact::flag("complete", "the files look like everything that the service reads"),
];

/// The options of one driver.
struct Options<'o, 'c, 'f> {
    context: &'o Context<'c, 'f>,
    /// Of a backend; none: of cinder-backup, which has them in `[DEFAULT]`.
    backend: Option<&'o Texts<'c, 'f>>,
}

/// `missing`: an option without a value, or with an empty one; `combination`: a value that the class refuses beside another one;
/// `value`: one that it always refuses; `key`: one that lacks a part; `backup-missing`: as `missing`, of cinder-backup's driver.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    let release = context.config.release;
    for backend in context.backends.iter().filter(|backend| backend.enabled && backend.group.is_some()) {
        let Some(driver) = catalog::driver(release, &backend.driver) else { continue };
        let texts = Texts::new(context.config, backend);
        let options = Options { context, backend: Some(&texts) };
        let demands = catalog::demands(release, driver.path())
            .chain(made_by(driver.path(), &texts).into_iter().flat_map(|made| catalog::demands(release, made)));
        let mut refused: Vec<Candidate> =
            demands.filter_map(|demand| options.refuse(demand, &backend.driver)).collect();
        if driver.is_unsupported(release) && !super::drivers::allows_unsupported(context, backend) {
            // Another rule says that it is never set up; this is what comes after that.
            for candidate in &mut refused {
                candidate.facts.insert("stops", "false".into());
            }
        }
        found.extend(refused);
    }
    let options = Options { context, backend: None };
    // A file without the option may well be that of a host without cinder-backup.
    let Some(driver) = options.setting("backup_driver").map(|setting| setting.value().into_owned()) else { return };
    found.extend(catalog::demands(release, &driver).filter_map(|demand| options.refuse(demand, &driver)));
}

/// The class that stands behind one that only chooses.
fn made_by(path: &str, texts: &Texts<'_, '_>) -> Option<&'static str> {
    let family = texts.get("netapp_storage_family");
    if path != NETAPP_PROXY || !family.known()?.eq_ignore_ascii_case("ontap_cluster") {
        return None;
    }
    match texts.get("netapp_storage_protocol").known()?.to_lowercase().as_str() {
        "fc" => Some("cinder.volume.drivers.netapp.dataontap.fc_cmode.NetAppCmodeFibreChannelDriver"),
        "iscsi" => Some("cinder.volume.drivers.netapp.dataontap.iscsi_cmode.NetAppCmodeISCSIDriver"),
        "nfs" => Some("cinder.volume.drivers.netapp.dataontap.nfs_cmode.NetAppCmodeNfsDriver"),
        "nvme" => Some("cinder.volume.drivers.netapp.dataontap.nvme_cmode.NetAppCmodeNVMeDriver"),
        _ => None,
    }
}

impl Options<'_, '_, '_> {
    fn setting(&self, option: &str) -> Option<Setting<'_>> {
        match self.backend {
            Some(texts) => texts.setting(option),
            None => {
                let config = self.context.config;
                config.known_setting(config.group("DEFAULT")?, &catalog::option(config.release, "DEFAULT", option)?)
            }
        }
    }

    /// What an option is, its default included; none: it cannot be known.
    fn value(&self, option: &str) -> Option<Cow<'_, str>> {
        match self.backend {
            Some(texts) => Some(texts.get(option).text.ok()?.unwrap_or_default()),
            None => {
                let config = self.context.config;
                if config.is_uncertain("DEFAULT", option) {
                    return None;
                }
                let row = catalog::option(config.release, "DEFAULT", option)?;
                Some(config.service_text("DEFAULT", &row).unwrap_or_default().into())
            }
        }
    }

    /// Whether an option is what is wanted; none: it cannot be known.
    fn is(&self, (option, value): Wanted) -> Option<bool> {
        let text = self.value(option)?;
        Some(match value {
            Some(value) => same(&text, value),
            None => !text.is_empty(),
        })
    }

    fn refuse(&self, demand: Demand, driver: &str) -> Option<Candidate> {
        if demand.given().is_some_and(|given| self.is(given) != Some(true)) {
            return None;
        }
        let value = self.value(demand.option())?;
        let setting = self.setting(demand.option());
        let (kind, wrong) = match demand.refused() {
            Refused::Missing => ("missing", value.is_empty()),
            Refused::Others => (
                if demand.given().is_some() { "combination" } else { "value" },
                !demand.allowed().any(|allowed| same(&value, allowed)),
            ),
            Refused::Pairs => ("value", !value.is_empty() && !value.split(',').all(is_pair)),
            Refused::Key => ("key", !value.is_empty() && demand.allowed().any(|key| !has_key(&value, key))),
        };
        if !wrong || demand.instead().any(|mut all| all.all(|wanted| self.is(wanted) != Some(false))) {
            return None;
        }
        let empty = setting.is_some();
        let given = demand.given().and_then(|(option, _)| self.setting(option));
        let (kind, about) = match self.backend {
            Some(texts) => (kind, Some(texts.backend)),
            None => (if kind == "missing" { "backup-missing" } else { return None }, None),
        };
        let setting = setting.or(given).or_else(|| if about.is_none() { self.setting("backup_driver") } else { None });
        let mut candidate = match &setting {
            Some(setting) => self.context.at_setting(kind, setting),
            None => self.at_header(kind, about?)?,
        };
        candidate.option = Some(demand.option().to_string());
        let allowed = match demand.refused() {
            Refused::Key => {
                listed(demand.allowed().filter(|key| !has_key(&value, key)).map(in_quotes).collect(), "and")
            }
            _ => listed(demand.allowed().map(in_quotes).collect(), "or"),
        };
        let has = match &setting {
            Some(_) => shown_value(demand.option(), &value),
            None => format!("not set, and its default is `{value}`"),
        };
        let backend = about.map(|backend| backend.name.to_string()).unwrap_or_default();
        candidate.facts.extend([
            ("raises", demand.raises().replace("{backend}", &backend)),
            ("backend", backend),
            ("class", driver.rsplit('.').next().unwrap_or_default().to_string()),
            ("state", if empty { "empty" } else { "not set" }.to_string()),
            ("given", demand.given().map(worded).unwrap_or_default()),
            ("instead", demand.instead_in_words()),
            ("allowed", allowed),
            ("has", has),
            ("secret", yes(catalog::is_secret_name(demand.option()))),
            ("complete", yes(crate::lint::facts::is_complete(self.context.config))),
        ]);
        Some(candidate)
    }

    fn at_header(&self, kind: &'static str, backend: &Backend) -> Option<Candidate> {
        let place = self.context.config.header_place(backend.group?)?;
        Some(Candidate { kind, place, section: Some(backend.name.to_string()), ..Candidate::default() })
    }
}

/// Whether two texts are one value: Booleans have several spellings.
fn same(text: &str, value: &str) -> bool {
    match types::as_bool(value) {
        Some(wanted) => types::as_bool(text) == Some(wanted),
        None => text.eq_ignore_ascii_case(value),
    }
}

/// Whether a text such as `backend_id:a,san_ip:b` names a key.
fn has_key(text: &str, key: &str) -> bool {
    text.split(',').any(|part| part.split(':').next().is_some_and(|name| name.trim() == key))
}

fn worded((option, value): Wanted) -> String {
    match value {
        Some(value) => format!("`{option} = {value}`"),
        None => format!("`{option}`"),
    }
}

/// Whether a text is two names with a colon between.
fn is_pair(text: &str) -> bool {
    text.matches(':').count() == 1
}

fn in_quotes(text: &str) -> String {
    format!("`{text}`")
}

/// `a, b or c`.
fn listed(mut items: Vec<String>, word: &str) -> String {
    match items.pop() {
        Some(last) if !items.is_empty() => format!("{} {word} {last}", items.join(", ")),
        last => last.unwrap_or_default(),
    }
}
