//! Guards as text: `tolerance=10 stale=hold below=busy-share:0.8 unready=45%:3
//! out.rates=4/1m,100%/1m in.select=min in.stabilisation=5m in.cooldown=10m`.

use std::num::NonZeroU32;

use hooke_control::spec::{
    Amount, Guards, Metric, Pace, Percent, Projection, Rate, Select, Stale, Unready,
};

use crate::words::{pairs, span};

pub(crate) fn guards(words: &[&str]) -> Guards {
    let mut guards = Guards::default();
    for (key, value) in pairs(words) {
        match key.split_once('.') {
            Some(("out", key)) => pace(&mut guards.scale_out, key, value),
            Some(("in", key)) => pace(&mut guards.scale_in, key, value),
            _ => set(&mut guards, key, value),
        }
    }
    guards
}

fn set(guards: &mut Guards, key: &str, value: &str) {
    let percent = |text: &str| Percent::new(text.parse().unwrap()).unwrap();
    match key {
        "tolerance" => guards.tolerance = percent(value),
        "stale" => guards.stale = Stale::Hold,
        "below" => {
            let (name, below) = value.split_once(':').unwrap();
            let metric = Metric::ALL.into_iter().find(|metric| metric.as_str() == name);
            guards.projection = Projection::new(metric.unwrap(), below.parse().unwrap());
        }
        "unready" => {
            let (share, number) = value.split_once("%:").unwrap();
            guards.unready = Unready { percent: percent(share), number: number.parse().unwrap() };
        }
        other => panic!("guard {other}"),
    }
}

fn pace(pace: &mut Pace, key: &str, value: &str) {
    match (key, value) {
        ("stabilisation", value) => pace.stabilisation = span(value),
        ("cooldown", value) => pace.cooldown = span(value),
        ("select", "max") => pace.select = Select::Max,
        ("select", "min") => pace.select = Select::Min,
        ("select", "disabled") => pace.select = Select::Disabled,
        ("rates", value) => pace.rates = value.split(',').map(rate).collect(),
        other => panic!("pace {other:?}"),
    }
}

fn rate(text: &str) -> Rate {
    let (amount, window) = text.split_once('/').unwrap();
    let number = |text: &str| NonZeroU32::new(text.parse().unwrap()).unwrap();
    let amount = match amount.strip_suffix('%') {
        Some(percent) => Amount::Percent(number(percent)),
        None => Amount::Number(number(amount)),
    };
    Rate::new(amount, span(window)).unwrap()
}
