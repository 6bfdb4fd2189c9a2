//! libvirt's guests and their disks: `/etc/libvirt/qemu/*.xml`, and `/run/libvirt/qemu/*.xml` of those that run.
//!
//! Source: libvirt's domain XML (`virDomainDefFormat`) and nova's metadata in it (`nova/virt/libvirt/config.py`).

use roxmltree::{Document, Node, ParsingOptions};

use super::here::Here;

/// One guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// `instance-0000002a`.
    pub name: String,
    /// The name that its user gave it.
    pub instance: Option<String>,
    /// Its uuid.
    pub uuid: String,
    /// The process of its qemu, where it runs.
    pub pid: Option<u32>,
    /// Whether it runs.
    pub running: bool,
    /// The user and group that libvirt gave its qemu, as libvirt wrote them: `+107:+107`.
    pub label: Option<String>,
    /// Its disks that are files.
    pub disks: Vec<File>,
}

/// One disk that is a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// `vda`.
    pub target: String,
    /// The volume's id.
    pub serial: Option<String>,
    /// The path.
    pub path: String,
}

/// Nodes of one file; a guest has some hundreds.
const NODES: u32 = 100_000;
/// Elements inside each other.
const DEEPEST: usize = 64;
/// Declarations of namespaces in one file; each costs time at every element below it that declares another.
const NAMESPACES: usize = 1000;
/// The longest tag, in bytes: attributes are compared with each other.
const LONGEST_TAG: usize = 1 << 16;

/// Reads one file, a domain or the status of a running one.
///
/// # Errors
/// What is wrong with the XML.
pub fn read(text: &str) -> Result<Option<Domain>, String> {
    check_shape(text)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| kind_of(&error))?;
    let root = document.root_element();
    let (status, domain) = match root.tag_name().name() {
        "domstatus" => (Some(root), child(root, "domain")),
        "domain" => (None, Some(root)),
        _ => (None, None),
    };
    let Some(domain) = domain else { return Ok(None) };
    let instance = domain.descendants().find(|node| {
        node.tag_name().name() == "name"
            && node.tag_name().namespace().is_some_and(|space| space.contains("openstack.org"))
    });
    let state = status.and_then(|status| status.attribute("state"));
    let label = domain.children().find(|node| node.has_tag_name("seclabel") && node.attribute("model") == Some("dac"));
    Ok(Some(Domain {
        name: text_of(child(domain, "name")).unwrap_or_default(),
        instance: text_of(instance),
        uuid: text_of(child(domain, "uuid")).unwrap_or_default(),
        pid: status.and_then(|status| status.attribute("pid")?.parse().ok()).filter(|pid| *pid > 0),
        running: state.is_some_and(|state| !matches!(state, "shutoff" | "shutdown" | "crashed")),
        label: text_of(label.and_then(|label| child(label, "label"))),
        disks: child(domain, "devices").map(disks).unwrap_or_default(),
    }))
}

/// A guest as a file of its own: what was read of one, and nothing else that stood there.
pub(super) fn write(domain: &Domain) -> String {
    let escape = |text: &str| {
        let mut escaped = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '\'' => escaped.push_str("&apos;"),
                '"' => escaped.push_str("&quot;"),
                '\t' | '\n' | '\r' => escaped.push_str(&format!("&#{};", u32::from(c))),
                c => escaped.push(c),
            }
        }
        escaped
    };
    let disk = |disk: &File| {
        let serial = disk.serial.as_ref().map(|serial| format!("<serial>{}</serial>", escape(serial)));
        format!(
            "<disk type='file'><source file='{}'/><target dev='{}'/>{}</disk>",
            escape(&disk.path),
            escape(&disk.target),
            serial.unwrap_or_default()
        )
    };
    let instance = domain.instance.as_ref().map(|name| {
        let name = escape(name);
        format!("<metadata><n:name xmlns:n='http://openstack.org/xmlns/libvirt/nova/1.1'>{name}</n:name></metadata>")
    });
    let label =
        domain.label.as_ref().map(|label| format!("<seclabel model='dac'><label>{}</label></seclabel>", escape(label)));
    let state = if domain.running { "running" } else { "shutoff" };
    let pid = domain.pid.map(|pid| format!(" pid='{pid}'"));
    format!(
        "<domstatus state='{state}'{}><domain><name>{}</name><uuid>{}</uuid>{}<devices>{}</devices>{}</domain></domstatus>\n",
        pid.unwrap_or_default(),
        escape(&domain.name),
        escape(&domain.uuid),
        instance.unwrap_or_default(),
        domain.disks.iter().map(disk).collect::<String>(),
        label.unwrap_or_default()
    )
}

fn text_of(node: Option<Node<'_, '_>>) -> Option<String> {
    node.and_then(|node| node.text()).map(|text| text.trim().to_string())
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|node| node.has_tag_name(name))
}

fn disks(devices: Node<'_, '_>) -> Vec<File> {
    devices
        .children()
        .filter(|node| node.has_tag_name("disk") && node.attribute("type") == Some("file"))
        .filter_map(|disk| {
            Some(File {
                target: child(disk, "target").and_then(|node| node.attribute("dev")).unwrap_or("?").to_string(),
                serial: text_of(child(disk, "serial")).filter(|serial| is_id(serial)),
                path: child(disk, "source")?.attribute("file")?.to_string(),
            })
        })
        .collect()
}

/// Whether a serial is an id, as nova's are: other programs may put anything there.
fn is_id(serial: &str) -> bool {
    serial.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Refuses XML that would take the parser a time that is not linear, or more stack than there is.
fn check_shape(text: &str) -> Result<(), &'static str> {
    let bytes = text.as_bytes();
    if memchr::memmem::find_iter(bytes, b"xmlns").take(NAMESPACES + 1).count() > NAMESPACES {
        return Err("it declares too many namespaces");
    }
    let behind = |at: usize, end: &str| memchr::memmem::find(&bytes[at..], end.as_bytes()).map(|n| at + n + end.len());
    let mut open = 0_usize;
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'<', &bytes[at..]) {
        let start = at + next;
        let rest = &bytes[start..];
        let opaque = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
        let end = match opaque.iter().find(|(sign, _)| rest.starts_with(sign.as_bytes())) {
            Some((sign, end)) => behind(start + sign.len(), end),
            None => tag_end(bytes, start),
        };
        // The parser says what is wrong with it.
        let Some(end) = end else { return Ok(()) };
        match rest.get(1) {
            Some(b'!' | b'?') => {}
            Some(b'/') => open = open.saturating_sub(1),
            _ if end - start > LONGEST_TAG => return Err("a tag is too long"),
            _ if bytes[end - 2] == b'/' => {}
            _ => open += 1,
        }
        if open > DEEPEST {
            return Err("elements are nested too deeply");
        }
        at = end;
    }
    Ok(())
}

/// The offset behind the `>` that ends a tag; one between quotes does not.
fn tag_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += memchr::memchr3(b'>', b'"', b'\'', &bytes[at..])?;
        match bytes[at] {
            b'>' => return Some(at + 1),
            quote => at += 2 + memchr::memchr(quote, &bytes[at + 1..])?,
        }
    }
}

/// The error without what stands in the file.
fn kind_of(error: &roxmltree::Error) -> String {
    let at = error.pos();
    format!("is not readable XML, at line {}, column {}", at.row, at.col)
}

/// All guests of the host, the running state of a guest before its definition.
pub fn find(here: &Here<'_>) -> Vec<Domain> {
    let mut domains: Vec<Domain> = Vec::new();
    for folder in ["/run/libvirt/qemu", "/var/run/libvirt/qemu", "/etc/libvirt/qemu"] {
        for name in here.list(folder, "which guests there are") {
            let path = format!("{folder}/{name}");
            if !name.ends_with(".xml") {
                continue;
            }
            let Some(text) = here.text(&path, "which disks this guest has") else { continue };
            match read(&text) {
                Ok(Some(domain)) if !domains.iter().any(|known| known.name == domain.name) => domains.push(domain),
                Ok(_) => {}
                Err(why) => here.not_seen(path, why, "which disks this guest has"),
            }
        }
    }
    domains.sort_by(|a, b| a.name.cmp(&b.name));
    domains
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "<domstatus state='running' reason='booted' pid='4711'><domain type='kvm'>\
        <name>instance-0000002a</name><uuid>u-1</uuid>\
        <metadata><nova:instance xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.1'><nova:name>web-1</nova:name></nova:instance></metadata>\
        <devices><disk type='file' device='disk'><source file='/m/volume-x' index='1'/><target dev='vda'/><serial>x</serial></disk>\
        <disk type='network'><auth><secret uuid='s'/></auth></disk></devices>\
        <seclabel type='dynamic' model='dac' relabel='yes'><label>+107:+107</label></seclabel></domain></domstatus>";

    #[test]
    fn a_running_guest() {
        let domain = read(STATUS).unwrap().unwrap();
        assert_eq!((domain.name.as_str(), domain.instance.as_deref()), ("instance-0000002a", Some("web-1")));
        assert_eq!((domain.pid, domain.running, domain.label.as_deref()), (Some(4711), true, Some("+107:+107")));
        let disk = File { target: "vda".into(), serial: Some("x".into()), path: "/m/volume-x".into() };
        assert_eq!(domain.disks, [disk]);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let odd =
            STATUS.replace("web-1", "a &amp; &lt;b&gt; 'c' &quot;d&quot;").replace("volume-x", "volume-&#10;&#9;x");
        for text in [STATUS, &odd, "<domain><name/><devices/></domain>"] {
            let domain = read(text).unwrap().unwrap();
            assert_eq!(read(&write(&domain)).unwrap().unwrap(), domain);
        }
    }

    #[test]
    fn hostile_xml_is_refused() {
        assert!(read(&"<a>".repeat(1_000_000)).is_err());
        for hidden in ["<a><!--</a>-->", "<a><![CDATA[</a>]]>", "<a b='/>'>", "<a><?p </a>?>"] {
            assert!(read(&hidden.repeat(65)).unwrap_err().contains("nested"), "{hidden}");
        }
        assert!(read(&"<a xmlns:n='u'/>".repeat(2000)).unwrap_err().contains("namespaces"));
        assert!(read(&format!("<a {}/>", "b='' ".repeat(20_000))).unwrap_err().contains("tag"));
        assert!(read("<!DOCTYPE d [<!ENTITY a 'b'>]><domain>&a;</domain>").is_err());
        assert!(read("<domain><name>x</name").is_err());
        assert_eq!(read("<network/>"), Ok(None));
    }
}
