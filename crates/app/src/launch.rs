//! From the options of a start to a plan whose data folder is held.
//!
//! It knows no process and no HTTP. Everything that Ensconce keeps of an app lies in one folder,
//! and every name in it stands in [`own_folder`].

pub(crate) mod announcement;
pub(crate) mod find;
pub(crate) mod folders;
pub(crate) mod held;
pub(crate) mod own_folder;
pub(crate) mod prepare;
pub(crate) mod programs;
pub(crate) mod source;
