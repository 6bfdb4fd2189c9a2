//! What a line of a log is, whatever wrote it down: oslo.log itself, a container runtime, syslog, or journald as JSON.

use std::borrow::Cow;

/// A line without what was put around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'l> {
    /// When it was written, `2024-05-03 18:02:11.123`, in the time zone of the service (journald's: UTC).
    pub time: Option<String>,
    /// The process that wrote it, as far as the line tells.
    pub process: Option<String>,
    /// The message, with what stands before it.
    pub text: Cow<'l, str>,
}

/// How far into a line its time may stand: a container runtime and syslog put their own before it.
const TIME_WITHIN: usize = 200;

/// Reads a line.
pub fn read(line: &str) -> Line<'_> {
    let trimmed = line.trim();
    if trimmed.starts_with('{')
        && let Ok(serde_json::Value::Object(entry)) = serde_json::from_str(trimmed)
    {
        return of_json(&entry);
    }
    let (time, process) = time_and_process(line);
    Line { time, process, text: Cow::Borrowed(line) }
}

/// An entry of journald (`journalctl -o json`), of Docker's log driver, or of oslo.log's JSON formatter.
fn of_json(entry: &serde_json::Map<String, serde_json::Value>) -> Line<'static> {
    let text = ["MESSAGE", "log", "message"].iter().find_map(|key| match entry.get(*key)? {
        serde_json::Value::String(text) => Some(text.clone()),
        // journald writes a message with odd bytes as numbers.
        serde_json::Value::Array(bytes) => {
            let bytes = bytes.iter().map(|byte| u8::try_from(byte.as_u64()?).ok());
            bytes.collect::<Option<Vec<u8>>>().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        }
        _ => None,
    });
    let text = text.unwrap_or_default();
    let (time, process) = time_and_process(&text);
    let word = |key: &str| entry.get(key).and_then(|value| value.as_str()).map(str::to_string);
    let micros = word("__REALTIME_TIMESTAMP").and_then(|text| text.parse::<i64>().ok());
    let outside = micros.map(|micros| written(micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000) / 1000));
    let asked = ["asctime", "time", "timestamp"].iter().find_map(|key| time_and_process(&word(key)?).0);
    let number = entry.get("process").and_then(serde_json::Value::as_u64).map(|pid| pid.to_string());
    Line {
        time: time.or(outside).or(asked),
        process: process.or_else(|| word("_PID")).or(number),
        text: Cow::Owned(text),
    }
}

/// `2024-05-03 18:02:11.123` of seconds since 1970.
fn written(seconds: i64, millis: i64) -> String {
    let day = seconds.rem_euclid(86_400);
    let date = crate::text::date(seconds);
    format!("{date} {:02}:{:02}:{:02}.{millis:03}", day / 3600, day / 60 % 60, day % 60)
}

/// Seconds since 1970 of such a time, as if it were in UTC: no log says in which zone its times are.
pub fn seconds(time: &str) -> Option<i64> {
    let number = |from: usize, to: usize| time.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    // Days since 0000-03-01 by eras of 400 years.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_era = year.rem_euclid(400);
    let days =
        year.div_euclid(400) * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 + day - 1;
    Some((days - 719_468) * 86_400 + number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?)
}

/// The last time in front of the message, which is the service's own, and the number behind it.
fn time_and_process(line: &str) -> (Option<String>, Option<String>) {
    let bytes = line.as_bytes();
    let mut found: (Option<String>, Option<String>) = (None, None);
    let mut at = 0;
    while at + 19 <= bytes.len().min(TIME_WITHIN) {
        let Some(length) = time_at(&bytes[at..]) else {
            at += 1;
            continue;
        };
        let text = String::from_utf8_lossy(&bytes[at..at + length]).replace('T', " ").replace(',', ".");
        let text: String = text.chars().take(23).collect();
        let rest = line.get(at + length..).unwrap_or_default();
        let mut words = rest.split_whitespace().filter(|word| !matches!(*word, "Z" | "stdout" | "stderr" | "F" | "P"));
        let process = words.next().filter(|word| word.len() <= 10 && word.bytes().all(|byte| byte.is_ascii_digit()));
        found = (Some(text), process.map(str::to_string).or(found.1));
        at += length;
    }
    found
}

/// The length of `YYYY-MM-DD HH:MM:SS` with fractions, at the start of a text.
fn time_at(bytes: &[u8]) -> Option<usize> {
    let shape = b"0000-00-00 00:00:00";
    let head = bytes.get(..shape.len())?;
    let fits = head.iter().zip(shape).all(|(byte, wanted)| match wanted {
        b'0' => byte.is_ascii_digit(),
        b' ' => matches!(byte, b' ' | b'T'),
        other => byte == other,
    });
    let number = |at: usize| head.get(at..at + 2).map(|two| u32::from(two[0] - b'0') * 10 + u32::from(two[1] - b'0'));
    let below = |at: usize, bound: u32| number(at).is_some_and(|number| number < bound);
    let is_time = fits && below(5, 13) && below(8, 32) && below(11, 24) && below(14, 60) && below(17, 62);
    if !is_time {
        return None;
    }
    let fraction = match bytes.get(shape.len()) {
        Some(b'.' | b',') => 1 + bytes[shape.len() + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count(),
        _ => 0,
    };
    Some(shape.len() + fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_all_kinds() {
        let own = "2024-05-03 18:02:11.123 4711 INFO cinder.volume.drivers.remotefs [-] message";
        for line in [
            own.to_string(),
            format!("2024-05-03T16:02:12.987654321Z stderr F {own}"),
            format!("May  3 18:02:11 host cinder-volume[9]: {own}"),
            format!("{{\"log\": \"{own}\\n\", \"stream\": \"stderr\", \"time\": \"2024-05-03T16:02:12.9Z\"}}"),
            format!("{{\"__REALTIME_TIMESTAMP\": \"1714752132000000\", \"_PID\": \"9\", \"MESSAGE\": \"{own}\"}}"),
        ] {
            let read = read(&line);
            assert_eq!(read.time.as_deref(), Some("2024-05-03 18:02:11.123"), "{line}");
            assert_eq!(read.process.as_deref(), Some("4711"), "{line}");
            assert!(read.text.trim_end().ends_with("message"), "{line}");
        }
        let line = "{\"__REALTIME_TIMESTAMP\": \"1714752132987000\", \"_PID\": \"9\", \"MESSAGE\": [104, 105, 255]}";
        let read = read(line);
        assert_eq!((read.time.as_deref(), read.process.as_deref()), (Some("2024-05-03 16:02:12.987"), Some("9")));
        assert_eq!(read.text, "hi\u{fffd}");
        assert_eq!(seconds("2024-05-03 18:02:11.123"), Some(1_714_759_331));
        assert_eq!(written(1_714_759_331, 5), "2024-05-03 18:02:11.005");
    }
}
