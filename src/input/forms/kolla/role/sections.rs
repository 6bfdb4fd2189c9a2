//! The sections that the role writes, by release.

/// What the role writes for an option.
pub(super) enum Value {
    /// This.
    Is(&'static str),
    /// The name of the section.
    Name,
    /// What this variable says, or else this.
    Of(&'static str, &'static str),
    /// Something of the site's.
    Site,
}

use Value::{Is, Name, Of, Site};

/// One option: the key, the value, and the first and last major version of kolla-ansible that write it.
pub(super) type Line = (&'static str, Value, u8, u8);

/// A section that the role writes.
pub(in super::super) struct Made {
    /// The variable that turns it on; off by default.
    pub(super) flag: &'static str,
    /// What the name of the variable with its name starts with (Zed and later).
    pub(super) prefix: &'static str,
    /// Its name by default.
    pub(super) name: &'static str,
    /// The first and the last major version that write it.
    pub(super) versions: (u8, u8),
    pub(super) lines: &'static [Line],
}

const END: u8 = u8::MAX;

const CEPH: [Line; 6] = [
    ("volume_driver", Is("cinder.volume.drivers.rbd.RBDDriver"), 4, END),
    ("volume_backend_name", Name, 4, END),
    ("rbd_pool", Site, 4, END),
    ("rbd_ceph_conf", Site, 4, END),
    ("rbd_user", Site, 4, END),
    ("rbd_secret_uuid", Site, 4, END),
];

pub(super) const SECTIONS: [Made; 15] = [
    Made {
        flag: "enable_cinder_backend_lvm",
        prefix: "cinder_backend_lvm",
        name: "lvm-1",
        versions: (4, END),
        lines: &[
            ("volume_group", Of("cinder_volume_group", "cinder-volumes"), 4, END),
            ("volume_driver", Is("cinder.volume.drivers.lvm.LVMVolumeDriver"), 4, END),
            ("volume_backend_name", Name, 4, END),
            // Under their old names until Rocky (7), which Queens and Rocky read as the new ones: it is not for a site to rename them.
            ("iscsi_helper", Site, 4, 5),
            ("iscsi_protocol", Is("iscsi"), 4, 5),
            ("target_helper", Site, 6, END),
            ("target_protocol", Is("iscsi"), 6, END),
        ],
    },
    Made {
        flag: "enable_cinder_backend_nfs",
        prefix: "cinder_backend_nfs",
        name: "nfs-1",
        versions: (4, END),
        lines: &[
            ("volume_driver", Is("cinder.volume.drivers.nfs.NfsDriver"), 4, END),
            ("volume_backend_name", Name, 4, END),
            ("nfs_shares_config", Is("/etc/cinder/nfs_shares"), 4, END),
            ("nfs_snapshot_support", Is("true"), 6, END),
            ("nas_secure_file_permissions", Is("false"), 7, END),
            ("nas_secure_file_operations", Is("false"), 7, END),
        ],
    },
    Made {
        flag: "enable_cinder_backend_hnas_iscsi",
        prefix: "cinder_backend_hnas_iscsi",
        name: "hnas-iscsi",
        versions: (4, 8),
        lines: &[
            ("volume_driver", Is("cinder.volume.drivers.hitachi.hnas_iscsi.HNASISCSIDriver"), 4, 8),
            ("volume_backend_name", Site, 4, 8),
        ],
    },
    Made {
        flag: "enable_cinder_backend_hnas_nfs",
        prefix: "cinder_backend_hnas_nfs",
        name: "hnas-nfs",
        versions: (4, 18),
        lines: &[
            ("volume_driver", Is("cinder.volume.drivers.hitachi.hnas_nfs.HNASNFSDriver"), 4, 18),
            ("nfs_shares_config", Is("/home/cinder/nfs_shares"), 4, 18),
            ("volume_backend_name", Site, 4, 18),
        ],
    },
    Made {
        flag: "cinder_backend_vmwarevc_vmdk",
        prefix: "cinder_backend_vmwarevc_vmdk",
        name: "vmwarevc-vmdk",
        versions: (5, 20),
        lines: &[
            ("volume_driver", Is("cinder.volume.drivers.vmware.vmdk.VMwareVcVmdkDriver"), 5, 20),
            ("vmware_host_ip", Site, 5, 20),
            ("vmware_host_username", Site, 5, 20),
            ("vmware_host_password", Site, 5, 20),
            ("volume_backend_name", Name, 5, 13),
        ],
    },
    Made {
        flag: "cinder_backend_vmware_vstorage_object",
        prefix: "cinder_backend_vmware_vstorage_object",
        name: "vmware-vstorage-object",
        versions: (14, 20),
        lines: &[
            ("volume_driver", Is("cinder.volume.drivers.vmware.fcd.VMwareVStorageObjectDriver"), 14, 20),
            ("vmware_host_ip", Site, 14, 20),
            ("vmware_host_username", Site, 14, 20),
            ("vmware_host_password", Site, 14, 20),
        ],
    },
    Made {
        flag: "enable_cinder_backend_zfssa_iscsi",
        prefix: "cinder_backend_zfssa_iscsi",
        name: "zfssa-iscsi",
        versions: (6, 9),
        lines: &[
            ("volume_driver", Is("cinder.volume.drivers.zfssa.zfssaiscsi.ZFSSAISCSIDriver"), 6, 9),
            ("volume_backend_name", Site, 6, 9),
        ],
    },
    Made {
        flag: "enable_cinder_backend_quobyte",
        prefix: "cinder_backend_quobyte",
        name: "QuobyteHD",
        versions: (8, END),
        lines: &[
            ("volume_driver", Is("cinder.volume.drivers.quobyte.QuobyteDriver"), 8, END),
            ("quobyte_volume_url", Site, 8, END),
        ],
    },
    Made {
        flag: "enable_cinder_backend_pure_iscsi",
        prefix: "cinder_backend_pure_iscsi",
        name: "Pure-FlashArray-iscsi",
        versions: (15, END),
        lines: &[
            ("volume_driver", Is("cinder.volume.drivers.pure.PureISCSIDriver"), 15, END),
            ("volume_backend_name", Of("pure_iscsi_backend", "pure_iscsi_backend"), 15, END),
            ("san_ip", Site, 15, END),
        ],
    },
    Made {
        flag: "enable_cinder_backend_pure_fc",
        prefix: "cinder_backend_pure_fc",
        name: "Pure-FlashArray-fc",
        versions: (15, END),
        lines: &[
            ("volume_driver", Is("cinder.volume.drivers.pure.PureFCDriver"), 15, END),
            ("volume_backend_name", Of("pure_fc_backend", "pure_fc_backend"), 15, END),
            ("san_ip", Site, 15, END),
        ],
    },
    Made {
        flag: "enable_cinder_backend_pure_roce",
        prefix: "cinder_backend_pure_roce",
        name: "Pure-FlashArray-roce",
        versions: (15, END),
        lines: &[
            ("volume_driver", Is("cinder.volume.drivers.pure.PureNVMEDriver"), 15, END),
            ("volume_backend_name", Site, 15, END),
            ("san_ip", Site, 15, END),
        ],
    },
    Made {
        flag: "enable_cinder_backend_pure_nvme_tcp",
        prefix: "cinder_backend_pure_nvme_tcp",
        name: "Pure-FlashArray-nvme-tcp",
        versions: (19, END),
        lines: &[
            ("volume_driver", Is("cinder.volume.drivers.pure.PureNVMEDriver"), 19, END),
            ("volume_backend_name", Site, 19, END),
            ("pure_nvme_transport", Is("tcp"), 19, END),
            ("san_ip", Site, 19, END),
        ],
    },
    Made {
        flag: "enable_cinder_backend_lightbits",
        prefix: "cinder_backend_lightbits",
        name: "Lightbits-NVMe-TCP",
        versions: (20, END),
        lines: &[
            ("volume_driver", Is("cinder.volume.drivers.lightos.LightOSVolumeDriver"), 20, END),
            ("volume_backend_name", Of("lightbits_nvme_tcp_backend_name", "lightbits_nvme_backend"), 20, END),
            ("lightos_api_address", Site, 20, END),
            ("lightos_api_port", Site, 20, END),
            ("lightos_jwt", Site, 20, END),
        ],
    },
    Made {
        flag: "enable_cinder_backend_vast",
        prefix: "cinder_backend_vast",
        name: "vast-nvme-tcp",
        versions: (23, END),
        lines: &[
            ("volume_driver", Is("cinder.volume.drivers.vastdata.driver.VASTVolumeDriver"), 23, END),
            ("volume_backend_name", Name, 23, END),
            ("vast_vippool_name", Site, 23, END),
            ("vast_subsystem", Site, 23, END),
            ("san_ip", Site, 23, END),
            ("san_login", Site, 23, END),
            ("san_password", Site, 23, END),
        ],
    },
    Made {
        flag: "cinder_backend_ceph",
        prefix: "cinder_backend_ceph",
        name: "rbd-1",
        versions: (4, END),
        lines: &CEPH,
    },
];

impl Made {
    pub(super) fn is_in(&self, major: u8) -> bool {
        (self.versions.0..=self.versions.1).contains(&major)
    }
}
