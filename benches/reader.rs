//! Reads a file as cinderlint or as rust-ini does, for `benches/compare.py` to put side by side, or finds the ends of its
//! lines and nothing more: no reader can be faster than that.
//!
//! `reader cinderlint|rust-ini|line-ends FILE` reads it once, a whole program; with a number of SECONDS it reads it again and again for
//! so long, and prints the shortest time that it took, in seconds.
#![allow(clippy::print_stdout, clippy::expect_used)]

use std::{
    env, fs,
    hint::black_box,
    time::{Duration, Instant},
};

use cinderlint::ini::Document;

fn main() {
    // Cargo adds a `--bench` when it runs this itself.
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [program, path, seconds @ ..] = arguments.as_slice() else {
        println!("reader cinderlint|rust-ini|line-ends FILE [SECONDS]: see benches/README.md");
        return;
    };
    let text = fs::read(path).expect("the file can be read");
    let text = String::from_utf8(text).expect("the file is UTF-8");
    let seconds: f64 = seconds.first().map_or(0.0, |seconds| seconds.parse().expect("SECONDS is a number"));
    let best = match program.as_str() {
        "cinderlint" => shortest(seconds, || Document::read(text.as_bytes())),
        // A file that it refuses halfway would be read too fast.
        "rust-ini" => shortest(seconds, || ini::Ini::load_from_str(&text).expect("rust-ini reads the file")),
        "line-ends" => shortest(seconds, || {
            for end in memchr::memchr_iter(b'\n', text.as_bytes()) {
                black_box(end);
            }
        }),
        _ => unreachable!("cinderlint, rust-ini or line-ends"),
    };
    if seconds > 0.0 {
        println!("{}", best.as_secs_f64());
    }
}

/// The time of reading alone: not of giving the memory back.
fn shortest<T>(seconds: f64, read: impl Fn() -> T) -> Duration {
    let mut best = Duration::MAX;
    let begin = Instant::now();
    loop {
        let start = Instant::now();
        let read = black_box(read());
        best = best.min(start.elapsed());
        drop(read);
        if begin.elapsed().as_secs_f64() >= seconds {
            return best;
        }
    }
}
