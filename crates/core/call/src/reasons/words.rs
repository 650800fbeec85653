//! What carriers write into phrases, Reason texts and warnings. All in lower case; order of use is in the table.

/// Busy carriers, told before busy people: `network busy` contains `busy`.
pub(super) const NETWORK_BUSY: &[&str] = &[
    "网络忙",
    "线路忙",
    "网络拥塞",
    "线路故障",
    "network busy",
    "circuits busy",
    "circuit busy",
    "line fault",
    "congestion",
    "congested",
    "no circuit",
    "channel unavailable",
    "channel available",
];

pub(super) const VACANT: &[&str] = &[
    "空号",
    "号码不存在",
    "用户不存在",
    "不是有效号码",
    "号码有误",
    "号码已改",
    "not exist",
    "non-exist",
    "nonexist",
    "vacant",
    "unallocated",
    "unassigned",
    "no such number",
    "invalid number",
    "number changed",
];

pub(super) const POWERED_OFF: &[&str] =
    &["关机", "power off", "power-off", "poweroff", "powered off", "switched off", "turned off"];

pub(super) const OUT_OF_COVERAGE: &[&str] = &[
    "不在服务区",
    "无法接通",
    "暂时不能接通",
    "out of coverage",
    "out of service area",
    "out of reach",
    "not in service area",
    "not reachable",
    "unreachable subscriber",
    "can not be connected",
    "cannot be connected",
];

pub(super) const SUSPENDED: &[&str] =
    &["停机", "欠费", "暂停服务", "报停", "suspended", "arrears", "out of service", "not in service"];

pub(super) const BARRED: &[&str] = &[
    "呼叫限制",
    "呼入限制",
    "限制呼",
    "拦截",
    "骚扰",
    "黑名单",
    "barred",
    "barring",
    "blacklist",
    "blocked",
    "spam",
    "restricted",
];

pub(super) const REJECTED: &[&str] =
    &["拒接", "拒绝接听", "拒听", "用户拒绝", "call rejected", "rejected by user", "user reject", "declined"];

pub(super) const BUSY: &[&str] =
    &["正在通话", "通话中", "用户忙", "忙线", "user busy", "line busy", "is busy"];

pub(super) const NO_ANSWER: &[&str] = &[
    "无人接听",
    "无应答",
    "久叫不应",
    "no answer",
    "no reply",
    "not answer",
    "no user responding",
    "unanswered",
];
