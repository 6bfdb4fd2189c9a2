//! The forms in which people keep Cinder's configuration. Each is one file here and one line in `all.rs`.
//!
//! A form says of a file whether it is one of its own ([`Form::recognises`]: by path, and where that does not say, by the start
//! of the text), and makes deployments of all its files of a run ([`Form::read`]): layers of whole files, of pieces with a
//! [`Map`](crate::source::map::Map) back to the file's bytes, and of what a program adds.

mod all;
mod builder;
mod candidate;
mod custom_resource;
mod form;
mod helm;
mod images;
mod ini;
mod juju;
mod kolla;
mod kustomization;
mod maps;
mod openstack_ansible;
mod ours;
mod parameters;
mod remark;
mod run;
mod shares;
mod tasks;

pub use all::{ALL, LeftOut, PLAIN, left_out, named, not_read, of};
pub use builder::Builder;
pub use candidate::{Candidate, backup_of, copy_of};
pub use form::Form;
pub use remark::{FINDS, Remark};
pub use run::{Assembled, Label, Run, Taken};
