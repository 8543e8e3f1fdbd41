//! Metric math: expressions over the series of other queries, read and checked.
//!
//! Written by hand: the crates for expressions compute with numbers, not with
//! series that have gaps, and bring the reading and printing of floats along,
//! which is more code than all of this.

mod compute;
mod instead;
mod parse;
mod token;

pub(crate) use compute::series;
pub use compute::{Reading, Series, Trust, Value};
pub use parse::{Named, parse};

/// An expression, checked: every part is of the kind that its place asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A number.
    Constant(f64),
    /// The result of another query, by its place.
    Query(usize),
    /// Two of them.
    Binary(Operator, Box<(Self, Self)>),
    /// The other sign.
    Negative(Box<Self>),
    /// `[m1, m2]`.
    List(Vec<Self>),
    /// `FILL(m1, …)`.
    Fill(Box<Self>, Filling),
    /// `RATE(m1)`: the change a second.
    Rate(Box<Self>),
    /// `PERIOD(m1)`: the length of a period in seconds.
    Period,
    /// `SUM([m1, m2])` and its like: one point of many, at each time.
    Fold(Fold, Box<Self>),
}

/// Between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// What takes the place of a missing point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Filling {
    /// This number.
    Value(f64),
    /// The point before it.
    Repeat,
    /// The line from the point before to the point after.
    Linear,
}

/// What is made of several points of one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// `SUM`
    Sum,
    /// `MAX`
    Max,
    /// `MIN`
    Min,
    /// `AVG`
    Average,
}

/// What an expression comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One number.
    Number,
    /// A point for each period.
    Series,
    /// Several series.
    List,
}

impl Expression {
    /// Every query that it names.
    pub fn queries(&self, found: &mut Vec<usize>) {
        match self {
            Self::Constant(_) | Self::Period => {}
            Self::Query(place) => found.push(*place),
            Self::Binary(_, sides) => {
                sides.0.queries(found);
                sides.1.queries(found);
            }
            Self::Negative(inner) | Self::Fill(inner, _) | Self::Rate(inner) => {
                inner.queries(found);
            }
            Self::Fold(_, inner) => inner.queries(found),
            Self::List(items) => items.iter().for_each(|item| item.queries(found)),
        }
    }

    /// Rates inside: each looks at one period more.
    pub fn rates(&self) -> u32 {
        match self {
            Self::Constant(_) | Self::Period | Self::Query(_) => 0,
            Self::Binary(_, sides) => sides.0.rates() + sides.1.rates(),
            Self::Negative(inner) | Self::Fill(inner, _) | Self::Fold(_, inner) => inner.rates(),
            Self::Rate(inner) => 1 + inner.rates(),
            Self::List(items) => items.iter().map(Self::rates).sum(),
        }
    }

    /// The same, where the query at the nth place of `order` now stands at n.
    pub fn moved(self, order: &[usize]) -> Self {
        let inside = |inner: Box<Self>| Box::new(inner.moved(order));
        match self {
            Self::Constant(_) | Self::Period => self,
            Self::Query(place) => {
                Self::Query(order.iter().position(|old| *old == place).unwrap_or(usize::MAX))
            }
            Self::Binary(operator, sides) => {
                let (left, right) = *sides;
                Self::Binary(operator, Box::new((left.moved(order), right.moved(order))))
            }
            Self::Negative(inner) => Self::Negative(inside(inner)),
            Self::Fill(inner, filling) => Self::Fill(inside(inner), filling),
            Self::Rate(inner) => Self::Rate(inside(inner)),
            Self::Fold(fold, inner) => Self::Fold(fold, inside(inner)),
            Self::List(items) => {
                Self::List(items.into_iter().map(|item| item.moved(order)).collect())
            }
        }
    }
}
