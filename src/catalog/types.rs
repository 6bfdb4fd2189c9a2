//! The types of oslo.config, and what they make of a text.
