//! How each driver treats `nas_secure_file_operations` and `nas_secure_file_permissions`.
//!
//! Source: the `do_setup` chain of every class that derives from `RemoteFSDriver`, release by release.

use crate::catalog::Release;

/// What a driver makes of the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// `auto` is decided by the indicator file on the first share, and by whether the volume database is empty.
    Indicator,
    /// The same, but commands run as root whatever was decided.
    IndicatorAsRoot,
    /// `auto` means `false`.
    AutoIsFalse,
    /// `auto` means `true`.
    AutoIsTrue,
    /// The configured values are replaced by `true`.
    ForcedTrue,
    /// The values are checked, but nothing resolves `auto`: it acts as `false`.
    Unresolved,
    /// Nothing checks or resolves the values: only the exact text `true` counts.
    Unvalidated,
    /// As `Unvalidated`; files are made on the GPFS node with mode 0660 whatever the option says.
    Gpfs,
    /// A driver that does not read the pair.
    NotNas,
    /// A class that is not part of Cinder.
    Unknown,
}

impl Family {
    /// The names in the JSON and in rules, in the order of the variants.
    pub const NAMES: [&str; 10] = [
        "indicator",
        "indicator-as-root",
        "auto-is-false",
        "auto-is-true",
        "forced-true",
        "unresolved",
        "unvalidated",
        "gpfs",
        "not-nas",
        "unknown",
    ];

    /// Its name in the JSON and in rules.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Whether the driver runs the checks and decisions of `NfsDriver.do_setup`; from Ocata on it checks there whether
    /// snapshots can be had.
    pub fn is_nfs_chain(self) -> bool {
        matches!(self, Self::Indicator | Self::IndicatorAsRoot)
    }
}

/// Where a driver's list of shares comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareSource {
    /// `nas_host` and `nas_share_path`, else the file that this option names.
    PairOrFile(&'static str),
    /// Always the file that this option names.
    File(&'static str),
    /// `nas_host` and `nas_share_path` only.
    Pair,
    /// Not from NFS options.
    Elsewhere,
}

/// What is peculiar to one class.
#[derive(Clone, Copy, Debug)]
pub struct NasDriver {
    /// How it treats the pair.
    pub family: Family,
    /// Whether `RemoteFSDriver.do_setup` checks the values before they are used.
    pub validates: bool,
    /// Where its shares come from.
    pub shares: ShareSource,
    /// The option that holds the base of its mount points.
    pub base: &'static str,
    /// How lines of its shares file look.
    pub lines: ShareLines,
}

/// How lines of a shares file are cut (`_load_shares_config` of the class).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareLines {
    /// `host:/export [-o options]`, cut at the first space.
    Plain,
    /// `host:/export url [options]`, cut at white space (NexentaStor4).
    Nexenta,
    /// `//host/share [options]`.
    Smb,
    /// As `Plain`, but `host:/` may be exported (Coho).
    Coho,
    /// `[host:/]cluster[:password] json-options`.
    Virtuozzo,
}

const NFS: NasDriver = NasDriver {
    family: Family::Indicator,
    validates: true,
    shares: ShareSource::PairOrFile("nfs_shares_config"),
    base: "nfs_mount_point_base",
    lines: ShareLines::Plain,
};

const UNVALIDATED: NasDriver = NasDriver { family: Family::Unvalidated, validates: false, ..NFS };

const SMB: NasDriver = NasDriver {
    shares: ShareSource::PairOrFile("smbfs_shares_config"),
    base: "smbfs_mount_point_base",
    lines: ShareLines::Smb,
    ..UNVALIDATED
};

const QUOBYTE: NasDriver =
    NasDriver { family: Family::AutoIsFalse, shares: ShareSource::Elsewhere, base: "quobyte_mount_point_base", ..NFS };

type Row = (&'static str, Release, Release, NasDriver);

const KILO: Release = Release::KILO;
const LIBERTY: Release = Release::LIBERTY;
const MITAKA: Release = Release::MITAKA;
const NEWTON: Release = Release::NEWTON;
const OCATA: Release = Release::OCATA;
const PIKE: Release = Release::PIKE;
const ROCKY: Release = Release::ROCKY;
const STEIN: Release = Release::STEIN;
const TRAIN: Release = Release::TRAIN;
const NEWEST: Release = Release::NEWEST;
const ZED: Release = Release::ZED;
const R2025_2: Release = Release::R2025_2;
const R2026_1: Release = Release::R2026_1;

/// Every class of Cinder that derives from `RemoteFSDriver`, and `GPFSNFSDriver`.
const DRIVERS: &[Row] = &[
    ("cinder.volume.drivers.nfs.NfsDriver", KILO, NEWEST, NFS),
    ("cinder.volume.drivers.netapp.dataontap.nfs_cmode.NetAppCmodeNfsDriver", KILO, NEWEST, NFS),
    ("cinder.volume.drivers.netapp.dataontap.nfs_7mode.NetApp7modeNfsDriver", KILO, PIKE, NFS),
    ("cinder.volume.drivers.dell_emc.powerstore.nfs.PowerStoreNFSDriver", ZED, NEWEST, NFS),
    (
        "cinder.volume.drivers.nexenta.nfs.NexentaNfsDriver",
        MITAKA,
        NEWEST,
        NasDriver {
            shares: ShareSource::File("nexenta_shares_config"),
            base: "nexenta_mount_point_base",
            lines: ShareLines::Nexenta,
            ..NFS
        },
    ),
    (
        "cinder.volume.drivers.nexenta.ns5.nfs.NexentaNfsDriver",
        MITAKA,
        NEWEST,
        NasDriver { shares: ShareSource::Pair, base: "nexenta_mount_point_base", ..UNVALIDATED },
    ),
    ("cinder.volume.drivers.veritas_cnfs.VeritasCNFSDriver", PIKE, NEWEST, NFS),
    ("cinder.volume.drivers.tintri.TintriDriver", LIBERTY, STEIN, NFS),
    (
        "cinder.volume.drivers.coho.CohoDriver",
        MITAKA,
        PIKE,
        NasDriver { family: Family::IndicatorAsRoot, lines: ShareLines::Coho, ..NFS },
    ),
    ("cinder.volume.drivers.ibm.ibmnas.IBMNAS_NFSDriver", KILO, LIBERTY, NFS),
    (
        "cinder.volume.drivers.ibm.gpfs.GPFSNFSDriver",
        LIBERTY,
        NEWEST,
        NasDriver { family: Family::Gpfs, ..UNVALIDATED },
    ),
    ("cinder.volume.drivers.hds.nfs.HDSNFSDriver", KILO, PIKE, UNVALIDATED),
    ("cinder.volume.drivers.hitachi.hnas_nfs.HDSNFSDriver", LIBERTY, PIKE, UNVALIDATED),
    ("cinder.volume.drivers.hitachi.hnas_nfs.HNASNFSDriver", NEWTON, PIKE, UNVALIDATED),
    (
        "cinder.volume.drivers.zfssa.zfssanfs.ZFSSANFSDriver",
        KILO,
        TRAIN,
        NasDriver { shares: ShareSource::Elsewhere, ..UNVALIDATED },
    ),
    (
        "cinder.volume.drivers.quobyte.QuobyteDriver",
        KILO,
        LIBERTY,
        NasDriver { family: Family::ForcedTrue, validates: false, ..QUOBYTE },
    ),
    ("cinder.volume.drivers.quobyte.QuobyteDriver", MITAKA, ROCKY, NasDriver { family: Family::AutoIsTrue, ..QUOBYTE }),
    ("cinder.volume.drivers.quobyte.QuobyteDriver", STEIN, NEWEST, QUOBYTE),
    (
        "cinder.volume.drivers.vzstorage.VZStorageDriver",
        LIBERTY,
        NEWEST,
        NasDriver {
            family: Family::ForcedTrue,
            shares: ShareSource::PairOrFile("vzstorage_shares_config"),
            base: "vzstorage_mount_point_base",
            lines: ShareLines::Virtuozzo,
            ..NFS
        },
    ),
    (
        "cinder.volume.drivers.glusterfs.GlusterfsDriver",
        KILO,
        NEWTON,
        NasDriver {
            family: Family::Unresolved,
            shares: ShareSource::PairOrFile("glusterfs_shares_config"),
            base: "glusterfs_mount_point_base",
            ..NFS
        },
    ),
    (
        "cinder.volume.drivers.scality.ScalityDriver",
        LIBERTY,
        NEWTON,
        NasDriver { family: Family::Unresolved, shares: ShareSource::Elsewhere, ..NFS },
    ),
    ("cinder.volume.drivers.smbfs.SmbfsDriver", KILO, OCATA, SMB),
    ("cinder.volume.drivers.windows.smbfs.WindowsSmbfsDriver", KILO, OCATA, SMB),
    (
        "cinder.volume.drivers.windows.smbfs.WindowsSmbfsDriver",
        PIKE,
        R2025_2,
        NasDriver { family: Family::Unresolved, validates: true, ..SMB },
    ),
    (
        "cinder.volume.drivers.vmstore.nfs.VmstoreNfsDriver",
        R2026_1,
        NEWEST,
        NasDriver { shares: ShareSource::Pair, base: "vmstore_mount_point_base", ..UNVALIDATED },
    ),
];

/// The class that stands for several: which one it makes depends on `netapp_storage_protocol` and `_family`.
pub const NETAPP_PROXY: &str = "cinder.volume.drivers.netapp.common.NetAppDriver";

/// What a class does with the pair in a release; none for classes that are not NAS drivers there.
pub fn nas_driver(path: &str, release: Release) -> Option<NasDriver> {
    DRIVERS
        .iter()
        .find(|(name, first, last, _)| *name == path && *first <= release && release <= *last)
        .map(|(.., driver)| *driver)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quobyte_changes_twice() {
        let family = |release: &str| {
            nas_driver("cinder.volume.drivers.quobyte.QuobyteDriver", release.parse().unwrap()).map(|d| d.family)
        };
        assert_eq!(family("liberty"), Some(Family::ForcedTrue));
        assert_eq!(family("mitaka"), Some(Family::AutoIsTrue));
        assert_eq!(family("rocky"), Some(Family::AutoIsTrue));
        assert_eq!(family("stein"), Some(Family::AutoIsFalse));
        let base = nas_driver("cinder.volume.drivers.quobyte.QuobyteDriver", Release::NEWEST).map(|driver| driver.base);
        assert_eq!(base, Some("quobyte_mount_point_base"));
    }
}
