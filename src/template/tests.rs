use super::*;

/// Keys with `?` where the value is opaque and `~` where the line may lack below its header.
fn read(text: &str) -> String {
    let Some(template) = Template::read(text.as_bytes()) else { return "plain".into() };
    let document = template.document();
    assert_eq!(template.masked().len(), text.len());
    let mut shown = String::new();
    for (at, section) in document.sections.iter().enumerate() {
        let name = String::from_utf8_lossy(section.name.of(text.as_bytes())).into_owned();
        let maybe = if template.is_conditional(section.header.start) { "~" } else { "" };
        shown.push_str(&format!("[{name}]{maybe}"));
        for option in document.options_of(at) {
            shown.push_str(&format!(" {}", String::from_utf8_lossy(option.key.of(text.as_bytes()))));
            shown.push_str(if template.is_opaque(option) { "?" } else { "" });
            shown.push_str(if template.may_lack(option.key.start, section.header.start) { "~" } else { "" });
        }
        shown.push('\n');
    }
    if template.is_open() {
        shown.push_str("open\n");
    }
    for error in &document.errors {
        shown.push_str(error.kind.message());
    }
    shown
}

#[test]
fn plain_files_are_no_templates() {
    for text in [
        "[a]\nb = $state_path/mnt\nc = ${state_path}/x\nd = %(message)s %(asctime)s 100% 5%\n",
        "[a]\nfilter = {\"a\": {\"b\": 1}}\nuser = a@b.example\nregex = {2,3}\n",
        "[a]\nb = {{ unclosed\n",
    ] {
        assert_eq!(read(text), "plain", "{text}");
    }
}

#[test]
fn values_that_an_engine_writes() {
    assert_eq!(read("[a]\nb = {{ x }}\nc = 1\nd = p/${VAR}/q\ne = @E_1@\nf = %PW%\n"), "[a] b? c d? e? f?\n");
    assert_eq!(read("[a]\nb = {% raw %}{{ x }}{% endraw %}\nc = <%= @x %>\n"), "[a] b? c?\n");
    assert_eq!(read("[a]\nb={% for x in y %}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}\n"), "[a] b?\n");
}

#[test]
fn conditions() {
    assert_eq!(read("[a]\n{% if x %}\nb = 1\n{% else %}\nb = 2\n{% endif %}\nc = 3\n"), "[a] b~ b~ c\n");
    assert_eq!(read("{% if x %}\n[a]\nb = 1\n{% if y %}\nc = 1\n{% endif %}\n{% endif %}\n[d]\n"), "[a]~ b c~\n[d]\n");
    assert_eq!(read("<% if @x -%>\n[a]\nb = 1\n<% end -%>\n[d]\ne = 1\n"), "[a]~ b\n[d] e\n");
    assert_eq!(
        read("{{- if .Values.x }}\n[a]\nb = 1\n{{- end }}\n[d]\ne = {{ .Values.e | quote }}\n"),
        "[a]~ b\n[d] e?\n"
    );
}

#[test]
fn what_nobody_knows_the_lines_of() {
    assert_eq!(read("[a]\nb = 1\n{{ more }}\n"), "[a] b\nopen\n");
    assert_eq!(read("{% include \"x\" %}\n[a]\nb = 1\n"), "[a] b\nopen\n");
    let shown = read(
        "[DEFAULT]\n{% for b in c %}\n[{{ b.0 }}]\n{% for k, v in b.1 %}\n{{ k }}={{ v }}\n{% endfor %}\n{% endfor %}\n",
    );
    assert_eq!(shown, "[DEFAULT]\n[{{ b.0 }}]~ {{ k }}?~\n");
}

#[test]
fn values_over_several_lines() {
    assert_eq!(read("[a]\nb =\n{%- for x in y %}\n  {{ x }},\n{%- endfor %}\nc = 1\n"), "[a] b? c\n");
    assert_eq!(read("[a]\nb = 1,\n    {{ x }}\nc = 1\n"), "[a] b? c\n");
}

#[test]
fn comments_and_parts_of_files() {
    assert_eq!(read("{# a = b\n[c]\n#}\n[d]\ne = 1 {# f #}\n"), "[d] e?\n");
    assert_eq!(read("b = {{ x }}\n[a]\nc = 1\nno assignment\n"), "[] b?\n[a] c\nNo ':' or '=' found in assignment");
}

#[test]
fn values_that_were_covered() {
    let text = "[a]\nb = ***\nc: *********\nd = ** \ne = a,password=***\nf = ***x\n# g = ***\n# ****\nh = *** \n";
    let template = Template::read(text.as_bytes()).unwrap();
    let document = template.document();
    let opaque: Vec<bool> = document.options.iter().map(|option| template.is_opaque(option)).collect();
    assert_eq!(opaque, [true, true, false, false, false, true]);
    assert!(Template::read(b"//h/s -o username=u,password=***\n").is_none());
}

#[test]
fn words_for_values_to_come() {
    let text = "[a]\nhost = _replaced_  # later\nport = CHANGEME\nvserver = <SVM>\nother = CHANGEMENT\n# x = CHANGEME\nlist = <a>\n";
    let template = Template::read(text.as_bytes()).unwrap();
    let document = template.document();
    let opaque: Vec<bool> = document.options.iter().map(|option| template.is_opaque(option)).collect();
    assert_eq!(opaque, [true, true, true, false, false]);
    assert!(!Template::read(b"x = CHANGEME\n").unwrap().document().errors.is_empty());
}
