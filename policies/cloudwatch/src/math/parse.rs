//! From words to an expression: a Pratt parser that checks kinds as it goes.

use super::token::{Token, tokens};
use super::{Expression, Filling, Fold, Kind, Operator, instead};

/// How deep parentheses may stand in each other.
const DEPTH_MAX: u32 = 32;

/// What another query is, to the expression that names it.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// Its `Id`.
    pub id: &'a str,
    /// Whether it is a metric and not an expression: `METRICS()` is all of these.
    pub is_metric: bool,
}

/// Reads an expression over these queries; it comes to a series. The error says
/// what is wrong with it, and what to write.
pub fn parse(text: &str, queries: &[Named<'_>]) -> Result<Expression, String> {
    if text.trim_start().starts_with("SELECT") {
        return Err("no queries of Metrics Insights here: name a metric in MetricStat".to_owned());
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, queries };
    let (expression, kind) = parser.sum()?;
    if let Some(token) = parser.tokens.get(parser.at) {
        return Err(format!("{} is not expected here", shown(Some(token))));
    }
    match kind {
        Kind::Series => Ok(expression),
        Kind::Number => Err("it names no metric: a number has no points".to_owned()),
        Kind::List => {
            Err("it comes to several series: make one of them, as SUM([…]) does".to_owned())
        }
    }
}

type Parsed = Result<(Expression, Kind), String>;

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    depth: u32,
    queries: &'a [Named<'a>],
}

impl Parser<'_> {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn accept(&mut self, sign: char) -> bool {
        let is = self.tokens.get(self.at) == Some(&Token::Sign(sign));
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, sign: char) -> Result<(), String> {
        if self.accept(sign) {
            return Ok(());
        }
        Err(format!("{sign} is expected, found {}", shown(self.tokens.get(self.at))))
    }

    fn sum(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("more than {DEPTH_MAX} parentheses in each other"));
        }
        let mut left = self.product()?;
        loop {
            let operator = match () {
                () if self.accept('+') => Operator::Add,
                () if self.accept('-') => Operator::Subtract,
                () => break,
            };
            left = binary(operator, left, self.product()?)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.factor()?;
        loop {
            let operator = match () {
                () if self.accept('*') => Operator::Multiply,
                () if self.accept('/') => Operator::Divide,
                () => return Ok(left),
            };
            left = binary(operator, left, self.factor()?)?;
        }
    }

    fn factor(&mut self) -> Parsed {
        let mut negative = false;
        while self.accept('-') {
            negative = !negative;
        }
        let (expression, kind) = self.operand()?;
        match (negative, kind) {
            (false, _) => Ok((expression, kind)),
            (true, Kind::List) => Err(no_list()),
            (true, Kind::Number | Kind::Series) => {
                Ok((Expression::Negative(Box::new(expression)), kind))
            }
        }
    }

    fn operand(&mut self) -> Parsed {
        match self.next() {
            Some(Token::Number(number)) => Ok((Expression::Constant(number), Kind::Number)),
            Some(Token::Name(name)) if self.accept('(') => {
                let call = self.call(&name)?;
                self.expect(')')?;
                Ok(call)
            }
            Some(Token::Name(name)) => match self.queries.iter().position(|q| q.id == name) {
                Some(place) => Ok((Expression::Query(place), Kind::Series)),
                None => Err(format!("no query has the Id {name}")),
            },
            Some(Token::Sign('(')) => {
                let inner = self.sum()?;
                self.expect(')')?;
                Ok(inner)
            }
            Some(Token::Sign('[')) => self.list(),
            other => {
                Err(format!("a metric or a number is expected, found {}", shown(other.as_ref())))
            }
        }
    }

    fn list(&mut self) -> Parsed {
        let mut items = Vec::new();
        loop {
            let (item, kind) = self.sum()?;
            if kind == Kind::List {
                return Err("a list in a list: write one".to_owned());
            }
            items.push(item);
            if self.accept(']') {
                return Ok((Expression::List(items), Kind::List));
            }
            self.expect(',')?;
        }
    }

    /// A function, after its opening parenthesis.
    fn call(&mut self, name: &str) -> Parsed {
        match name {
            "FILL" => self.fill(),
            "RATE" => match self.sum()? {
                (inner, kind @ (Kind::Series | Kind::List)) => {
                    Ok((Expression::Rate(Box::new(inner)), kind))
                }
                (_, Kind::Number) => Err("RATE of a number: write a metric".to_owned()),
            },
            "PERIOD" => match self.sum()? {
                (_, Kind::Series) => Ok((Expression::Period, Kind::Number)),
                (_, Kind::Number | Kind::List) => {
                    Err("PERIOD of what has none: write a metric".to_owned())
                }
            },
            "METRICS" => {
                let metrics = self.queries.iter().enumerate().filter(|(_, query)| query.is_metric);
                let items = metrics.map(|(place, _)| Expression::Query(place)).collect();
                Ok((Expression::List(items), Kind::List))
            }
            "SUM" => self.fold(name, Fold::Sum),
            "MAX" => self.fold(name, Fold::Max),
            "MIN" => self.fold(name, Fold::Min),
            "AVG" => self.fold(name, Fold::Average),
            _ => Err(no_function(name)),
        }
    }

    fn fold(&mut self, name: &str, fold: Fold) -> Parsed {
        match self.sum()? {
            (inner, Kind::List) => Ok((Expression::Fold(fold, Box::new(inner)), Kind::Series)),
            (_, Kind::Series | Kind::Number) => Err(format!(
                "{name} over time is not known here: write {name}([m1, m2]) or {name}(METRICS())"
            )),
        }
    }

    fn fill(&mut self) -> Parsed {
        let (inner, kind) = self.sum()?;
        if kind == Kind::Number {
            return Err("FILL of a number: write a metric".to_owned());
        }
        self.expect(',')?;
        let negative = self.accept('-');
        let filling = match self.next() {
            Some(Token::Number(number)) if negative => Filling::Value(-number),
            Some(Token::Number(number)) => Filling::Value(number),
            Some(Token::Name(word)) if word == "REPEAT" && !negative => Filling::Repeat,
            Some(Token::Name(word)) if word == "LINEAR" && !negative => Filling::Linear,
            other => {
                let found = shown(other.as_ref());
                return Err(format!("FILL with {found}: write a number, REPEAT or LINEAR"));
            }
        };
        Ok((Expression::Fill(Box::new(inner), filling), kind))
    }
}

fn binary(operator: Operator, left: (Expression, Kind), right: (Expression, Kind)) -> Parsed {
    let kind = match (left.1, right.1) {
        (Kind::Number, Kind::Number) => Kind::Number,
        (Kind::List, _) | (_, Kind::List) => return Err(no_list()),
        (Kind::Series, Kind::Number | Kind::Series) | (Kind::Number, Kind::Series) => Kind::Series,
    };
    Ok((Expression::Binary(operator, Box::new((left.0, right.0))), kind))
}

pub(super) fn no_function(name: &str) -> String {
    let known = "write one of FILL, RATE, PERIOD, METRICS, SUM, MAX, MIN, AVG";
    format!("no function {name} here: {}", instead::function(name).unwrap_or(known))
}

fn no_list() -> String {
    "a list takes no + - * /: make one series of it first, as SUM([…]) does".to_owned()
}

fn shown(token: Option<&Token>) -> String {
    match token {
        None => "its end".to_owned(),
        Some(Token::Number(_)) => "a number".to_owned(),
        Some(Token::Name(name)) => name.clone(),
        Some(Token::Sign(sign)) => sign.to_string(),
    }
}
