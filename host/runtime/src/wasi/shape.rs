//! Whether a value that a stub answers with is of the type that a component
//! declared for it. The engine would notice too, and blame the policy's data.

use wasmtime::component::Val;
use wasmtime::component::types::Type;

/// Knows the values that stubs answer with, and no others.
pub(super) fn is_of(value: &Val, ty: &Type) -> bool {
    match (value, ty) {
        (Val::Bool(_), Type::Bool)
        | (Val::U8(_), Type::U8)
        | (Val::U32(_), Type::U32)
        | (Val::U64(_), Type::U64)
        | (Val::String(_), Type::String)
        | (Val::Option(None), Type::Option(_))
        // Of the kind that was read off the type.
        | (Val::Resource(_), Type::Own(_)) => true,
        (Val::List(values), Type::List(list)) => {
            let element = list.ty();
            values.iter().all(|value| is_of(value, &element))
        }
        (Val::Tuple(values), Type::Tuple(tuple)) => {
            let mut types = tuple.types();
            values.len() == types.len()
                && values.iter().all(|value| types.next().is_some_and(|ty| is_of(value, &ty)))
        }
        (Val::Record(values), Type::Record(record)) => {
            let mut fields = record.fields();
            let same = |(name, value): &(String, Val)| {
                fields.next().is_some_and(|field| field.name == name && is_of(value, &field.ty))
            };
            values.len() == record.fields().len() && values.iter().all(same)
        }
        (Val::Result(Ok(value)), Type::Result(result)) => is_carried(value, result.ok()),
        (Val::Result(Err(value)), Type::Result(result)) => is_carried(value, result.err()),
        (Val::Enum(name), Type::Enum(cases)) => cases.names().any(|case| case == name),
        (Val::Variant(name, None), Type::Variant(cases)) => {
            cases.cases().any(|case| case.name == name && case.ty.is_none())
        }
        _ => false,
    }
}

fn is_carried(value: &Option<Box<Val>>, ty: Option<Type>) -> bool {
    match (value, ty) {
        (None, None) => true,
        (Some(value), Some(ty)) => is_of(value, &ty),
        (None, Some(_)) | (Some(_), None) => false,
    }
}
