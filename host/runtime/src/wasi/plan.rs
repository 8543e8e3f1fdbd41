//! One imported function of WASI: what it answers, with the values that its
//! type asks for, settled when it is linked. It reads the evaluation's state
//! and nothing else, and it never waits.

use wasmtime::component::types::{ComponentFunc, Type};
use wasmtime::component::{ResourceDynamic, Val};
use wasmtime::{AsContextMut as _, StoreContextMut};

use super::Resources;
use super::answer::{Answer, Handle};
use super::refusal::{self, NotGiven};
use super::session::STEP_NANOS;
use crate::state::State;

/// Bytes of chance given at a time; a seed is 32.
const CHANCE_BYTES: u64 = 64 << 10;
/// Bytes that may be printed at a time, as WASI's own streams have it.
const ROOM_BYTES: u64 = 4096;

/// What a linked function does.
pub(super) struct Plan {
    function: String,
    answer: Answer,
    /// The kind of the resource that it returns, if it returns one.
    kind: Option<u32>,
    /// The value that says no, if its type has one.
    refusal: Option<Val>,
}

impl Plan {
    pub(super) fn of(
        interface: &str,
        name: &str,
        function: &ComponentFunc,
        resources: &Resources,
    ) -> Self {
        let answer = Answer::of(interface, name);
        let refusal = if answer == Answer::Closed {
            refusal::closed(function)
        } else {
            refusal::denial(function)
        };
        let kind = if let Some(Type::Own(resource)) = function.results().next() {
            resources.kind(&resource)
        } else {
            None
        };
        Self { function: format!("wasi:{interface}.{name}"), answer, kind, refusal }
    }

    /// Answers a call.
    pub(super) fn follow(
        &self,
        mut store: StoreContextMut<'_, State>,
        given: &[Val],
        results: &mut [Val],
    ) -> wasmtime::Result<()> {
        store.data_mut().enter(given.iter().map(weight).sum())?;
        let handle = give_back(&mut store, given)?;
        let answer = self.answer(&mut store, handle, given)?;
        match (results, answer) {
            ([], None) => Ok(()),
            ([result], Some(answer)) => {
                *result = answer;
                Ok(())
            }
            _ => Err(self.mistyped()),
        }
    }

    fn answer(
        &self,
        store: &mut StoreContextMut<'_, State>,
        handle: Handle,
        given: &[Val],
    ) -> wasmtime::Result<Option<Val>> {
        let state = store.data_mut();
        Ok(Some(match self.answer {
            Answer::Done => return Ok(None),
            Answer::Nothing => Val::List(Vec::new()),
            Answer::Absent => Val::Option(None),
            Answer::Ok => Val::Result(Ok(None)),
            Answer::Yes => Val::Bool(true),
            Answer::Room => Val::Result(Ok(Some(Box::new(Val::U64(ROOM_BYTES))))),
            Answer::Print => {
                state.print(handle, &self.bytes(given)?);
                Val::Result(Ok(None))
            }
            Answer::AllReady => ready(given),
            Answer::TickTime => date(state.tick_ms()),
            Answer::TickGrain => date(1),
            Answer::Steps => Val::U64(state.wasi.step()),
            Answer::StepLength => Val::U64(STEP_NANOS),
            Answer::ChanceBytes => self.chance(state, given)?,
            Answer::ChanceNumber => Val::U64(state.chance().number()),
            Answer::ChancePair => {
                let chance = state.chance();
                Val::Tuple(vec![Val::U64(chance.number()), Val::U64(chance.number())])
            }
            Answer::ErrorText => Val::String("this host gives no such thing".to_owned()),
            Answer::Handle(to) => self.handle(store, to)?,
            Answer::Exit => return Err(NotGiven::Exit { function: self.name() }.into()),
            Answer::Closed | Answer::Denied => match &self.refusal {
                Some(refusal) => refusal.clone(),
                None => return Err(NotGiven::Function { function: self.name() }.into()),
            },
        }))
    }

    fn handle(&self, store: &mut StoreContextMut<'_, State>, to: Handle) -> wasmtime::Result<Val> {
        let kind = self.kind.ok_or_else(|| self.mistyped())?;
        store.data_mut().wasi.handle_given();
        let handle = ResourceDynamic::new_own(to.number(), kind);
        Ok(Val::Resource(handle.try_into_resource_any(store)?))
    }

    fn chance(&self, state: &mut State, given: &[Val]) -> wasmtime::Result<Val> {
        let [Val::U64(asked)] = *given else { return Err(self.mistyped()) };
        if asked > CHANCE_BYTES {
            let refused = NotGiven::Chance { function: self.name(), asked, allowed: CHANCE_BYTES };
            return Err(refused.into());
        }
        let count = usize::try_from(asked).unwrap_or(0);
        Ok(Val::List(state.chance().bytes(count).into_iter().map(Val::U8).collect()))
    }

    /// What is to be printed: the last of what was given.
    fn bytes(&self, given: &[Val]) -> wasmtime::Result<Vec<u8>> {
        let Some(Val::List(bytes)) = given.last() else { return Err(self.mistyped()) };
        let byte = |value: &Val| {
            if let Val::U8(byte) = value { Ok(*byte) } else { Err(self.mistyped()) }
        };
        bytes.iter().map(byte).collect()
    }

    fn mistyped(&self) -> wasmtime::Error {
        NotGiven::Mistyped { function: self.name() }.into()
    }

    fn name(&self) -> String {
        self.function.clone()
    }
}

/// Bytes that a value takes in the host beside the place that it stands in, as
/// the engine counts them: the bytes of text, and the places in a list.
#[expect(clippy::wildcard_enum_match_arm, reason = "the engine's; all others stand in place")]
fn weight(value: &Val) -> usize {
    match value {
        Val::String(text) => text.len(),
        Val::List(values) | Val::Tuple(values) | Val::FixedLengthList(values) => {
            size_of_val(values.as_slice()) + values.iter().map(weight).sum::<usize>()
        }
        Val::Record(fields) => {
            fields.iter().map(|(_, value)| size_of::<Val>() + weight(value)).sum()
        }
        Val::Variant(_, Some(value))
        | Val::Option(Some(value))
        | Val::Result(Ok(Some(value)) | Err(Some(value))) => size_of::<Val>() + weight(value),
        _ => 0,
    }
}

/// A date, as WASI has it.
fn date(millis: u64) -> Val {
    let nanos = u32::try_from(millis % 1000).unwrap_or(0) * 1_000_000;
    Val::Record(vec![
        ("seconds".to_owned(), Val::U64(millis / 1000)),
        ("nanoseconds".to_owned(), Val::U32(nanos)),
    ])
}

/// The places of all that is waited for.
fn ready(given: &[Val]) -> Val {
    let count = match given {
        [Val::List(waited_for)] => u32::try_from(waited_for.len()).unwrap_or(u32::MAX),
        _ => 0,
    };
    Val::List((0..count).map(Val::U32).collect())
}

/// Gives every handle among the values back to the engine, which keeps count
/// of them, and says where the first of them leads.
fn give_back(store: &mut StoreContextMut<'_, State>, values: &[Val]) -> wasmtime::Result<Handle> {
    let mut first = None;
    for value in values {
        give_back_one(store, value, &mut first)?;
    }
    Ok(first.map_or(Handle::Idle, Handle::numbered))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the engine's; all others hold no value")]
fn give_back_one(
    store: &mut StoreContextMut<'_, State>,
    value: &Val,
    first: &mut Option<u32>,
) -> wasmtime::Result<()> {
    match value {
        Val::Resource(handle) => {
            let handle = handle.try_into_resource_dynamic(store.as_context_mut())?;
            if handle.owned() {
                store.data_mut().wasi.handle_dropped();
            }
            first.get_or_insert(handle.rep());
            Ok(())
        }
        Val::List(values) | Val::Tuple(values) | Val::FixedLengthList(values) => {
            values.iter().try_for_each(|value| give_back_one(store, value, first))
        }
        Val::Record(fields) => {
            fields.iter().try_for_each(|(_, value)| give_back_one(store, value, first))
        }
        Val::Map(pairs) => pairs.iter().try_for_each(|(key, value)| {
            give_back_one(store, key, first)?;
            give_back_one(store, value, first)
        }),
        Val::Variant(_, Some(value))
        | Val::Option(Some(value))
        | Val::Result(Ok(Some(value)) | Err(Some(value))) => give_back_one(store, value, first),
        _ => Ok(()),
    }
}
