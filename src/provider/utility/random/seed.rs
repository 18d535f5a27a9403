//! Numbers that follow from a seed: Go's `math/rand`, so that a seed gives what it gives in Terraform.
//!
//! That generator is an additive lagged Fibonacci one: x(n) = x(n-607) + x(n-273) modulo 2^64. A seed changes its start, which is a fixed
//! state: the one reached from the seed 1 after 7.8e12 steps. It is computed here by jumping ahead: the recurrence is linear, so x(n) is
//! a combination of the first 607 values whose coefficients are those of X^n modulo X^607 - X^334 - 1.

use std::sync::LazyLock;

/// Length of the lag.
const LENGTH: usize = 607;
/// The shorter lag.
const TAP: usize = 273;
/// Steps to the fixed start.
const STEPS: u64 = 7_800_000_000_000;

/// The generator.
pub(super) struct Rand {
    state: Vec<u64>,
    tap: usize,
    feed: usize,
}

/// The next number of the multiplicative generator that fills states: 48271 x modulo 2^31 - 1, in Schrage's form.
fn multiply(x: i32) -> i32 {
    let (high, low) = (x / 44488, x % 44488);
    let next = 48271 * low - 3399 * high;
    if next < 0 { next + i32::MAX } else { next }
}

/// A product of polynomials modulo X^607 - X^334 - 1.
fn product(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut out = vec![0u64; 2 * LENGTH];
    for (i, x) in a.iter().enumerate().filter(|(_, x)| **x != 0) {
        for (slot, y) in out.iter_mut().skip(i).zip(b) {
            *slot = slot.wrapping_add(x.wrapping_mul(*y));
        }
    }
    for i in (LENGTH..2 * LENGTH).rev() {
        let high = out.get(i).copied().unwrap_or_default();
        for lower in [i - LENGTH, i - TAP] {
            if let Some(slot) = out.get_mut(lower) {
                *slot = slot.wrapping_add(high);
            }
        }
    }
    out.truncate(LENGTH);
    out
}

/// Coefficients of X^n.
fn power(n: u64) -> Vec<u64> {
    let unit = |at: usize| (0..LENGTH).map(|i| u64::from(i == at)).collect::<Vec<u64>>();
    let x = unit(1);
    let mut out = unit(0);
    for bit in (0..u64::BITS - n.leading_zeros()).rev() {
        out = product(&out, &out);
        if n >> bit & 1 == 1 {
            out = product(&out, &x);
        }
    }
    out
}

/// The fixed state that seeds are mixed into, in the order of Go's table.
static START: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut vector = Vec::with_capacity(LENGTH);
    let mut x = 1;
    for i in 0..LENGTH + 20 {
        x = multiply(x);
        if i >= 20 {
            let mut u = (x as u64) << 20;
            x = multiply(x);
            u ^= (x as u64) << 10;
            x = multiply(x);
            vector.push(u ^ x as u64);
        }
    }
    // Step k replaces the value at place 333 - k (from the end again after 0): written backwards from there the state is the sequence.
    let place = |step: u64| ((LENGTH - TAP - 1) as u64 + LENGTH as u64 - step % LENGTH as u64) as usize % LENGTH;
    let first: Vec<u64> = (0..LENGTH as u64).map(|k| vector.get(place(k)).copied().unwrap_or_default()).collect();
    let mut coefficients = power(STEPS);
    let x = power(1);
    let mut out = vec![0; LENGTH];
    for k in 0..LENGTH as u64 {
        let value = coefficients.iter().zip(&first).fold(0u64, |sum, (c, v)| sum.wrapping_add(c.wrapping_mul(*v)));
        if let Some(slot) = out.get_mut(place(STEPS + k)) {
            *slot = value;
        }
        coefficients = product(&coefficients, &x);
    }
    out
});

impl Rand {
    /// Seeded by a text; by the time when it is empty.
    pub(super) fn of(seed: &str) -> Self {
        match seed {
            "" => Rand::seeded(i64::from_le_bytes(rand::random())),
            seed => Rand::seeded(crc64(seed.as_bytes()) as i64),
        }
    }

    fn seeded(seed: i64) -> Self {
        const LIMIT: i64 = i32::MAX as i64;
        let mut x = match seed.rem_euclid(LIMIT) {
            0 => 89_482_311,
            other => other as i32,
        };
        let mut state = Vec::with_capacity(LENGTH);
        for i in 0..LENGTH + 20 {
            x = multiply(x);
            if i >= 20 {
                let mut u = (x as u64) << 40;
                x = multiply(x);
                u ^= (x as u64) << 20;
                x = multiply(x);
                u ^= x as u64;
                state.push(u ^ START.get(i - 20).copied().unwrap_or_default());
            }
        }
        Rand { state, tap: 0, feed: LENGTH - TAP }
    }

    fn next(&mut self) -> u64 {
        self.tap = (self.tap + LENGTH - 1) % LENGTH;
        self.feed = (self.feed + LENGTH - 1) % LENGTH;
        let sum = self.state.get(self.feed).copied().unwrap_or_default();
        let sum = sum.wrapping_add(self.state.get(self.tap).copied().unwrap_or_default());
        if let Some(slot) = self.state.get_mut(self.feed) {
            *slot = sum;
        }
        sum
    }

    fn int63(&mut self) -> i64 {
        (self.next() & (u64::MAX >> 1)) as i64
    }

    fn int31(&mut self) -> i32 {
        (self.int63() >> 32) as i32
    }

    /// A number from 0 to below `limit`, which is positive.
    pub(super) fn below(&mut self, limit: i64) -> i64 {
        match i32::try_from(limit) {
            Ok(limit) => i64::from(self.below_i32(limit)),
            Err(_) if limit & (limit - 1) == 0 => self.int63() & (limit - 1),
            Err(_) => {
                let max = i64::MAX - (i64::MAX % limit + 1) % limit;
                let mut value = self.int63();
                while value > max {
                    value = self.int63();
                }
                value % limit
            }
        }
    }

    fn below_i32(&mut self, limit: i32) -> i32 {
        if limit & (limit - 1) == 0 {
            return self.int31() & (limit - 1);
        }
        let max = i32::MAX - ((1u32 << 31) % limit as u32) as i32;
        let mut value = self.int31();
        while value > max {
            value = self.int31();
        }
        value % limit
    }

    /// The numbers below `count` in another order.
    pub(super) fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut out: Vec<usize> = Vec::with_capacity(count);
        for i in 0..count {
            let j = self.below(i as i64 + 1) as usize;
            out.push(out.get(j).copied().unwrap_or(i));
            if let Some(slot) = out.get_mut(j) {
                *slot = i;
            }
        }
        out
    }
}

/// CRC-64 with the ISO polynomial.
fn crc64(bytes: &[u8]) -> u64 {
    const ISO: u64 = 0xD800_0000_0000_0000;
    let step = |crc: u64, byte: &u8| {
        (0..8).fold(crc ^ u64::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ ISO } else { crc >> 1 })
    };
    !bytes.iter().fold(!0, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_go() {
        let mut rand = Rand::seeded(1);
        let numbers: Vec<i64> = (0..10).map(|_| rand.below(100)).collect();
        assert_eq!(numbers, [81, 87, 47, 59, 81, 18, 25, 40, 56, 0]);
        assert_eq!(Rand::seeded(1).int63(), 5_577_006_791_947_779_410);
    }

    #[test]
    fn a_checksum_makes_a_text_a_seed() {
        assert_eq!(crc64(b"123456789"), 0xb909_56c7_75a4_1001);
    }

    #[test]
    fn a_permutation_has_every_number_once() {
        let mut all = Rand::of("x").permutation(50);
        assert_eq!(all, Rand::of("x").permutation(50));
        all.sort_unstable();
        assert_eq!(all, (0..50).collect::<Vec<_>>());
    }
}
