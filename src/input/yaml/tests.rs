use super::*;

fn root(text: &str) -> Node {
    read(text.as_bytes()).remove(0).root.unwrap()
}

/// Each line of a scalar with the bytes of the file that it comes from.
fn lines(text: &str, key: &str) -> Vec<(String, String)> {
    let root = root(text);
    let scalar = root.get(key).unwrap().scalar().unwrap().clone();
    let mut at = 0;
    let mut found = Vec::new();
    for line in scalar.text.split_inclusive('\n') {
        let body = line.trim_end_matches('\n');
        let (span, _) = scalar.map.source(Span::new(at, at + body.len() as u32)).unwrap_or_default();
        found.push((body.to_string(), String::from_utf8_lossy(span.of(text.as_bytes())).into_owned()));
        at += line.len() as u32;
    }
    found
}

#[test]
fn block_scalars_are_exact() {
    for mark in ["|", "|-", "|+", "|2", "|2-", "| # note"] {
        for end in ["\n", "\r\n"] {
            let text = format!("a: {mark}\n\n  [x]\n\n  y = 1\n    more\n\n\nb: 1\n").replace('\n', end);
            let found = lines(&text, "a");
            assert!(found.len() >= 4, "{mark}: {found:?}");
            for (body, source) in found {
                assert_eq!(body, source, "{mark}");
            }
        }
    }
}

#[test]
fn other_styles_lead_back_to_their_lines() {
    let folded = lines("a: >\n\n  [x]\n\n  y = 1\n  z\nb: 1\n", "a");
    assert_eq!(folded[1..3], [("[x]".into(), "[x]".into()), ("y = 1 z".into(), "y = 1\n  z".into())]);
    let double = lines("a: \"[x]\\ny = \\\"1\\\"\\u00e9\\n\\\n  z\"\n", "a");
    assert_eq!(double[0], ("[x]".into(), "[x]".into()));
    assert_eq!(double[1], ("y = \"1\"é".into(), "y = \\\"1\\\"\\u00e9".into()));
    assert_eq!(double[2], ("z".into(), "z".into()));
    let single = lines("a: '[x]\n\n  it''s\n\n  z'\n", "a");
    assert_eq!(single[1], ("it's".into(), "it''s".into()));
    assert_eq!(single[2], ("z".into(), "z".into()));
    assert_eq!(lines("a: plain text\n", "a"), [("plain text".into(), "plain text".into())]);
}

#[test]
fn several_documents_one_of_them_broken() {
    let documents = read(b"a: 1\n---\nb: [\n---\nc: 2\n");
    assert_eq!(documents.len(), 3);
    assert!(documents[1].error.is_some());
    assert_eq!(documents[2].root.as_ref().unwrap().get("c").unwrap().text(), "2");
}

#[test]
fn duplicate_keys_are_told_and_the_last_counts() {
    let root = root("a:\n  b: 1\n  b: 2\na:\n  c: 3\n");
    let keys: Vec<_> = root.duplicates().iter().map(|(one, two)| (one.key.span.start, two.key.span.start)).collect();
    assert_eq!(keys, [(0, 17), (5, 12)]);
    assert!(root.at(&["a", "c"]).is_some() && root.at(&["a", "b"]).is_none());
}

#[test]
fn anchors_and_merge_keys() {
    let root = root("x: &x\n  p: 1\n  q: 2\ny:\n  <<: *x\n  q: 3\nz: *x\n");
    assert_eq!(root.at(&["y", "p"]).unwrap().text(), "1");
    assert_eq!(root.at(&["y", "q"]).unwrap().text(), "3");
    assert_eq!(root.at(&["z", "q"]).unwrap().text(), "2");
}

#[test]
fn aliases_cannot_explode() {
    let mut text = String::from("a0: &a0 [x, x]\n");
    for nth in 1..60 {
        text.push_str(&format!("a{nth}: &a{nth} [*a{0}, *a{0}]\n", nth - 1));
    }
    assert_eq!(read(text.as_bytes()).len(), 1);
    read("[".repeat(100_000).as_bytes());
    read("- ".repeat(100_000).as_bytes());
    read("{{".repeat(100_000).as_bytes());
}

#[test]
fn templates_are_yaml_once_they_are_masked() {
    let text = "a: {{ x }}\n{% if y %}\nb: \"{{ z }}\"\n{% endif %}\nc: |\n  {{ head }}\n  [s]\n{% if q %}\n  k = {{ v }}\n  {% endif %}\n  l = 1\nd: 2\n";
    let root = root(text);
    assert_eq!(root.get("a").unwrap().text(), "{{ x }}");
    assert_eq!(root.get("b").unwrap().text(), "{{ z }}");
    assert_eq!(root.get("d").unwrap().text(), "2");
    assert_eq!(root.get("c").unwrap().text(), "{{ head }}\n[s]\n{% if q %}\nk = {{ v }}\n{% endif %}\nl = 1\n");
    assert!(lines(text, "c").iter().all(|(body, source)| body == source));
}

#[test]
fn tags_in_front_of_the_first_line_of_a_block() {
    for indent in ["", "  ", "      "] {
        let text = format!(
            "a:\n  b: |\n{indent}{{% if x %}}\n{indent}{{# note #}}\n    [s]\n    k = 1\n{{% endif %}}\n    l = 2\n  c: 1\n"
        );
        let root = root(&text);
        let value = root.at(&["a", "b"]).unwrap().text();
        assert!(value.ends_with("[s]\nk = 1\n{% endif %}\nl = 2\n"), "{value}");
        assert_eq!(root.at(&["a", "c"]).unwrap().text(), "1");
    }
}

#[test]
fn a_tag_over_several_lines_keeps_the_indentation() {
    for tag in ["x{# a\n  #}é", "x = {{ a\n  | b }} c", "{% if a\n  and b %}c"] {
        let root = root(&format!("a: |\n  # first\n  {tag}\n  # last\nb: 1\n"));
        assert_eq!(root.get("a").unwrap().text().lines().last(), Some("# last"), "{tag}");
        assert_eq!(root.get("b").unwrap().text(), "1", "{tag}");
    }
}

/// A reader of YAML drops comments before anybody looks for expressions.
#[test]
fn comments_open_no_tag() {
    for text in [
        "# a: \"{{ x or\n#   y }}\"\nb: 1\n",
        "a: 2 # {{ old\nb: 1\n",
        "  # {% if x\nb: 1\n# %}\n",
        "#{{ x\nb: 1\n",
        "a: 'it # is' # {# no\nb: 1\n",
    ] {
        let documents = read(text.as_bytes());
        assert_eq!(documents.len(), 1, "{text}");
        let root = documents[0].root.as_ref().unwrap_or_else(|| panic!("{text}: {:?}", documents[0].error));
        assert_eq!(root.get("b").map(Node::text), Some("1"), "{text}");
    }
    let text = "a: \"{{ '#' ~ x }}\"  # see {{ y\nb: {{ x }} # {{ z }}\n";
    let root = read(text.as_bytes()).remove(0).root.unwrap();
    assert_eq!(root.get("a").map(Node::text), Some("{{ '#' ~ x }}"));
    assert_eq!(root.get("b").map(Node::text), Some("{{ x }}"));
}
