//! The whole flow through its public face: real stores, the real client over its simulator, only socket and
//! clock replaced.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod batch;
mod check;
mod crash;
mod deliver;
mod drive;
mod follow;
mod hand_over;
mod lines;
mod notify;
mod people;
mod play;
mod quote;
mod rules;
mod submit;
mod tap;
mod told;
mod wire;
mod workers;
mod world;

/// Makes each scenario two tests: over the store in memory and over SQLite.
macro_rules! on_both_stores {
    ($($name:ident),* $(,)?) => {
        mod memory {
            $(#[test]
            fn $name() {
                super::$name($crate::world::Kind::Memory);
            })*
        }
        mod sqlite {
            $(#[test]
            fn $name() {
                super::$name($crate::world::Kind::Sqlite);
            })*
        }
    };
}
pub(crate) use on_both_stores;
