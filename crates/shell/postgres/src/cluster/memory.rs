//! How much of the machine's memory the server may keep pages in.

use std::fs;

/// What the machine or the container around us has in MiB, whichever is less.
pub(super) fn of_machine() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total(&text));
    // Absent outside a container and under the first version of cgroups; "max" where there is no limit.
    let container = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let container = container.and_then(|text| text.trim().parse::<u64>().ok()).map(|bytes| bytes >> 20);
    machine.into_iter().chain(container).min()
}

/// Of `MemTotal:  24684632 kB`.
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? >> 10)
}

/// `shared_buffers` in MiB: an eighth, since calls and the system's own cache want theirs. A million tasks with their
/// customers are about 1 GiB.
pub(super) fn buffers(memory: Option<u64>) -> u64 {
    memory.map_or(128, |memory| (memory / 8).clamp(128, 4096))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_eighth_of_the_memory_within_reason() {
        assert_eq!(total("MemFree: 1 kB\nMemTotal:       16384000 kB\n"), Some(16_000));
        assert_eq!(total("nothing"), None);
        let cases = [(None, 128), (Some(512), 128), (Some(16_000), 2000), (Some(1 << 20), 4096)];
        for (memory, wanted) in cases {
            assert_eq!(buffers(memory), wanted);
        }
    }
}
