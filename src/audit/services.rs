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
                    here.not_seen(file, "is no INI file that can be read", "how names of owners are mapped");
                }
                ini
            });
        }
        let value = read.as_ref().and_then(|ini| {
            let same = |name: Option<&str>| name.is_some_and(|name| name.trim().eq_ignore_ascii_case(section));
            let (_, properties) = ini.iter().find(|(name, _)| same(*name))?;
            properties
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(key))
                .map(|(_, value)| value.trim().to_string())
        });
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
