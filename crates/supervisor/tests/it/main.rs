//! Runs real processes through the public interface.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what should not happen fails the test")]

mod change;
mod crash;
mod death;
mod health;
mod listen;
mod memory;
mod needs;
mod output;
mod ownership;
mod ready;
mod restart;
mod start;
mod stop;
mod world;
