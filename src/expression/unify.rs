//! The type that values of several types have in common.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{AttributeType, Type};

/// The one type that values of all these types can be converted to without the risk of failure; `None` if there is
/// none. `any` (an untyped null, an unknown) goes with everything.
pub fn unify(types: &[Type]) -> Option<Type> {
    let mut common = Type::Any;
    for of in types {
        common = pair(&common, of)?;
    }
    Some(common)
}

fn pair(left: &Type, right: &Type) -> Option<Type> {
    use Type::{Any, Bool, List, Map, Number, Object, Set, String, Tuple};
    match (left, right) {
        (Any, other) | (other, Any) => Some(other.clone()),
        (left, right) if left == right => Some(left.clone()),
        (String, Number | Bool) | (Number | Bool, String) => Some(String),
        (List(left) | Set(left), List(right)) | (List(left), Set(right)) => Some(Type::list(pair(left, right)?)),
        (Set(left), Set(right)) => Some(Type::set(pair(left, right)?)),
        (List(of), Tuple(types)) | (Tuple(types), List(of)) => Some(Type::list(pair(of, &unify(types)?)?)),
        (Set(of), Tuple(types)) | (Tuple(types), Set(of)) => Some(Type::set(pair(of, &unify(types)?)?)),
        (Tuple(left), Tuple(right)) if left.len() == right.len() => {
            left.iter().zip(right).map(|(left, right)| pair(left, right)).collect::<Option<_>>().map(Tuple)
        }
        (Tuple(left), Tuple(right)) => Some(Type::list(pair(&unify(left)?, &unify(right)?)?)),
        (Map(left), Map(right)) => Some(Type::map(pair(left, right)?)),
        (Map(of), Object(attributes)) | (Object(attributes), Map(of)) => {
            Some(Type::map(pair(of, &unify_attributes(attributes)?)?))
        }
        (Object(left), Object(right)) if left.keys().eq(right.keys()) => {
            let mut attributes: BTreeMap<Arc<str>, AttributeType> = BTreeMap::new();
            for ((name, left), right) in left.iter().zip(right.values()) {
                attributes.insert(Arc::clone(name), AttributeType::required(pair(&left.of, &right.of)?));
            }
            Some(Object(attributes))
        }
        (Object(left), Object(right)) => Some(Type::map(pair(&unify_attributes(left)?, &unify_attributes(right)?)?)),
        _ => None,
    }
}

fn unify_attributes(attributes: &BTreeMap<Arc<str>, AttributeType>) -> Option<Type> {
    attributes.values().try_fold(Type::Any, |common, attribute| pair(&common, &attribute.of))
}

/// What a value of type `from` will be of once it is converted to `to`, which may leave something open.
pub fn settled(from: &Type, to: &Type) -> Type {
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
pub fn convertible(from: &Type, to: &Type) -> bool {
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
