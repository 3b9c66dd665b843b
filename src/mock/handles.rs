//! Injected faults in the hands of a test.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::fault::FaultId;
use crate::live::Live;

/// An injected fault. Dropping the handle leaves the fault in force.
#[derive(Clone)]
pub struct FaultHandle {
    id: FaultId,
    live: Arc<Live>,
}

impl FaultHandle {
    pub(super) fn new(id: FaultId, live: Arc<Live>) -> Self {
        Self { id, live }
    }

    /// Names the fault: [`Attempt::fault_ids`](crate::journal::Attempt::fault_ids) has it where the fault decided, and
    /// [`Journal::attempts_of`](crate::Journal::attempts_of) finds those attempts.
    pub fn id(&self) -> FaultId {
        self.id
    }

    /// How often the fault has applied.
    pub fn fired(&self) -> usize {
        self.live.ask(|engine| engine.fired(self.id))
    }

    /// Takes the fault back. What it has done stays done.
    pub fn lift(&self) {
        self.live.faults().lift(self.id);
    }
}

/// A fault that is lifted when this is dropped. It dereferences to its [`FaultHandle`].
#[derive(Debug)]
pub struct ScopedFault(FaultHandle);

impl ScopedFault {
    pub(super) fn new(handle: FaultHandle) -> Self {
        Self(handle)
    }
}

impl Deref for ScopedFault {
    type Target = FaultHandle;

    fn deref(&self) -> &FaultHandle {
        &self.0
    }
}

impl Drop for ScopedFault {
    fn drop(&mut self) {
        self.0.lift();
    }
}

impl fmt::Debug for FaultHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultHandle").field("id", &self.id).field("fired", &self.fired()).finish()
    }
}
