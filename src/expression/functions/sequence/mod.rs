//! Functions on lists, and on what can be read as one.

mod all;
mod elements;
mod make;
mod pick;
mod search;

pub(super) use elements::{MOST, element_type, elements, ordered, owned};

use super::Function;

pub(super) fn all() -> Vec<Function> {
    [make::all(), pick::all(), search::all(), all::all()].into_iter().flatten().collect()
}
