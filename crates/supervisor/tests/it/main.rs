//! Runs real processes through the public interface.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what should not happen fails the test")]

mod change;
mod crash;
mod death;
mod health;
mod input;
mod listen;
mod memory;
mod needs;
mod once;
mod output;
mod ownership;
mod ready;
mod restart;
mod start;
mod started;
mod stop;
mod world;
