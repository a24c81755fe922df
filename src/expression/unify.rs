//! The type that values of several types have in common.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{AttributeType, Type};

/// The one type that values of all these types can be converted to without the risk of failure; `None` if there is
/// none. `any` (an untyped null, an unknown) goes with everything.
pub fn unify(types: &[Type]) -> Option<Type> {
    common(types)
}

/// All types are looked at together: a number and a truth value have something in common once a text joins them.
fn common<'t>(types: impl IntoIterator<Item = &'t Type>) -> Option<Type> {
    let known: Vec<&Type> = types.into_iter().filter(|of| **of != Type::Any).collect();
    let Some(first) = known.first() else { return Some(Type::Any) };
    if known.iter().all(|of| of == first) {
        return Some((*first).clone());
    }
    match first {
        Type::String | Type::Number | Type::Bool => {
            let text = known.contains(&&Type::String) && known.iter().all(|of| of.is_primitive());
            text.then_some(Type::String)
        }
        Type::List(_) | Type::Set(_) | Type::Tuple(_) => sequence(&known),
        _ => mapping(&known),
    }
}

/// Tuples of one length are unified element by element; what is no list, but a set among others, is a set.
fn sequence(types: &[&Type]) -> Option<Type> {
    let (mut sets, mut lists, mut tuples) = (false, false, Vec::new());
    let mut elements: Vec<&Type> = Vec::new();
    for of in types {
        match of {
            Type::List(of) => {
                lists = true;
                elements.push(of);
            }
            Type::Set(of) => {
                sets = true;
                elements.push(of);
            }
            Type::Tuple(of) => {
                tuples.push(of);
                elements.extend(of);
            }
            _ => return None,
        }
    }
    let length = tuples.first().map_or(0, |tuple| tuple.len());
    if !lists && !sets && tuples.iter().all(|tuple| tuple.len() == length) {
        let at = |index: usize| common(tuples.iter().map(|tuple| &tuple[index]));
        return (0..length).map(at).collect::<Option<_>>().map(Type::Tuple);
    }
    let element = common(elements)?;
    Some(if sets && !lists { Type::set(element) } else { Type::list(element) })
}

/// Objects with the same attributes are unified attribute by attribute; anything else becomes a map.
fn mapping(types: &[&Type]) -> Option<Type> {
    let (mut maps, mut objects) = (false, Vec::new());
    let mut values: Vec<&Type> = Vec::new();
    for of in types {
        match of {
            Type::Map(of) => {
                maps = true;
                values.push(of);
            }
            Type::Object(attributes) => {
                objects.push(attributes);
                values.extend(attributes.values().map(|attribute| &attribute.of));
            }
            _ => return None,
        }
    }
    match objects.first() {
        Some(first) if !maps && objects.iter().all(|attributes| attributes.keys().eq(first.keys())) => {
            let of = |name: &Arc<str>| {
                let of = common(objects.iter().filter_map(|attributes| Some(&attributes.get(name)?.of)))?;
                Some((Arc::clone(name), AttributeType::required(of)))
            };
            first.keys().map(of).collect::<Option<BTreeMap<_, _>>>().map(Type::Object)
        }
        _ => common(values).map(Type::map),
    }
}

/// What a value of type `from` will be of once it is converted to `to`, which may leave something open.
pub(crate) fn settled(from: &Type, to: &Type) -> Type {
    use Type::{Any, List, Map, Object, Set, Tuple};
    let one = |types: Vec<Type>| unify(&types).unwrap_or(Any);
    match (from, to) {
        (from, Any) => from.clone(),
        (List(from) | Set(from), List(to)) => Type::list(settled(from, to)),
        (List(from) | Set(from), Set(to)) => Type::set(settled(from, to)),
        (Tuple(types), List(to)) => Type::list(one(types.iter().map(|from| settled(from, to)).collect())),
        (Tuple(types), Set(to)) => Type::set(one(types.iter().map(|from| settled(from, to)).collect())),
        (Map(from), Map(to)) => Type::map(settled(from, to)),
        (Object(from), Map(to)) => Type::map(one(from.values().map(|from| settled(&from.of, to)).collect())),
        _ => to.clone(),
    }
}

/// Whether a value of type `from` may turn out to be convertible to `to`.
pub(crate) fn convertible(from: &Type, to: &Type) -> bool {
    use Type::{Any, Bool, List, Map, Number, Object, Set, String, Tuple};
    match (from, to) {
        (Any, _) | (_, Any) | (String, Number | Bool) | (Number | Bool, String) => true,
        (List(from) | Set(from), List(to) | Set(to)) | (Map(from), Map(to)) => convertible(from, to),
        (Tuple(types), List(to) | Set(to)) => types.iter().all(|from| convertible(from, to)),
        (List(from), Tuple(types)) => types.iter().all(|to| convertible(from, to)),
        (Tuple(from), Tuple(to)) => {
            from.len() == to.len() && from.iter().zip(to).all(|(from, to)| convertible(from, to))
        }
        (Object(from), Map(to)) => from.values().all(|from| convertible(&from.of, to)),
        (Map(from), Object(to)) => to.values().all(|to| convertible(from, &to.of)),
        (Object(from), Object(to)) => to.iter().all(|(name, to)| match from.get(name) {
            Some(from) => convertible(&from.of, &to.of),
            None => to.optional,
        }),
        (from, to) => from == to,
    }
}
