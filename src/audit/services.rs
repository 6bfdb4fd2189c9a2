//! NFS settings of the host that change who owns what: idmapd.conf(5), nfsmount.conf(5), nfs.conf(5).

use ini::Ini;

use super::{here::Here, model::Setting};

/// File, section and key of what matters.
const WANTED: [(&str, &str, &str); 9] = [
    ("/etc/idmapd.conf", "General", "Domain"),
    ("/etc/idmapd.conf", "General", "Local-Realms"),
    ("/etc/idmapd.conf", "Mapping", "Nobody-User"),
    ("/etc/idmapd.conf", "Mapping", "Nobody-Group"),
    ("/etc/nfsmount.conf", "NFSMount_Global_Options", "Soft"),
    ("/etc/nfsmount.conf", "NFSMount_Global_Options", "Sec"),
    ("/etc/nfsmount.conf", "NFSMount_Global_Options", "Defaultvers"),
    ("/etc/nfs.conf", "gssd", "use-gss-proxy"),
    ("/etc/nfs.conf", "nfsd", "vers4"),
];

/// Reads them, and whether the kernel's client maps names at all.
pub fn find(here: &Here<'_>) -> Vec<Setting> {
    let mut found = Vec::new();
    let mut last = None;
    let mut read: Option<Ini> = None;
    for (file, section, key) in WANTED {
        if last != Some(file) {
            last = Some(file);
            read = here.text(file, "how names of owners are mapped, and how shares are mounted").and_then(|text| {
                let ini = Ini::load_from_str_noescape(&text).ok();
                if ini.is_none() {
                    here.not_seen(file, "is not a readable INI file", "how names of owners are mapped");
                }
                ini
            });
        }
        let value = read.as_ref().and_then(|ini| value(ini, section, key));
        found.extend(value.map(|value| Setting { file: file.into(), name: key.into(), value }));
    }
    let parameter = "/sys/module/nfs/parameters/nfs4_disable_idmapping";
    if let Some(value) = here.text(parameter, "whether names of owners are mapped") {
        found.push(Setting {
            file: parameter.into(),
            name: "nfs4_disable_idmapping".into(),
            value: value.trim().into(),
        });
    }
    found
}

/// The text of a file that is no INI file.
pub(super) const UNREADABLE: &str = "[";

/// Whether a file is one of those that are read here.
pub(super) fn is_read(path: &str) -> bool {
    WANTED.iter().any(|(file, ..)| *file == path)
}

/// What is kept of such a file when a host is collected: the settings that are read.
pub(super) fn kept(path: &str, text: &str) -> String {
    let Ok(ini) = Ini::load_from_str_noescape(text) else { return UNREADABLE.into() };
    let wanted = WANTED.iter().filter(|(file, ..)| *file == path);
    let line = |(_, section, key): &(&str, &str, &str)| {
        Some(format!("[{section}]\n{key} = {}\n", crate::secrets::cover_value(key, &value(&ini, section, key)?)))
    };
    let mut sections: Vec<(&str, String)> = Vec::new();
    for (one, line) in wanted.filter_map(|one| Some((one.1, line(one)?))) {
        match sections.iter_mut().find(|(section, _)| *section == one) {
            Some((_, text)) => text.push_str(line.split_once('\n').map_or("", |(_, line)| line)),
            None => sections.push((one, line)),
        }
    }
    sections.into_iter().map(|(_, text)| text).collect()
}

fn value(ini: &Ini, section: &str, key: &str) -> Option<String> {
    let same = |name: Option<&str>| name.is_some_and(|name| name.trim().eq_ignore_ascii_case(section));
    let (_, properties) = ini.iter().find(|(name, _)| same(*name))?;
    properties.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.trim().to_string())
}
