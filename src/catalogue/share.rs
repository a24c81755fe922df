//! How frameworks share the memory of a node.
//!
//! What the operating system keeps comes off first, then what services of frameworks need that state no minimum. The
//! rest goes to the frameworks that state one, in proportion to it. A node that has the sum of the minima leaves each
//! at least what it would have alone on a node of its own minimum, because the larger a node is, the smaller is the
//! part that the system keeps; and a framework that is alone gets everything.

/// Memory counts in steps, so that rounding never makes a larger machine offer less.
const STEP_MIB: u64 = 64;

/// Memory in whole steps.
pub(super) fn counted(memory_mib: u64) -> u64 {
    memory_mib - memory_mib % STEP_MIB
}

/// How the memory of a group's nodes is shared, MiB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    /// What a node has.
    pub(super) memory: u64,
    /// What the operating system keeps.
    pub(super) reserved: u64,
    /// What services of frameworks without a minimum need, by framework.
    pub(super) fixed: Vec<(String, u64)>,
    /// The minima of the frameworks that share the rest.
    pub(super) minima: Vec<(String, u64)>,
    /// The minima of those that want no share of their own.
    pub(super) guests: Vec<(String, u64)>,
}

impl Share {
    fn least(&self) -> u64 {
        self.minima.iter().map(|(_, minimum)| minimum).sum()
    }

    fn fixed(&self) -> u64 {
        self.fixed.iter().map(|(_, fixed)| fixed).sum()
    }

    /// What one framework may promise on a node; less than nothing where more is set aside than there is.
    pub(super) fn part(&self, framework: &str) -> i64 {
        let signed = |number: u64| i128::from(number);
        let Some((_, own)) = self.minima.iter().find(|(name, _)| name == framework) else { return 0 };
        let free = signed(counted(self.memory)) - signed(self.reserved) - signed(self.fixed());
        let part = (free * signed(*own)).div_euclid(signed(self.least().max(1)));
        i64::try_from(part).unwrap_or(i64::MAX)
    }

    /// What a node would need for all: the sum of the minima and, at the rate at which the system takes its part here,
    /// what is fixed; and what each of those needs that want no share.
    pub(super) fn needed(&self) -> u64 {
        let left = self.memory.saturating_sub(self.reserved).max(1);
        let sum = self.least() + (self.fixed() * self.memory).div_ceil(left);
        self.guests.iter().map(|(_, minimum)| *minimum).fold(sum, u64::max)
    }
}
