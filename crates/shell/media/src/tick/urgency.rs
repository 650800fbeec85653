//! The tick comes before other work: a packet that is late is heard, a statement that is late is not.

use thread_priority::{
    RealtimeThreadSchedulePolicy::RoundRobin, ThreadPriority::Crossplatform, ThreadPriorityValue,
    ThreadSchedulePolicy::Realtime, set_thread_priority_and_policy, thread_native_id,
};

/// Of 1 to 99: above everything ordinary, below what the kernel does for sockets and disks.
const PRIORITY: u8 = 10;

/// Gives the thread that calls it a real-time priority (`SCHED_RR`, sched(7)). Where the system does not allow it the
/// thread goes on as it is: that is said once, and packets leave late when the machine is full.
pub(super) fn come_first() {
    let priority = ThreadPriorityValue::try_from(PRIORITY).expect("it lies between 0 and 99");
    let set =
        set_thread_priority_and_policy(thread_native_id(), Crossplatform(priority), Realtime(RoundRobin));
    if let Err(error) = set {
        tracing::warn!(
            ?error,
            "the media thread has no real-time priority: allow it (CAP_SYS_NICE, or LimitRTPRIO=10), or set media.realtime to false"
        );
    }
}
