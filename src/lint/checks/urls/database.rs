//! `sqlalchemy.engine.url.make_url` and `URL.get_dialect`, by the release of SQLAlchemy that a Cinder has.

use super::{Reason, Refusal, is_int};
use crate::catalog::Release;

/// The dialects that SQLAlchemy has, with their last release.
const DIALECTS: [(&str, Release); 9] = [
    ("mysql", Release::NEWEST),
    ("mariadb", Release::NEWEST),
    ("postgresql", Release::NEWEST),
    ("sqlite", Release::NEWEST),
    ("oracle", Release::NEWEST),
    ("mssql", Release::NEWEST),
    // SQLAlchemy 1.4
    ("postgres", Release::XENA),
    ("firebird", Release::R2023_1),
    ("sybase", Release::R2023_1),
];
/// Dialects of other projects.
const OF_OTHERS: [&str; 5] = ["ibm_db_sa", "db2", "cockroachdb", "galera", "tidb"];
/// Drivers for MySQL, PostgreSQL and SQLite.
const DRIVERS: [&str; 26] = [
    "pymysql",
    "mysqldb",
    "mysqlconnector",
    "mariadbconnector",
    "cymysql",
    "pyodbc",
    "aiomysql",
    "asyncmy",
    "oursql",
    "gaerdbms",
    "zxjdbc",
    "aioodbc",
    "psycopg2",
    "psycopg",
    "psycopg_async",
    "psycopg2cffi",
    "asyncpg",
    "pg8000",
    "pypostgresql",
    "pygresql",
    "pysqlite",
    "pysqlite_numeric",
    "pysqlite_dollar",
    "pysqlcipher",
    "aiosqlite",
    "ndbapi",
];

/// Those of a release.
pub(super) fn schemes(release: Release) -> Vec<&'static str> {
    DIALECTS.iter().filter(|(_, last)| release <= *last).map(|(name, _)| *name).collect()
}

/// What `create_engine` raises before it looks for a library.
pub(super) fn read(url: &str, release: Release) -> Option<Refusal<'_>> {
    let unparsed = |reason| {
        let says =
            if release >= Release::YOGA { "Could not parse SQLAlchemy URL" } else { "Could not parse rfc1738 URL" };
        Some(Refusal::new(reason, format!("ArgumentError: {says} from string")))
    };
    if url.is_empty() {
        return unparsed(Reason::Empty);
    }
    let Some((name, rest)) = url.split_once("://") else { return unparsed(Reason::NoScheme) };
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '+')) {
        return unparsed(Reason::NoScheme);
    }
    let (login, host) = cut(rest, release);
    if let Some(port) = port(host, release)
        && !is_int(port)
    {
        let sign = login.is_some_and(|login| login.contains(':')) && port.contains('@');
        let reason = if sign { Reason::SignInLogin('@') } else { Reason::Port(port.is_empty()) };
        return Some(Refusal::new(reason, "ValueError: invalid literal for int() with base 10"));
    }
    let (dialect, driver) = name.split_once('+').map_or((name, None), |(dialect, driver)| (dialect, Some(driver)));
    let known = schemes(release);
    if !known.contains(&dialect) && !OF_OTHERS.contains(&dialect) {
        let exception =
            format!("NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:{}", name.replacen('+', ".", 1));
        return Some(Refusal::new(Reason::UnknownScheme(dialect), exception));
    }
    if let Some(driver) = driver
        && matches!(dialect, "mysql" | "mariadb" | "postgresql" | "sqlite")
        && !DRIVERS.contains(&driver)
    {
        let exception = format!("NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:{dialect}.{driver}");
        return Some(Refusal::new(Reason::UnknownDriver(driver), exception));
    }
    let (host, file) = host.split_at(host.find(['/', '?']).unwrap_or(host.len()));
    if dialect == "sqlite" && driver != Some("pysqlcipher") {
        if login.is_some() || !host.is_empty() {
            return Some(Refusal::new(Reason::SqliteHost, "ArgumentError: Invalid SQLite URL"));
        }
        let file = file.split('?').next().unwrap_or_default().strip_prefix('/').unwrap_or_default();
        let exception = "DBNonExistentTable: (sqlite3.OperationalError) no such table: services";
        return matches!(file, "" | ":memory:").then(|| Refusal::new(Reason::InMemory, exception));
    }
    (login.is_some() && host.contains('@')).then(|| Refusal::misread('@'))
}

/// The login, and what follows its `@`, as the pattern of `_parse_url` finds them: the password ends at the first `@`; up to SQLAlchemy 1.3
/// (Xena) at the last.
fn cut(rest: &str, release: Release) -> (Option<&str>, &str) {
    let stop = rest.find([':', '/']).unwrap_or(rest.len());
    let (name, behind) = rest.split_at(stop);
    let end = if behind.starts_with(':') {
        let at = if release >= Release::YOGA { behind.find('@') } else { behind.rfind('@') };
        at.map(|at| stop + at)
    } else {
        None
    };
    match end.or_else(|| name.rfind('@')) {
        Some(end) => (Some(&rest[..end]), &rest[end + 1..]),
        None => (None, rest),
    }
}

/// What stands behind the `:` of the host.
fn port(host: &str, release: Release) -> Option<&str> {
    let ends: &[char] = if release >= Release::YOGA { &['/', '?'] } else { &['/'] };
    let host = host.split(ends).next().unwrap_or_default();
    match host.strip_prefix('[').and_then(|address| address.split_once(']')) {
        Some((_, behind)) => behind.strip_prefix(':'),
        None => host.split_once(':').map(|(_, port)| port),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raises(url: &str, release: Release) -> Option<String> {
        read(url, release)?.exception.map(|text| text.split(':').next().unwrap_or_default().to_string())
    }

    /// What SQLAlchemy 2.1.9 says of these.
    #[test]
    fn urls_are_refused_as_by_the_newest_release() {
        for (url, wanted) in [
            ("", "ArgumentError"),
            ("mysql", "ArgumentError"),
            ("mysql:/u", "ArgumentError"),
            ("mysql-pymysql://u:p@h/c", "ArgumentError"),
            ("mysql+pymysql//u", "ArgumentError"),
            ("sqlite://var/lib/cinder.sqlite", "ArgumentError"),
            ("sqlite://", "DBNonExistentTable"),
            ("sqlite:///", "DBNonExistentTable"),
            ("sqlite:///:memory:", "DBNonExistentTable"),
            ("/var/x", "ArgumentError"),
            ("\"mysql://u:p@h/c\"", "ArgumentError"),
            ("mysql +pymysql://", "ArgumentError"),
            ("sqlite:/x", "ArgumentError"),
            ("postgres://u:p@h/c", "NoSuchModuleError"),
            ("mysqll://h", "NoSuchModuleError"),
            ("MySQL://h", "NoSuchModuleError"),
            ("mysql+foo://h", "NoSuchModuleError"),
            ("mysql://u:p@a:b@h/c", "ValueError"),
            ("mysql://u:p@h:/c", "ValueError"),
            ("mysql://u:p@h:x/c", "ValueError"),
            ("mysql://u:p", "ValueError"),
            ("mysql://u:p@h:33 06/c", "ValueError"),
        ] {
            assert_eq!(raises(url, Release::NEWEST).as_deref(), Some(wanted), "{url}");
        }
        for url in [
            "mysql://",
            "mysql:///",
            "mysql+pymysql://u:p@h/c",
            "postgresql://u:p@h/c",
            "sqlite:///x",
            "sqlite:////var/x?y=z",
            "mysql://u:p/a@h/c",
            "mysql://u:p#a@h/c",
            "mysql://u:p?a@h/c",
            "mysql://h:3306/c",
            "mysql://u:p[@h/c",
            "mysql://u:p@[::1]:3/c",
            "mysql://u:p@h:3306?charset=utf8",
            "mysql://u@h/c",
            "mariadb://h",
        ] {
            assert_eq!(read(url, Release::NEWEST), None, "{url}");
        }
        assert_eq!(read("mysql://u:p@a@h/c", Release::NEWEST), Some(Refusal::misread('@')));
        assert_eq!(read("mysql://u:p@a@h/c", Release::WALLABY), None);
        assert_eq!(read("postgres://u:p@h/c", Release::WALLABY), None);
    }
}
