//! Opens a run to a group of users: all of it to read, since what a run asks is known only by reading all that happened,
//! and its inbox to post into. Whoever has to answer what the executor may not answer works under another user.
//!
//! ```text
//! STATE/                  rwx--x---    to pass through
//! STATE/runs/             rwxr-x---
//! STATE/runs/ID/          rwxr-x---
//!    journal.jsonl, executor.lock, created, source/**    to read
//!    artifacts/, scrapes/ rwxr-s---    new files belong to the group
//!    inbox/               rwxrws--T    to post into; what others posted stays theirs
//!    inbox/taken/         rwxr-x---
//! ```

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use nix::unistd::{Gid, Group, Uid, User, chown, getegid, geteuid, getgroups};

use crate::diagnostic::Code;
use crate::journal::problem::Problem;
use crate::journal::store::{ARTIFACTS, SCRAPES, StoreError};
use crate::text;
use crate::text::Text;

const PASSED: u32 = 0o710;
const LISTED: u32 = 0o750;
/// Mode of a file of a shared run.
pub(super) const READ: u32 = 0o640;
/// Set-group-id, so that new files belong to the group.
const FILLED: u32 = 0o2750;
/// Set-group-id, so that a post belongs to the group; sticky, so that nobody takes another's post away.
const POSTED_INTO: u32 = 0o3770;

/// A group that this user may share runs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedWith(Gid);

impl SharedWith {
    /// The group of this name.
    ///
    /// # Errors
    /// It is not there, or this user is not in it: then no file can be given to it.
    pub fn named(name: &str) -> Result<Self, Problem> {
        let refused = |message: Text| Problem::new(Code::RB0867, message).help(mine());
        let group = Group::from_name(name)
            .ok()
            .flatten()
            .ok_or_else(|| refused(text!("there is no group {name}", "没有用户组 {name}")))?;
        if geteuid().is_root() || own_groups().contains(&group.gid) {
            Ok(Self(group.gid))
        } else {
            Err(refused(text!("{} is not in the group {}", "{} 不在用户组 {} 中", user_name(geteuid().as_raw()), name)))
        }
    }
}

fn own_groups() -> Vec<Gid> {
    let mut groups = getgroups().unwrap_or_default();
    groups.push(getegid());
    groups
}

fn mine() -> Text {
    let mut names: Vec<String> =
        own_groups().into_iter().filter_map(|gid| Some(Group::from_gid(gid).ok()??.name)).collect();
    names.sort();
    names.dedup();
    text!(
        "a run is shared with a group that its executor is in: {}",
        "只能共享给执行者所在的用户组：{}",
        names.join(", ")
    )
}

/// The name of a user, as it stands in journals.
pub fn user_name(uid: u32) -> String {
    let known = User::from_uid(Uid::from_raw(uid)).ok().flatten().map(|user| user.name);
    known.unwrap_or_else(|| format!("uid-{uid}"))
}

/// Opens a run to a group. A state folder is shared with one group alone: its runs are listed to all of it.
pub(super) fn share(root: &Path, run: &Path, with: SharedWith) -> Result<(), StoreError> {
    let failed = |error: &io::Error| StoreError::Fatal(super::cannot(super::disk::TO_SHARE, run, error));
    let there = fs::metadata(root).map_err(|error| failed(&error))?;
    if is_shared(there.mode()) && there.gid() != with.0.as_raw() {
        let other = Group::from_gid(Gid::from_raw(there.gid())).ok().flatten();
        let other = other.map_or_else(|| there.gid().to_string(), |group| group.name);
        let message = text!("{} is shared with the group {} already", "{} 已共享给用户组 {}", root.display(), other);
        return Err(StoreError::Fatal(
            Problem::new(Code::RB0908, message)
                .help(text!("name a state folder of its own for another group", "请为另一用户组指定单独的状态文件夹")),
        ));
    }
    open_to(root, run, with.0).map_err(|error| failed(&error))
}

fn open_to(root: &Path, run: &Path, group: Gid) -> io::Result<()> {
    give(root, group, PASSED)?;
    give(&root.join("runs"), group, LISTED)?;
    for file in [super::JOURNAL, super::EXECUTOR, super::CREATED] {
        give(&run.join(file), group, READ)?;
    }
    for folder in [SCRAPES, ARTIFACTS] {
        give(&run.join(folder), group, FILLED)?;
    }
    give(&run.join("inbox/taken"), group, LISTED)?;
    give(&run.join("inbox"), group, POSTED_INTO)?;
    // The folder last: until then nobody else reaches what is in it.
    give(run, group, LISTED)
}

/// Opens what a run was made from where the run is shared.
pub(super) fn share_source(run: &Path, source: &Path) -> io::Result<()> {
    let there = fs::metadata(run)?;
    if is_shared(there.mode()) { give_tree(source, Gid::from_raw(there.gid())) } else { Ok(()) }
}

fn give_tree(path: &Path, group: Gid) -> io::Result<()> {
    if !path.is_dir() {
        return give(path, group, READ);
    }
    for entry in fs::read_dir(path)? {
        give_tree(&entry?.path(), group)?;
    }
    give(path, group, LISTED)
}

fn give(path: &Path, group: Gid, mode: u32) -> io::Result<()> {
    chown(path, None, Some(group))?;
    // After the change of the group, which takes set-group-id away.
    fs::set_permissions(path, Permissions::from_mode(mode))
}

/// Whether a folder of this mode is open to its group.
pub(super) fn is_shared(mode: u32) -> bool {
    mode & 0o070 != 0
}
