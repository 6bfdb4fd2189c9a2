//! Addresses of files.

use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;

/// The path of a `file:` address; none: it is another kind of address.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.0.strip_prefix("file://")?;
    let at = rest.find('/')?;
    let mut bytes = Vec::with_capacity(rest.len());
    let mut left = rest[at..].bytes();
    while let Some(byte) = left.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        bytes.push((digit(left.next())? << 4 | digit(left.next())?) as u8);
    }
    Some(PathBuf::from(String::from_utf8(bytes).ok()?))
}

/// The address of an absolute path.
pub(super) fn uri_of(path: &Path) -> Uri {
    let mut text = String::from("file://");
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => text.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    Uri(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_comes_back() {
        for path in ["/etc/cinder/cinder.conf", "/a b/é%20[1].conf"] {
            assert_eq!(path_of(&uri_of(Path::new(path))), Some(PathBuf::from(path)));
        }
        assert_eq!(path_of(&Uri("file://localhost/a%2Fb".into())), Some(PathBuf::from("/a/b")));
        for other in ["untitled:Untitled-1", "file://host", "file:///a%zz"] {
            assert_eq!(path_of(&Uri(other.into())), None);
        }
    }
}
