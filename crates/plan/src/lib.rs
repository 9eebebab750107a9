//! Turns a manifest and facts about the machine into exactly what will run.
//!
//! [`plan`] is a pure function: no disk, network, clock or environment is touched. What cannot be
//! known before the start (a free port, a secret) stays a named part of a [`Text`], so a plan can
//! be shown to anyone.

mod error;
mod facts;
mod job;
mod order;
mod planner;
mod programs;
mod python;
mod render;
mod rules;
mod setup;
mod text;
mod variables;

pub use error::{PlanError, PlanErrors};
pub use facts::{Facts, Folders};
pub use job::{
    AppInfo, JobKind, JobPlan, ListenPlan, Plan, ReadyPlan, RoutePlan, SecretPlan, StopPlan,
    UiPlan, UiRoot, WindowPlan,
};
pub use planner::plan;
pub use programs::Programs;
pub use python::{PythonChoice, candidates as python_candidates};
pub use rules::{LivenessPlan, PacePlan, RestartPlan, RulesPlan};
pub use setup::{CheckMeans, CheckPlan, DatabasePlan, FieldPlan, SetupPage, SetupPlan};
pub use text::{Lookup, Part, Text};
