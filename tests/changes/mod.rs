//! Change in all its kinds: what the plan promises against what happens.
//!
//! Every case edits the definition of a cluster that is there ([`life`]), and has it planned and applied on the embedded
//! engine. Then [`compare`] holds the plan against the engine's own log ([`record`]) and against what the node agent does
//! with what the machines were given ([`agent`]): physical ids, events, services, batches, outputs, and an empty plan at
//! the end. It knows nothing of the cases; [`lies`] shows that it notices what is wrong.

mod agent;
mod batches;
mod cases;
mod compare;
mod lies;
mod life;
mod real;
mod record;
