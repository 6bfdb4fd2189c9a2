//! Variables and templates that are filled in with them: two files, with a line of `===` between.
#![no_main]

use std::path::Path;

use cinderlint::{
    input::{render, yaml},
    source::Memory,
    template::{Template, jinja_tags},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let cut = input.windows(5).position(|window| window == b"\n===\n");
    let (vars, template) = cut.map_or((&b""[..], input), |at| (&input[..at], &input[at + 5..]));
    for document in yaml::read(vars) {
        assert!(document.error.is_none_or(|(_, at)| at as usize <= vars.len()));
    }
    for (tag, _) in jinja_tags(template) {
        assert!(tag.start < tag.end && tag.end as usize <= template.len());
    }
    if let Some(read) = Template::read(template) {
        assert_eq!(read.masked().len(), template.len());
        let _ = read.document();
    }
    let place = Path::new("/vars.yaml");
    let vars = match render::read_vars(&Memory::new().with(place, vars), place) {
        Ok(vars) => vars,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    match vars.render(template) {
        None => {}
        Some(Err(left)) => assert!(left.line >= 1 && !left.why.is_empty()),
        Some(Ok(rendered)) => {
            let mut end = 0;
            for segment in rendered.map.segments() {
                assert!(segment.piece.start >= end, "{segment:?}");
                end = segment.piece.end;
                assert!(segment.piece.end as usize <= rendered.text.len(), "{segment:?}");
                assert!(segment.source.end as usize <= template.len(), "{segment:?}");
            }
        }
    }
});
