//! Exact numbers: fractions of integers of any size, written as decimals.

use std::cmp::Ordering;
use std::fmt;

use num_bigint::BigInt;
use num_traits::{One, Pow, Signed, ToPrimitive, Zero};

/// An exact number. Never wraps and never loses a digit: `1 / 3 * 3` is `1`. It is rounded only where it has to be
/// written as a decimal and has no end as one; then it is written as a 512-bit binary fraction would be, which is
/// what Terraform prints. [`Number::remainder`] of fractions is the one exception.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Number {
    numerator: BigInt,
    /// Positive, without a factor in common with the numerator.
    denominator: BigInt,
}

/// Bits of the longest numerator or denominator: more than 4,900 decimal digits.
const LONGEST: u64 = 1 << 14;

/// Binary digits of a binary fraction: what endless decimals are written with.
const PRECISION: u64 = 512;

impl Number {
    /// The number that a text writes (`12`, `-0.5`, `1e3`); `None` where it is not one or has thousands of digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, mantissa) = match mantissa.as_bytes().first()? {
            b'-' => (true, &mantissa[1..]),
            b'+' => (false, &mantissa[1..]),
            _ => (false, mantissa),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || digits.len() > 4096 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number: BigInt = digits.parse().ok()?;
        let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
        if shift.unsigned_abs() > 4096 {
            return None;
        }
        let power = power_of_ten(shift.unsigned_abs());
        let number = if negative { -number } else { number };
        if shift >= 0 { Self::ratio(number * power, BigInt::one()) } else { Self::ratio(number, power) }
    }

    /// `numerator / denominator`; `None` if the denominator is zero or the number would have thousands of digits.
    pub fn ratio(numerator: BigInt, denominator: BigInt) -> Option<Self> {
        if denominator.is_zero() {
            return None;
        }
        let (mut numerator, mut denominator) =
            if denominator.is_negative() { (-numerator, -denominator) } else { (numerator, denominator) };
        if !denominator.is_one() {
            let divisor = greatest_common_divisor(numerator.abs(), denominator.clone());
            if !divisor.is_one() {
                numerator /= &divisor;
                denominator /= &divisor;
            }
        }
        (numerator.bits() <= LONGEST && denominator.bits() <= LONGEST).then_some(Self { numerator, denominator })
    }

    /// The integer above and below the fraction line, without a common factor; the latter is positive.
    pub fn fraction(&self) -> (&BigInt, &BigInt) {
        (&self.numerator, &self.denominator)
    }

    /// Whether it has no fraction.
    pub fn is_integer(&self) -> bool {
        self.denominator.is_one()
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        self.numerator.is_zero()
    }

    /// Whether it is below 0.
    pub fn is_negative(&self) -> bool {
        self.numerator.is_negative()
    }

    /// The whole number, if it is one.
    pub fn to_integer(&self) -> Option<&BigInt> {
        self.is_integer().then_some(&self.numerator)
    }

    /// As a signed integer, if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        self.to_integer()?.to_i64()
    }

    /// As an unsigned integer, if it is whole and fits.
    pub fn to_u64(&self) -> Option<u64> {
        self.to_integer()?.to_u64()
    }

    /// The nearest binary floating-point number, possibly infinite.
    pub fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The exact value of a finite floating-point number's shortest decimal.
    pub fn from_f64(number: f64) -> Option<Self> {
        number.is_finite().then(|| Self::parse(&number.to_string())).flatten()
    }

    /// The sum; `None` if it would have thousands of digits, as everywhere here.
    pub fn add(&self, other: &Self) -> Option<Self> {
        if self.is_integer() && other.is_integer() {
            return Self::ratio(&self.numerator + &other.numerator, BigInt::one());
        }
        Self::ratio(
            &self.numerator * &other.denominator + &other.numerator * &self.denominator,
            &self.denominator * &other.denominator,
        )
    }

    /// The difference.
    pub fn subtract(&self, other: &Self) -> Option<Self> {
        self.add(&other.negate())
    }

    /// The product.
    pub fn multiply(&self, other: &Self) -> Option<Self> {
        Self::ratio(&self.numerator * &other.numerator, &self.denominator * &other.denominator)
    }

    /// The quotient; `None` also if `other` is zero.
    pub fn divide(&self, other: &Self) -> Option<Self> {
        Self::ratio(&self.numerator * &other.denominator, &self.denominator * &other.numerator)
    }

    /// What remains of a division towards zero; it has the sign of `self`. `None` also if `other` is zero.
    ///
    /// Where one of them has a fraction it is, as HashiCorp's specification suite wants it, that of the nearest binary
    /// fractions: of `11 % 5.1` only the first 153 digits are those of 0.8.
    pub fn remainder(&self, other: &Self) -> Option<Self> {
        if self.is_integer() && other.is_integer() {
            return self.subtract(&other.multiply(&self.divide(other)?.truncate())?);
        }
        let (left, right) = (self.binary()?, other.binary()?);
        let times = left.divide(&right)?.binary()?.truncate();
        let rest = left.subtract(&right.multiply(&times)?.binary()?)?.binary()?;
        let (digits, decimals) = rest.rounded();
        Self::ratio(if rest.is_negative() { -digits } else { digits }, power_of_ten(decimals))
    }

    /// The same below zero.
    #[must_use]
    pub fn negate(&self) -> Self {
        Self { numerator: -&self.numerator, denominator: self.denominator.clone() }
    }

    /// The whole number next to it on the way to zero.
    #[must_use]
    pub fn truncate(&self) -> Self {
        Self { numerator: &self.numerator / &self.denominator, denominator: BigInt::one() }
    }

    /// The greatest whole number that is not above it.
    #[must_use]
    pub fn floor(&self) -> Self {
        let whole = self.truncate();
        if whole > *self { Self { numerator: whole.numerator - 1, denominator: BigInt::one() } } else { whole }
    }

    /// The smallest whole number that is not below it.
    #[must_use]
    pub fn ceil(&self) -> Self {
        self.negate().floor().negate()
    }

    /// How many digits its decimal has after the point; `None` where it has no end.
    fn decimals(&self) -> Option<u32> {
        let mut rest = self.denominator.clone();
        let twos = rest.trailing_zeros().unwrap_or(0);
        rest >>= twos;
        let (mut fives, five) = (0u64, BigInt::from(5));
        while !rest.is_one() {
            if !(&rest % &five).is_zero() {
                return None;
            }
            rest /= &five;
            fives += 1;
        }
        u32::try_from(twos.max(fives)).ok()
    }

    /// The nearest binary fraction, of two equally near ones the even one: `mantissa / 2^shift`, without the sign. The
    /// mantissa has [`PRECISION`] bits.
    fn mantissa(&self) -> (BigInt, i64) {
        let numerator = self.numerator.abs();
        let lead = i64::try_from(self.denominator.bits()).unwrap_or(0) - i64::try_from(numerator.bits()).unwrap_or(0);
        let mut shift = lead + PRECISION.cast_signed();
        let divided = |shift: i64| {
            let (above, below) = (scale(&numerator, shift), scale(&self.denominator, -shift));
            let whole: BigInt = &above / &below;
            let rest = above - &whole * below;
            (whole, rest)
        };
        let (mut mantissa, mut rest) = divided(shift);
        if mantissa.bits() > PRECISION {
            shift -= 1;
            (mantissa, rest) = divided(shift);
        }
        let odd = mantissa.bit(0);
        match (rest << 1u32).cmp(&scale(&self.denominator, -shift)) {
            Ordering::Greater => mantissa += 1u32,
            Ordering::Equal if odd => mantissa += 1u32,
            _ => {}
        }
        (mantissa, shift)
    }

    /// The nearest binary fraction.
    fn binary(&self) -> Option<Self> {
        let (mantissa, shift) = self.mantissa();
        let mantissa = if self.is_negative() { -mantissa } else { mantissa };
        Self::ratio(scale(&mantissa, -shift), scale(&BigInt::one(), shift))
    }

    /// Digits and how many of them stand after the point, for a number that has no end as a decimal: the shortest
    /// decimal that no other binary fraction is nearer to.
    fn rounded(&self) -> (BigInt, u32) {
        let (mantissa, shift) = self.mantissa();
        if shift <= 0 {
            // only astronomically large fractions come here: their decimals do not matter
            return (scale(&mantissa, -shift), 0);
        }
        let mut exponent = 0;
        let unit = BigInt::one() << shift.cast_unsigned();
        let (low, high) = ((&mantissa << 1u32) - 1u32, (&mantissa << 1u32) + 1u32);
        let start = u32::try_from((shift - PRECISION.cast_signed()).max(0) * 3 / 10).unwrap_or(0) + 140;
        for decimals in start.saturating_sub(200)..start + 200 {
            let power = power_of_ten(decimals);
            let down: BigInt = &mantissa * &power / &unit;
            let up = &down + 1u32;
            let (down_fits, up_fits) =
                ((&down << 1u32) * &unit > &low * &power, (&up << 1u32) * &unit < &high * &power);
            let remainder = &mantissa * &power - &down * &unit;
            let nearer_up = (remainder << 1u32) > unit;
            exponent = decimals;
            match (down_fits, up_fits) {
                (true, true) => return (if nearer_up { up } else { down }, exponent),
                (true, false) => return (down, exponent),
                (false, true) => return (up, exponent),
                (false, false) => {}
            }
        }
        (&mantissa * power_of_ten(exponent) / unit, exponent)
    }
}

fn scale(number: &BigInt, bits: i64) -> BigInt {
    if bits > 0 { number << bits.cast_unsigned() } else { number.clone() }
}

fn power_of_ten(exponent: u32) -> BigInt {
    Pow::pow(BigInt::from(10), exponent)
}

fn greatest_common_divisor(mut a: BigInt, mut b: BigInt) -> BigInt {
    while !b.is_zero() {
        (a, b) = (b.clone(), a % b);
    }
    a
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_integer() {
            return write!(f, "{}", self.numerator);
        }
        let (digits, decimals) = match self.decimals() {
            Some(decimals) => (self.numerator.abs() * power_of_ten(decimals) / &self.denominator, decimals),
            None => self.rounded(),
        };
        let width = decimals as usize + 1;
        let digits = format!("{digits:0>width$}");
        let (whole, fraction) = digits.split_at(digits.len() - decimals as usize);
        let fraction = fraction.trim_end_matches('0');
        let sign = if self.is_negative() { "-" } else { "" };
        if fraction.is_empty() { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{fraction}") }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.denominator == other.denominator {
            return self.numerator.cmp(&other.numerator);
        }
        (&self.numerator * &other.denominator).cmp(&(&other.numerator * &self.denominator))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self { numerator: BigInt::from(number), denominator: BigInt::one() }
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self { numerator: BigInt::from(number), denominator: BigInt::one() }
    }
}

impl From<usize> for Number {
    fn from(number: usize) -> Self {
        Self { numerator: BigInt::from(number), denominator: BigInt::one() }
    }
}
