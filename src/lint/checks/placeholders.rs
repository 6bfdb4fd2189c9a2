use super::{Attached, Candidate, Context};
use crate::template;

/// Values that start with a word in the place of one that is to come.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Vec<Candidate>) {
    for (group, _) in context.config.groups() {
        for setting in context.config.settings(group) {
            let value = setting.option.raw.of(&setting.source().text);
            if template::placeholder_word(value).is_some() {
                found.push(context.at_setting("placeholder", &setting));
            }
        }
    }
}
