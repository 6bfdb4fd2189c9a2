use std::{fmt, marker::PhantomData, ops::Deref, sync::OnceLock};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeOwned, value::SeqAccessDeserializer},
};

// `TEXTS`: what is said about the built-in rules, each part as JSON.
include!(concat!(env!("OUT_DIR"), "/rule_texts.rs"));

/// A part of a rule that few runs need: read from a rule file at once, from the binary when somebody looks at it.
#[derive(Clone, Default)]
pub struct Later<T> {
    stored: Option<u32>,
    value: OnceLock<T>,
}

impl<T: DeserializeOwned + Default> Deref for Later<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.get_or_init(|| {
            let text = self.stored.and_then(|at| TEXTS.get(at as usize));
            // Every rule file is read whole by the tests, so that this cannot fail in a binary that passed them.
            text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
        })
    }
}

impl fmt::Display for Later<String> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl<T: DeserializeOwned + Default + Serialize> Serialize for Later<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(to)
    }
}

impl<T: DeserializeOwned + Default + fmt::Debug> fmt::Debug for Later<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Later<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Visitor<T> {
            type Value = Later<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list")
            }

            // Only the build script writes a number here.
            fn visit_u64<E: de::Error>(self, at: u64) -> Result<Later<T>, E> {
                let at = u32::try_from(at).map_err(E::custom)?;
                Ok(Later { stored: Some(at), value: OnceLock::new() })
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Later<T>, E> {
                T::deserialize(de::value::StrDeserializer::new(text)).map(now)
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, items: A) -> Result<Later<T>, A::Error> {
                T::deserialize(SeqAccessDeserializer::new(items)).map(now)
            }
        }

        from.deserialize_any(Visitor(PhantomData))
    }
}

fn now<T>(value: T) -> Later<T> {
    Later { stored: None, value: OnceLock::from(value) }
}
