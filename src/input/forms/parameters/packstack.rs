//! Answer files of packstack: `CONFIG_CINDER_…=`.

use super::{
    super::{Assembled, Candidate, Form, Run, Taken},
    Made, assignments,
};
use crate::source::Unseen;

/// See the module.
#[derive(Debug)]
pub(in super::super) struct Packstack;

impl Form for Packstack {
    fn name(&self) -> &'static str {
        "packstack"
    }

    fn title(&self) -> &'static str {
        "an answer file of packstack"
    }

    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String> {
        let name = candidate.name().to_lowercase();
        if !["answer", "packstack", ".txt"].iter().any(|word| name.contains(word)) {
            return None;
        }
        let answers = candidate.mentions(&["\nCONFIG_CINDER_BACKEND="]) && !candidate.head().starts_with(b"#!");
        answers.then(|| "it sets CONFIG_CINDER_BACKEND for packstack".to_string())
    }

    fn read(&self, taken: &[Taken], run: &mut Run<'_>) {
        for one in taken {
            let Some(id) = run.container(&one.path) else { continue };
            let text = run.text(id).to_vec();
            let Ok(whole) = std::str::from_utf8(&text) else {
                run.errors.push((one.path.clone(), "is not UTF-8".into()));
                continue;
            };
            let given = assignments(whole, 0);
            let secret = given.iter().filter(|(name, _)| name.ends_with("_PW") || name.contains("PASSWORD"));
            run.hide(id, secret.map(|(_, parameter)| parameter.at));
            if given.get("CONFIG_CINDER_INSTALL").is_some_and(|install| install.value != "y") {
                run.left.push((one.path.clone(), "with these answers packstack does not install Cinder".into()));
                continue;
            }
            let mut made = Made::new("packstack", &text, run.release);
            made.backends(&|name| given.get(name).cloned());
            if let Some(list) = given.get("CONFIG_CINDER_BACKEND") {
                made.builder.section_called("DEFAULT", list.key);
                made.builder.option_as("enabled_backends", list.key, &list.value, list.at);
            }
            let name = run.files().get(id).relative.clone();
            let mut assembled = Assembled::new(&one.path, &name, Vec::new());
            (assembled.layers, assembled.shares) = made.finish(id, run);
            assembled.unseen = Unseen::Sections;
            run.found.push(assembled);
        }
    }
}
