use super::{Attached, Candidates, Context, SETTING, SETTING_PLACES};
use crate::{
    template,
    vocabulary::{Finds, Kind},
};

/// What [`find`] hands to rules.
pub(super) static PLACEHOLDERS: Finds = Finds {
    check: "placeholders",
    meaning: "Values that are yet to come",
    kinds: &[Kind::new("placeholder", "a word in the place of a value that is to come")
        .facts(&[SETTING])
        .places(&[SETTING_PLACES])],
};

/// Values that start with a word in the place of one that is to come.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    for (group, _) in context.config.groups() {
        for setting in context.config.settings(group) {
            let value = setting.option.raw.of(&setting.source().text);
            if template::placeholder_word(value).is_some() {
                found.push(context.at_setting("placeholder", &setting));
            }
        }
    }
}
