//! Logarithm and power of machine numbers, to the last digit as Go computes them.
//!
//! The results are public: `ceil(log(9, 3))` is 3 where the logarithm rounds up and 2 where it does not, and a subnet is sized by it.
//! So these follow the algorithms of Go's `math` (FreeBSD's logarithm; Shibata's exponential with fused multiplication; powers by
//! squaring of the fraction) rather than the platform's library.

use std::f64::consts::{FRAC_1_SQRT_2, LOG2_E};

/// ln 2 in two parts: the first times any exponent is exact.
const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// The natural logarithm. Minus infinity at 0, not a number below.
pub fn ln(x: f64) -> f64 {
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x < 0.0 {
        return f64::NAN;
    }
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    let (mut fraction, mut exponent) = split(x);
    if fraction < FRAC_1_SQRT_2 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let f = fraction - 1.0;
    let k = f64::from(exponent);
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2
        * (0.666_666_666_666_673_5
            + s4 * (0.285_714_287_436_623_9 + s4 * (0.181_835_721_616_180_5 + s4 * 0.147_981_986_051_165_86)));
    let even = s4 * (0.399_999_999_994_094_2 + s4 * (0.222_221_984_321_497_84 + s4 * 0.153_138_376_992_093_73));
    let half_square = 0.5 * f * f;
    k * LN2_HIGH - ((half_square - (s * (half_square + (odd + even)) + k * LN2_LOW)) - f)
}

/// The exponential function.
fn exp(x: f64) -> f64 {
    const LN2_UPPER: f64 = 0.693_147_180_559_663;
    const LN2_LOWER: f64 = 2.823_529_056_303_157_7e-13;
    const OVERFLOW: f64 = 709.782_712_893_384;
    /// 1/n! from n = 8 down to 1.
    const TAYLOR: [f64; 8] = [
        2.480_158_730_158_73e-05,
        0.000_198_412_698_412_698_4,
        0.001_388_888_888_888_889,
        0.008_333_333_333_333_333,
        0.041_666_666_666_666_664,
        0.166_666_666_666_666_66,
        0.5,
        1.0,
    ];
    if x.is_nan() || x > OVERFLOW {
        return if x.is_nan() { x } else { f64::INFINITY };
    }
    let exponent = (x * LOG2_E).round_ties_even();
    // A sixteenth of the rest, whose exponential is then squared four times, less one so that no digits are lost.
    let rest = (-exponent).mul_add(LN2_LOWER, (-exponent).mul_add(LN2_UPPER, x)) * 0.0625;
    let series = TAYLOR.into_iter().reduce(|sum, term| sum.mul_add(rest, term)).unwrap_or(1.0);
    let mut result = rest * series;
    for _ in 0..3 {
        result *= result + 2.0;
    }
    let result = result.mul_add(result + 2.0, 1.0);
    if exponent <= -1023.0 {
        return 0.0;
    }
    scale(result, exponent as i64)
}

/// `x` to the power of `y`.
pub fn pow(x: f64, y: f64) -> f64 {
    if let Some(result) = special(x, y) {
        return result;
    }
    let (mut whole, mut part) = (y.abs().trunc(), y.abs().fract());
    if part != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    if whole >= 9_223_372_036_854_775_808.0 {
        return limit(x, y);
    }
    // The result is `mantissa` times 2 to the power of `exponent`.
    let (mut mantissa, mut exponent) = (1.0, 0_i64);
    if part != 0.0 {
        if part > 0.5 {
            part -= 1.0;
            whole += 1.0;
        }
        mantissa = exp(part * ln(x));
    }
    let (mut square, square_exponent) = split(x);
    let mut square_exponent = i64::from(square_exponent);
    let mut bits = whole as i64;
    while bits != 0 {
        if !(-4096..=4096).contains(&square_exponent) {
            // Far out of range, whatever follows.
            exponent += square_exponent;
            break;
        }
        if bits & 1 == 1 {
            mantissa *= square;
            exponent += square_exponent;
        }
        square *= square;
        square_exponent <<= 1;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        bits >>= 1;
    }
    if y < 0.0 {
        mantissa = 1.0 / mantissa;
        exponent = -exponent;
    }
    scale(mantissa, exponent)
}

/// Powers that need no computing.
fn special(x: f64, y: f64) -> Option<f64> {
    let odd = y.fract() == 0.0 && y.abs() < 9_007_199_254_740_992.0 && y % 2.0 != 0.0;
    Some(match () {
        () if y == 0.0 || x == 1.0 => 1.0,
        () if y == 1.0 => x,
        () if x.is_nan() || y.is_nan() => f64::NAN,
        () if x == 0.0 && y < 0.0 => {
            if odd {
                f64::INFINITY.copysign(x)
            } else {
                f64::INFINITY
            }
        }
        () if x == 0.0 => {
            if odd {
                x
            } else {
                0.0
            }
        }
        () if y.is_infinite() => limit(x, y),
        () if x == f64::INFINITY => {
            if y < 0.0 {
                0.0
            } else {
                f64::INFINITY
            }
        }
        () if x == f64::NEG_INFINITY => match (y < 0.0, odd) {
            (true, true) => -0.0,
            (true, false) => 0.0,
            (false, true) => f64::NEG_INFINITY,
            (false, false) => f64::INFINITY,
        },
        () if y == 0.5 => x.sqrt(),
        () if y == -0.5 => 1.0 / x.sqrt(),
        () => return None,
    })
}

/// What powers come to when the exponent has no bounds.
fn limit(x: f64, y: f64) -> f64 {
    if x == -1.0 {
        1.0
    } else if (x.abs() < 1.0) == (y > 0.0) {
        0.0
    } else {
        f64::INFINITY
    }
}

/// A fraction of at least a half and less than one, and the power of two it has to be multiplied with. `x` is finite.
fn split(x: f64) -> (f64, i32) {
    if x == 0.0 {
        return (x, 0);
    }
    let (x, shift) = if x.abs() < f64::MIN_POSITIVE { (x * 2_f64.powi(52), -52) } else { (x, 0) };
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32 - 1022;
    (f64::from_bits(bits & !(0x7ff << 52) | (1022 << 52)), exponent + shift)
}

/// `fraction` times 2 to the power of `exponent`, rounded once.
fn scale(fraction: f64, exponent: i64) -> f64 {
    if fraction == 0.0 || !fraction.is_finite() {
        return fraction;
    }
    let (fraction, shift) = split(fraction);
    match exponent.saturating_add(i64::from(shift)) {
        over if over > 1024 => f64::INFINITY.copysign(fraction),
        under if under < -1074 => 0.0_f64.copysign(fraction),
        normal if normal >= -1021 => {
            let bits = fraction.to_bits() & !(0x7ff << 52);
            f64::from_bits(bits | (((normal + 1022) as u64) << 52))
        }
        // Too small for an exponent of its own: first as a number that has one, then brought down.
        subnormal => {
            let bits = fraction.to_bits() & !(0x7ff << 52);
            f64::from_bits(bits | (((subnormal + 53 + 1022) as u64) << 52)) * 2_f64.powi(-53)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digit_is_the_one_terraform_prints() {
        for (n, base, printed) in [
            (9.0, 3.0, "2.0000000000000004"),
            (8.0, 2.0, "3"),
            (1000.0, 10.0, "2.9999999999999996"),
            (3.0, 2.0, "1.584962500721156"),
            (48.0, 10.0, "1.681241237375587"),
            (27.0, 3.0, "3.0000000000000004"),
        ] {
            assert_eq!((ln(n) / ln(base)).to_string(), printed, "log({n}, {base})");
        }
        for (x, y, printed) in
            [(64.0, 1.0 / 3.0, "3.999999999999999"), (2.0, 10.0, "1024"), (1.1, 2.0, "1.2100000000000002")]
        {
            assert_eq!(pow(x, y).to_string(), printed, "pow({x}, {y})");
        }
        assert_eq!(pow(255.0, 64.0), 1.043_690_061_113_872_4e154);
    }

    #[test]
    fn powers_end_where_machine_numbers_do() {
        assert_eq!(pow(2.0, 1023.0), 2_f64.powi(1023));
        assert_eq!(pow(2.0, -1074.0), 5e-324);
        assert_eq!(pow(2.0, -1076.0), 0.0);
        assert_eq!(pow(10.0, 400.0), f64::INFINITY);
        assert_eq!(pow(-2.0, 3.0), -8.0);
        assert!(pow(-2.0, 0.5).is_nan() && pow(-2.0, 1.5).is_nan());
        assert_eq!(pow(0.0, -1.0), f64::INFINITY);
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
    }
}
