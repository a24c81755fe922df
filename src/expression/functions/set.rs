//! Functions on sets.

use super::sequence::{MOST, element_type, elements, owned};
use super::{Call, Fault, Function};
use crate::expression::convert::set_of;
use crate::expression::words::found;
use crate::expression::{Type, Value, convert, order, type_of, unify};

pub(super) fn all() -> Vec<Function> {
    let set = || Type::set(Type::Any);
    vec![
        Function::new("setunion", "The elements that are in any of the sets", |call| {
            combined(call, |count, _| count > 0)
        })
        .takes_many("sets", set())
        .gives(set())
        .gives_by(united),
        Function::new("setintersection", "The elements that are in all of the sets", |call| {
            combined(call, |count, sets| count == sets)
        })
        .takes_many("sets", set())
        .gives(set())
        .gives_by(united),
        Function::new("setsymmetricdifference", "The elements that are in just one of the sets", |call| {
            combined(call, |count, _| count % 2 == 1)
        })
        .takes_many("sets", set())
        .gives(set())
        .gives_by(united),
        Function::new("setsubtract", "The elements of the first set that are not in the second", subtract)
            .takes("set", set())
            .takes("less", set())
            .gives(set())
            .gives_by(united),
        Function::new("setproduct", "All combinations of an element of each set or list", product)
            .takes_many("sets", Type::Any)
            .partly_unknown()
            .gives_by(|types| Ok(combination(types)?.1))
            .keeps_marks(),
    ]
}

/// The type of sets that are made into one.
fn united(types: &[Type]) -> Result<Type, Fault> {
    unify(types).ok_or_else(|| Fault::new("the sets must have elements of the same type"))
}

/// The arguments' elements as those of one type.
fn of_one_type(call: &Call<'_, '_>) -> Result<(Type, Vec<Vec<Value>>), Fault> {
    if call.arguments.is_empty() {
        return Err(Fault::new("at least one set is needed"));
    }
    let types: Vec<Type> = call.arguments.iter().map(type_of).collect();
    let of = united(&types)?;
    let mut sets = Vec::with_capacity(call.arguments.len());
    for (index, argument) in call.arguments.iter().enumerate() {
        let set = convert(argument, &of).map_err(|mismatch| Fault::at(index, mismatch.to_string()))?;
        sets.push(set.elements().unwrap_or_default().into_iter().cloned().collect());
    }
    Ok((of, sets))
}

/// The elements that `wanted`, told in how many sets an element is and how many sets there are, takes.
fn combined(call: &Call<'_, '_>, wanted: fn(usize, usize) -> bool) -> Result<Value, Fault> {
    let (of, sets) = of_one_type(call)?;
    let count = sets.len();
    let mut all: Vec<Value> = sets.into_iter().flatten().collect();
    all.sort_by(order);
    let runs = all.chunk_by(|left, right| order(left, right).is_eq());
    let values = runs.filter(|run| wanted(run.len(), count)).filter_map(|run| run.first().cloned()).collect();
    Ok(as_set(values, &of))
}

fn subtract(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let (of, mut sets) = of_one_type(call)?;
    let mut less = sets.pop().unwrap_or_default();
    less.sort_by(order);
    let mut values = sets.pop().unwrap_or_default();
    values.retain(|value| less.binary_search_by(|other| order(other, value)).is_err());
    Ok(as_set(values, &of))
}

/// Values that are of the elements' type already.
fn as_set(values: Vec<Value>, of: &Type) -> Value {
    let of = element_type(of, 0).unwrap_or(Type::Any);
    set_of(&Value::tuple(Vec::new()), of, values)
}

/// The types of what a combination is made of, and of all combinations.
fn combination(types: &[Type]) -> Result<(Vec<Type>, Type), Fault> {
    let mut elements = Vec::with_capacity(types.len());
    for (index, of) in types.iter().enumerate() {
        elements.push(match of {
            Type::Tuple(types) => unify(types)
                .ok_or_else(|| Fault::at(index, "all elements of a list must be of one type to be combined"))?,
            of => element_type(of, index)?,
        });
    }
    let each = Type::Tuple(elements.clone());
    // with a set among them there is no order
    let set = types.iter().any(|of| matches!(of, Type::Set(_)));
    Ok((elements, if set { Type::set(each) } else { Type::list(each) }))
}

fn product(call: &Call<'_, '_>) -> Result<Value, Fault> {
    if call.arguments.len() < 2 {
        return Err(Fault::new("at least two sets are needed"));
    }
    let types: Vec<Type> = call.arguments.iter().map(type_of).collect();
    let (elements_of, of) = combination(&types)?;
    let mut combinations: Vec<Vec<Value>> = vec![Vec::new()];
    for (index, of) in elements_of.into_iter().enumerate() {
        let choices = Value::tuple(owned(&elements(call, index)?));
        let choices = convert(&choices, &Type::list(of)).map_err(|mismatch| Fault::at(index, mismatch.to_string()))?;
        let choices = choices.elements().unwrap_or_default();
        if combinations.len().saturating_mul(choices.len()) > MOST {
            return Err(Fault::at(index, format!("more than {MOST} combinations would be made")));
        }
        combinations = combinations
            .iter()
            .flat_map(|begun| choices.iter().map(move |choice| begun.iter().chain([*choice]).cloned().collect()))
            .collect();
    }
    match of {
        Type::Set(_) => Ok(as_set(combinations.into_iter().map(Value::tuple).collect(), &of)),
        Type::List(of) => Ok(Value::list(*of, combinations.into_iter().map(Value::tuple).collect())),
        _ => Err(Fault::at(0, format!("expected a list, found {}", found(&call.value(0))))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{check, refuse};

    #[test]
    fn sets() {
        check(&[
            (r#"setunion(["a", "b"], ["b", "c"], ["d"])"#, r#"["a","b","c","d"]"#),
            (r#"setintersection(["a", "b"], ["b", "c"], ["b", "d"])"#, r#"["b"]"#),
            (r#"setsymmetricdifference(["a", "b"], ["b", "c"])"#, r#"["a","c"]"#),
            (r#"setsubtract(["a", "b", "c"], ["a", "c"])"#, r#"["b"]"#),
            (r#"setunion([1], ["b"])"#, r#"["1","b"]"#),
            (r#"type(setunion(["a"]))"#, r#""set(string)""#),
            (r#"setproduct(["x", "y"], [1, 2])"#, r#"[["x",1],["x",2],["y",1],["y",2]]"#),
            (r#"setproduct(["x"], [])"#, "[]"),
            (r#"issensitive(setunion(["a"], [var.secret]))"#, "true"),
            (r#"nonsensitive(setunion(["a"], [var.secret]))"#, r#"["a","hidden"]"#),
            (r#"setunion(["a"], [var.unknown])"#, "unknown"),
        ]);
        refuse(&[
            ("setproduct([1])", "`setproduct`: at least two sets are needed", "setproduct([1])"),
            ("setunion()", "`setunion`: at least one set is needed", "setunion()"),
        ]);
    }
}
