//! devstack's local.conf: variables, and sections of `[[post-config|$CINDER_CONF]]`, which come last.

use super::{
    super::{Assembled, Builder, Candidate, Form, Run, Taken, maps::OPAQUE},
    Made, assignments,
};
use crate::{catalog::Release, ini::Span, source::Unseen};

/// See the module.
#[derive(Debug)]
pub(in super::super) struct Devstack;

impl Form for Devstack {
    fn name(&self) -> &'static str {
        "devstack"
    }

    fn title(&self) -> &'static str {
        "devstack's local.conf"
    }

    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String> {
        let named = candidate.name().contains("local") && candidate.name().contains(".conf");
        let about = [
            ("CINDER_ENABLED_BACKENDS", "CINDER_ENABLED_BACKENDS"),
            ("$CINDER_CONF", "a part for $CINDER_CONF"),
            ("cinder.conf]]", "a part for cinder.conf"),
        ];
        let (_, what) = about.into_iter().find(|(word, _)| named && candidate.mentions(&[word]))?;
        candidate.mentions(&["[["]).then(|| format!("it is a local.conf of devstack with {what}"))
    }

    fn read(&self, taken: &[Taken], run: &mut Run<'_>) {
        for one in taken {
            let Some(id) = run.container(&one.path) else { continue };
            let text = run.text(id).to_vec();
            let Ok(whole) = std::str::from_utf8(&text) else {
                run.errors.push((one.path.clone(), "is not UTF-8".into()));
                continue;
            };
            let release = parts(whole).iter().find_map(release);
            let mut made = Made::new("devstack", &text, run.release.or(release));
            let mut post = Builder::new(&text);
            for part in parts(whole) {
                if part.title.ends_with("localrc") {
                    let given = assignments(part.text, part.start);
                    let expand = |name: &str| {
                        let mut found = given.get(name).cloned()?;
                        if found.value.contains('$') {
                            found.value = OPAQUE.into();
                            found.items.retain(|(item, _)| !item.contains('$'));
                        }
                        Some(found)
                    };
                    let secret = given.iter().filter(|(name, _)| name.ends_with("PASSWORD") || name.ends_with("TOKEN"));
                    run.hide(id, secret.map(|(_, parameter)| parameter.at));
                    made.backends(&expand);
                    if let Some(list) = given.get("CINDER_ENABLED_BACKENDS") {
                        let name =
                            |(item, at): &(String, Span)| (item.rsplit(':').next().unwrap_or(item).to_string(), *at);
                        let known = std::mem::take(&mut made.names);
                        let names: Vec<(String, Span)> = list.items.iter().map(name).collect();
                        made.enable(&names);
                        made.names = known;
                    }
                } else if ["post-config|", "extra|", "post-extra|"].iter().any(|phase| part.title.starts_with(phase))
                    && (part.title.contains("CINDER_CONF") || part.title.ends_with("cinder.conf"))
                {
                    section_lines(part.text, part.start, &mut post);
                }
            }
            let name = run.files().get(id).relative.clone();
            let mut assembled = Assembled::new(&one.path, &name, Vec::new());
            (assembled.layers, assembled.shares) = made.finish(id, run);
            let (text, map) = post.finish();
            assembled.layers.push(run.piece(id, text, map));
            let parts: Vec<&[u8]> = assembled.layers.iter().map(|layer| run.text(*layer)).collect();
            assembled.unseen = super::unseen(&parts).max(Unseen::Sections);
            assembled.release = release;
            run.found.push(assembled);
        }
    }
}

/// The release whose branch devstack takes: of Cinder alone, or of all (stackrc).
fn release(part: &Part<'_>) -> Option<Release> {
    let given = part.title.ends_with("localrc").then(|| assignments(part.text, part.start))?;
    let branch = given.get("CINDER_BRANCH").or_else(|| given.get("TARGET_BRANCH"))?;
    branch.value.rsplit('/').next()?.trim_end_matches("-eol").parse().ok()
}

/// What stands below a `[[title]]`.
struct Part<'t> {
    title: &'t str,
    text: &'t str,
    start: usize,
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut found: Vec<Part<'_>> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let title = line.trim().strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]"));
        if let Some(title) = title {
            found.push(Part { title, text: "", start: end });
        } else if let Some(last) = found.last_mut() {
            last.text = &text[last.start..end];
        }
        start = end;
    }
    found
}

/// The lines of a part as devstack reads them: `[section]` and `key = value`, with the shell's variables filled in.
fn section_lines(text: &str, from: usize, builder: &mut Builder<'_>) {
    let mut start = from;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        let body = line.trim();
        let at = (start + indent) as u32;
        if let Some(name) = body.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            builder.section_called(name.trim(), Span::new(at, at + body.len() as u32));
        } else if let Some((key, value)) = body.split_once('=').filter(|_| !body.starts_with('#')) {
            let (key, value) = (key.trim_end(), value.trim());
            let end = at + body.len() as u32;
            let source = Span::new(end - value.len() as u32, end);
            let value = if value.contains('$') { OPAQUE } else { value };
            builder.option_as(key, Span::new(at, at + key.len() as u32), value, source);
        }
        start += line.len();
    }
}
