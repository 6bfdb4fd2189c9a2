//! cinderlint reads `cinder.conf` the way Cinder does, and says what is wrong before the deploy.
//!
//! Data flows one way: text ([`input`]) → document ([`ini`]) → configuration ([`config`]) → facts ([`nas`], [`lint`]) →
//! findings ([`lint`]) → report ([`report`]).

pub mod catalog;
pub mod ini;
